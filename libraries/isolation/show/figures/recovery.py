"""Figure of tenants that crash or leave: how what is left of them disappears."""

from __future__ import annotations

from isolation.judge.rules.series import Reading, kept_from
from isolation.record import Comparison, Limit
from isolation.record.limits import Limits
from isolation.record.resource_isolation.recovery import RecoveryRecord
from isolation.show.charts.recovery_curve import Remainder, recovery_curve

_NOTHING = Limit(value=0, unit="things", comparison=Comparison.AT_MOST, source="nothing may be left")


def remainder(record: RecoveryRecord, limits: Limits, **subject: object) -> str:
    """How many things of each kind are left, from the crash on."""
    lines = []
    for kind, known in record.before.counted().items():
        earlier = {thing.name for thing in known or ()}
        readings = [
            Reading(one.at, float(len({thing.name for thing in things} - earlier)))
            for one in record.afterwards
            if (things := one.counted()[kind]) is not None
        ]
        at, values = [reading.at for reading in readings], [reading.value for reading in readings]
        lines.append(Remainder(kind, at, values, kept_from(readings, _NOTHING)))
    return recovery_curve(
        lines,
        title="What is left of the tenants that crashed or left",
        unit="things left",
        event="crash and departure",
        event_at=record.departed_at,
        deadline=limits["clean"],
    )
