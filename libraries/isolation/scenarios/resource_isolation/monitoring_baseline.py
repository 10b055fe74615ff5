"""Some agents rest, do typical work, rest again, and two of them work alone, one after the other (RI-1)."""

from __future__ import annotations

import time

from isolation.drive.load.engine import Request
from isolation.drive.load.plans import Stream
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.watch.conditions import AllOf, HoldsAtMost, Quantity, readings_of
from isolation.record import Operation, Sample
from isolation.record.limits import Limits
from isolation.record.resource_isolation.monitoring_baseline import MonitoringBaselineRecord, Stretch
from isolation.record.tenants import TenantNames
from isolation.scenarios.api import Api
from isolation.target.needs import Needs
from isolation.target.words import OperatorOperation, RequestKind

NEEDS = Needs(requests=(RequestKind.TYPICAL, RequestKind.NOOP), operator=(OperatorOperation.AGENTS,), processes=True)
_LOAD = RequestKind.TYPICAL
_MEGABYTE = 1024 * 1024
_MEMORY_S = 1.5
_MEMORY_MB = 32
_ALONE = 2
"""How many agents work alone."""


def run(api: Api) -> MonitoringBaselineRecord:
    """Rest, work, rest until memory is back, and work alone."""
    tenants = api.tenants(api.profile.baseline.agents)
    api.ask(tenants, RequestKind.NOOP, api.patience_s)
    rest = _watch(api, api.profile.baseline.idle)
    processes = [ref for ref in api.monitor.processes() if ref.tenant in {user.name for user in api.users}]
    work, operations = _work(api, tenants)
    _watch_until_memory_is_back(api, tenants, rest, work)
    alone = tuple(
        _work_alone(api, tenant) for tenant in tenants[:_ALONE] if RequestKind.ENDLESS_LOOP in api.target.requests
    )
    return MonitoringBaselineRecord(
        tenants=TenantNames(tuple(user.name for user in api.users)),
        connected=len(tenants),
        sampling_s=api.profile.sampling,
        work_s=api.profile.steady.work,
        own_pids=api.own_pids,
        rest=rest,
        work=work,
        alone=alone,
        processes=processes,
        operations=operations,
        samples=api.samples(),
        events=api.events(),
    )


def _watch(api: Api, seconds: float, tenant: str = "") -> Stretch:
    """Watch all processes while nothing new is asked; whole from the first moment to the last."""
    api.monitor.sample_now()
    start = time.monotonic()
    api.rest(seconds)
    api.monitor.sample_now()
    return Stretch(start, time.monotonic(), tenant)


def _work(api: Api, tenants: list[TenantAgent]) -> tuple[Stretch, list[Operation]]:
    """Everybody takes memory once, so that there is some to give back, and works at the profile's rate for a while."""
    if RequestKind.MEMORY in api.target.requests:
        within_s = _MEMORY_S + api.patience_s
        api.ask(tenants, RequestKind.MEMORY, within_s, megabytes=_MEMORY_MB, seconds=_MEMORY_S)
    scale = api.profile.baseline
    work = {"milliseconds": 1000 * api.profile.steady.work}
    streams = [Stream(tenant.name, RequestKind.TYPICAL, scale.rate, dict(work)) for tenant in tenants]
    api.engine.start_load(_LOAD, streams, scale.load + api.patience_s, api.patience_s)
    stretch = _watch(api, scale.load)
    return stretch, api.engine.end_load(_LOAD, api.patience_s)


def _watch_until_memory_is_back(api: Api, tenants: list[TenantAgent], rest: Stretch, work: Stretch) -> None:
    """Until everybody's memory is what it was at rest, or the promised time is over."""
    limits, samples = api.limits, api.samples()
    back = [
        HoldsAtMost(Quantity.MEMORY, tenant.name, _most(samples, tenant.name, rest, limits), work.end)
        for tenant in tenants
    ]
    api.monitor.sample_now()
    api.monitor.wait_for(AllOf(tuple(back)), work.end + limits["memory recovery"].value)
    api.rest(api.profile.sampling)
    api.monitor.sample_now()


def _most(samples: list[Sample], tenant: str, rest: Stretch, limits: Limits) -> float:
    """Whoever has no more than this has given its memory back."""
    readings = readings_of(Quantity.MEMORY, tenant, samples, [])
    highest = max((value for at, value in readings if rest.start <= at <= rest.end), default=0.0)
    return max(highest * limits["memory tolerance"].value, highest + limits["memory kept"].value * _MEGABYTE)


def _work_alone(api: Api, tenant: TenantAgent) -> Stretch:
    seconds = api.profile.baseline.alone
    api.engine.begin([Request(tenant.name, RequestKind.ENDLESS_LOOP, {"seconds": seconds})])
    return _watch(api, seconds, tenant.name)
