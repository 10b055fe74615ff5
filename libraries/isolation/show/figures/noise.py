"""Figures of noisy tenants: what they used, and how long it took until they were reported and contained."""

from __future__ import annotations

from isolation.judge.resources.noisy_neighbours import ACCUSING
from isolation.judge.rules.clocks import first_event
from isolation.record.limits import Limits
from isolation.record.resource_isolation.noisy_neighbours import MadeNoise, NoisyNeighboursRecord
from isolation.show.charts.clocks import NoisyTenant, Stage
from isolation.show.charts.clocks import clocks as clocks_chart
from isolation.show.figures.usage import cpu_chart
from isolation.target.words import Audit


def usage(record: NoisyNeighboursRecord, **subject: object) -> str:
    """CPU time of every tenant, the noisy ones highlighted."""
    noisy = [made.tenant for made in record.noises]
    return cpu_chart(record.samples, record.events, noisy, None, "Noise and what became of it")


def clocks(record: NoisyNeighboursRecord, limits: Limits, **subject: object) -> str:
    """From the beginning of each noise until it was reported and contained."""
    bars = [_bar(record, limits, made, made.at) for made in record.noises if made.at is not None]
    return clocks_chart(bars, title="From the beginning of the noise")


def _bar(record: NoisyNeighboursRecord, limits: Limits, made: MadeNoise, at: float) -> NoisyTenant:
    named = first_event(record.events, "alert", ACCUSING, made.tenant, at)
    contained = first_event(record.events, "audit", (Audit.CONTAINED,), made.tenant, at)
    clocks_of = (("reported", named, "identified"), ("contained", contained, "mitigated"))
    stages = [
        Stage(name, "start of the noise", event.seen_at - at if event else None, limits[limit])
        for name, event, limit in clocks_of
    ]
    return NoisyTenant(made.tenant, made.resources[0], stages)
