"""Very many tenants connect at once and load the platform in rising steps, up to saturation and beyond (RI-6)."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from isolation.drive.load.engine import ConnectOptions
from isolation.drive.load.plans import Stream
from isolation.record import Operation
from isolation.record.resource_isolation.concurrent_stress import ConnectAttempt, LoadStep, SamplerCost, StressRecord
from isolation.record.tenants import TenantNames
from isolation.scenarios.api import Api, NotExamined
from isolation.target.needs import Needs
from isolation.target.words import OperatorOperation, RequestKind

NEEDS = Needs(requests=(RequestKind.TYPICAL, RequestKind.NOOP), operator=(OperatorOperation.AGENTS,), processes=True)
EQUAL_WORK = "equal work"
_AT_ONCE = 50
_BEFORE_S = 0.5
"""The sample before a step belongs to it: the curves begin there."""


def run(api: Api, shares: Sequence[float], equal: float) -> StressRecord:
    """Connect, and run one step after the other.

    Args:
        api: The experiment.
        shares: Per cent of the machine that light, medium and heavy work together ask for, step by step.
        equal: The same for a last step in which all ask for the same.
    """
    scale = api.profile.stress
    users = api.make(scale.tenants)
    began = time.monotonic()
    opened = api.connect(users, ConnectOptions(at_once=_AT_ONCE))
    connected_in_s = time.monotonic() - began
    names = [one.name for one in opened if one.opening is not None]
    if not names:
        raise NotExamined(f"none of {len(users)} users could be connected: {opened[0].reason}")
    api.ask([user for user in users if user.name in names], RequestKind.NOOP)
    api.monitor.forget_overhead()
    mixed = (scale.light, scale.medium, scale.heavy)
    plans = [(f"{share:g} percent", share, mixed) for share in shares]
    steps, operations = [], list[Operation]()
    for name, share, works in [*plans, (EQUAL_WORK, equal, (scale.medium,))]:
        step, asked = _load(api, name, share, {user: works[i % len(works)] for i, user in enumerate(names)})
        steps.append(step)
        operations += asked
    cost = api.monitor.overhead()
    return StressRecord(
        tenants=TenantNames(tuple(user.name for user in users)),
        attempts=tuple(ConnectAttempt(one.name, one.reason if one.opening is None else "") for one in opened),
        connected_in_s=connected_in_s,
        steps=tuple(steps),
        watching=SamplerCost(cost.cpu_seconds, cost.wall_seconds, cost.processes, cost.sweeps),
        patience_s=api.limits["patience with overload"].value,
        operations=operations,
        samples=api.samples(),
    )


def _load(api: Api, name: str, percent: float, work_s: dict[str, float]) -> tuple[LoadStep, list[Operation]]:
    """Everybody works at once, at the same rate, so that together they ask for a share of the whole machine."""
    rate = percent / 100 * len(os.sched_getaffinity(0)) / sum(work_s.values())
    streams = [
        Stream(user, RequestKind.TYPICAL, rate, {"milliseconds": 1000 * seconds}) for user, seconds in work_s.items()
    ]
    api.monitor.sample_now(with_pss=False)
    started_at = time.monotonic() - _BEFORE_S
    api.engine.start_load(name, streams, float(api.profile.stress.step), api.limits["patience with overload"].value)
    api.rest(api.profile.stress.step)
    api.monitor.sample_now(with_pss=False)
    step = LoadStep(name, percent, started_at, time.monotonic(), work_s)
    return step, api.engine.end_load(name, api.limits["patience with overload"].value, at_once=False)
