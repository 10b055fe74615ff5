"""Tenants with quotas try to exceed them, while the machine is otherwise idle; the same load without a quota does (RI-2).

Tenant 3 tries to use more CPU time than its quota, tenant 5 more memory. Tenants 10 and 9 have no quota, and show first that the same
load is strong enough.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

from isolation.drive.load.plans import Stream
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.watch.conditions import AnyOf, Reported
from isolation.record import Operation
from isolation.record.resource_isolation.quotas import CounterReading, QuotaAttempt, QuotasRecord
from isolation.record.tenants import TenantNames
from isolation.scenarios.api import Api
from isolation.scenarios.resource_isolation.noises import renew_sessions
from isolation.settings.profile import Profile
from isolation.target.needs import Needs
from isolation.target.words import Alert, Audit, OperatorOperation, OperatorWord, RequestKind, ResourceKind

NEEDS = Needs(
    requests=(RequestKind.TYPICAL, RequestKind.NOOP),
    any_of=(RequestKind.ENDLESS_LOOP, RequestKind.MEMORY_PRESSURE),
    operator=(OperatorOperation.QUOTA, OperatorOperation.COUNTERS, OperatorOperation.ALERTS),
    processes=True,
)
_TRIES = {ResourceKind.CPU: 3, ResourceKind.MEMORY: 5}
_CONTROLS = {ResourceKind.CPU: 10, ResourceKind.MEMORY: 9}
_REQUESTS = {ResourceKind.CPU: RequestKind.ENDLESS_LOOP, ResourceKind.MEMORY: RequestKind.MEMORY_PRESSURE}
_COUNTED = (OperatorWord.THROTTLED, OperatorWord.OUT_OF_MEMORY)
_MEGABYTE = 1024 * 1024
_CONTROL_S = 3.0
_SAMPLE_EVERY_S = 0.05
"""A tenant may be over its memory quota, and ended, between two regular samples."""
_LONGEST_S = 120.0
_SERVICE_ROUNDS = 3
_EXCESS = 2
"""So many times its quota a tenant tries to take of memory."""


def numbered(profile: Profile, *, tenant: int = 0, **_: object) -> tuple[int, ...]:
    """The numbers of the tenants that try to exceed their quota."""
    return (tenant,) if tenant else tuple(_TRIES.values())


def run(api: Api) -> QuotasRecord:
    """Controls first, then one attempt after the other; each is watched until it is held back, as long as the promise allows."""
    return try_to_exceed(api, _TRIES, _CONTROLS, _quotas_of(api))


def try_to_exceed(
    api: Api,
    tries: Mapping[ResourceKind, int],
    control: Mapping[ResourceKind, int],
    quotas: Mapping[ResourceKind, float],
) -> QuotasRecord:
    """Some tenants try, and others that have no quota show that the load is strong enough.

    Args:
        api: The experiment.
        tries: Number of the tenant that tries to exceed its quota, by resource.
        control: Number of the tenant that has none, by resource.
        quotas: Per cent of a core and bytes of memory that each of the others may use.
    """
    tenants = api.tenants(max(api.profile.steady.tenants, *tries.values(), *control.values()))
    resources = [one for one in tries if _REQUESTS[one] in api.target.requests]
    controls = {resource: tenants[control[resource] - 1] for resource in resources}
    without = [control.tenant_id for control in controls.values()]
    for tenant in tenants:
        _set_quota(api, tenant.tenant_id, quotas if tenant.tenant_id not in without else {})
    api.ask(tenants, RequestKind.NOOP)
    asked: list[Operation] = []
    proven = _burn(api, controls, quotas, _CONTROL_S, 0.0, asked)
    for tenant_id in without:
        _set_quota(api, tenant_id, quotas)
    attempts: list[QuotaAttempt] = []
    served: list[Operation] = []
    watch_s = {ResourceKind.CPU: api.profile.quota.watch_cpu, ResourceKind.MEMORY: api.profile.quota.watch_memory}
    for resource in resources:
        tenant = tenants[tries[resource] - 1]
        before = _counters(api, tenants)
        (attempt,) = _burn(api, {resource: tenant}, quotas, watch_s[resource], api.limits["active"].value, asked)
        after = _counters(api, tenants)
        moved = tuple(CounterReading(*key, before.get(key, 0), value) for key, value in sorted(after.items()))
        attempts.append(replace(attempt, counters=moved))
        for _ in range(_SERVICE_ROUNDS):
            served += api.ask([tenant], RequestKind.TYPICAL, milliseconds=3)
    return QuotasRecord(
        tenants=TenantNames(tuple(tenant.name for tenant in tenants)),
        attempts=tuple(attempts),
        controls=tuple(proven),
        asked=asked,
        served=served,
        samples=api.samples(),
        events=api.events(),
    )


def run_one(api: Api, *, tenant: int, resource: ResourceKind, quota: float) -> QuotasRecord:
    """One tenant with a quota of its own tries to exceed it; the next one, without a quota, shows that the load is strong enough.

    Args:
        api: The experiment.
        tenant: Its number.
        resource: What it tries to take.
        quota: Per cent of a core, or MB of memory.
    """
    amount = quota * _MEGABYTE if resource is ResourceKind.MEMORY else quota
    return try_to_exceed(api, {resource: tenant}, {resource: tenant + 1}, _quotas_of(api) | {resource: amount})


def _burn(
    api: Api,
    burners: dict[ResourceKind, TenantAgent],
    quotas: Mapping[ResourceKind, float],
    watch_s: float,
    patience_s: float,
    asked: list[Operation],
) -> list[QuotaAttempt]:
    """Let each tenant use as much as it can of its resource, all at the same time.

    Args:
        api: The experiment.
        burners: Who takes what.
        quotas: What they may take, or might if they had a quota.
        watch_s: How long at least.
        patience_s: How long to wait at most until the platform says that it holds them back; 0 waits for nothing.
        asked: Gets what became of the requests.
    """
    api.monitor.sample_now()
    began = {
        resource: api.engine.start_load(_REQUESTS[resource], [_load(resource, tenant, quotas)], 0.001, _LONGEST_S)
        for resource, tenant in burners.items()
    }
    first = min(began.values())
    held = AnyOf(tuple(_held(tenant.name, first) for tenant in burners.values()))
    end, latest = first + watch_s, first + patience_s
    holds = not patience_s
    while (now := time.monotonic()) < end or (not holds and now < latest):
        api.monitor.sample_now()
        if not holds and api.monitor.wait_for(held, 0.0):
            holds, end = True, max(end, time.monotonic() + api.limits["window"].value + 0.5)
        api.rest(_SAMPLE_EVERY_S)
    ended_at = time.monotonic()
    renew_sessions(api, list(burners.values()))
    for resource in burners:
        asked += api.engine.end_load(_REQUESTS[resource], api.patience_s)
    return [
        QuotaAttempt(tenant.name, resource, quotas[resource], began[resource], ended_at)
        for resource, tenant in burners.items()
    ]


def _held(tenant: str, since: float) -> Reported:
    return Reported((Alert.QUOTA, Alert.NOISE, Audit.CONTAINED, Audit.STOPPED), (tenant,), since)


def _load(resource: ResourceKind, tenant: TenantAgent, quotas: Mapping[ResourceKind, float]) -> Stream:
    arguments: dict[str, object] = {"seconds": _LONGEST_S}
    if resource is ResourceKind.MEMORY:
        arguments["megabytes"] = int(_EXCESS * quotas[resource] / _MEGABYTE)
    return Stream(tenant.name, _REQUESTS[resource], 1.0, arguments)


def _quotas_of(api: Api) -> dict[ResourceKind, float]:
    quota = api.profile.quota
    return {ResourceKind.CPU: float(quota.cpu), ResourceKind.MEMORY: float(quota.memory) * _MEGABYTE}


def _set_quota(api: Api, tenant_id: str, quotas: Mapping[ResourceKind, float]) -> None:
    """Give a tenant its quotas; nothing gives it none."""
    cpu = quotas.get(ResourceKind.CPU)
    memory = int(quotas[ResourceKind.MEMORY]) if ResourceKind.MEMORY in quotas else None
    api.monitor.operator(OperatorOperation.QUOTA, tenant=tenant_id, cpu_percent=cpu, memory_bytes=memory)


def _counters(api: Api, tenants: list[TenantAgent]) -> dict[tuple[str, str], int]:
    """Enforcement counters of all tenants of the scenario, by tenant and name."""
    names = {tenant.tenant_id: tenant.name for tenant in tenants}
    return {
        (names[entry[OperatorWord.TENANT]], str(counter)): int(entry[counter])
        for entry in api.monitor.operator(OperatorOperation.COUNTERS)
        if entry[OperatorWord.TENANT] in names
        for counter in _COUNTED
    }
