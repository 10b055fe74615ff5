"""Notifications: what was subscribed to, numbered, in order, and nothing else."""

from __future__ import annotations

import pytest

from isolation.judge.traffic.notifications import judge_notifications
from isolation.record import Verdict
from isolation.record.registry.notifications import Notification, Subscription

TOPIC = "agent:x"
DUE = Subscription("ann-2", "ann", TOPIC, (("started", "x"), ("completed", "x")))


def told(number: int, of: str, session: str = "ann-2", topic: str = TOPIC, agent: str = "x") -> Notification:
    return Notification(session, session, topic, number, of, agent)


GOOD = [told(1, "started"), told(2, "completed")]


def test_what_was_subscribed_to_passes() -> None:
    assert [one.verdict for one in judge_notifications("AR-10", [DUE], GOOD)] == [Verdict.PASS, Verdict.PASS]


@pytest.mark.parametrize(
    "heard",
    [
        [],
        GOOD[:1],
        [told(1, "completed"), told(2, "started")],
        [told(1, "started"), told(3, "completed")],
        [told(2, "started"), told(3, "completed")],
        [*GOOD, told(3, "completed")],
        [told(1, "started"), told(2, "completed", agent="y")],
    ],
)
def test_lost_moved_misnumbered_and_foreign_notifications_fail(heard: list[Notification]) -> None:
    wrong, _ = judge_notifications("AR-10", [DUE], heard)
    assert (wrong.verdict, wrong.tenants) == (Verdict.FAIL, ("ann",))


@pytest.mark.parametrize("stray", [told(1, "started", session="bob-2"), told(1, "started", topic="thread:main")])
def test_a_notification_without_a_subscription_fails(stray: Notification) -> None:
    wrong, strays = judge_notifications("AR-10", [DUE], [*GOOD, stray])
    assert (wrong.verdict, strays.verdict) == (Verdict.PASS, Verdict.FAIL)


def test_nothing_to_be_told_fails() -> None:
    nothing = Subscription("ann-2", "ann", TOPIC, ())
    assert all(one.verdict is Verdict.FAIL for one in judge_notifications("AR-10", [nothing], []))
