"""The monitor against an operator API that restarts, repeats itself and forgets: every entry counts once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from isolation.drive.watch import monitor
from isolation.drive.watch.conditions import Reported
from isolation.drive.watch.monitor import ResourceMonitor
from isolation.target.model import Target
from isolation.target.words import Alert, OperatorOperation

pytestmark = pytest.mark.asyncio
TARGET = Target.load(Path(__file__).resolve().parents[3] / "resources" / "targets", "reference_platform")
OWN_WORD = next(own for own, word in TARGET.words.kinds().items() if word == Alert.NOISE)[1]


class Operator:
    """Tells the alerts that it is given, all of them from a sequence number on."""

    alerts: list[dict[str, Any]]
    broken = False
    openings = 1

    def __init__(self, *_: object) -> None:
        type(self).alerts = []

    def offers(self, op: str) -> bool:
        return op in (OperatorOperation.ALERTS, OperatorOperation.AUDIT)

    async def rows(self, op: str, after: int = 0) -> list[dict[str, Any]]:
        if self.broken:
            raise OSError("the door is shut")
        return [one for one in self.alerts if one["sequence"] > after] if op == OperatorOperation.ALERTS else []

    async def close(self) -> None: ...


@asynccontextmanager
async def watching(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ResourceMonitor]:
    monkeypatch.setattr(monitor, "OperatorApi", Operator)
    monkeypatch.setattr(monitor, "_LISTEN_EVERY", 0.005)
    monkeypatch.setattr(monitor, "_WAIT_LOOK", 0.005)
    Operator.openings, Operator.broken = 1, False
    watcher = ResourceMonitor(lambda sentence: None)
    await watcher.watch(TARGET.model_copy(update={"processes": None}), {}, {}, 0.01)
    await watcher.name_tenants({"t-1": "tenant-01"})
    try:
        yield watcher
    finally:
        await watcher.close()


def alert(sequence: int, at: float, tenant: str = "t-1") -> dict[str, Any]:
    return {"sequence": sequence, "at": at, "kind": OWN_WORD, "tenant": tenant, "resource": "cpu"}


def noise_of(tenant: str = "tenant-01") -> Reported:
    return Reported((Alert.NOISE,), (tenant,), 0.0)


async def test_an_alert_that_is_told_again_and_again_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching(monkeypatch) as watcher:
        Operator.alerts = [alert(1, 10.0), alert(2, 11.0)]
        assert await watcher.wait_for(noise_of(), time.monotonic() + 5)
        await asyncio.sleep(0.05)
        assert [(e.tenant, e.word, e.sequence) for e in await watcher.events(0.0)] == [
            ("tenant-01", Alert.NOISE, 1),
            ("tenant-01", Alert.NOISE, 2),
        ]


async def test_a_platform_that_restarted_counts_from_one_and_nothing_is_missed_or_doubled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with watching(monkeypatch) as watcher:
        Operator.alerts = [alert(7, 10.0)]
        assert await watcher.wait_for(noise_of(), time.monotonic() + 5)
        Operator.openings = 2
        Operator.alerts = [alert(7, 10.0), alert(1, 20.0)]
        await asyncio.sleep(0.05)
        assert [e.sequence for e in await watcher.events(0.0)] == [7, 1]


async def test_a_wait_gives_up_in_time_and_others_are_not_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching(monkeypatch) as watcher:
        Operator.alerts = [alert(1, 10.0)]
        began = time.monotonic()
        assert not await watcher.wait_for(noise_of("tenant-02"), began + 0.05)
        assert time.monotonic() >= began + 0.05


async def test_a_door_that_is_shut_for_a_while_leaves_a_note_and_no_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching(monkeypatch) as watcher:
        Operator.broken = True
        await asyncio.sleep(0.05)
        Operator.alerts, Operator.broken = [alert(1, 10.0)], False
        assert await watcher.wait_for(noise_of(), time.monotonic() + 10)
        assert any("the door is shut" in note.words for note in await watcher.notes(0.0))


async def test_without_an_operator_nothing_was_seen_and_nothing_is_made_up() -> None:
    watcher = ResourceMonitor(lambda sentence: None)
    assert not [*await watcher.events(0.0), *await watcher.samples(0.0), *await watcher.operator_usage(0.0)]
    assert await watcher.foreign_load(0.0) is None
    assert await watcher.enforced() == {}
    assert not await watcher.wait_for(noise_of(), time.monotonic())
