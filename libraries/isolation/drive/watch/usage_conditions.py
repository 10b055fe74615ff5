"""What the monitor can wait for that shows in rates: a tenant's usage has come down, the operator API has told of usage."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from isolation.drive.watch.conditions import Watched
from isolation.record import OperatorUsage, Sample
from isolation.target.words import ResourceKind

_NEAR_S = 0.2
"""Samples nearer to each other than this make no rate."""


@dataclass(frozen=True, slots=True)
class CameDown:
    """A tenant uses no more than a share of the most that it used since a moment.

    Attributes:
        resource: ``cpu``, ``io`` or ``messages`` (``ResourceKind``).
        share: Of the highest rate, 0 to 1.
        after: When it began (seconds, monotonic clock).
    """

    resource: str
    tenant: str
    share: float
    after: float

    def holds(self, watched: Watched) -> bool:
        """Whether it is so; not without two rates."""
        if self.resource == ResourceKind.MESSAGES:
            rates = message_rates(watched.seen_usage, self.tenant, self.after)
        else:
            rates = sample_rates(watched.seen_samples, self.tenant, self.after, self.resource)
        return len(rates) > 1 and rates[-1] <= self.share * max(rates)


@dataclass(frozen=True, slots=True)
class UsageTold:
    """The operator API has told of the usage of every one of some tenants since a moment (seconds, monotonic clock)."""

    tenants: Collection[str]
    since: float

    def holds(self, watched: Watched) -> bool:
        """Whether it is so."""
        return set(self.tenants) <= {one.tenant for one in watched.seen_usage if one.at >= self.since}


def sample_rates(samples: Sequence[Sample], tenant: str, after: float, resource: str) -> list[float]:
    """Seconds of CPU time, or bytes of storage, per second between the samples of each process, in the order of time."""
    before: dict[int, tuple[float, float]] = {}
    rates: list[float] = []
    for sample in samples:
        if sample.tenant != tenant or sample.at < after:
            continue
        count = float((sample.read_bytes or 0) + (sample.written_bytes or 0))
        count = count if resource == ResourceKind.IO else sample.cpu_seconds
        at, earlier = before.setdefault(sample.pid, (sample.at, count))
        if sample.at - at >= _NEAR_S:
            rates.append((count - earlier) / (sample.at - at))
            before[sample.pid] = sample.at, count
    return rates


def message_rates(usage: Sequence[OperatorUsage], tenant: str, after: float) -> list[float]:
    """Messages per second as the operator API tells them, in the order of time."""
    own = [one for one in usage if one.tenant == tenant and one.at >= after]
    pairs = itertools.pairwise(own)
    return [(later.messages - one.messages) / (later.at - one.at) for one, later in pairs if later.at > one.at]
