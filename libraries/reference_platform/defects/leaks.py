"""Defects of what follows from leaks and runaways."""

from __future__ import annotations

from reference_platform.defects.surgery import replace


def leak_not_stopped() -> None:
    """Leaks of memory, handles and connections are alerted and nothing else."""
    from reference_platform.governor.reactions import Reactions

    for name in ("stop_memory_leak", "stop_handle_leak", "reclaim_leases"):
        replace(Reactions, name, lambda self, found: None)


def runaway_not_stopped() -> None:
    """Runaways are alerted and nothing else; a time-out does not bring the process back either."""
    from reference_platform.governor.reactions import Reactions
    from reference_platform.registry.agents import Agent

    replace(Reactions, "stop_runaway", lambda self, found: None)
    replace(Agent, "free", lambda self, job: None)
