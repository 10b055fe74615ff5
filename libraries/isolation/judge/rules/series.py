"""From the counters of single processes to one curve per tenant.

Principle: a tenant's processor time is the sum of the cumulative counters of its processes; between two samples a
counter is taken to grow evenly (linear interpolation): a window may begin and end anywhere, samples may be uneven.

- A process that ends keeps its last count; what it used after its last sample is not seen.
- A process that starts counts from zero. What it used before its first sample is spread over the time since the
  sweep before, unless it is more than one core could have done in that time: then the process is older than the sweep
  (the suite found it late) and only its growth from then on counts.
- A counter that falls under the same process id is a new process.

When the assumptions break (a process that lives shorter than one sampling interval, a sweep that hangs for seconds),
the curve shows too little usage, never too much; the target's own throttle counters are the witness against that.
"""

from __future__ import annotations

import bisect
import itertools
import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from isolation.record import Limit, MemoryKind, Sample

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """One value at one moment (seconds, monotonic clock); the unit is that of the limit it is held against."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A cumulative counter: ``times`` rise, ``values`` never fall, both of shape (n,); straight lines in between."""

    times: FloatArray
    values: FloatArray

    @property
    def seconds(self) -> float:
        """How long the record is."""
        return float(self.times[-1] - self.times[0]) if len(self.times) else 0.0

    def at(self, moments: FloatArray) -> FloatArray:
        """The counter at each of ``moments``; outside the record it stands still."""
        return np.asarray(np.interp(moments, self.times, self.values), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class WindowUsage:
    """The window in which a tenant used most.

    Attributes:
        percent: Processor time in per cent of one core, averaged over the window.
        start: Begin of the window (seconds, monotonic clock).
        end: End of the window.
        samples: How many samples the search could use.
    """

    percent: float
    start: float
    end: float
    samples: int


def cpu_curve(samples: Sequence[Sample], tenant: str) -> Curve:
    """A tenant's processor time in seconds, all its processes together, from zero at the first sample on."""
    return _curve([_Count(s.at, s.pid, s.cpu_seconds) for s in samples if s.tenant == tenant], most_per_second=1.0)


def io_curve(samples: Sequence[Sample], tenant: str) -> Curve:
    """A tenant's bytes read and written since its first sample; samples without these counters are left out.

    There is no natural ceiling for bytes, so what a process moved before its first sample never counts.
    """
    counts = [
        _Count(s.at, s.pid, float(s.read_bytes + s.written_bytes))
        for s in samples
        if s.tenant == tenant and s.read_bytes is not None and s.written_bytes is not None
    ]
    return _curve(counts, most_per_second=0.0)


def rate_readings(curve: Curve, window_s: float, scale: float = 1.0) -> list[Reading]:
    """The mean rate of a counter over the window that *ends* at each knot, in units per second times ``scale``."""
    if curve.seconds < window_s:
        return []
    ends = curve.times[curve.times >= curve.times[0] + window_s]
    rates = (curve.at(ends) - curve.at(ends - window_s)) / window_s * scale
    return [Reading(float(end), float(rate)) for end, rate in zip(ends, rates, strict=True)]


def count_readings(counts: Sequence[Reading], window_s: float) -> list[Reading]:
    """The rate of a counter that was read now and then: its mean over the window that ends at each reading."""
    return rate_readings(_curve([_Count(r.at, 0, r.value) for r in counts], most_per_second=0.0), window_s)


def cpu_readings(samples: Sequence[Sample], tenant: str, window_s: float) -> list[Reading]:
    """A tenant's processor usage in per cent of one core, each value the mean of the window that ends there."""
    return rate_readings(cpu_curve(samples, tenant), window_s, 100.0)


def highest_window(curve: Curve, window_s: float) -> tuple[float, float] | None:
    """The greatest growth of a counter over any window, and where that window begins.

    A piecewise linear curve grows most over a window that begins or ends at a knot, so those are all that is looked at.

    Returns:
        Growth and begin, or None when the record is shorter than the window.
    """
    if len(curve.times) < 2 or curve.seconds < window_s:
        return None
    starts = np.concatenate([curve.times, curve.times - window_s])
    starts = starts[(starts >= curve.times[0]) & (starts <= curve.times[-1] - window_s)]
    growth = curve.at(starts + window_s) - curve.at(starts)
    best = int(np.argmax(growth))
    return float(growth[best]), float(starts[best])


def memory_kind(samples: Sequence[Sample], tenant: str) -> MemoryKind:
    """PSS when every sample of the tenant has it, else RSS: one series never mixes the two."""
    own = [s for s in samples if s.tenant == tenant]
    return MemoryKind.PSS if own and all(s.pss_bytes is not None for s in own) else MemoryKind.RSS


def memory_readings(samples: Sequence[Sample], tenant: str) -> list[Reading]:
    """A tenant's memory in bytes, the sum over the processes that each sweep saw."""
    kind = memory_kind(samples, tenant)

    def size(sample: Sample) -> int:
        return sample.pss_bytes if kind is MemoryKind.PSS and sample.pss_bytes is not None else sample.rss_bytes

    return _summed([sample for sample in samples if sample.tenant == tenant], size)


def peak_readings(samples: Sequence[Sample], tenant: str) -> list[Reading]:
    """A tenant's memory at peaks that fell between two sweeps, in bytes, by the kernel's high-water marks.

    A mark that rose between two samples of a process was reached between them. It counts shared pages in full; where the
    proportional size is known, what is shared at the later sample is taken off.
    """
    kind = memory_kind(samples, tenant)
    sums = memory_readings(samples, tenant)
    by_pid: dict[int, list[Sample]] = defaultdict(list)
    for sample in sorted(
        (s for s in samples if s.tenant == tenant and s.peak_rss_bytes is not None), key=lambda s: s.at
    ):
        by_pid[sample.pid].append(sample)
    found = []
    for own in by_pid.values():
        for before, after in itertools.pairwise(own):
            if (after.peak_rss_bytes or 0) <= (before.peak_rss_bytes or 0):
                continue
            size = after.pss_bytes if kind is MemoryKind.PSS and after.pss_bytes is not None else after.rss_bytes
            shared = after.rss_bytes - size
            together = min(sums, key=lambda reading: abs(reading.at - after.at)).value
            found.append(Reading(after.at, together - size + (after.peak_rss_bytes or 0) - shared))
    return found


def anonymous_readings(samples: Sequence[Sample], tenant: str) -> list[Reading]:
    """A tenant's memory without mapped files and shared memory, in bytes; nothing when a sample does not tell."""
    own = [sample for sample in samples if sample.tenant == tenant]
    if any(sample.shared_bytes is None for sample in own):
        return []
    return _summed(own, lambda sample: sample.rss_bytes - (sample.shared_bytes or 0))


def thread_readings(samples: Sequence[Sample], tenant: str) -> list[Reading]:
    """A tenant's threads in the sweeps that counted them."""
    counted = [sample for sample in samples if sample.tenant == tenant and sample.threads is not None]
    return _summed(counted, lambda sample: sample.threads or 0)


def kept_from(readings: Sequence[Reading], limit: Limit) -> float | None:
    """The first moment from which every later reading keeps the limit; None when the last one does not."""
    since: float | None = None
    for reading in sorted(readings, key=lambda r: r.at):
        if not limit.comparison.holds(reading.value, limit.value):
            since = None
        elif since is None:
            since = reading.at
    return since


class _Count(NamedTuple):
    """One reading of one process's cumulative counter."""

    at: float
    pid: int
    value: float


def _curve(counts: Sequence[_Count], most_per_second: float) -> Curve:
    own = sorted(counts)
    sweeps = _sweep_starts([(count.at, count.pid) for count in own])
    times = np.unique(np.array([count.at for count in own] + sweeps, dtype=np.float64))
    total = np.zeros(len(times), dtype=np.float64)
    for life in _lives(own):
        at = [count.at for count in life]
        grown = [count.value - life[0].value for count in life]
        before = _sweep_before(sweeps, at[0])
        unseen = life[0].value
        if before is not None and unseen <= (at[0] - before) * most_per_second:
            at, grown = [before, *at], [0.0, *(value + unseen for value in grown)]
        total += np.interp(times, at, grown)
    return Curve(times, total)


def _lives(own: Sequence[_Count]) -> list[list[_Count]]:
    """The counts of each process; a falling counter under one id starts a new process."""
    by_pid: dict[int, list[list[_Count]]] = defaultdict(list)
    for count in own:
        lives = by_pid[count.pid]
        if not lives or count.value < lives[-1][-1].value:
            lives.append([])
        lives[-1].append(count)
    return [life for lives in by_pid.values() for life in lives]


def _summed(samples: Sequence[Sample], size: Callable[[Sample], int]) -> list[Reading]:
    """One value per sweep: the sum over the processes that it saw."""
    own = sorted(samples, key=lambda s: s.at)
    starts = _sweep_starts([(s.at, s.pid) for s in own])
    sweeps: dict[float, dict[int, int]] = defaultdict(dict)
    for sample in own:
        sweeps[starts[bisect.bisect_right(starts, sample.at) - 1]][sample.pid] = size(sample)
    return [Reading(start, float(sum(sizes.values()))) for start, sizes in sweeps.items()]


def _sweep_starts(own: Sequence[tuple[float, int]]) -> list[float]:
    """When each sweep over a tenant's processes began: samples closer than half the usual interval are one sweep.

    A sweep sees each process once: one that comes again belongs to the next sweep, however soon that follows.
    """
    last: dict[int, float] = {}
    gaps: list[float] = []
    for at, pid in own:
        if pid in last:
            gaps.append(at - last[pid])
        last[pid] = at
    nearness = statistics.median(gaps) / 2 if gaps else 0.0
    starts: list[float] = []
    seen: set[int] = set()
    for at, pid in own:
        if not starts or at - starts[-1] > nearness or pid in seen:
            starts.append(at)
            seen.clear()
        seen.add(pid)
    return starts


def _sweep_before(starts: Sequence[float], at: float) -> float | None:
    """Begin of the sweep before the one that ``at`` belongs to."""
    index = bisect.bisect_right(starts, at) - 2
    return starts[index] if index >= 0 else None
