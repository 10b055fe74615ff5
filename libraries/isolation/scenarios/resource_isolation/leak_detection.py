"""Nine tenants leak, run away, or only look suspicious (RI-3).

Tenant 1 leaks memory, 2 file descriptors, 3 database connections; 4 runs away; 5 waits for ever; 6 warms up, 7 fills a bounded
cache, 8 collects garbage, which is healthy; 9 uses a whole core for long, as it may.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import psutil

from isolation.drive.load.engine import Request
from isolation.drive.load.plans import Stream
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.watch.conditions import (
    AllOf,
    AnyOf,
    Condition,
    HoldsAtMost,
    NoProcessLeft,
    Quantity,
    Reported,
    readings_of,
)
from isolation.record import Operation
from isolation.record.resource_isolation.leak_detection import LeakDetectionRecord, Misbehaviour
from isolation.record.tenants import TenantNames
from isolation.scenarios.api import Api
from isolation.settings.profile import Leaks, Profile
from isolation.target.needs import Needs
from isolation.target.words import Alert, Audit, OperatorOperation, RequestKind

NEEDS = Needs(
    requests=(RequestKind.TYPICAL, RequestKind.NOOP),
    operator=(OperatorOperation.USAGE, OperatorOperation.ALERTS),
    processes=True,
)
_AT_REST_S = 3.0
_LEAK_S = 120
LOOKS_AT_DESCRIPTORS = 20
"""Right after the leak: it takes an instant, and the platform may end it before the next regular sample."""
_CALM_S = 5.0
"""How long is watched after the runaway was stopped."""
_SERVICE_ROUNDS = 3
_QUANTITIES = {
    RequestKind.MEMORY_LEAK: (Alert.MEMORY_LEAK, Quantity.MEMORY, "memory tolerance"),
    RequestKind.HANDLE_LEAK: (Alert.HANDLE_LEAK, Quantity.FILE_DESCRIPTORS, "file descriptor tolerance"),
    RequestKind.CONNECTION_LEAK: (Alert.CONNECTION_LEAK, Quantity.CONNECTIONS, "connection tolerance"),
}
"""What leaks: how it is reported, what is counted, and the limit that says how much more is still clean."""
_LEAKS = {RequestKind.MEMORY_LEAK: 1, RequestKind.HANDLE_LEAK: 2, RequestKind.CONNECTION_LEAK: 3}
"""Who leaks what."""


def numbered(profile: Profile) -> range:
    """The numbers of the tenants that a sentence may name."""
    return range(1, 10)


def run(api: Api) -> LeakDetectionRecord:
    """Let the nine behave, and watch as long as the promises allow."""
    tenants = api.tenants(len(numbered(api.profile)))
    api.ask(tenants, RequestKind.NOOP)
    api.monitor.sample_now()
    api.rest(_AT_REST_S)
    api.monitor.sample_now()
    with ThreadPoolExecutor(1) as pool:
        began, endless = _begin(api, tenants, pool)
        watch(api, tenants, began)
        ended = endless.result() if endless is not None else []
    _use_no_core_any_more(api, began)
    record = LeakDetectionRecord(
        tenants=TenantNames(tuple(tenant.name for tenant in tenants)),
        began=tuple(began),
        began_at=api.began_at,
        ended_at=time.monotonic(),
        sampling_s=api.profile.sampling,
        sustained_s=api.profile.leaks.sustained,
        gone=gone(api, tenants),
        samples=api.samples(),
        events=api.events(),
        usage=api.usage(),
        endless=ended,
    )
    # Last, and after the count of processes: whoever asks again gets a new process.
    for _ in range(_SERVICE_ROUNDS):
        record.afterwards += api.ask(tenants, RequestKind.TYPICAL, milliseconds=3)
    return record


def _begin(
    api: Api, tenants: list[TenantAgent], pool: ThreadPoolExecutor
) -> tuple[list[Misbehaviour], Future[list[Operation]] | None]:
    scale = api.profile.leaks
    began: list[Misbehaviour] = []

    def begin(number: int, request: str, **arguments: object) -> None:
        if request in api.target.requests:
            name = tenants[number - 1].name
            began.append(Misbehaviour(name, request, api.engine.begin([Request(name, request, arguments)])[0]))

    begin(1, RequestKind.MEMORY_LEAK, **arguments_of(RequestKind.MEMORY_LEAK, scale, _LEAK_S))
    begin(2, RequestKind.HANDLE_LEAK, **arguments_of(RequestKind.HANDLE_LEAK, scale, _LEAK_S))
    api.monitor.sample_now(LOOKS_AT_DESCRIPTORS)
    begin(3, RequestKind.CONNECTION_LEAK, **arguments_of(RequestKind.CONNECTION_LEAK, scale, _LEAK_S))
    begin(4, RequestKind.ENDLESS_LOOP)
    begin(6, RequestKind.WARM_UP, megabytes=60, seconds=5)
    begin(7, RequestKind.BOUNDED_CACHE, megabytes=40, seconds=8)
    begin(8, RequestKind.SAW_TOOTH, megabytes=60, seconds=60, period_seconds=5)
    endless = None
    if RequestKind.NEVER_ENDING in api.target.requests:
        waiting = Request(tenants[4].name, RequestKind.NEVER_ENDING)
        began.append(Misbehaviour(waiting.tenant, waiting.kind, time.monotonic()))
        endless = pool.submit(api.engine.ask, [waiting], api.limits["operation ends"].value)
    api.monitor.operator(OperatorOperation.QUOTA, tenant=tenants[8].tenant_id, cpu_percent=None, memory_bytes=None)
    core = Stream(tenants[8].name, RequestKind.CPU, 4.0, {"milliseconds": 240})
    at = api.engine.start_load(
        RequestKind.CPU, [core], scale.sustained + api.limits["sustained notice"].value, api.patience_s
    )
    began.append(Misbehaviour(core.tenant, core.kind, at))
    return began, endless


def needs_of(kind: RequestKind) -> Needs:
    """What a target has to offer, so that a tenant can leak."""
    return replace(NEEDS, requests=(*NEEDS.requests, kind))


def arguments_of(kind: RequestKind, scale: Leaks, seconds: float) -> dict[str, object]:
    """How much leaks, as the profile says."""
    if kind is RequestKind.MEMORY_LEAK:
        return {"megabytes_per_minute": float(scale.rate_per_minute), "seconds": seconds}
    return {"count": scale.handles if kind is RequestKind.HANDLE_LEAK else scale.connections}


def watch(
    api: Api, tenants: list[TenantAgent], began: list[Misbehaviour], leaks: Mapping[RequestKind, int] = _LEAKS
) -> None:
    """Until everything promised was seen, or its time is over.

    Args:
        api: The experiment.
        tenants: In the order of their numbers.
        began: What they began.
        leaks: Which tenant leaks what, by its number.
    """
    samples, usage = api.samples(), api.usage()
    at = {one.request: one.at for one in began}
    ends: list[tuple[Condition, float]] = []
    for request, (alert, quantity, tolerance) in _QUANTITIES.items():
        if request not in at:
            continue
        name = tenants[leaks[request] - 1].name
        reported = Reported((alert,), (name,), at[request])
        named_until = at[request] + api.limits["leak named"].value
        before = [value for when, value in readings_of(quantity, name, samples, usage) if when < at[request]]
        clean = HoldsAtMost(quantity, name, (before[-1] if before else 0.0) + api.limits[tolerance].value, at[request])
        settled = AllOf((reported, AnyOf((NoProcessLeft(name), clean))))
        ends.append((settled, named_until + api.limits["cleaned up"].value))
    if RequestKind.ENDLESS_LOOP in at:
        runaway = Reported((Audit.STOPPED,), (tenants[3].name,), at[RequestKind.ENDLESS_LOOP])
        ends.append((runaway, at[RequestKind.ENDLESS_LOOP] + api.limits["runaway stopped"].value))
    for condition, until in ends:
        api.monitor.wait_for(condition, until)
    api.rest(_CALM_S)


def _use_no_core_any_more(api: Api, began: list[Misbehaviour]) -> None:
    use = next(one for one in began if one.request == RequestKind.CPU)
    until = use.at + api.profile.leaks.sustained + api.limits["sustained notice"].value
    api.rest(max(0.0, until - time.monotonic()))
    api.engine.end_load(RequestKind.CPU, api.crowd_patience_s)


def gone(api: Api, tenants: list[TenantAgent]) -> tuple[str, ...]:
    """Who has no process any more: the operator API alone would be believed when it stops showing a process that runs on."""
    shown = {ref.tenant for ref in api.monitor.processes()}
    pids: dict[str, set[int]] = {}
    for sample in api.samples():
        pids.setdefault(sample.tenant, set()).add(sample.pid)
    names = [tenant.name for tenant in tenants]
    return tuple(n for n in names if n not in shown and not any(psutil.pid_exists(pid) for pid in pids.get(n, ())))
