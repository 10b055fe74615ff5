"""What nobody watched all the time does not pass."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from isolation.judge.rules.verdicts import judged, zero
from isolation.judge.rules.watch_gaps import weigh_watch
from isolation.record import Measurement, PlatformEvent, Verdict
from isolation.record.usage.watch_notes import Trouble, WatchNote

LIMIT = zero("test")
GOOD, BAD = (judged("RI-5", "named innocents", value, LIMIT, 5, "so many") for value in (0.0, 1.0))


@dataclass
class Record:
    began_at: float = 100.0
    ended_at: float = 160.0
    events: list[PlatformEvent] = field(default_factory=list)
    notes: list[WatchNote] = field(default_factory=list)


def verdicts(*notes: WatchNote) -> list[Verdict]:
    found: list[Measurement] = weigh_watch([GOOD, BAD], Record(notes=list(notes)))
    return [measurement.verdict for measurement in found]


@pytest.mark.parametrize(
    "note",
    [
        WatchNote(120.0, Trouble.GAP, "alerts", "TimeoutError", 130.0),
        WatchNote(150.0, Trouble.GAP, "audit", "TimeoutError", None),
        WatchNote(134.0, Trouble.ENDED, "platform", "signal 9 (SIGKILL)", 134.0),
        WatchNote(134.0, Trouble.SKIPPED, "alerts", "an entry was skipped", 134.0),
    ],
)
def test_a_gap_takes_the_pass_away_and_leaves_the_fail(note: WatchNote) -> None:
    assert verdicts(note) == [Verdict.INCONCLUSIVE, Verdict.FAIL]
    assert note.words in weigh_watch([GOOD], Record(notes=[note]))[0].reason


@pytest.mark.parametrize(
    "note",
    [
        WatchNote(120.0, Trouble.GAP, "alerts", "for a moment", 122.0),
        WatchNote(20.0, Trouble.GAP, "alerts", "long before", 90.0),
        WatchNote(120.0, Trouble.GAP, "samples", "not what this record is made of", 150.0),
        WatchNote(120.0, Trouble.REFUSED, "agents", "a process that does not count", 150.0),
    ],
)
def test_what_loses_nothing_changes_nothing(note: WatchNote) -> None:
    assert verdicts(note) == [Verdict.PASS, Verdict.FAIL]


def test_a_record_without_a_watch_is_left_alone() -> None:
    assert weigh_watch([GOOD], object())[0].verdict is Verdict.PASS
