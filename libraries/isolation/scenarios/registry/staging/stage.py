"""Where an experiment on the registry plays: its users, their sessions, all that was asked, and all that was seen."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from isolation.drive.load.engine import ConnectOptions, Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record import Frame, Operation, ProcessRef
from isolation.record.registry.actions import RegistryAction
from isolation.record.tenants import TenantNames
from isolation.record.traffic.asked import RequestRecord
from isolation.record.traffic.received_events import ReceivedEvent
from isolation.scenarios.api import Api, NotExamined, NotOffered
from isolation.scenarios.concurrent_startup.received_events import final_kinds, received_events
from isolation.scenarios.registry.staging.histories import AT_WORK, actions_of, agent_id, sighting, sights_of
from isolation.target.agent_terms import AgentTerms, agent_terms
from isolation.target.words import Kept, OperatorOperation, RequestKind

_COLLEAGUES = 3
"""Every third user is a colleague: a second user of the tenant before, the closest stranger that there is."""
_AT_ONCE = 25


@dataclass(slots=True)
class Stage:
    """One experiment's users and what became of them.

    Attributes:
        api: Access to the platform.
        terms: The platform's words for agents.
        users: The users, each with one session.
        sessions: Every session that was ever opened, by its name; a user may have several.
        requests: Everything that was asked, in the order in which it was asked.
        sightings: What operator and kernel showed of agents.
        frames: Every frame of every session.
        equal_ids: Whether all sessions count their requests from the same number, as real clients do: ids that are unique over all
            tenants hide answers that are routed by the id of their request alone.
    """

    api: Api
    terms: AgentTerms
    users: list[TenantAgent] = field(default_factory=list)
    sessions: dict[str, TenantAgent] = field(default_factory=dict)
    requests: list[RequestRecord] = field(default_factory=list)
    sightings: list[RegistryAction] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    equal_ids: bool = False
    _events: list[ReceivedEvent] = field(default_factory=list)
    _read: int = 0

    # --- people -------------------------------------------------------------------------------------------------------

    def connect(self, agents: Iterable[TenantAgent], *, own_ids: bool = False) -> list[TenantAgent]:
        """Open sessions; those that opened are returned.

        Args:
            agents: The sessions.
            own_ids: Whether their requests have ids that no other session uses, whatever the others do.
        """
        wanted = list(agents)
        opened = self.api.connect(wanted, ConnectOptions(at_once=_AT_ONCE, equal_ids=self.equal_ids and not own_ids))
        self.sessions.update({agent.name: agent for agent in wanted})
        return [agent for agent, one in zip(wanted, opened, strict=True) if one.opening is not None]

    def disconnect(self, agents: Sequence[TenantAgent], gracefully: bool = True) -> None:
        """Close sessions, with a close frame or by dropping the connection."""
        self.api.manager.disconnect(list(agents), gracefully)

    def session_id(self, name: str) -> str:
        """The platform's own id of a session that was opened under this name."""
        openings = [one.opening for one in self.api.openings if one.name == name and one.opening is not None]
        return openings[-1].session_id if openings else ""

    @property
    def sees_agents(self) -> bool:
        """Whether the operator API shows agents."""
        return OperatorOperation.AGENTS in self.api.target.operator

    @property
    def names(self) -> dict[str, str]:
        """How scenarios call the users, by their ids."""
        return {user.user_id: user.name for user in self.api.users}

    def pairs(self) -> list[tuple[TenantAgent, TenantAgent]]:
        """Every user with the next one, who tries to reach its things; every third pair are colleagues."""
        return list(zip(self.users, [*self.users[1:], self.users[0]], strict=True))

    # --- requests -----------------------------------------------------------------------------------------------------

    def offers(self, *kinds: RequestKind) -> bool:
        """Whether the target has all of these requests."""
        return all(kind in self.api.target.requests for kind in kinds)

    def ask(self, requests: Sequence[Request], part: str = "") -> list[RequestRecord]:
        """Make requests, all at the same time, and wait for their ends.

        Args:
            part: The part of the experiment to which they belong.
        """
        operations = self.api.engine.ask(list(requests), self.api.crowd_patience_s)
        return self.keep([RequestRecord(r.arguments, o) for r, o in zip(requests, operations, strict=True)], part)

    def everybody(self, kind: RequestKind, part: str = "", /, **arguments: object) -> list[RequestRecord]:
        """Let every user ask the same, all at the same time; see ``ask``."""
        return self.ask([Request(user.name, kind, dict(arguments)) for user in self.users], part)

    def keep(self, requests: Sequence[RequestRecord], part: str = "") -> list[RequestRecord]:
        """Keep what was asked, under the name of its user, whichever session it came from."""
        names = self.names
        named = [replace(r, operation=_of_user(r.operation, names, part)) for r in requests]
        self.requests.extend(named)
        return named

    def part(self, name: str) -> list[RequestRecord]:
        """What was asked in one part of the experiment."""
        return [request for request in self.requests if request.operation.block == name]

    # --- what is seen -------------------------------------------------------------------------------------------------

    def take_frames(self) -> list[Frame]:
        """Every frame so far."""
        self.frames.extend(self.api.engine.take_frames())
        return self.frames

    def events(self) -> list[ReceivedEvent]:
        """Every event that any session received so far."""
        names, new = self.names, self.take_frames()[self._read :]
        self._read += len(new)
        seen = received_events(self.api.target, new)
        self._events += [replace(event, tenant=names.get(event.user, event.tenant)) for event in seen]
        return self._events

    def processes(self) -> dict[str, ProcessRef]:
        """Which process runs which agent of the experiment's users now, as reported by the operator API."""
        users = {user.user_id for user in self.api.users}
        return {ref.agent: ref for ref in self.api.monitor.processes() if ref.user in users}

    def operator_agents(self) -> list[dict[str, object]]:
        """What the operator API shows of the agents of the experiment's users; each is a sighting, too."""
        began = time.monotonic()
        shown = self.terms.rows(self.api.monitor.operator(OperatorOperation.AGENTS)) or []
        ended, names = time.monotonic(), self.names
        own = [row for row in shown if str(row.get(Kept.USER)) in names]
        for row in own:
            user = str(row[Kept.USER])
            seen = sighting(names[user], user, str(row.get(Kept.AGENT)), (began, ended), "operator", there=True)
            self.sightings.append(seen)
        return own

    # --- the record ---------------------------------------------------------------------------------------------------

    def base(self) -> dict[str, Any]:
        """The fields of ``RegistryRecord``."""
        events, work = self.events(), tuple(self.api.target.words.events)
        history = [action for request in self.requests for action in actions_of(request, self.terms)]
        return {
            "tenants": TenantNames(tuple(user.name for user in self.users)),
            "operations": [request.operation for request in self.requests],
            "history": [*history, *self.sightings, *sights_of(events, self.names)],
            "events": list(events),
            "final_kinds": final_kinds(self.api.target),
            "work_kinds": work,
            "due": {str(kind): work for kind in AT_WORK} if work else {},
        }


@contextmanager
def stage(api: Api, count: int, *, equal_ids: bool = False) -> Iterator[Stage]:
    """Users with one session each, of whom every frame is kept; every third one is a colleague of the one before.

    Raises:
        NotExamined: Not all of them could be connected.
        NotOffered: The target file does not say how agents are made and used.
    """
    terms = agent_terms(api.target)
    if not terms.idle_work or not terms.types:
        raise NotOffered(
            "The target file names no agent types, or no work that does nothing ('words', 'agent_types' and 'work')."
        )
    opened = Stage(api, terms, equal_ids=equal_ids)
    api.engine.record_frames(True)
    try:
        api.engine.take_frames()
        wanted: list[TenantAgent] = []
        for number in range(count):
            colleague = number % _COLLEAGUES == _COLLEAGUES - 1
            wanted += [api.add_user(wanted[-1])] if colleague else api.make(1)
        opened.users = opened.connect(wanted)
        if len(opened.users) < count:
            first = next(one.reason for one in api.openings if one.opening is None)
            raise NotExamined(f"only {len(opened.users)} of {count} users of the registry could be connected: {first}")
        yield opened
    finally:
        api.engine.record_frames(False)
        api.engine.take_frames()


def another_session(agent: TenantAgent, label: str) -> TenantAgent:
    """A further session of the same user, under a name of its own; it is not connected yet.

    The name is part of the correlation ids, so it holds what these may hold.
    """
    return replace(agent, name=f"{agent.name}-{label.replace(' ', '-')}")


def made_agents(requests: Iterable[RequestRecord]) -> list[RequestRecord]:
    """The requests that made an agent and said which."""
    return [one for one in requests if one.operation.kind == RequestKind.AGENT_CREATE and agent_id(one)]


def _of_user(operation: Operation, names: dict[str, str], part: str) -> Operation:
    return replace(operation, tenant=names.get(operation.user, operation.tenant), block=part)
