"""Events: to their session, once, all, in order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from isolation.judge.traffic.routing import judge_connections, judge_routing
from isolation.record import Comparison, Limit, Measurement, Operation, Outcome, Verdict
from isolation.record.concurrent_startup.connections import Connection
from isolation.record.measurements import worst
from isolation.record.traffic.received_events import ReceivedEvent
from unit.judge.judge_histories import by_metric, operation

EXACT = Limit(value=100, unit="%", comparison=Comparison.EXACTLY, source="test")
NONE = Limit(value=0, unit="connections", comparison=Comparison.EXACTLY, source="test")
FINAL = ["agent_completed", "agent_error"]
ONCE = ["agent_started"]


def asked(tenant: str, *ids: str) -> list[Operation]:
    return [operation(tenant, session=f"s-{tenant}", correlation_id=each) for each in ids]


def arrived(tenant: str, *events: tuple[int, str, str]) -> list[ReceivedEvent]:
    return [
        ReceivedEvent(f"s-{tenant}", tenant, f"{tenant}-user", correlation_id, sequence, kind, float(sequence))
        for sequence, correlation_id, kind in events
    ]


GOOD = [
    (1, "", "welcome"),
    (2, "a1", "agent_started"),
    (3, "a1", "agent_completed"),
    (4, "", "heartbeat"),
    (5, "a2", "agent_started"),
    (6, "a2", "agent_completed"),
]
OTHER = [(1, "", "welcome"), (2, "b1", "agent_started"), (3, "b1", "agent_completed")]
ASKED = [*asked("a", "a1", "a2"), *asked("b", "b1")]


def routed(a: list[tuple[int, str, str]], b: list[tuple[int, str, str]] | None = None) -> list[Measurement]:
    events = [*arrived("a", *a), *arrived("b", *(OTHER if b is None else b))]
    return judge_routing("CS-4", ASKED, events, FINAL, ONCE, EXACT)


def failed(found: list[Measurement]) -> set[str]:
    return {m.metric for m in found if m.verdict is Verdict.FAIL}


def test_events_that_arrive_as_they_should_pass_with_100_percent() -> None:
    found = routed(GOOD)
    assert worst(found) is Verdict.PASS
    assert by_metric(found, "accuracy").value == 100


def test_interleaved_operations_are_in_order() -> None:
    mixed = [(1, "a1", "agent_started"), (2, "a2", "agent_started"), (3, "a2", "agent_completed")]
    assert worst(routed([*mixed, (4, "a1", "agent_completed")])) is Verdict.PASS


def test_an_event_of_another_user_is_misrouted_and_names_both() -> None:
    found = routed(GOOD, [*OTHER, (4, "a1", "agent_thinking")])
    assert failed(found) == {"routing accuracy", "misrouted events"}
    assert set(by_metric(found, "misrouted").tenants) == {"a", "b"}
    assert "was asked for by 'a'" in by_metric(found, "misrouted").reason


def test_an_event_that_nobody_asked_for_is_misrouted() -> None:
    assert "misrouted events" in failed(routed([*GOOD, (7, "zz", "agent_thinking")]))


def test_a_final_event_that_went_astray_is_lost_to_its_owner_as_well() -> None:
    found = routed([*GOOD[:5], (6, "", "heartbeat")], [*OTHER, (4, "a2", "agent_completed")])
    assert failed(found) == {"routing accuracy", "misrouted events", "lost events"}


@pytest.mark.parametrize(
    "extra",
    [(3, "a1", "agent_completed"), (7, "a1", "agent_completed"), (7, "a1", "agent_error"), (6, "", "heartbeat")],
)
def test_an_event_that_comes_again_is_duplicated(extra: tuple[int, str, str]) -> None:
    assert "duplicated events" in failed(routed([*GOOD, extra]))


def test_a_kind_that_occurs_once_is_duplicated_when_it_comes_twice() -> None:
    twice = [*GOOD[:2], (3, "a1", "agent_started"), (4, "a1", "agent_completed")]
    assert "duplicated events" in failed(routed([*twice, (5, "a2", "agent_completed")]))


def test_a_gap_and_a_missing_final_event_are_lost() -> None:
    assert failed(routed([event for event in GOOD if event[0] != 4])) == {"routing accuracy", "lost events"}
    found = routed(GOOD[:5])
    assert failed(found) == {"routing accuracy", "lost events"}
    assert "'a2'" in by_metric(found, "lost").reason


def test_events_in_the_wrong_order_are_reordered() -> None:
    swapped = [GOOD[0], GOOD[2], GOOD[1], *GOOD[3:]]
    assert "reordered events" in failed(routed(swapped))
    after_the_end = [*GOOD, (7, "a1", "agent_thinking")]
    assert failed(routed(after_the_end)) == {"routing accuracy", "reordered events"}


def test_one_fault_in_a_thousand_events_is_enough() -> None:
    ids = [f"a{number}" for number in range(1000)]
    events = arrived("a", *((number + 1, each, "agent_completed") for number, each in enumerate(ids)))
    good = judge_routing("CS-4", asked("a", *ids), events, FINAL, ONCE, EXACT)
    bad = judge_routing("CS-4", asked("a", *ids), events[:-1], FINAL, ONCE, EXACT)
    assert (worst(good), worst(bad)) == (Verdict.PASS, Verdict.FAIL)
    assert by_metric(bad, "accuracy").value == pytest.approx(99.9)


def test_a_target_without_numbers_is_still_judged() -> None:
    bare = [(0, each, kind) for _, each, kind in GOOD]
    assert worst(routed(bare, [(0, each, kind) for _, each, kind in OTHER])) is Verdict.PASS


def test_nothing_received_fails_and_unsent_operations_are_not_lost() -> None:
    unanswered = judge_routing("CS-4", ASKED, [], FINAL, ONCE, EXACT)
    assert by_metric(unanswered, "accuracy").verdict is Verdict.FAIL
    assert by_metric(unanswered, "lost").value == 3
    assert {m.verdict for m in judge_routing("CS-4", [], [], FINAL, ONCE, EXACT)} == {Verdict.FAIL}
    unsent = replace(ASKED[0], correlation_id="a9", outcome=Outcome.NOT_SENT, sent_at=None)
    events = [*arrived("a", *GOOD), *arrived("b", *OTHER)]
    assert worst(judge_routing("CS-4", [*ASKED, unsent], events, FINAL, ONCE, EXACT)) is Verdict.PASS


HELD = [Connection(f"s-{number}", f"acme-{number}", True, False, 1000) for number in range(100)]


def connections(*changed: Connection) -> list[Measurement]:
    return judge_connections("CS-4", [*HELD[: 100 - len(changed)], *changed], 100, NONE, NONE)


def test_held_and_cleanly_closed_connections_pass() -> None:
    assert worst(connections()) is Verdict.PASS


@pytest.mark.parametrize(
    ("bad", "metric"),
    [
        (replace(HELD[0], dropped=True, close_code=1006), "dropped"),
        (replace(HELD[0], opened=False), "did not open"),
        (replace(HELD[0], close_code=None), "cleanly"),
        (replace(HELD[0], close_code=1011), "cleanly"),
    ],
)
def test_dropped_missing_and_uncleanly_closed_connections_fail(bad: Connection, metric: str) -> None:
    found = connections(bad)
    assert by_metric(found, metric).verdict is Verdict.FAIL
    assert by_metric(found, metric).tenants == ("acme-0",)
    assert judge_connections("CS-4", [], 100, NONE, NONE)[0].verdict is Verdict.FAIL


def test_an_event_that_was_dropped_before_it_was_numbered_is_lost() -> None:
    due = {ASKED[0].kind: ("agent_started", "agent_thinking", "agent_completed")}
    thought = [(1, "a1", "agent_started"), (2, "a1", "agent_thinking"), (3, "a1", "agent_completed")]
    events = arrived("a", *thought, (4, "a2", "agent_started"), (5, "a2", "agent_completed"))
    found = judge_routing("CS-4", ASKED[:2], events, FINAL, ONCE, EXACT, due)
    assert failed(found) == {"routing accuracy", "lost events"}
    assert "'agent_thinking' of 'a2' never came" in by_metric(found, "lost").reason


def test_with_equal_ids_an_event_of_another_users_agent_is_misrouted_and_names_both() -> None:
    sent = [*asked("a", "1"), *asked("b", "1")]
    started = [(1, "1", "agent_started"), (2, "1", "agent_thinking")]
    mine = [replace(event, agent="agent of a") for event in arrived("a", *started)]
    other = [replace(event, agent="agent of b") for event in arrived("b", *started, (3, "1", "agent_completed"))]
    stray = [replace(event, agent="agent of b") for event in arrived("a", (3, "1", "agent_completed"))]
    found = judge_routing("CS-4", sent, [*mine, *stray, *other], FINAL, ONCE, EXACT)
    assert failed(found) == {"routing accuracy", "misrouted events", "lost events"}
    assert (
        "'agent_completed' number 3 of '1' at 'a-user' belongs to an agent of 'b'"
        in by_metric(found, "misrouted").reason
    )


def test_numbers_that_a_platform_makes_up_cost_neither_time_nor_memory() -> None:
    found = routed([*GOOD, (2**62, "", "heartbeat")])
    lost = by_metric(found, "lost")
    assert failed(found) == {"routing accuracy", "lost events"}
    assert f"numbers 7 to {2**62 - 1} never came at 'a-user'" in lost.reason and lost.value == 1


def test_a_session_may_use_the_ids_of_others() -> None:
    asked_by_all = [one for tenant in "abc" for one in asked(tenant, "1")]
    events = [event for tenant in "abc" for event in arrived(tenant, (1, "1", "agent_completed"))]
    assert worst(judge_routing("CS-4", asked_by_all, events, FINAL, ONCE, EXACT)) is Verdict.PASS
