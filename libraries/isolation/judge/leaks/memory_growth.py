"""Whether memory leaks, whether leaks are named and cleaned up in time, and whether the healthy are left alone (RI-3).

Memory: a tenant leaks when the floor under its memory (`memory_floor`) rises faster than the limit (half of the promised
rate), goes on rising at the end, does not slow down, and not by one or two steps alone. A record shorter than ``leak
record`` accuses nobody: a load of 45 s looks like a leak to anybody who watched for 30 s. It is INCONCLUSIVE then.

Chosen by simulation (tests/unit/judge/leaks/test_memory_growth.py; 1 s sampling, 400 series of each kind; per cent called a leak):

| leaks | 60 s | 120 s | healthy | 60 s | 120 s |
|---|---|---|---|---|---|
| 30, 50 or 60 MB/min, drifting noise | 100 | 100 | noise, white or drifting, up to 5 MB | 0 | 0 |
| steps of 2 to 5 MB, 50 MB/min | 99 | 100 | one step, two steps of 20 MB | 0 | 0 |
| 10 MB each 10 s, 15 MB each 15 s | 100 | 100 | warm-up, cache, logarithmic cache | 0 | 0 |
| 20 MB each 20 s | 96 | 100 | teeth of 3 to 25 s, 20 to 100 MB | 0 | 0 |
| 30 MB each 30 s | 0 | 100 | a file of 45 MB mapped in, 20 to 50 s | 0 | 0 |
| 60 MB/min from second 5 to 20 on | 100 | 100 | arenas of 8 threads | 0 | 0 |
| works 15 s of 30 s, 120 MB/min | 100 | 100 | teeth of 60 s, 60 MB | 1 | 0 |
| 50 MB/min under teeth of 5 to 20 s | 69, 93 | 100 | teeth of 120 s, 80 MB | 45 | 2 |

The rule before (Mann-Kendall and Theil-Sen slopes of the halves) missed steps of 20 MB and leaks that begin late, and
called slow teeth, mapped files and logarithmic caches leaks.

Assumptions: the record is longer than two periods of a collector. What grows in mapped files or shared memory only, or
with the number of threads, may end with them: INCONCLUSIVE, where the samples tell.

Handles and connections are counted, open/close cycle by cycle: no statistics, any growth is a leak.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from isolation.judge.leaks.memory_floor import FloorTrend, floor_trend
from isolation.judge.rules.limit_units import bytes_as, in_bytes
from isolation.judge.rules.series import Reading, anonymous_readings, memory_kind, memory_readings, thread_readings
from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, no_evidence, plural, zero
from isolation.record import Comparison, Limit, Measurement, Sample, Verdict
from isolation.record.limits import Limits

LEAK_LIMITS = tuple(
    f"leak {name}"
    for name in ("slope", "record", "teeth", "pause", "slowing", "jump", "per thread", "shortest", "sweeps")
)
"""Names of the limits that make the rule, in the order of its attributes."""


@dataclass(frozen=True, slots=True)
class LeakRule:
    """What makes a rising floor a leak.

    Attributes:
        slope: Growth per minute above which memory leaks, such as 25 MB/min.
        record: Shorter records accuse nobody.
        teeth: A fall of more than this part of the range is a tooth.
        pause: Longest pause at the end, in parts of the longest before, of something that goes on.
        slowing: Smallest growth of the second half, in parts of the first, of something that does not slow down.
        jump: Largest part of the growth that comes at once.
        per_thread: Memory that a new thread may account for.
        shortest: Shorter records are not looked at.
        sweeps: Nor are records of fewer sweeps.
    """

    slope: Limit
    record: Limit
    teeth: Limit
    pause: Limit
    slowing: Limit
    jump: Limit
    per_thread: Limit
    shortest: Limit
    sweeps: Limit

    @classmethod
    def of(cls, limits: Limits | Mapping[str, Limit]) -> LeakRule:
        """The rule of a promise: its limits whose names begin with ``leak``."""
        return cls(*(limits[name] for name in LEAK_LIMITS))


@dataclass(frozen=True, slots=True)
class ResourceLeakDetector:
    """The suite's own detector of memory leaks, independent of the target's.

    Attributes:
        rule: What makes a rising floor a leak.
    """

    rule: LeakRule

    def trend(self, samples: Sequence[Sample], tenant: str) -> FloorTrend | None:
        """The trend of one tenant's memory, or None when the record is too short to look at."""
        return self._trend(memory_readings(samples, tenant))

    def leaks(self, trend: FloorTrend) -> bool:
        """Whether a trend is a leak, as far as its shape tells; see `leaking` for who may be accused."""
        rule = self.rule
        return (
            self._in_unit(trend.per_minute) > rule.slope.value
            and rule.pause.comparison.holds(trend.pause, rule.pause.value)
            and rule.slowing.comparison.holds(trend.slowing, rule.slowing.value)
            and rule.jump.comparison.holds(trend.jump, rule.jump.value)
        )

    def leaking(self, samples: Sequence[Sample]) -> dict[str, FloorTrend]:
        """All tenants that leak memory for certain, with their trends."""
        trends = {tenant: self.trend(samples, tenant) for tenant in sorted({s.tenant for s in samples})}
        return {
            tenant: trend
            for tenant, trend in trends.items()
            if trend is not None and self.leaks(trend) and not self.doubts(samples, tenant, trend)
        }

    def judge(self, promise: str, samples: Sequence[Sample], tenant: str) -> Measurement:
        """A tenant's memory must not leak.

        Args:
            tenant: Whose memory.

        Returns:
            The growth of the floor per minute. FAIL when it is a leak; INCONCLUSIVE when it is steep and there is a doubt;
            PASS also when it was steep and has ended.
        """
        metric = f"growth of memory of '{tenant}'"
        limit = self.rule.slope.model_copy(update={"comparison": Comparison.AT_MOST})
        trend = self.trend(samples, tenant)
        if trend is None:
            count = sum(s.tenant == tenant for s in samples)
            claim = (
                f"Tenant '{tenant}' has {plural(count, 'sample')}; {self.rule.sweeps.value:g} sweeps over "
                f"{amount(self.rule.shortest.value, 's')} are needed"
            )
            if count == 0:
                return no_evidence(promise, metric, limit, claim, tenants=(tenant,))
            return inconclusive(promise, metric, limit, claim, samples=count, tenants=(tenant,))
        rate, leaks = self._in_unit(trend.per_minute), self.leaks(trend)
        doubts = self.doubts(samples, tenant, trend)
        memory = f"Memory ({memory_kind(samples, tenant)}) of tenant '{tenant}'"
        shape = f"{amount(rate, limit.unit)} over {amount(trend.seconds, 's')}, still for {amount(trend.still_s, 's')} at the end"
        details = {
            f"growth of the floor {limit.unit}": rate,
            "pause at the end x longest before": trend.pause,
            "second half x first half": trend.slowing,
            "largest rise x growth": trend.jump,
        }
        if leaks and not doubts:
            claim = f"{memory} grew without end: {shape}"
            return judged(promise, metric, rate, limit, trend.samples, claim, tenants=(tenant,), details=details)
        if leaks or (rate > limit.value and self._may_go_on(trend)):
            why = doubts or "it slowed down, or came in one or two steps, so nobody can say whether it goes on"
            claim = f"{memory} grew: {shape}; but {why}"
            return inconclusive(promise, metric, limit, claim, value=rate, samples=trend.samples, details=details)
        if rate > limit.value and not self._long_enough(trend):
            claim = f"{memory} grew: {shape}; in so short a record nobody can say whether it goes on"
            return inconclusive(promise, metric, limit, claim, value=rate, samples=trend.samples, details=details)
        if rate > limit.value:
            claim = f"{memory} grew and then stopped: {shape}"
            details["growth of the floor before it stopped"] = rate
            return judged(promise, metric, 0.0, limit, trend.samples, claim, details=details)
        claim = f"{memory} did not grow without end: {shape}"
        return judged(promise, metric, rate, limit, trend.samples, claim, details=details)

    def doubts(self, samples: Sequence[Sample], tenant: str, trend: FloorTrend) -> str:
        """Why what looks like a leak may be none, or nothing."""
        rule = self.rule
        if not self._long_enough(trend):
            return (
                f"in a record of {amount(trend.seconds, 's')} a start or a file that is read in looks the same; "
                f"{amount(rule.record.value, rule.record.unit)} are needed"
            )
        anonymous = self._trend(anonymous_readings(samples, tenant))
        if anonymous is not None and not self.leaks(anonymous):
            return "it grew in mapped files or shared memory only, which end with what is mapped"
        threads = thread_readings(samples, tenant)
        more = max(reading.value for reading in threads) - threads[0].value if threads else 0.0
        if more > 1 and trend.growth <= more * in_bytes(rule.per_thread):
            return f"{plural(int(more), 'new thread')} may account for it, with a bounded arena each"
        return ""

    def _long_enough(self, trend: FloorTrend) -> bool:
        return self.rule.record.comparison.holds(trend.seconds, self.rule.record.value)

    def _may_go_on(self, trend: FloorTrend) -> bool:
        going = self.rule.pause.comparison.holds(trend.pause, self.rule.pause.value)
        return going and self._in_unit(trend.second_half_per_minute) > self.rule.slope.value

    def _trend(self, readings: Sequence[Reading]) -> FloorTrend | None:
        seconds = readings[-1].at - readings[0].at if readings else 0.0
        if len(readings) < max(self.rule.sweeps.value, 3) or seconds < self.rule.shortest.value:
            return None
        return floor_trend(readings, self.rule.teeth.value)

    def _in_unit(self, bytes_per_minute: float) -> float:
        return bytes_as(bytes_per_minute, self.rule.slope.unit.removesuffix("/min"))


@dataclass(frozen=True, slots=True)
class CycleCount:
    """One cycle of opening and closing, counted after everything had settled.

    Attributes:
        cycle: Number of the cycle.
        opened: How many things were opened in it.
        closed: How many of them were closed again.
        left: How many are open after it, all in all.
    """

    cycle: int
    opened: int
    closed: int
    left: int


def judge_cycles(promise: str, things: str, tenant: str, counts: Sequence[CycleCount]) -> Measurement:
    """Nothing may stay open from one cycle to the next.

    Args:
        things: What is counted, such as ``file handles``.
        tenant: Whose they are, or empty for the platform's.
        counts: The cycles, in order. The first one sets the base line, so what is made once and kept is no leak.

    Returns:
        The largest growth over the first cycle, or the largest number opened and not closed, whichever is more; it must
        be zero. FAIL when nothing was opened, INCONCLUSIVE with fewer than two cycles.
    """
    metric = f"{things} left open"
    limit = zero(f"promise {promise}: what is opened is closed")
    owner = f"tenant '{tenant}'" if tenant else "the target"
    who = (tenant,) if tenant else ()
    opened = sum(count.opened for count in counts)
    if opened == 0:
        return no_evidence(promise, metric, limit, f"No {things} of {owner} were opened", tenants=who)
    if len(counts) < 2:
        claim = f"{plural(len(counts), 'cycle')} of {things} of {owner} was counted, at least 2 are needed"
        return inconclusive(promise, metric, limit, claim, samples=len(counts), tenants=who)
    worst = max(counts, key=lambda count: (_left_over(count, counts[0]), -count.cycle))
    growth = _left_over(worst, counts[0])
    claim = f"{opened:,} {things} of {owner} were opened and closed in {plural(len(counts), 'cycle')} without a rest"
    if growth:
        lefts = ", ".join(str(count.left) for count in counts[:8])
        claim = (
            f"{growth:,} {things} of {owner} were left after cycle {worst.cycle} "
            f"(opened {worst.opened}, closed {worst.closed}; open after each cycle: {lefts})"
        )
    return judged(
        promise, metric, float(growth), limit, len(counts), claim, tenants=who if growth else (),
        details={"opened": opened, "open after the last cycle": counts[-1].left},
    )  # fmt: skip


def judge_no_leak(
    promise: str, detector: ResourceLeakDetector, samples: Sequence[Sample], tenants: Collection[str]
) -> Measurement:
    """No tenant's memory leaks, as far as the record tells.

    Args:
        samples: Samples of the case.
        tenants: Whose memory.

    Returns:
        The number of tenants that leak, which must be zero; INCONCLUSIVE when the memory of one grew and nobody can say
        whether it goes on.
    """
    metric, limit = "tenants whose memory kept growing", zero(f"promise {promise}: no leak")
    found = [detector.judge(promise, samples, tenant) for tenant in sorted(tenants)]
    seen = sum(measurement.samples for measurement in found)
    if not seen:
        return no_evidence(promise, metric, limit, f"Memory of none of {plural(len(found), 'tenant')} was sampled")
    leaking = [measurement for measurement in found if measurement.verdict is Verdict.FAIL]
    unclear = [measurement for measurement in found if measurement.verdict is Verdict.INCONCLUSIVE]
    claim = f"Memory of {len(leaking)} of {plural(len(found), 'tenant')} grew without end"
    if leaking:
        claim += f"; the first: {leaking[0].reason}"
        who = [tenant for measurement in leaking for tenant in measurement.tenants]
        return judged(promise, metric, float(len(leaking)), limit, seen, claim, tenants=who)
    if unclear:
        claim += f", but {plural(len(unclear), 'record')} did not decide; the first: {unclear[0].reason}"
        return inconclusive(promise, metric, limit, claim, value=0.0, samples=seen)
    return judged(promise, metric, 0.0, limit, seen, claim)


def judge_healthy_left_alone(
    promise: str, detector: ResourceLeakDetector, samples: Sequence[Sample], healthy: Collection[str]
) -> Measurement:
    """The suite's own detector must not flag tenants that warm up, cache or collect garbage.

    Args:
        samples: Samples of the case.
        healthy: The tenants that are known to be healthy.

    Returns:
        A control of the method: how many of them were flagged, which must be zero.
    """
    metric = "healthy tenants flagged by the suite's own detector"
    limit = zero("control of the method")
    trends = {tenant: trend for tenant in healthy if (trend := detector.trend(samples, tenant)) is not None}
    if len(trends) < len(healthy) or not healthy:
        claim = f"{len(trends)} of {plural(len(healthy), 'healthy tenant')} were sampled long enough"
        return inconclusive(promise, metric, limit, claim, samples=len(trends), control=True)
    flagged = [name for name in detector.leaking(samples) if name in trends]
    claim = f"{len(flagged)} of {plural(len(trends), 'healthy tenant')} were flagged as leaking"
    doubtful = {name: detector.doubts(samples, name, trend) for name, trend in trends.items() if detector.leaks(trend)}
    if doubtful and not flagged:
        first, why = next(iter(doubtful.items()))
        claim += f", but memory of {names(doubtful)} grew all the time: of '{first}', {why}"
        return inconclusive(
            promise, metric, limit, claim, value=0.0, samples=len(trends), tenants=doubtful, control=True
        )
    return judged(promise, metric, float(len(flagged)), limit, len(trends), claim, tenants=flagged, control=True)


def _left_over(count: CycleCount, first: CycleCount) -> int:
    return max(count.left - first.left, count.opened - count.closed, 0)
