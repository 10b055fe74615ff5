"""Figures of noisy tenants: what they used, and how long it took until they were reported and contained."""

from __future__ import annotations

from isolation.judge.resources.noisy_neighbours import ACCUSING
from isolation.judge.rules.clocks import first_event
from isolation.record import Comparison, Limit
from isolation.record.noisy_neighbours import MadeNoise, NoisyNeighboursRecord
from isolation.show.charts.clocks import NoisyTenant, Stage
from isolation.show.charts.clocks import clocks as clocks_chart
from isolation.show.figures import cpu_chart
from isolation.target.words import Audit


def usage(record: NoisyNeighboursRecord, **subject: object) -> str:
    """CPU time of every tenant, the noisy ones highlighted."""
    noisy = [made.tenant for made in record.noises]
    return cpu_chart(record.samples, record.events, noisy, None, "Noise and what became of it")


def clocks(record: NoisyNeighboursRecord, **subject: object) -> str:
    """From the beginning of each noise until it was reported and contained."""
    bars = [_bar(record, made, made.at) for made in record.noises if made.at is not None]
    return clocks_chart(bars, title="From the beginning of the noise")


def _bar(record: NoisyNeighboursRecord, made: MadeNoise, at: float) -> NoisyTenant:
    named = first_event(record.events, "alert", ACCUSING, made.tenant, at)
    contained = first_event(record.events, "audit", (Audit.CONTAINED,), made.tenant, at)
    clocks_of = (("reported", named, record.reported_within_s), ("contained", contained, record.contained_within_s))
    stages = [
        Stage(name, "start of the noise", event.seen_at - at if event else None, _within(seconds))
        for name, event, seconds in clocks_of
    ]
    return NoisyTenant(made.tenant, made.resources[0], stages)


def _within(seconds: float) -> Limit:
    return Limit(value=seconds, unit="s", comparison=Comparison.AT_MOST, source="the promise")
