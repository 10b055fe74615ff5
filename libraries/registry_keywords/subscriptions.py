"""AR-10: subscribers are told what they subscribed to."""

from __future__ import annotations

from robot.api.deco import keyword

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.traffic.notifications import judge_notifications
from isolation.record.received_events import ReceivedEvent
from isolation.record.registry.notifications import Notification, Subscription
from registry_keywords import scene
from registry_keywords.histories import agent_id
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.failures import NothingToSay

_SUBSCRIBED = "watched"


class Subscriptions:
    """Second sessions that listen to what first sessions cause."""

    @keyword
    def notifications_should_be_right(self, promise: str) -> None:
        """Second sessions subscribe to an agent or a thread; they should hear what the first sessions cause, and only that.

        A third of the users subscribes to an agent, a third to a thread, a third to nothing; one subscription is ended
        again before the work.

        Args:
            promise: Id of the promise.

        Example:
        | Notifications Should Be Right | AR-10 |
        """
        users = scene.scene().users
        made = scene.ask_everybody("agent_create", agent_type="report", thread=_SUBSCRIBED)
        agents = {one.operation.tenant: agent_id(one) for one in made}
        watchers = scene.connect(scene.another_session(user, "watcher") for user in users)
        topics: dict[str, tuple[TenantAgent, str]] = {}
        for number, (user, watcher) in enumerate(zip(users, watchers, strict=True)):
            topic = (f"agent:{agents[user.name]}", f"thread:{_SUBSCRIBED}", "")[number % 3]
            topics |= {watcher.name: (user, topic)} if topic else {}
        scene.ask([Request(name, "subscribe", {"topic": topic}) for name, (_, topic) in topics.items()], "subscribing")
        ended, (_, topic) = list(topics.items())[-1]
        scene.ask([Request(ended, "unsubscribe", {"topic": topic})], "subscribing")
        del topics[ended]
        for _ in range(2):
            scene.use_agents(users, agents, "watched work")
        scene.ask_everybody("execute", "unwatched work", work="noop", thread="elsewhere")
        # An answer to each watcher comes after everything that was on its way to it.
        scene.ask([Request(watcher.name, "session_info") for watcher in watchers])
        due = [_subscription(watcher, *topics[watcher.name]) for watcher in watchers if watcher.name in topics]
        COLLECTOR.decide(judge_notifications(promise, due, _heard({watcher.name for watcher in watchers})))
        runs.current().manager.disconnect(watchers)


def _subscription(watcher: TenantAgent, cause: TenantAgent, topic: str) -> Subscription:
    """What a watcher has to be told: the events of the watched work that its user's first session received."""
    work = {op.correlation_id: op.agent for op in scene.scene().operations("watched work") if op.session == cause.name}
    events: list[ReceivedEvent] = [one for one in scene.events() if one.session == cause.name]
    expected = tuple((one.kind, work[one.correlation_id]) for one in events if one.correlation_id in work)
    return Subscription(watcher.name, watcher.name, topic, expected)


def _heard(sessions: set[str]) -> list[Notification]:
    """Every notification that these sessions received."""
    words = runs.current().target.frames
    if words.notification is None:
        raise NothingToSay("NOT APPLICABLE: the target file does not say how a subscriber is told ('notification').")
    found = []
    for session, frame in scene.messages():
        if session in sessions and frame.get(words.kind) == words.notification.kind:
            number = frame.get(words.notification.number)
            found.append(
                Notification(
                    session=session,
                    tenant=session,
                    topic=str(frame.get(words.notification.topic)),
                    number=number if isinstance(number, int) else 0,
                    of=str(frame.get(words.notification.of)),
                    agent=str(frame.get(words.agent)),
                )
            )
    return found
