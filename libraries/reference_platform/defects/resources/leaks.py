"""Defects of what follows from leaks and runaways."""

from __future__ import annotations

from typing import Any

from reference_platform.defects.resources.crashes import run_odd_zygote
from reference_platform.defects.surgery import leave_out_alerts, replace

_A_FEW_MEGABYTES = 5_000_000


def memory_never_given_back() -> None:
    """What the work ``memory`` has taken stays."""
    run_odd_zygote("with_kept_memory")


def work_keeps_memory() -> None:
    """Every piece of work leaves something in its agent's memory."""
    run_odd_zygote("with_leaking_work")


def sustained_use_not_reported() -> None:
    """Nobody is told that a tenant uses a whole core for long."""
    leave_out_alerts("sustained_cpu")


def stopped_for_good() -> None:
    """An agent whose process the governor has ended never gets another one."""
    from reference_platform.registry.agent import Agent

    stop_process = Agent.stop_process

    async def stop_for_good(self: Agent, reason: str) -> None:
        await stop_process(self, reason)
        self.stopped = self.stopped or reason in ("memory_leak", "handle_leak", "runaway")

    replace(Agent, "stop_process", stop_for_good)


def growth_called_a_leak() -> None:
    """Memory that has grown by a few megabytes is a leak, whatever comes of it."""
    from reference_platform.governor.detection import memory_leak

    def any_growth(series: Any, limit: float) -> float | None:
        return limit if series and series[-1][1] - series[0][1] > _A_FEW_MEGABYTES else None

    replace(memory_leak, "leak_rate", any_growth)


def leak_not_stopped() -> None:
    """Leaks of memory, handles and connections are alerted and nothing else."""
    from reference_platform.governor.reactions import Reactions

    for name in ("stop_memory_leak", "stop_handle_leak", "reclaim_leases"):
        replace(Reactions, name, lambda self, found: None)


def runaway_not_stopped() -> None:
    """Runaways are alerted and nothing else; a time-out does not bring the process back either."""
    from reference_platform.governor.reactions import Reactions
    from reference_platform.registry.agent import Agent

    replace(Reactions, "stop_runaway", lambda self, found: None)
    replace(Agent, "free", lambda self, job: None)
