"""Work that answers a question from what the platform knows about the user."""

from __future__ import annotations

from reference_platform.agents.inside.work import Work
from reference_platform.agents.inside.workloads.processor import burn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_COST_SECONDS = 0.020


def report(work: Work) -> dict[str, Any]:
    """Read the user's own profile."""
    return {"profile": work.call("profile"), "echo": work.get("text", "")}


def ask(work: Work) -> dict[str, Any]:
    """Give a costly answer, or the cached one."""
    question = work.arguments["question"]
    cached = work.call("cache_get", question=question)
    if cached is not None:
        return {"answer": cached, "cached": True}
    burn(work, _COST_SECONDS)
    # Whose answer it is stands in it: an answer that reached somebody else could not be mistaken for their own.
    answer = f"For {work.agent.identity['user']}: {question}"
    work.call("cache_put", question=question, answer=answer)
    return {"answer": answer, "cached": False}
