"""When a FAIL does not count, because the machine was not the target's own.

Principle: limits of time, speed and shares assume that suite and target have the machine to themselves. When processes of
somebody else used a good part of it, a broken limit of that kind proves nothing: INCONCLUSIVE, never PASS. What does not depend on
speed (a foreign secret, a zombie, a wrong answer) stays what it is.
"""

from __future__ import annotations

from isolation.record import Limit, Measurement, Verdict

FOREIGN_LOAD = "foreign load"
"""Name of the limit."""
_UNITS_OF_SPEED = (
    "s",
    "ms",
    "min",
    "% of one core",
    "% of the machine",
    "Jain's index",
    "CV",
    "x entitlement",
    "x fair share",
    "requests/min",
    "MB/s",
    "% of flows in time",
    "connections not in time",
)


def excused_by_foreign_load(measurement: Measurement, foreign_percent: float | None, most: Limit) -> Measurement:
    """A FAIL about speed or shares becomes INCONCLUSIVE when others kept the machine busy.

    Args:
        measurement: What the judge said.
        foreign_percent: Per cent of the whole machine that others used meanwhile; None when nobody watched.
        most: The most that lets times count.

    Returns:
        The measurement itself, or INCONCLUSIVE with the reason.
    """
    busy = foreign_percent is not None and not most.comparison.holds(foreign_percent, most.value)
    if not busy or measurement.verdict is not Verdict.FAIL or not _depends_on_speed(measurement):
        return measurement
    reason = (
        f"{measurement.reason} It does not count as FAIL: meanwhile the machine was busy to {foreign_percent:.0f} % with processes"
        f" of others, and {most.value:.0f} % is the most that lets times count."
    )
    return measurement.model_copy(update={"verdict": Verdict.INCONCLUSIVE, "reason": reason})


def _depends_on_speed(measurement: Measurement) -> bool:
    """Whether the limit is one of time, rate or share, of a promise about performance."""
    unit = measurement.limit.unit if measurement.limit is not None else measurement.unit
    performance = measurement.promise.startswith("RI-") or measurement.promise in ("CS-1", "CS-3", "CS-4", "AR-18")
    return performance and (unit in _UNITS_OF_SPEED or unit.startswith("x quiet"))
