"""What a platform calls the things of its agents: types, steps, topics, and what stands in its lists.

Read by experiments on the agent registry; the words themselves are the reference platform's until the target file names them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from isolation.record.operations import Operation
from isolation.target.words import Kept

OF = "of"
"""Argument: another user whose things are addressed."""
AS_ROLE = "as_role"
"""Argument: a role that the request only asserts."""
BEGAN, ENDED, OUTPUT = "began", "ended", "output"
"""What a step of a workflow says besides ``Kept``: when it began and ended (seconds), and what came out."""
_WORDS: Mapping[str, str] = {
    "agent_id": Kept.AGENT,
    "session_id": Kept.SESSION,
    "subscribed": Kept.TOPIC,
    "started_at": BEGAN,
    "ended_at": ENDED,
}
_STEP_BEGAN, _STEP_ENDED = "step_started", "step_completed"


@dataclass(frozen=True, slots=True)
class AgentTerms:
    """A platform's words for its agents.

    Attributes:
        types: Types of agent that can be made.
        supervisor: The type that leads a workflow.
        scopes: Where users can keep state; the first can hold a profile that reports show.
        idle_work: Work that does nothing.
        crash_work: Work that ends the agent's process.
        restricted_work: Work that only some roles may ask for.
        workflow: The steps of a workflow, each with the steps that must have ended before.
        workflow_events: The events of a whole workflow, in order.
    """

    types: tuple[str, ...] = ("triage", "data", "optimisation", "report")
    supervisor: str = "supervisor"
    scopes: tuple[str, ...] = ("profile", "preference", "context")
    idle_work: str = "noop"
    crash_work: str = "crash"
    restricted_work: str = "database"
    workflow: Mapping[str, frozenset[str]] = field(
        default_factory=lambda: {
            "triage": frozenset(),
            "data": frozenset({"triage"}),
            "optimisation": frozenset({"triage"}),
            "report": frozenset({"triage", "data", "optimisation"}),
        }
    )
    workflow_events: tuple[str, ...] = (
        "agent_started",
        _STEP_BEGAN, _STEP_ENDED,
        _STEP_BEGAN, _STEP_BEGAN, _STEP_ENDED, _STEP_ENDED,
        _STEP_BEGAN, _STEP_ENDED,
        "agent_completed",
    )  # fmt: skip

    @property
    def parallel(self) -> frozenset[str]:
        """The steps that need the same steps before them: nothing keeps them from running side by side."""
        needs = list(self.workflow.values())
        return frozenset(step for step, before in self.workflow.items() if needs.count(before) > 1)

    def topic_of_agent(self, agent: str) -> str:
        """What one subscribes to for being told of an agent."""
        return f"agent:{agent}"

    def topic_of_thread(self, thread: str) -> str:
        """What one subscribes to for being told of a thread."""
        return f"thread:{thread}"


def kept(operation: Operation) -> dict[str, object]:
    """What an answer says, in the suite's words (``Kept``); empty without one."""
    return in_words(operation.kept)


def in_words(fields: Mapping[str, object]) -> dict[str, object]:
    """An object of the platform's in the suite's words."""
    return {_WORDS.get(name, name): value for name, value in fields.items()}


def rows(value: object) -> list[dict[str, object]] | None:
    """A list of objects in the suite's words; None when it is none."""
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        return None
    return [in_words(row) for row in value]
