"""What one tenant used in one window: the few numbers that several judges need.

Principle: rates are differences of cumulative counters over the part of the window that the record covers; memory is
the highest sum over the tenant's processes. Source of both: :mod:`isolation.judge.rules.series`, with its assumptions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from isolation.judge.rules.series import Curve, cpu_curve, io_curve, memory_kind, memory_readings
from isolation.record import MemoryKind, Sample


class Window(NamedTuple):
    """A stretch of time (seconds, monotonic clock)."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Usage:
    """What a tenant used.

    Attributes:
        tenant: Whose usage it is.
        cpu_percent: Mean processor usage, per cent of one core.
        memory_bytes: Highest memory of all its processes together.
        io_bytes_per_second: Bytes read and written per second, or None when not permitted.
        handles: Open handles at the end of the window, or None when not permitted.
        samples: Samples inside the window.
        seconds: How much of the window the record covers.
    """

    tenant: str
    cpu_percent: float
    memory_bytes: float
    memory_kind: MemoryKind
    io_bytes_per_second: float | None
    handles: int | None
    samples: int
    seconds: float


def usage(samples: Sequence[Sample], tenant: str, start: float, end: float) -> Usage | None:
    """Sum up a window of a tenant.

    Args:
        samples: Samples of any tenants; those outside the window help to interpolate at its edges.
        tenant: Whose usage is wanted.
        start: Begin of the window, seconds, monotonic clock.
        end: End of the window.

    Returns:
        The usage, or None when the record holds fewer than two different moments of that tenant in the window.
    """
    own = [sample for sample in samples if sample.tenant == tenant]
    inside = [sample for sample in own if start <= sample.at <= end]
    if len({sample.at for sample in inside}) < 2:
        return None
    cpu = _rate(cpu_curve(own, tenant), start, end)
    if cpu is None:
        return None
    return Usage(
        tenant=tenant,
        cpu_percent=100.0 * cpu[0],
        memory_bytes=max(reading.value for reading in memory_readings(inside, tenant)),
        memory_kind=memory_kind(inside, tenant),
        io_bytes_per_second=(_rate(io_curve(own, tenant), start, end) or (None,))[0],
        handles=_handles(inside),
        samples=len(inside),
        seconds=cpu[1],
    )


def _rate(curve: Curve, start: float, end: float) -> tuple[float, float] | None:
    """Growth per second over the covered part of the window, and the length of that part."""
    if len(curve.times) < 2:
        return None
    low, high = max(start, float(curve.times[0])), min(end, float(curve.times[-1]))
    if high <= low:
        return None
    before, after = curve.at(np.array([low, high]))
    return float(after - before) / (high - low), high - low


def _handles(inside: Sequence[Sample]) -> int | None:
    last = {sample.pid: sample.handles for sample in sorted(inside, key=lambda sample: sample.at)}
    known = [handles for handles in last.values() if handles is not None]
    return sum(known) if len(known) == len(last) else None
