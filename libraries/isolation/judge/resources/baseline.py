"""RI-1: is every agent measured on its own, and does it stay within its share at rest and under typical work?

Principle: CPU and I/O are rates of cumulative counters over a window, CPU in per cent of one core; memory is the
highest value in the window. The worst tenant decides each number. A tenant without samples is a FAIL (it was not
measured), one with fewer than asked for INCONCLUSIVE.

That the numbers belong to whom they name is judged by :mod:`isolation.judge.resources.attribution`.

Memory is back when every later reading stays within the tolerance of the tenant's highest idle memory. Assumption:
the idle window is long enough to show the resting state; a shorter one makes the judge stricter, never laxer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from isolation.judge.resources.attribution import judge_distinct_processes, judge_independence
from isolation.judge.resources.usage import Usage, Window, usage
from isolation.judge.rules.limit_units import bytes_as, seconds_as
from isolation.judge.rules.series import Reading, kept_from, memory_readings
from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, no_evidence, plural
from isolation.record import Comparison, Limit, Measurement, ProcessRef, Sample


@dataclass(frozen=True, slots=True)
class BaselineWindows:
    """When what was going on.

    Attributes:
        idle: Nobody worked.
        load: Everybody did typical work.
        alone: Per tenant, when only that tenant worked.
    """

    idle: Window
    load: Window
    alone: Mapping[str, Window]


@dataclass(frozen=True, slots=True)
class BaselineLimits:
    """What the baseline is held against.

    Attributes:
        idle_cpu: Largest CPU at rest, per cent of one core; also what others may show while one works alone.
        idle_memory: Largest memory at rest.
        io: Largest I/O rate, at rest and under load.
        load_cpu: Largest CPU under load, per cent of one core.
        load_memory: Largest memory under load.
        memory_recovery: Longest time from the end of the load until memory is back.
        memory_tolerance: What "back" means, as a ratio to the highest idle memory, such as 1.10.
        memory_kept: Bytes that a process may keep in any case: for a small one, a tenth of its memory at rest is a few pages.
        least_samples: How many samples each tenant needs in each window.
    """

    idle_cpu: Limit
    idle_memory: Limit
    io: Limit
    load_cpu: Limit
    load_memory: Limit
    memory_recovery: Limit
    memory_tolerance: float
    memory_kept: float
    least_samples: int


def judge_baseline(
    samples: Sequence[Sample],
    processes: Sequence[ProcessRef],
    own_pids: Collection[int],
    promise: str,
    tenants: Sequence[str],
    windows: BaselineWindows,
    limits: BaselineLimits,
) -> list[Measurement]:
    """Judge the whole baseline.

    Args:
        samples: Samples from before the idle window until the memory has had its time to come back.
        processes: The tenants' processes.
        own_pids: Process ids of the suite itself.
        tenants: All tenants that were to be measured.
        windows: When what was going on.
        limits: What decides.
    """
    idle, load = (
        {tenant: found for tenant in tenants if (found := usage(samples, tenant, window.start, window.end)) is not None}
        for window in (windows.idle, windows.load)
    )
    return [
        judge_distinct_processes(processes, own_pids, promise, tenants),
        _sampled(idle, load, promise, tenants, limits.least_samples),
        *_window(idle, "idle", promise, limits.idle_cpu, limits.idle_memory, limits.io),
        *_window(load, "load", promise, limits.load_cpu, limits.load_memory, limits.io),
        judge_memory_recovery(samples, promise, tenants, windows, limits),
        judge_independence(samples, promise, tenants, windows.alone, limits.idle_cpu),
    ]


def _sampled(
    idle: Mapping[str, Usage], load: Mapping[str, Usage], promise: str, tenants: Sequence[str], least: int
) -> Measurement:
    metric = "samples of each tenant"
    limit = Limit(value=least, unit="samples", comparison=Comparison.AT_LEAST, source="the suite's own")
    counts = {t: min(window[t].samples if t in window else 0 for window in (idle, load)) for t in tenants}
    none = [tenant for tenant in tenants if counts[tenant] == 0]
    if none or not counts:
        return no_evidence(
            promise, metric, limit, f"No usable samples of {names(none)} at rest or under load", tenants=none
        )
    fewest = min(counts.values())
    few = sorted((t for t in tenants if counts[t] < least), key=lambda tenant: counts[tenant])
    claim = f"Each of {len(tenants)} tenants has at least {plural(fewest, 'sample')} in each window"
    if few:
        claim += f", too few of {names(few)}"
        return inconclusive(promise, metric, limit, claim, value=fewest, samples=sum(counts.values()), tenants=few)
    return judged(promise, metric, fewest, limit, sum(counts.values()), claim)


def _window(
    used: Mapping[str, Usage], when: str, promise: str, cpu: Limit, memory: Limit, io: Limit
) -> list[Measurement]:
    return [
        _worst(used, f"{when} CPU", promise, cpu, lambda found: found.cpu_percent),
        _worst(used, f"{when} memory", promise, memory, lambda found: bytes_as(found.memory_bytes, memory.unit)),
        _worst(used, f"{when} I/O", promise, io, lambda found: _io(found, io.unit)),
    ]


def _io(found: Usage, unit: str) -> float | None:
    return None if found.io_bytes_per_second is None else bytes_as(found.io_bytes_per_second, unit)


def _worst(
    used: Mapping[str, Usage], metric: str, promise: str, limit: Limit, value_of: Callable[[Usage], float | None]
) -> Measurement:
    """Hold the highest value of all tenants against the limit."""
    values = {tenant: value for tenant, found in used.items() if (value := value_of(found)) is not None}
    hidden = sorted(used.keys() - values.keys())
    samples = sum(used[tenant].samples for tenant in values)
    if not used:
        return no_evidence(promise, metric, limit, f"The {metric} of no tenant was measured")
    if hidden:
        claim = f"The {metric} of {names(hidden)} could not be read"
        return inconclusive(promise, metric, limit, claim, samples=samples, tenants=hidden)
    order = sorted(values, key=lambda tenant: -values[tenant])
    worst = order[0]
    breaking = [tenant for tenant in order if not limit.comparison.holds(values[tenant], limit.value)]
    kind = f", {used[worst].memory_kind}" if "memory" in metric else ""
    claim = (
        f"Tenant '{worst}' had the highest {metric} of {len(values)}: {amount(values[worst], limit.unit)}"
        f" ({plural(used[worst].samples, 'sample')} in {used[worst].seconds:.0f} s{kind})"
    )
    details: dict[str, float | int | str | None] = {"memory kind": str(used[worst].memory_kind)} if kind else {}
    return judged(promise, metric, values[worst], limit, samples, claim, tenants=breaking, details=details)


def judge_memory_recovery(
    samples: Sequence[Sample], promise: str, tenants: Sequence[str], windows: BaselineWindows, limits: BaselineLimits
) -> Measurement:
    """How long the slowest tenant needed after the load until its memory was back to what it was at rest.

    Args:
        samples: Samples that reach past the end of the load.
        windows: Rest and load.
        limits: Longest time and tolerance.

    Returns:
        FAIL when a tenant took too long or was not seen; INCONCLUSIVE when the record ends before the time is up, or when
        the memory of some tenant had never risen: nothing can come back then.
    """
    metric, limit = "memory recovery", limits.memory_recovery
    waits: dict[str, tuple[bool, float]] = {}
    flat: list[str] = []
    count = 0
    for tenant in tenants:
        readings = memory_readings(samples, tenant)
        rest = [reading.value for reading in readings if windows.idle.start <= reading.at <= windows.idle.end]
        later = [reading for reading in readings if reading.at >= windows.load.end]
        loaded = [reading.value for reading in readings if windows.idle.end < reading.at < windows.load.end]
        bound = max(rest, default=0.0) * limits.memory_tolerance
        bound = max(bound, max(rest, default=0.0) + limits.memory_kept)
        if rest and max(loaded, default=0.0) <= bound:
            flat.append(tenant)
        if rest and later:
            count += len(later)
            waits[tenant] = _wait(later, bound, windows.load.end, limit.unit)
    missing = [tenant for tenant in tenants if tenant not in waits]
    if missing or not waits:
        claim = f"The memory of {names(missing)} was not seen at rest and after the load"
        return no_evidence(promise, metric, limit, claim, samples=count, tenants=missing)
    slowest = max(waits, key=lambda tenant: waits[tenant][1])
    still_high = sorted(tenant for tenant, (back, _) in waits.items() if not back)
    late = sorted(tenant for tenant, (_, wait) in waits.items() if not limit.comparison.holds(wait, limit.value))
    value = waits[slowest][1]
    if late or not still_high:
        state = "was still above" if slowest in still_high else "was back to"
        claim = f"Memory of tenant '{slowest}', the slowest of {len(waits)}, {state} {limits.memory_tolerance:g} x rest"
        claim += f" (or {amount(limits.memory_kept, 'bytes')} more)"
        claim += f" {amount(value, limit.unit)} after the load"
        if flat and not late:
            claim += f", but that of {names(flat)} had never risen"
            return inconclusive(promise, metric, limit, claim, value=value, samples=count, tenants=flat)
        return judged(promise, metric, value, limit, count, claim, tenants=late)
    claim = (
        f"Memory of {names(still_high)} was not back when the record ended, {amount(value, limit.unit)} after the load"
    )
    return inconclusive(promise, metric, limit, claim, value=value, samples=count, tenants=still_high)


def _wait(later: Sequence[Reading], bound: float, since: float, unit: str) -> tuple[bool, float]:
    """Whether memory came back, and after how long; or how long it was watched in vain."""
    back = kept_from(later, Limit(value=bound, unit="bytes", comparison=Comparison.AT_MOST, source="rest"))
    until = max(reading.at for reading in later) if back is None else back
    return back is not None, seconds_as(until - since, unit)
