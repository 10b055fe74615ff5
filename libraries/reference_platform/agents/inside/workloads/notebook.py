"""Work that remembers: in the process, and with the platform for the next process of the same agent."""

from __future__ import annotations

from reference_platform.agents.inside.work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def remember(work: Work) -> dict[str, Any]:
    """Keep a text."""
    known = _memories(work)
    text = work.arguments["text"]
    work.call("memory_save", text=text)
    known.append(text)
    return {"remembered": len(known)}


def recall(work: Work) -> dict[str, Any]:
    """Give back what is remembered, oldest first."""
    return {"memories": _memories(work)}


def _memories(work: Work) -> list[str]:
    agent = work.agent
    if agent.memories is None:
        agent.memories = list(work.call("memory_load") or [])
    return agent.memories
