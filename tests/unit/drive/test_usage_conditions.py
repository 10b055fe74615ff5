"""What the monitor waits for that shows in rates."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.drive.watch.conditions import Reported
from isolation.drive.watch.usage_conditions import CameDown, UsageTold, message_rates, sample_rates
from isolation.record import OperatorUsage, PlatformEvent, ProcessRef, Sample


@dataclass
class Seen:
    seen_samples: list[Sample] = field(default_factory=list)
    seen_events: list[PlatformEvent] = field(default_factory=list)
    seen_usage: list[OperatorUsage] = field(default_factory=list)
    known_processes: list[ProcessRef] = field(default_factory=list)


def sample(at: float, cpu: float, written: int = 0, pid: int = 7) -> Sample:
    return Sample(at, "tenant-01", pid, cpu, 0, read_bytes=0, written_bytes=written)


def usage(at: float, messages: int) -> OperatorUsage:
    return OperatorUsage(at, "tenant-01", 0.0, 0, 0, False, messages=messages)


def test_rates_are_between_the_samples_of_one_process() -> None:
    samples = [
        sample(0, 0),
        sample(1, 0.9),
        sample(1.05, 0.95),
        sample(2, 1.0),
        sample(2.5, 5, pid=8),
        sample(3, 5.1, pid=8),
    ]
    assert [round(rate, 2) for rate in sample_rates(samples, "tenant-01", 0, "cpu")] == [0.9, 0.1, 0.2]
    assert sample_rates(samples, "tenant-02", 0, "cpu") == []


def test_usage_came_down_when_the_latest_rate_is_a_share_of_the_highest() -> None:
    loud = Seen([sample(0, 0), sample(1, 0.9), sample(2, 1.7)])
    calm = Seen([*loud.seen_samples, sample(3, 1.8)])
    down = CameDown("cpu", "tenant-01", 0.5, 0)
    assert not down.holds(loud)
    assert down.holds(calm)
    assert not down.holds(Seen([sample(0, 0), sample(1, 0.9)])), "one rate has no comparison"


def test_storage_and_messages_come_down_too() -> None:
    stored = Seen([sample(0, 0), sample(1, 0, 9_000_000), sample(2, 0, 9_100_000)])
    assert CameDown("io", "tenant-01", 0.5, 0).holds(stored)
    told = Seen(seen_usage=[usage(0, 0), usage(1, 900), usage(2, 950)])
    assert message_rates(told.seen_usage, "tenant-01", 0) == [900, 50]
    assert CameDown("messages", "tenant-01", 0.5, 0).holds(told)


def test_usage_is_told_of_everybody_or_it_is_not() -> None:
    told = Seen(seen_usage=[usage(5, 0)])
    assert UsageTold(["tenant-01"], 4).holds(told)
    assert not UsageTold(["tenant-01", "tenant-02"], 4).holds(told)
    assert not UsageTold(["tenant-01"], 6).holds(told)


def test_a_report_for_another_resource_does_not_count() -> None:
    seen = Seen(seen_events=[PlatformEvent(1, 5, "alert", "x", "tenant-01", resource="memory", word="noise")])
    assert Reported(("noise",), ("tenant-01",), 0).holds(seen)
    assert Reported(("noise",), ("tenant-01",), 0, ("memory", "cpu")).holds(seen)
    assert not Reported(("noise",), ("tenant-01",), 0, ("io",)).holds(seen)
