"""Defects of quotas; those of processor time and memory live in the governor, that of connections in the gateway."""

from __future__ import annotations

import os
from typing import Any

from reference_platform.defects.resources.crashes import run_odd_zygote
from reference_platform.defects.surgery import leave_out_alerts, replace


def quota_off() -> None:
    """Every quota is set to none."""
    from reference_platform.governor.enforcement.by_cgroups import CgroupEnforcer
    from reference_platform.governor.enforcement.by_signals import SignalEnforcer

    for kind in (CgroupEnforcer, SignalEnforcer):
        _without_quota(kind)


def quota_alert_missing() -> None:
    """Quotas are held in silence."""
    leave_out_alerts("quota_exceeded")


def throttling_counted_for_another() -> None:
    """The counters of all tenants move on by one."""
    from reference_platform.gateway.operator_api import Inspection

    counters = Inspection.counters

    async def counters_of_others(self: Inspection, request: Any) -> Any:
        found = await counters(self, request)
        names = [entry["tenant"] for entry in found]
        return [{**entry, "tenant": name} for entry, name in zip(found, [*names[1:], *names[:1]], strict=True)]

    replace(Inspection, "counters", counters_of_others)


def quota_nice_only() -> None:
    """Every quota is set to none, and every agent gets the lowest priority instead."""
    from reference_platform.governor.enforcement.by_cgroups import CgroupEnforcer
    from reference_platform.governor.enforcement.by_signals import SignalEnforcer

    for kind in (CgroupEnforcer, SignalEnforcer):
        _without_quota(kind)
        _nice(kind)


def busy_at_rest() -> None:
    """Agents look for work all the time."""
    run_odd_zygote("with_busy_agents")


def work_is_dear() -> None:
    """Work of every third agent costs a third of a second of processor time more, and nobody is contained for it."""
    from reference_platform.defects.resources.noise import noise_never_mitigated

    run_odd_zygote("with_dear_work")
    noise_never_mitigated()


def processes_named_for_another() -> None:
    """The operator is shown each agent with the process of the next one."""
    from reference_platform.gateway.operator_api import Inspection

    agents = Inspection.agents

    async def agents_of_others(self: Inspection, request: Any) -> Any:
        found = await agents(self, request)
        others = [*found[1:], *found[:1]]
        return [
            {**entry, "pid": other["pid"], "started_ticks": other["started_ticks"]}
            for entry, other in zip(found, others, strict=True)
        ]

    replace(Inspection, "agents", agents_of_others)


def connections_unlimited() -> None:
    """The platform and the database let every tenant have a thousand connections."""
    from reference_platform.state.provisioning import Provisioning

    admit = Provisioning.admit

    async def admit_generously(self: Provisioning, tenant: str, connection_limit: int) -> Any:
        return await admit(self, tenant, 1000)

    replace(Provisioning, "admit", admit_generously)


def _without_quota(kind: type) -> None:
    set_quota = kind.set_quota  # type: ignore[attr-defined]  # both kinds of enforcer have it

    def set_none(self: object, tenant: str, cpu_percent: float | None, memory_bytes: int | None) -> None:
        set_quota(self, tenant, None, None)

    replace(kind, "set_quota", set_none)


def _nice(kind: type) -> None:
    attach = kind.attach  # type: ignore[attr-defined]  # both kinds of enforcer have it

    def attach_nicely(self: object, tenant: str, pid: int, started_ticks: int) -> bool:
        attached: bool = attach(self, tenant, pid, started_ticks)
        if attached:
            os.setpriority(os.PRIO_PROCESS, pid, 19)
        return attached

    replace(kind, "attach", attach_nicely)
