"""Figure of very many tenants at once: what each got of its due."""

from __future__ import annotations

from isolation.judge.rules.statistics import jain
from isolation.judge.slowdown.stress import fairness_limits, shares_of_cpu
from isolation.record.limits import Limits
from isolation.record.resource_isolation.concurrent_stress import StressRecord
from isolation.show.charts.fairness_bars import Share, fairness_bars


def shares(record: StressRecord, limits: Limits, step: str, **subject: object) -> str:
    """CPU time of each tenant against its fair share."""
    found, held = shares_of_cpu(record, step), fairness_limits(limits)
    ratios = [share.ratio for share in found.values()]
    return fairness_bars(
        [Share(name, share.ratio) for name, share in found.items()],
        title=f"CPU time that each tenant got of its due, {step}",
        lowest=held.least,
        highest=held.largest,
        jain=jain(ratios) if any(ratios) else None,
    )
