"""Which sockets came with the users (CS-4), and who has something to be replayed (AR-12)."""

from __future__ import annotations

import pytest

from isolation.record.facts import Fact
from isolation.scenarios.concurrent_startup.connections import _beyond
from isolation.scenarios.registry.acts.connections import _with_something_missed, ended_otherwise

OPERATOR, OLD, USER = "socket of 127.0.0.1:1", "socket of 127.0.0.1:2", "socket of 127.0.0.1:3"


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        ({OPERATOR}, {OPERATOR}, 0),
        ({OPERATOR}, {OPERATOR, USER}, 1),
        ({OPERATOR, OLD}, {OPERATOR, USER}, 1),  # as many as before, and yet one is left
        (set(), set(), 0),
        (None, {USER}, None),
        ({USER}, None, None),
    ],
)
def test_sockets_are_told_apart(before: set[str] | None, after: set[str] | None, left: int | None) -> None:
    found = [None if one is None else frozenset(one) for one in (before, after)]
    assert _beyond(found[0], found[1]) == left


def whole(shown: object) -> Fact:
    return Fact("tenant-01", "the events", ["a", "b"], shown)


def order(shown: object) -> Fact:
    return Fact("tenant-01", "whether in order", True, shown)


def test_who_missed_nothing_needs_no_replay_but_somebody_has_to_be_seen() -> None:
    all_there, replayed, lost = (
        (whole(["a", "b"]), order(None)),
        (whole(["a", "b"]), order(True)),
        (whole(["a"]), order(None)),
    )
    assert order(None) not in _with_something_missed([all_there, replayed])
    assert order(None) in _with_something_missed([all_there, all_there])
    assert order(None) in _with_something_missed([replayed, lost])


def test_work_that_ended_with_an_error_of_its_own_missed_nothing() -> None:
    promised = ["started", "thinking", "completed"]

    def whole(*kinds: str) -> Fact:
        return Fact("tenant-01", "the events", promised, list(kinds))

    assert ended_otherwise(whole("started", "thinking", "error"))
    assert not ended_otherwise(whole("started", "thinking"))
    assert not ended_otherwise(whole("started", "error", "thinking", "completed"))
    assert not ended_otherwise(whole("started", "completed"))
    assert not ended_otherwise(whole(*promised))
    order = Fact("tenant-01", "order", True, True)
    assert _with_something_missed([(whole("started", "thinking", "error"), order), (whole(*promised), order)]) == [
        whole(*promised),
        order,
    ]
