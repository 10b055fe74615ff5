"""What a platform calls the things of its agents: types, kinds of work, steps, topics, and what stands in its lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from isolation.record.traffic.operations import Operation
from isolation.target.model import Target

OF = "of"
"""Argument: another user whose things are addressed."""
AS_ROLE = "as_role"
"""Argument: a role that the request only asserts."""
BEGAN, ENDED, OUTPUT = "began", "ended", "output"
"""What a step of a workflow says besides ``Kept``: when it began and ended (seconds), and what came out."""


@dataclass(frozen=True, slots=True)
class AgentTerms:
    """A platform's words for its agents.

    Attributes:
        types: Types of agent that users make, two at least where the platform has two; not the usual one, which is made on demand.
        scopes: Where users can keep state; the first can hold a profile that reports show.
        idle_work: Work that does nothing.
        crash_work: Work that ends the agent's process, or empty.
        restricted_work: Work that a restricted user may not ask for, or empty.
        leader: The type of agent that leads a workflow, or empty.
        workflow: The steps of a workflow, each with the steps that must have ended before.
        workflow_events: The events of a whole workflow, in order.
        topics: What stands before its id in the topic of an agent or of a thread.
        fields: The suite's words of fields of the objects in lists.
    """

    types: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    idle_work: str = ""
    crash_work: str = ""
    restricted_work: str = ""
    leader: str = ""
    workflow: Mapping[str, frozenset[str]] = field(default_factory=dict)
    workflow_events: tuple[str, ...] = ()
    topics: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def parallel(self) -> frozenset[str]:
        """The steps that need the same steps before them: nothing keeps them from running side by side."""
        needs = list(self.workflow.values())
        return frozenset(step for step, before in self.workflow.items() if needs.count(before) > 1)

    def topic_of_agent(self, agent: str) -> str:
        """What one subscribes to for being told of an agent."""
        return self.topics.get("agent", "") + agent

    def topic_of_thread(self, thread: str) -> str:
        """What one subscribes to for being told of a thread."""
        return self.topics.get("thread", "") + thread

    def rows(self, value: object) -> list[dict[str, object]] | None:
        """A list of objects in the suite's words; None when it is none."""
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            return None
        return [{self.fields.get(name, name): entry for name, entry in row.items()} for row in value]


def agent_terms(target: Target) -> AgentTerms:
    """The words that a target file gives."""
    words, workflow = target.words, target.words.workflow
    leader = workflow.leader if workflow is not None else ""
    made = [name for name in words.agent_types[1:] if name != leader] or list(words.agent_types)
    return AgentTerms(
        types=tuple(made if len(made) != 1 else made * 2),
        scopes=tuple(words.scopes),
        idle_work=words.work.get("idle", ""),
        crash_work=words.work.get("crash", ""),
        restricted_work=words.work.get("restricted", ""),
        leader=leader,
        workflow={} if workflow is None else {step: frozenset(before) for step, before in workflow.steps.items()},
        workflow_events=() if workflow is None else tuple(workflow.events),
        topics={str(kind): topic for kind, topic in words.topics.items()},
        fields={own: word for word, own in words.rows.items()},
    )


def kept(operation: Operation) -> Mapping[str, object]:
    """What an answer says, in the suite's words (``Kept``); empty without one."""
    return operation.kept
