"""Whatever an operator's interface answers: good entries are read, bad ones are named and skipped, and the watch goes on."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import Any

import pytest

from isolation.drive.watch.reports import notes
from isolation.drive.watch.reports.entries import each, read_event, read_usage
from isolation.drive.watch.reports.notes import Notebook, keep_going
from isolation.record import OperatorUsage, PlatformEvent
from isolation.record.usage.watch_notes import Trouble, unwatched

ALERT: dict[str, Any] = {
    "sequence": 7, "at": 1.0, "kind": "noisy_tenant", "tenant": "t-1", "agent": "agt", "resource": "cpu", "detail": {"cpu": 99.5},
}  # fmt: skip
USAGE: dict[str, Any] = {
    "tenant": "t-1", "cpu_percent": 3.5, "memory_bytes": 100, "database_connections": 2, "contained": False, "messages": 4,
}  # fmt: skip
NAMES = {"t-1": "tenant-01"}
HOSTILE: list[Any] = [
    None, True, "", "x" * 1_000_000, "\ud800", "\x1b]0;owned\x07", 10**400, -(10**400), float("nan"), float("inf"), 1e400,
    [], {}, [[[[]]]], {"a": {"b": "c" * 100_000}}, 0.5, -1,
]  # fmt: skip


def events(answer: object, notebook: Notebook) -> list[PlatformEvent]:
    return list(each(answer, "alerts", notebook, lambda entry: read_event(entry, "alert", 1.0, NAMES, {})))


def usages(answer: object, notebook: Notebook) -> list[OperatorUsage]:
    return list(each(answer, "usage", notebook, lambda entry: read_usage(entry, 1.0, NAMES)))


def spoilt(rng: random.Random, good: dict[str, Any]) -> Any:
    """A good entry with one thing wrong with it, or no entry at all."""
    if rng.random() < 0.15:
        return rng.choice(HOSTILE)
    entry = dict(good)
    name = rng.choice(list(entry))
    if rng.random() < 0.2:
        del entry[name]
    else:
        entry[name] = rng.choice(HOSTILE)
    return entry


@pytest.mark.parametrize("seed", range(40))
def test_good_entries_among_bad_ones_are_all_read(seed: int) -> None:
    rng, notebook = random.Random(seed), Notebook()
    good = [{**ALERT, "sequence": 1000 + n, "kind": "good"} for n in range(20)]
    answer = [*good, *(spoilt(rng, ALERT) for _ in range(60))]
    rng.shuffle(answer)
    found = events(answer, notebook)
    assert {event.sequence for event in found if event.kind == "good"} == {1000 + n for n in range(20)}
    for event in found:
        assert all(len(text) <= 200 and text.isprintable() for text in (event.kind, event.tenant, event.agent))
        assert len(repr(event.detail)) < 20_000
    used = [USAGE] * 20 + [spoilt(rng, USAGE) for _ in range(60)]
    assert len(usages(used, notebook)) >= 20
    for note in notebook.since(0.0):
        assert note.kind is Trouble.SKIPPED and len(note.words) <= 200 and note.words.isprintable()


def test_a_skipped_entry_is_named_with_its_fault() -> None:
    notebook = Notebook()
    assert events([{**ALERT, "sequence": 10**400}], notebook) == []
    (note,) = notebook.since(0.0)
    assert note.source == "alerts" and "'sequence' is out of every range" in note.words


def test_the_same_trouble_again_is_counted() -> None:
    notebook = Notebook()
    for _ in range(50):
        usages([{**USAGE, "cpu_percent": "much"}], notebook)
    (note,) = notebook.since(0.0)
    assert note.times == 50


@pytest.mark.parametrize("answer", [None, 5, "text", {"tenant": "t-1"}])
def test_an_answer_that_is_no_list_is_a_failed_round(answer: object) -> None:
    with pytest.raises(ValueError, match="no list"):
        events(answer, Notebook())


@pytest.mark.asyncio
async def test_a_reader_that_raises_is_started_again_and_the_gap_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "_PAUSE_S", 0.01)
    notebook, rounds = Notebook(), 0

    async def one_round() -> None:
        nonlocal rounds
        rounds += 1
        if 2 <= rounds <= 4:
            raise RuntimeError("\x1b[31mout of\nluck")

    task = asyncio.create_task(keep_going("alerts", notebook, 0.01, one_round))
    while rounds < 8:
        await asyncio.sleep(0.01)
    task.cancel()
    (gap,) = notebook.since(0.0)
    assert gap.kind is Trouble.GAP and gap.until is not None and gap.until > gap.at
    assert gap.words.isprintable()
    assert unwatched([gap], ["alerts"], gap.at, gap.until) == ""  # so short a gap loses nothing
    long = replace(gap, until=gap.at + 10)
    assert "alerts: RuntimeError" in unwatched([long], ["alerts"], gap.at, gap.at + 10)
    assert unwatched([long], ["usage"], gap.at, gap.at + 10) == ""
    assert unwatched([long], ["alerts"], gap.at + 11, gap.at + 12) == ""


@pytest.mark.asyncio
async def test_a_gap_that_lasts_is_open() -> None:
    notebook = Notebook()

    async def one_round() -> None:
        raise ValueError("no")

    task = asyncio.create_task(keep_going("samples", notebook, 0.01, one_round))
    while not notebook.since(0.0):
        await asyncio.sleep(0.01)
    task.cancel()
    (gap,) = notebook.since(0.0)
    assert gap.until is None and gap.overlaps(gap.at + 1000, gap.at + 2000)
