"""The record of sessions that come, go and are resumed, and of events and notifications that travel over them (AR-9 to AR-12)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.access.probes import DoorProbe
from isolation.record.experiments import experiment_record
from isolation.record.facts import Fact
from isolation.record.registry.base import RegistryRecord
from isolation.record.registry.notifications import Notification, Subscription
from isolation.record.usage.holdings import Cycle


@experiment_record
@dataclass(slots=True)
class SessionBridgeRecord(RegistryRecord):
    """What was seen; operations and events are those before connections were opened and lost again and again.

    Attributes:
        contexts: What every session says about whose it is, further ones and those after a reconnection too.
        resumptions: Sessions that were cut, resumed by their user and tried by others.
        subscriptions: What each subscription had to be told.
        notifications: What sessions were told.
        wildcards: Whose agents subscribers to everything heard of.
        cycles: What the platform held while connections were open, and after they had ended in different ways.
        replays: What resumed sessions got of what they had missed.
    """

    contexts: list[Fact] = field(default_factory=list)
    resumptions: list[DoorProbe] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)
    wildcards: list[Fact] = field(default_factory=list)
    cycles: list[Cycle] = field(default_factory=list)
    replays: list[Fact] = field(default_factory=list)
