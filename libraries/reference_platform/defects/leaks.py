"""Defects of what follows from leaks and runaways."""

from __future__ import annotations


def leak_not_stopped() -> None:
    """Leaks of memory, handles and connections are alerted and nothing else."""
    from reference_platform.governor.reactions import Reactions

    for name in ("stop_memory_leak", "stop_handle_leak", "reclaim_leases"):
        setattr(Reactions, name, lambda self, found: None)


def runaway_not_stopped() -> None:
    """Runaways are alerted and nothing else; a time-out does not bring the process back either."""
    from reference_platform.governor.reactions import Reactions
    from reference_platform.registry.agents import Agent

    setattr(Reactions, "stop_runaway", lambda self, found: None)
    setattr(Agent, "free", lambda self, job: None)
