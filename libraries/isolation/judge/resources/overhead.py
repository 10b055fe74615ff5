"""What the suite itself costs: its sampler and its memory.

Principle: a measuring instrument states its own weight. The sampler's CPU is its processor time over wall time, in
per cent of one core; measured with fewer processes than the promise speaks of, it is scaled up in proportion (a fixed
part makes this an overestimate, never an underestimate).

Memory is linear when the largest scale needs no more than the straight line through all smaller scales foretells.

Assumption: the sampler ran as it does in every campaign (same interval, same set of counters).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from isolation.judge.rules.verdicts import amount, inconclusive, judged, no_evidence
from isolation.record import Limit, Measurement
from isolation.record.concurrent_startup.connections import MemoryAtScale
from isolation.record.resource_isolation.concurrent_stress import SamplerCost

MEASURED = "measured %"
PROCESSES = "processes count"
"""Names of the numbers that the page repeats."""


def judge_sampling_overhead(cost: SamplerCost, promise: str, limit: Limit, scale: int) -> Measurement:
    """Hold the sampler's processor usage against its limit.

    Args:
        cost: What it used.
        limit: Largest usage, per cent of one core.
        scale: The number of processes that the limit is promised for.

    Returns:
        The measurement ``sampling overhead``.
    """
    metric = "sampling overhead"
    if cost.sweeps < 1 or cost.processes < 1 or cost.wall_seconds <= 0:
        claim = f"The sampler made {cost.sweeps} sweeps over {cost.processes} processes"
        return no_evidence(promise, metric, limit, claim)
    measured = 100.0 * cost.cpu_seconds / cost.wall_seconds
    value = measured * max(1.0, scale / cost.processes)
    claim = (
        f"The sampler used {amount(measured, limit.unit)} for {cost.processes} processes"
        f" ({cost.sweeps} sweeps in {cost.wall_seconds:.0f} s)"
    )
    if cost.processes < scale:
        claim += f", which is at most {amount(value, limit.unit)} for {scale}"
    each = 1e6 * cost.cpu_seconds / (cost.sweeps * cost.processes)
    details = {MEASURED: measured, PROCESSES: cost.processes, "per process and sweep us": each}
    return judged(promise, metric, value, limit, cost.sweeps, claim, details=details)


def judge_memory_growth(points: Sequence[MemoryAtScale], promise: str, limit: Limit) -> Measurement:
    """Does the suite's own memory grow in a straight line with the number of tenants?

    Args:
        points: Memory at three or more different scales.
        limit: Largest memory at the largest scale, in parts of what the smaller ones foretell.

    Returns:
        The measurement ``memory growth of the suite``; INCONCLUSIVE with fewer than three scales.
    """
    metric = "memory growth of the suite"
    scales = sorted({point.tenants for point in points})
    if not points:
        return no_evidence(promise, metric, limit, "The suite's own memory was not measured")
    if len(scales) < 3:
        claim = f"The suite's memory was measured at {len(scales)} scales; at least 3 are needed"
        return inconclusive(promise, metric, limit, claim, samples=len(points))
    smaller = [point for point in points if point.tenants < scales[-1]]
    largest = max(point.memory_bytes for point in points if point.tenants == scales[-1])
    slope, base = np.polyfit([p.tenants for p in smaller], [p.memory_bytes for p in smaller], 1)
    # Falling memory at small scales is noise; a line that falls would condemn a flat one.
    slope = max(float(slope), 0.0)
    base = float(np.mean([p.memory_bytes - slope * p.tenants for p in smaller])) if slope == 0.0 else float(base)
    value = largest / (base + slope * scales[-1])
    claim = (
        f"With {scales[-1]} tenants the suite used {amount(largest, 'bytes')}, {value:.2f} x what {scales[0]} to"
        f" {scales[-2]} tenants foretell ({amount(slope, 'bytes')} per tenant)"
    )
    return judged(promise, metric, value, limit, len(points), claim, details={"per tenant bytes": slope})
