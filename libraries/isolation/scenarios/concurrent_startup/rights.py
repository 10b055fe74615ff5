"""Rights are taken away while sessions are open (CS-6)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

import psutil

from isolation.drive.probe.rights import WHOLE_TENANT, RightsGroup
from isolation.record import ProcessRef
from isolation.record.concurrent_startup.rights import Aspect, RightsRecord, RightTrial
from isolation.scenarios.api import Api, NotOffered
from isolation.target.needs import Needs, missing

NEEDS = Needs()
_PROCESSES = Needs(processes=True)
_WATCH_S = 1.0
"""How long a process is watched after the stated time: one that calculates without end shows within it."""


def run(api: Api) -> RightsRecord:
    """In every way that the target offers at the same time, each for users of their own.

    Raises:
        NotOffered: The target offers no way.
    """
    ways = api.prober.ways_to_end_rights()
    if not ways:
        raise NotOffered(
            "the target file names no way to end a right (section 'tenants', 'revoke', or section 'operator')"
        )
    groups = [_group(api, way) for way in ways]
    record = RightsRecord(tuple(ways), stated_s=api.target.limits.rights_end_within)
    record.refused |= api.prober.gather_rights(groups, record.stated_s or api.limits["ended"].value)
    working = _processes(api, groups)
    record.refused |= api.prober.end_rights()
    alive = _still_at_work(working, api.limits["work goes on"].value)
    record.trials = [_with_process(trial, alive) for trial in api.prober.try_rights_again()]
    return record


def _group(api: Api, way: str) -> RightsGroup:
    """A user, a colleague and a user of another tenant; whoever loses the whole tenant loses it with the colleague."""
    loser, stranger = api.make(2)
    colleagues = api.colleagues(loser)
    spares = api.prober.spare_rights(loser, way)
    if way == WHOLE_TENANT:
        return RightsGroup(way, [loser, *colleagues], [], [stranger])
    return RightsGroup(way, [loser], spares, [*colleagues, stranger])


def _processes(api: Api, groups: Iterable[RightsGroup]) -> dict[str, list[psutil.Process]]:
    """The processes that work for a loser and for nobody else, by user; nobody's where processes cannot be found."""
    if missing(api.target, _PROCESSES):
        return {}
    losers = {user.user_id for group in groups for user in group.losers}
    refs = api.monitor.processes()
    return {user: found for user in losers if (found := [*_alone(user, refs)])}


def _alone(user: str, refs: list[ProcessRef]) -> Iterable[psutil.Process]:
    shared = {ref.pid for ref in refs if ref.user != user}
    for ref in refs:
        if ref.user == user and ref.pid not in shared:
            try:
                yield psutil.Process(ref.pid)
            except psutil.NoSuchProcess:
                continue


def _still_at_work(working: dict[str, list[psutil.Process]], least_percent: float) -> dict[str, bool]:
    """By user, whether a process that worked for it still calculates."""
    before = {user: _cpu_s(processes) for user, processes in working.items()}
    began = time.monotonic()
    time.sleep(_WATCH_S)
    passed = time.monotonic() - began
    return {
        user: 100.0 * (_cpu_s(processes) - before[user]) / passed > least_percent for user, processes in working.items()
    }


def _cpu_s(processes: Iterable[psutil.Process]) -> float:
    """Seconds that processes have calculated, with their children; one that is gone has no more."""
    total = 0.0
    for process in processes:
        try:
            if process.is_running():
                total += sum(sum(one.cpu_times()[:2]) for one in (process, *process.children(recursive=True)))
        except psutil.Error:
            continue
    return total


def _with_process(trial: RightTrial, alive: dict[str, bool]) -> RightTrial:
    """Work of somebody who is told nothing any more is known by its process."""
    if trial.aspect is Aspect.WORK and trial.loses and trial.after is None and trial.user in alive:
        return replace(trial, after=alive[trial.user])
    return trial
