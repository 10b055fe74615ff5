"""Tenants 1 to 4 make noise of four kinds beside others that work steadily, until each is contained; then they stop (RI-5).

Tenant 1 calculates without end, 2 takes memory, 3 loads disk and database, 4 floods the platform with messages.
"""

from __future__ import annotations

import time

from isolation.drive.load.plans import Stream
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.watch.conditions import AllOf, AnyOf, Condition, NoProcessLeft, Reported
from isolation.drive.watch.usage_conditions import CameDown, UsageTold
from isolation.record import Operation
from isolation.record.resource_isolation.noisy_neighbours import MadeNoise, NoisyNeighboursRecord
from isolation.record.tenants import TenantNames
from isolation.scenarios.api import Api, NotOffered
from isolation.scenarios.resource_isolation.noises import (
    FOUR_KINDS,
    NoiseKind,
    counting_messages,
    renew_sessions,
    without_process,
)
from isolation.settings.profile import Profile
from isolation.target.needs import Needs
from isolation.target.words import Alert, Audit, OperatorOperation, RequestKind, ResourceKind

NEEDS = Needs(
    requests=(RequestKind.TYPICAL, RequestKind.NOOP),
    operator=(OperatorOperation.USAGE, OperatorOperation.ALERTS, OperatorOperation.AUDIT),
    alerts=(Alert.NOISE,),
    processes=True,
)
ACCUSING = (Alert.NOISE, Alert.QUOTA, Alert.RUNAWAY, Alert.MEMORY_LEAK)
_LONGEST_S = 600.0
"""How long the noise would last if nobody stopped it."""
_AFTERWARDS_S = 2.0
"""How long is watched after the containment, so that whole windows of samples lie after it."""
_USUAL_ROUNDS = 3
_USUAL = {"milliseconds": 3}
_STEADY = "steady"
_PAUSE_S = 0.3


def numbered(profile: Profile) -> range:
    """The numbers of the tenants that make noise."""
    return range(1, len(FOUR_KINDS) + 1)


def run(api: Api) -> NoisyNeighboursRecord:
    """Let the four make noise, watch as long as the promises allow, and again after they have stopped."""
    kinds = [kind if kind.request in api.target.requests else None for kind in FOUR_KINDS]
    if not any(kinds):
        raise NotOffered("The target file names no request that makes noise.")
    tenants = api.tenants(api.profile.steady.tenants)
    noisy = [tenant for tenant, kind in zip(tenants, kinds, strict=False) if kind is not None]
    names = {tenant.name for tenant in noisy}
    api.ask(tenants, RequestKind.NOOP)
    before = [
        one for _ in range(_USUAL_ROUNDS) for one in api.ask(noisy, RequestKind.TYPICAL, api.patience_s, **_USUAL)
    ]
    _work_steadily(api, tenants)
    with counting_messages(api, {tenant.name for tenant in tenants}) as received:
        noises = _begin(api, tenants, kinds)
        _watch(api, noises)
        gone, stopped_at = without_process(api, names), time.monotonic()
        renew_sessions(api, noisy)
    steady = api.engine.end_load(_STEADY, api.patience_s)
    asked = [one for noise in noises if noise.at for one in api.engine.end_load(noise.request, api.patience_s)]
    afterwards = _watch_recovery(api, noisy, stopped_at, before)
    return NoisyNeighboursRecord(
        tenants=TenantNames(tuple(tenant.name for tenant in tenants)),
        noises=tuple(noises),
        began_at=api.began_at,
        stopped_at=stopped_at,
        ended_at=time.monotonic(),
        sampling_s=api.profile.sampling,
        gone=gone,
        before=before,
        steady=steady,
        asked=asked,
        afterwards=afterwards,
        received=received,
        samples=api.samples(),
        events=api.events(),
        usage=api.usage(),
        notes=api.monitor.notes(api.began_at),
    )


def _work_steadily(api: Api, tenants: list[TenantAgent]) -> None:
    """Everybody works; what an operator sees of that is what noise is compared with."""
    work = {"milliseconds": 1000 * api.profile.steady.work}
    streams = [Stream(tenant.name, RequestKind.TYPICAL, api.profile.steady.rate, dict(work)) for tenant in tenants]
    began = api.engine.start_load(_STEADY, streams, _LONGEST_S, api.patience_s)
    api.monitor.sample_now()
    api.monitor.wait_for(UsageTold([tenant.name for tenant in tenants], began), began + 2 * api.profile.sampling + 1)


def _begin(api: Api, tenants: list[TenantAgent], kinds: list[NoiseKind | None]) -> list[MadeNoise]:
    """Each noise is a load of one request, so that it is known what became of the request."""
    noises = []
    for tenant, kind, offered in zip(tenants, FOUR_KINDS, kinds, strict=False):
        at = None
        if offered is not None:
            once = Stream(tenant.name, kind.request, 1.0, {**kind.arguments, "seconds": _LONGEST_S})
            at = api.engine.start_load(kind.request, [once], 0.001, _LONGEST_S)
        noises.append(MadeNoise(tenant.name, kind.request, kind.resources, at))
    return noises


def _watch(api: Api, noises: list[MadeNoise]) -> None:
    """Until everybody was reported and contained, as said and as seen, or the time for it is over."""
    reported: list[Condition] = []
    contained: list[Condition] = []
    for noise in noises:
        if noise.at is None:
            continue
        reported.append(Reported(ACCUSING, (noise.tenant,), noise.at, noise.resources))
        main = ResourceKind.CPU if noise.resources[0] == ResourceKind.MEMORY else noise.resources[0]
        calm = AnyOf((NoProcessLeft(noise.tenant), CameDown(main, noise.tenant, api.limits["calm"].value, noise.at)))
        contained.append(AllOf((Reported((Audit.CONTAINED,), (noise.tenant,), noise.at), calm)))
    began = max(noise.at for noise in noises if noise.at is not None)
    api.monitor.wait_for(AllOf(tuple(reported)), began + api.limits["identified"].value)
    api.monitor.wait_for(AllOf(tuple(contained)), began + api.limits["mitigated"].value)
    api.rest(_AFTERWARDS_S)


def _watch_recovery(api: Api, noisy: list[TenantAgent], stopped_at: float, before: list[Operation]) -> list[Operation]:
    """Until everybody was let go and has been served as usual for long enough, or the time for it is over.

    They are silent until they are let go: the ordinary work of a tenant that is held back takes long, and looks like noise.
    """
    until = stopped_at + api.limits["recovered"].value
    stable_s = api.limits["stable"].value
    contained = {event.tenant for event in api.events() if event.word == Audit.CONTAINED}
    held = [tenant.name for tenant in noisy if tenant.name in contained]
    api.monitor.wait_for(Reported((Audit.RELEASED,), held, stopped_at), until - stable_s - api.patience_s)
    normal_since: float | None = None
    afterwards: list[Operation] = []
    while time.monotonic() < until:
        now = api.ask(noisy, RequestKind.TYPICAL, api.patience_s, **_USUAL)
        afterwards += now
        normal_since = (
            (normal_since or now[0].intended_at)
            if _served_as_before(now, before, api.limits["quick answer"].value)
            else None
        )
        if normal_since is not None and now[-1].intended_at > normal_since + stable_s:
            break
        api.rest(_PAUSE_S)
    return afterwards


def _served_as_before(now: list[Operation], before: list[Operation], quick_s: float) -> bool:
    """Whether it is worth stopping: the judge decides by itself."""
    slowest = max((one.latency for one in before if one.latency is not None), default=0.0)
    return all(one.answered and one.latency is not None and one.latency <= max(slowest, quick_s) for one in now)
