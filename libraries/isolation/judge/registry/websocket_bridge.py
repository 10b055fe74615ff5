"""Sessions belong to their user, subscribers hear what they subscribed to, and connections leave nothing (AR-9, AR-10, AR-12)."""

from __future__ import annotations

from collections.abc import Sequence

from isolation.judge.access.attempts import judge_attempts
from isolation.judge.leaks.left_over import judge_left_over
from isolation.judge.rules.facts import judge_facts
from isolation.judge.traffic.notifications import judge_notifications
from isolation.record import Measurement
from isolation.record.limits import Limits
from isolation.record.registry.websocket_bridge import SessionBridgeRecord


def judge_session_contexts(promise: str, record: SessionBridgeRecord, limits: Limits) -> list[Measurement]:
    """Every session, further ones and those after a reconnection too, is its own user's."""
    return [judge_facts(promise, "sessions with a wrong context", record.contexts)]


def judge_resumptions(promise: str, record: SessionBridgeRecord, limits: Limits) -> list[Measurement]:
    """A session that was cut is resumed by its own user, and by nobody else."""
    return judge_attempts(promise, record.resumptions, limits)


def judge_subscriptions(promise: str, record: SessionBridgeRecord, limits: Limits) -> list[Measurement]:
    """Subscribers are told everything that they subscribed to, in order, and whoever subscribed to nothing is told nothing."""
    return judge_notifications(promise, record.subscriptions, record.notifications)


def judge_wildcards(promise: str, record: SessionBridgeRecord, limits: Limits) -> list[Measurement]:
    """Who asks for everything at once hears of nobody else's agents; that subscribers hear at all is the positive control."""
    return [judge_facts(promise, "subscribers to everything who heard of other users", record.wildcards)]


def judge_closed_connections(
    promise: str, record: SessionBridgeRecord, limits: Limits, *, taken: Sequence[str]
) -> list[Measurement]:
    """After every cycle exactly as much is there as after the first one."""
    heights = [cycle.height.given_back() for cycle in record.cycles]
    rests = [cycle.rest.given_back() for cycle in record.cycles]
    return judge_left_over(promise, heights, rests, taken)


def judge_replays(promise: str, record: SessionBridgeRecord, limits: Limits) -> list[Measurement]:
    """What was missed during a cut was replayed to its user, completely, once and in order."""
    return [judge_facts(promise, "sessions that missed something", record.replays)]
