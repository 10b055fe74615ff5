"""Agents: one operating-system process each, forked from a clean zygote.

The names are loaded when they are asked for: the zygote imports this package too, and must not carry asyncio into every agent.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reference_platform.agents.factory import AgentFactory
    from reference_platform.agents.identity import AgentFailure, AgentIdentity, WorkResult
    from reference_platform.agents.process import AgentProcess

__all__ = ["AgentFactory", "AgentFailure", "AgentIdentity", "AgentProcess", "WorkResult"]

_HOMES = {
    "AgentFactory": "factory",
    "AgentFailure": "identity",
    "AgentIdentity": "identity",
    "AgentProcess": "process",
    "WorkResult": "identity",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module (PEP 562).

    Raises:
        AttributeError: There is no such name.
    """
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
