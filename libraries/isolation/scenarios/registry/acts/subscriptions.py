"""Second sessions listen to what first sessions cause: what they have to be told, and what they are told (AR-10)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record import Direction, Frame
from isolation.record.facts import Fact
from isolation.record.registry.notifications import Notification, Subscription
from isolation.scenarios.concurrent_startup.received_events import read_messages
from isolation.scenarios.registry.staging.facts import fact
from isolation.scenarios.registry.staging.histories import agent_id
from isolation.scenarios.registry.staging.stage import Stage, another_session
from isolation.target.needs import Needs
from isolation.target.words import Kept, Meaning, RequestKind

THREAD_EVENTS = Needs(requests=(RequestKind.SUBSCRIBE, RequestKind.UNSUBSCRIBE, RequestKind.AGENT_CREATE))
_WATCHED, _ELSEWHERE = "watched", "elsewhere"
_WORK = "watched work"
_ROUNDS = 2
_EVERYTHING = ("*", "#", ">")
"""How brokers name every topic at once."""


@dataclass(slots=True)
class Heard:
    """What subscribers had to be told, what sessions were told, and whose agents subscribers to everything heard of."""

    due: list[Subscription] = field(default_factory=list)
    told: list[Notification] = field(default_factory=list)
    wildcards: list[Fact] = field(default_factory=list)


def subscribe_and_listen(stage: Stage) -> Heard:
    """A third of the users subscribes to an agent, a third to a thread, a third to nothing; one subscription is ended again.

    Another session of every user asks for everything at once, in the words of brokers.
    """
    if not stage.offers(*(RequestKind(kind) for kind in THREAD_EVENTS.requests)) or not _can_be_read(stage):
        return Heard()
    made = stage.everybody(RequestKind.AGENT_CREATE, agent_type=stage.terms.types[-1], thread=_WATCHED)
    agents = {one.operation.user: agent_id(one) for one in made}
    watchers = stage.connect(another_session(user, "watcher") for user in stage.users)
    greedy = stage.connect(another_session(user, "greedy") for user in stage.users)
    topics = _topics(stage, watchers, agents)
    asked = [Request(name, RequestKind.SUBSCRIBE, {Kept.TOPIC: topic}) for name, topic in topics.items()]
    stage.ask(asked, "subscribing")
    ended, topic = list(topics.items())[-1]
    stage.ask([Request(ended, RequestKind.UNSUBSCRIBE, {Kept.TOPIC: topic})], "subscribing")
    del topics[ended]
    _ask_for_everything(stage, greedy)
    _work(stage, agents)
    # An answer to each watcher comes after everything that was on its way to it.
    stage.ask([Request(watcher.name, RequestKind.PING) for watcher in (*watchers, *greedy)])
    told = list(_told(stage))
    listeners, owners = {watcher.name for watcher in watchers}, {agent: user for user, agent in agents.items()}
    heard = Heard(
        due=[_due(stage, watcher, topics[watcher.name]) for watcher in watchers if watcher.name in topics],
        told=[one for one in told if one.session in listeners],
        wildcards=[_foreign(stage, session, told, owners) for session in greedy],
    )
    stage.disconnect([*watchers, *greedy])
    return heard


def _can_be_read(stage: Stage) -> bool:
    """Whether the target says how a subscriber is told."""
    return any(rule.means is Meaning.NOTIFICATION for rule in stage.api.target.frames)


def _topics(stage: Stage, watchers: list[TenantAgent], agents: dict[str, str]) -> dict[str, str]:
    """What each watching session subscribes to; the third ones subscribe to nothing."""
    terms, topics = stage.terms, {}
    for number, watcher in enumerate(watchers):
        if number % 3 < 2:
            of_agent = number % 3 == 0
            topic = terms.topic_of_agent(agents[watcher.user_id]) if of_agent else terms.topic_of_thread(_WATCHED)
            topics[watcher.name] = topic
    return topics


def _ask_for_everything(stage: Stage, sessions: list[TenantAgent]) -> None:
    """Subscribe to whatever could mean all topics; that it is refused is as right as that it means nothing foreign."""
    terms = stage.terms
    topics = [
        topic for every in _EVERYTHING for topic in (every, terms.topic_of_agent(every), terms.topic_of_thread(every))
    ]
    stage.ask([Request(s.name, RequestKind.SUBSCRIBE, {Kept.TOPIC: t}) for s in sessions for t in topics], "everything")


def _work(stage: Stage, agents: dict[str, str]) -> None:
    idle = stage.terms.idle_work
    for _ in range(_ROUNDS):
        stage.ask(
            [Request(u.name, RequestKind.EXECUTE, {Kept.AGENT: agents[u.user_id], "work": idle}) for u in stage.users],
            _WORK,
        )
    stage.everybody(RequestKind.EXECUTE, "unwatched work", work=idle, thread=_ELSEWHERE)


def _due(stage: Stage, watcher: TenantAgent, topic: str) -> Subscription:
    """What a watcher has to be told: every event that the watched work of its user's first session has to have."""
    work = [r.operation for r in stage.part(_WORK) if r.operation.user == watcher.user_id]
    promised = stage.api.target.words.events
    expected = tuple((kind, operation.agent) for operation in work if operation.answered for kind in promised)
    return Subscription(watcher.name, stage.names[watcher.user_id], topic, expected)


def _told(stage: Stage) -> Iterator[Notification]:
    """Every notification that any session received."""
    for frame, read in read_messages(stage.api.target, stage.take_frames()):
        if read.meaning is Meaning.NOTIFICATION:
            said, number = read.kept, read.kept.get(Kept.NUMBER)
            yield Notification(
                session=frame.session,
                tenant=stage.names.get(frame.user, frame.tenant),
                topic=str(said.get(Kept.TOPIC)),
                number=number if isinstance(number, int) else 0,
                of=str(said.get(Kept.NOTIFICATION_OF)),
                agent=str(said.get(Kept.AGENT)),
            )


def messages(frames: list[Frame]) -> Iterator[tuple[Frame, dict[str, object]]]:
    """Every JSON object that any session received, with its frame."""
    for frame in frames:
        if frame.direction is Direction.RECEIVED and frame.kind == "message":
            said = json.loads(frame.data)
            if isinstance(said, dict):
                yield frame, said


def _foreign(stage: Stage, session: TenantAgent, told: list[Notification], owners: dict[str, str]) -> Fact:
    """Whose agents a session heard of that asked for everything."""
    heard = {owners.get(one.agent, "") for one in told if one.session == session.name} - {session.user_id, ""}
    others = [stage.names.get(user, user) for user in heard]
    tenant = stage.names[session.user_id]
    return fact(tenant, "the other users whose agents a subscriber to everything heard of", [], sorted(others))
