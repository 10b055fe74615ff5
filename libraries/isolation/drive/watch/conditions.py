"""What the monitor can wait for: the wait lives where the data is, not in a polling loop above it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from isolation.record import OperatorUsage, PlatformEvent, ProcessRef, Sample
from process_control.reading import is_alive


class Watched(Protocol):
    """What the monitor has seen so far."""

    @property
    def seen_samples(self) -> list[Sample]:
        """All samples."""

    @property
    def seen_events(self) -> list[PlatformEvent]:
        """All alerts and audit entries."""

    @property
    def seen_usage(self) -> list[OperatorUsage]:
        """All that the operator API said about usage."""

    @property
    def known_processes(self) -> list[ProcessRef]:
        """Which process is whose, as last seen."""


class Condition(Protocol):
    """Something to wait for; a plain data class, because it travels to the monitor's process."""

    def holds(self, watched: Watched) -> bool:
        """Whether it is so."""


@dataclass(frozen=True, slots=True)
class Reported:
    """The target reports something.

    Attributes:
        words: In the suite's words (``Alert`` or ``Audit``); any of them.
        tenants: Each of these has to be named.
        since: Entries seen earlier do not count (seconds, monotonic clock).
        resources: When given, an entry that states another resource does not count; one that states none does.
    """

    words: Collection[str]
    tenants: Collection[str]
    since: float
    resources: Collection[str] = ()

    def holds(self, watched: Watched) -> bool:
        """Whether every tenant has been named."""
        named = {e.tenant for e in watched.seen_events if e.seen_at >= self.since and self._counts(e)}
        return set(self.tenants) <= named

    def _counts(self, event: PlatformEvent) -> bool:
        about_it = not self.resources or not event.resource or event.resource in self.resources
        return event.word in self.words and about_it


@dataclass(frozen=True, slots=True)
class NoProcessLeft:
    """A tenant has no process any more, as far as the operator API knows."""

    tenant: str

    def holds(self, watched: Watched) -> bool:
        """Whether it is so."""
        return not any(ref.tenant == self.tenant for ref in watched.known_processes)


@dataclass(frozen=True, slots=True)
class NoneAlive:
    """None of some processes lives any more, by the kernel."""

    processes: tuple[ProcessRef, ...]

    def holds(self, watched: Watched) -> bool:
        """Whether it is so."""
        return not any(is_alive(ref.pid, ref.started_ticks) for ref in self.processes)


class Quantity(StrEnum):
    """What a tenant holds."""

    MEMORY = "memory"
    FILE_DESCRIPTORS = "file descriptors"
    CONNECTIONS = "database connections"


@dataclass(frozen=True, slots=True)
class HoldsAtMost:
    """A tenant holds no more than so much of something, by the latest reading after a moment.

    Attributes:
        quantity: What.
        most: Bytes, or a count.
        after: Earlier readings do not count (seconds, monotonic clock).
    """

    quantity: Quantity
    tenant: str
    most: float
    after: float

    def holds(self, watched: Watched) -> bool:
        """Whether it is so; not without a reading."""
        readings = readings_of(self.quantity, self.tenant, watched.seen_samples, watched.seen_usage)
        return bool(readings) and readings[-1][0] > self.after and readings[-1][1] <= self.most


def readings_of(
    quantity: Quantity, tenant: str, samples: Collection[Sample], usage: Collection[OperatorUsage]
) -> list[tuple[float, float]]:
    """When (seconds, monotonic clock) a tenant held how much (bytes, or a count) of something; one process at a time."""
    if quantity is Quantity.CONNECTIONS:
        return [(one.at, float(one.database_connections)) for one in usage if one.tenant == tenant]
    own = [sample for sample in samples if sample.tenant == tenant]
    if quantity is Quantity.MEMORY:
        return [(sample.at, float(sample.rss_bytes)) for sample in own]
    return [(sample.at, float(sample.handles)) for sample in own if sample.handles is not None]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of several conditions."""

    conditions: tuple[Condition, ...]

    def holds(self, watched: Watched) -> bool:
        """Whether it is so."""
        return any(condition.holds(watched) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of several conditions."""

    conditions: tuple[Condition, ...]

    def holds(self, watched: Watched) -> bool:
        """Whether it is so."""
        return all(condition.holds(watched) for condition in self.conditions)
