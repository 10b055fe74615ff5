"""What stands around the sessions: starting, processes, stores, limits, and the platform's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from isolation.target.model.terms import TEXTS, Address, Duration, Name, Part, Path, Regex, Word
from isolation.target.words import Alert, Audit, Code

_Texts = Annotated[
    list[Name],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    Field(min_length=1),
    WithJsonSchema(TEXTS),
]


class Ready(Part):
    """When a started platform can be used.

    Attributes:
        http: An address that answers with ``status``.
        status: That status.
        port: A port on which somebody listens.
        line: ``json``: its first line of output is a JSON object; else a regular expression for a line of its output.
    """

    http: Address | None = None
    status: int = Field(default=200, ge=100, le=599)
    port: int | None = Field(default=None, ge=1, le=65_535)
    line: Regex | None = None

    @model_validator(mode="after")
    def _one_sign(self) -> Ready:
        if sum(sign is not None for sign in (self.http, self.port, self.line)) != 1:
            raise ValueError(
                "name one sign that it is ready: 'http' (address), 'port' (number) or 'line' (json, or an expression)"
            )
        return self


class PidInLine(Part):
    """The field of the JSON line that holds the platform's process id."""

    line: Path


class Launch(Part):
    """How the platform is started and ended (by SIGTERM).

    Attributes:
        command: Program and arguments; ``python`` is the Python of the suite; ``{part.name}`` is filled in from the profile.
        ready: When it can be used.
        within: How long that may take.
        environment: Variables that are added to the suite's own.
        folder: Where it is started; the folder of the target file when not given.
        pid: Its process: the one that was started, or one that its JSON line names.
    """

    command: list[str] = Field(min_length=1)
    ready: Ready
    within: Duration = 60.0
    environment: dict[str, str] = Field(default_factory=dict)
    folder: str | None = None
    pid: Literal["started"] | PidInLine = "started"


class Processes(Part):
    """How the processes that work for a user are found.

    Attributes:
        environment: A variable of theirs and what it holds, with ``{user}`` or ``{tenant}``.
        cgroup: Pattern of their control group's path.
        title: Regular expression for their command line.
        container_label: Labels of their container.
        pod_selector: Selector of their pod.
        pid_from: A request that makes the user's own work say its process id.
        keep: Where the answer of that request holds it.
        operator: Whether the operator's ``agents`` names them.
        beyond: Whether what they started counts as theirs.
    """

    environment: dict[str, str] | None = None
    cgroup: str | None = None
    title: Regex | None = None
    container_label: dict[str, str] | None = None
    pod_selector: str | None = None
    pid_from: Word | None = None
    keep: Path | None = None
    operator: bool = False
    beyond: Literal["descendants"] | None = Field(default=None, alias="with")

    @model_validator(mode="after")
    def _one_way(self) -> Processes:
        ways = (self.environment, self.cgroup, self.title, self.container_label, self.pod_selector, self.pid_from)
        if sum(bool(way) for way in ways) + self.operator != 1:
            raise ValueError(
                "name one way to find processes: environment, cgroup, title, container_label, pod_selector, pid_from"
                " or 'operator: yes'; or write 'processes: none'"
            )
        if (self.pid_from is None) != (self.keep is None):
            raise ValueError("'pid_from' (a request) and 'keep' (a path) go together")
        return self


class Store(Part):
    """A store that the suite may read, and write only where the file says so.

    Attributes:
        address: Name of the secret that holds its address.
        writes: Whether the suite may write to it.
        tables: Patterns of the tables that belong to the platform.
        keys: Patterns of the keys that belong to the platform.
    """

    address: Word
    writes: bool = False
    tables: list[Name] = Field(default_factory=list)
    keys: list[Name] = Field(default_factory=list)


class LogFolder(Part):
    """A folder with log files: the name of the secret that holds its path."""

    folder: Word


class Stores(Part):
    """The stores of the platform; one that is not named is neither read nor counted."""

    postgresql: Store | None = None
    redis: Store | None = None
    clickhouse: Store | None = None
    logs: LogFolder | None = None


class Limits(Part):
    """What the platform allows, and how quick it is.

    Attributes:
        requests_per_minute: Of one user.
        sessions_per_user: At the same time.
        message_bytes: Largest message.
        answer_within: How long the slowest answer of an idle platform may take.
        dispatch: How long every answer takes by itself, without any work.
        rights_end_within: How long a right may go on after it was taken away; the contract's time when not given.
        answers_kept: How long cached answers may stay after their user's last session; they go with it when not given.
    """

    requests_per_minute: int | None = Field(default=None, ge=1, le=10_000_000)
    sessions_per_user: int | None = Field(default=None, ge=1, le=100_000)
    message_bytes: int | None = Field(default=None, ge=64, le=2**31)
    answer_within: Duration = 10.0
    dispatch: Duration | None = None
    rights_end_within: Duration | None = None
    answers_kept: Duration | None = None


class Workflow(Part):
    """Work of several agents under a leader.

    Attributes:
        leader: The type of agent that leads.
        steps: The steps, each with those that must have ended before it begins.
        events: The events of a whole workflow, in the promised order; nothing when none is promised.
    """

    leader: Name
    steps: dict[Name, list[Name]] = Field(min_length=2)
    events: list[Name] = Field(default_factory=list)


class TargetWords(Part):
    """The platform's words for what it reports.

    Attributes:
        alerts: Kinds of alerts.
        audit: Kinds of audit entries.
        codes: Reasons of refusals.
        scopes: Scopes of state.
        agent_types: Types of agents; the first is the usual one.
        events: The events of one piece of work, in the promised order.
        work: Kinds of work of the request ``execute``: one that does nothing, one that ends the agent's process, and one that a
            restricted user may not ask for.
        topics: What stands before its id in the topic of an agent or of a thread to which one subscribes.
        workflow: Work of several agents under a leader.
        rows: Fields of the objects in kept lists (agents, steps), by the suite's words; others are called alike.
    """

    alerts: dict[Alert, _Texts] = Field(default_factory=dict)
    audit: dict[Audit, _Texts] = Field(default_factory=dict)
    codes: dict[Code, _Texts] = Field(default_factory=dict)
    scopes: list[Name] = Field(default_factory=list)
    agent_types: list[Name] = Field(default_factory=list)
    events: list[Name] = Field(default_factory=list)
    work: dict[Literal["idle", "crash", "restricted"], Name] = Field(default_factory=dict)
    topics: dict[Literal["agent", "thread"], Name] = Field(default_factory=dict)
    workflow: Workflow | None = None
    rows: dict[Word, Name] = Field(default_factory=dict)

    def kinds(self) -> dict[tuple[str, str], str]:
        """The suite's word by stream (``alert`` or ``audit``) and the platform's own word."""
        streams: dict[str, Mapping[Any, list[str]]] = {"alert": self.alerts, "audit": self.audit}
        return {
            (stream, own): str(word)
            for stream, words in streams.items()
            for word, many in words.items()
            for own in many
        }

    def refusals(self) -> dict[str, str]:
        """The suite's word for a refusal by the platform's own code."""
        return {own: str(word) for word, many in self.codes.items() for own in many}
