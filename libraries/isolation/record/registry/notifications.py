"""What subscribers had to be told, and what they were told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification that a session received.

    Attributes:
        session: The session's name.
        topic: The subscription that it belongs to.
        number: Its number within the subscription.
        of: The kind of event that it tells of.
        agent: The agent that the event was of.
    """

    session: str
    tenant: str
    topic: str
    number: int
    of: str
    agent: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one subscription had to be told.

    Attributes:
        session: The session that subscribed.
        topic: What it subscribed to.
        expected: The (kind of event, agent) that it had to be told of, in order.
    """

    session: str
    tenant: str
    topic: str
    expected: tuple[tuple[str, str], ...]
