"""Events of a request: all of them, once each, in the promised order."""

from __future__ import annotations

import pytest

from isolation.judge.traffic.event_order import judge_event_order
from isolation.record import Measurement, Outcome, Verdict
from isolation.record.traffic.received_events import ReceivedEvent
from unit.judge.judge_histories import operation

EXPECTED = ["started", "thinking", "tool", "completed"]


def judged(kinds: list[str], session: str = "s-1", correlation_id: str = "c-1") -> Measurement:
    events = [
        ReceivedEvent(session, "acme-01", "acme-01-user", correlation_id, number, kind, float(number))
        for number, kind in enumerate(kinds, 1)
    ]
    return judge_event_order("AR-11", [operation()], events, EXPECTED)


def test_all_events_in_order_pass() -> None:
    found = judged(EXPECTED)
    assert (found.verdict, found.samples) == (Verdict.PASS, 1)


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        (["started", "tool", "thinking", "completed"], "'tool' came before 'thinking'"),
        (["started", "thinking", "completed"], "'tool' never came"),
        (["started", "thinking", "tool", "tool", "completed"], "'tool' came 1 x too often"),
        ([], "never came"),
    ],
)
def test_moved_lost_and_doubled_events_fail_and_are_named(kinds: list[str], words: str) -> None:
    found = judged(kinds)
    assert (found.verdict, found.tenants) == (Verdict.FAIL, ("acme-01",))
    assert words in found.reason


def test_events_at_another_session_or_of_another_request_do_not_count() -> None:
    assert judged(EXPECTED, session="s-2").verdict is Verdict.FAIL
    assert judged(EXPECTED, correlation_id="c-2").verdict is Verdict.FAIL


def test_no_answered_request_fails() -> None:
    no_evidence = [operation(outcome=Outcome.TIMED_OUT, latency=None)]
    assert judge_event_order("AR-11", no_evidence, [], EXPECTED).verdict is Verdict.FAIL
