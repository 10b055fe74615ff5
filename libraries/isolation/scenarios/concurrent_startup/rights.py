"""Rights are taken away while sessions are open (CS-6)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

import psutil

from isolation.drive.probe.rights import WHOLE_TENANT, RightsGroup
from isolation.record import ProcessRef
from isolation.record.concurrent_startup.rights import Aspect, RightsRecord, RightTrial
from isolation.scenarios.api import Api, NotOffered
from isolation.scenarios.restarting import RESTART, restart
from isolation.target.needs import Needs, missing
from isolation.target.words import OperatorOperation

NEEDS = Needs()
_PROCESSES = Needs(processes=True)
GIVES_BACK = {
    "role taken": OperatorOperation.GRANT_ROLE,
    WHOLE_TENANT: OperatorOperation.REINSTATE_TENANT,
}
"""What undoes a way to end a right."""
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
    alive = _still_at_work(working, _processes(api, groups), api.limits["work goes on"].value)
    record.trials = [_with_process(trial, alive) for trial in api.prober.try_rights_again()]
    ended = [group for group in groups if group.way not in record.refused]
    _after_restart(api, record, ended)
    _given_back(api, record, ended)
    return record


def _after_restart(api: Api, record: RightsRecord, groups: Sequence[RightsGroup]) -> None:
    """Restart the platform, and see who is let in: whoever was before the restart, and nobody else."""
    if lacks := missing(api.target, RESTART):
        record.not_offered[Aspect.RESTARTED] = lacks[0]
        return
    if not restart(api, api.limits["restart"].value):
        return  # nobody can be tried: the judge says that it was not seen
    people = [(group, person) for group in groups for person in (*group.losers, *group.spares, *group.others)]
    let_in = api.prober.are_let_in([person for _, person in people])
    had = {(t.way, t.tenant): t.before for t in record.trials if t.aspect is Aspect.ADMISSION}
    record.trials += [
        RightTrial(
            group.way,
            Aspect.RESTARTED,
            person.name,
            person.user_id,
            person in group.losers,
            had.get((group.way, person.name), False),
            came,
        )
        for (group, person), came in zip(people, let_in, strict=True)
    ]


def _given_back(api: Api, record: RightsRecord, groups: Sequence[RightsGroup]) -> None:
    """Give back what can be given back, and see whether it works again."""
    possible = [group for group in groups if GIVES_BACK.get(group.way) in api.target.operator]
    if not possible:
        record.not_offered[Aspect.GIVEN_BACK] = f"the operator operation '{next(iter(GIVES_BACK.values()))}'"
        return
    for group in possible:
        person = group.losers[0]
        words = {"tenant": person.tenant_id, "user": person.user_id, "role": person.words.get("role", person.role)}
        api.monitor.operator(GIVES_BACK[group.way], **words)
        came = api.prober.are_let_in(group.losers)
        refused = {(t.tenant, t.after) for t in record.trials if t.way == group.way and t.aspect is Aspect.ADMISSION}
        record.trials += [
            RightTrial(
                group.way, Aspect.GIVEN_BACK, one.name, one.user_id, False, (one.name, False) in refused, is_let_in
            )
            for one, is_let_in in zip(group.losers, came, strict=True)
        ]


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


def _still_at_work(
    working: dict[str, list[psutil.Process]], now: dict[str, list[psutil.Process]], least_percent: float
) -> dict[str, bool]:
    """By user, whether a process that worked for it, or one that it has got since, calculates."""
    working = {user: [*{*processes, *now.get(user, ())}] for user, processes in working.items()}
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
