"""Made-up histories for the tests of judges: samples, operations, events and limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from isolation.record import Comparison, Limit, Measurement, Operation, Outcome, PlatformEvent, Sample

MB = 1024 * 1024


def at_most(value: float, unit: str = "s") -> Limit:
    return Limit(value=value, unit=unit, comparison=Comparison.AT_MOST, source="test")


def below(value: float, unit: str = "s") -> Limit:
    return Limit(value=value, unit=unit, comparison=Comparison.BELOW, source="test")


def above(value: float, unit: str) -> Limit:
    return Limit(value=value, unit=unit, comparison=Comparison.ABOVE, source="test")


def at_least(value: float, unit: str = "%") -> Limit:
    return Limit(value=value, unit=unit, comparison=Comparison.AT_LEAST, source="test")


def sampled(
    tenant: str,
    pid: int,
    times: Sequence[float],
    percent: Callable[[float], float] | float = 0.0,
    memory: Callable[[float], float] | float = 50.0 * MB,
    started_with: float = 0.0,
    written_per_second: int = 0,
) -> list[Sample]:
    """Samples of a process that used `percent(t)` of a core between each sample and the next."""
    used, previous, found = started_with, times[0], []
    for at in times:
        rate = percent((previous + at) / 2) if callable(percent) else percent
        used += rate / 100 * (at - previous)
        size = memory(at) if callable(memory) else memory
        written = int(written_per_second * (at - times[0]))
        found.append(Sample(at, tenant, pid, used, int(size), read_bytes=0, written_bytes=written))
        previous = at
    return found


def seconds(start: float, end: float, step: float = 1.0) -> list[float]:
    return [start + step * number for number in range(round((end - start) / step) + 1)]


def operation(
    tenant: str = "acme-01",
    intended_at: float = 0.0,
    latency: float | None = 0.1,
    outcome: Outcome = Outcome.ANSWERED,
    code: str = "",
    session: str = "s-1",
    correlation_id: str = "c-1",
    kind: str = "typical",
) -> Operation:
    not_sent = outcome is Outcome.NOT_SENT
    return Operation(
        tenant=tenant,
        user=f"{tenant}-user",
        session=session,
        correlation_id=correlation_id,
        kind=kind,
        intended_at=intended_at,
        sent_at=None if not_sent else intended_at,
        completed_at=None if latency is None or not_sent else intended_at + latency,
        outcome=outcome,
        code=code,
    )


def alert(tenant: str, at: float, kind: str = "noisy_tenant", resource: str = "") -> PlatformEvent:
    return PlatformEvent(1, at, "alert", kind, tenant, resource=resource)


def audit(tenant: str, at: float, kind: str = "contained") -> PlatformEvent:
    return PlatformEvent(1, at, "audit", kind, tenant)


def by_metric(measurements: Sequence[Measurement], part: str) -> Measurement:
    (found,) = [m for m in measurements if part in m.metric]
    return found
