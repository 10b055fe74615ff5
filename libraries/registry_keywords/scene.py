"""What the sentences of one suite file about the registry share: its users, all that was asked, and all that was seen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from isolation.drive.load.engine import ConnectOptions, Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record import Direction, Frame, Operation, ProcessRef
from isolation.record.asked import RequestRecord
from isolation.record.holdings import Cycle, Holdings
from isolation.record.received_events import ReceivedEvent
from isolation.record.registry.actions import RegistryAction
from robot_support import run as runs
from robot_support.deliveries import received_events
from robot_support.scenario import scenario

_WITHIN = 30.0
_NOTE = "registry"


@dataclass(slots=True)
class Scene:
    """The registry scenario that runs.

    Attributes:
        users: The users, each with one session; some are colleagues: users of one tenant.
        sessions: Every session that was ever opened, by its name; a user may have several.
        asked: Everything that was asked, in the order in which it was asked.
        sightings: What operator and kernel showed of agents.
        frames: Every frame of every session.
        parts: What a sentence asked, for the sentences that judge it.
        counts: What the platform held, by name of the moment.
        cycles: What the platform held in and after each cycle, by name of the cycles.
    """

    users: list[TenantAgent] = field(default_factory=list)
    sessions: dict[str, TenantAgent] = field(default_factory=dict)
    asked: list[RequestRecord] = field(default_factory=list)
    sightings: list[RegistryAction] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    parts: dict[str, list[RequestRecord]] = field(default_factory=dict)
    counts: dict[str, Holdings] = field(default_factory=dict)
    cycles: dict[str, list[Cycle]] = field(default_factory=dict)

    def operations(self, part: str | None = None) -> list[Operation]:
        """What became of everything that was asked, or of what one sentence asked."""
        return [asked.operation for asked in (self.asked if part is None else self.parts[part])]


def scene() -> Scene:
    """The registry scenario that runs; a new one in each suite file."""
    found = scenario().notes.setdefault(_NOTE, Scene())
    assert isinstance(found, Scene)
    return found


def ask(requests: Sequence[Request], part: str = "", within: float = _WITHIN) -> list[RequestRecord]:
    """Make requests, all at the same time, and wait for their ends.

    Args:
        requests: The requests.
        part: Under which name they are kept for later sentences.
        within: Seconds to wait.
    """
    operations = runs.current().engine.call("ask", list(requests), within, timeout=within + 15)
    return keep([RequestRecord(one.arguments, o) for one, o in zip(requests, operations, strict=True)], part)


def ask_everybody(kind: str, part: str = "", /, **arguments: object) -> list[RequestRecord]:
    """Let every user ask the same, all at the same time; see ``ask``."""
    return ask([Request(user.name, kind, dict(arguments)) for user in scene().users], part)


def keep(asked: list[RequestRecord], part: str = "") -> list[RequestRecord]:
    """Keep what was asked, for the judges of the whole file and of one sentence."""
    scene().asked.extend(asked)
    if part:
        scene().parts.setdefault(part, []).extend(asked)
    return asked


def connect(agents: Iterable[TenantAgent], at_once: int = 25) -> list[TenantAgent]:
    """Open sessions; those that opened are returned, the others show in the report of connections."""
    wanted = list(agents)
    scenario().openings.extend(runs.current().manager.connect(wanted, ConnectOptions(at_once=at_once)))
    scene().sessions.update({agent.name: agent for agent in wanted})
    known = {agent.name for agent in runs.current().manager.connected}
    return [agent for agent in wanted if agent.name in known]


def another_session(agent: TenantAgent, label: str) -> TenantAgent:
    """A further session of the same user, under a name of its own; it is not connected yet.

    The name is part of the correlation ids, so it holds what these may hold.
    """
    return replace(agent, name=f"{agent.name}-{label.replace(' ', '-')}")


def session_id(name: str) -> str:
    """The platform's own id of a session that was opened under this name."""
    found = [one.opening for one in scenario().openings if one.name == name and one.opening is not None]
    return found[-1].session_id if found else ""


def frames() -> list[Frame]:
    """Every frame of the scenario so far."""
    scene().frames.extend(runs.current().engine.call("take_frames"))
    return scene().frames


def events() -> list[ReceivedEvent]:
    """Every event that any session of the scenario received so far."""
    return received_events(runs.current().target, frames())


def count(of: Iterable[TenantAgent] | None = None) -> Holdings:
    """Count what the platform holds now.

    Args:
        of: Whose rows, keys and files are counted; everybody's when not given.
    """
    tenants = sorted({agent.tenant_id for agent in (scenario().tenants if of is None else of)})
    found = runs.current().monitor.call("holdings", tenants)
    assert isinstance(found, Holdings)
    return found


def processes() -> dict[str, ProcessRef]:
    """Which process runs which agent of the scenario now, by the operator's word."""
    users = {agent.user_id for agent in scenario().tenants}
    return {ref.agent: ref for ref in runs.current().monitor.call("processes") if ref.user in users}


def result(asked: RequestRecord) -> dict[str, object]:
    """The body of an answer; empty without one."""
    return asked.operation.kept


def name_of(user_id: str) -> str:
    """How scenarios call the user of that id."""
    return next((agent.name for agent in scenario().tenants if agent.user_id == user_id), user_id)


def use_agents(sessions: Sequence[TenantAgent], agents: dict[str, str], part: str) -> None:
    """Let sessions use their user's agent; sessions are called after the user's first one."""
    owner = {user.user_id: user.name for user in scene().users}
    requests = [Request(one.name, "execute", {"agent": agents[owner[one.user_id]], "work": "noop"}) for one in sessions]
    ask(requests, part)


def messages() -> list[tuple[str, dict[str, object]]]:
    """Every JSON object that any session received, with the session's name."""
    return [
        (frame.session, json.loads(frame.data))
        for frame in frames()
        if frame.direction is Direction.RECEIVED and frame.kind == "message"
    ]
