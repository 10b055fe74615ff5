"""A broken limit of time or share, on a machine that others keep busy, says nothing about the target."""

from __future__ import annotations

from collections.abc import Sequence

from isolation.judge.rules.excuses import excused_by_foreign_load
from isolation.record import Measurement, Verdict
from robot_support import run as runs


def excuse_busy_machine(measurements: Sequence[Measurement], since: float) -> list[Measurement]:
    """Turn FAILs about speed and shares into INCONCLUSIVE when the machine was busy with others since a moment.

    The load is only asked for when something failed.
    """
    if not runs.is_open() or all(m.verdict is not Verdict.FAIL for m in measurements):
        return list(measurements)
    percent = runs.current().monitor.call("foreign_load", since)
    return [excused_by_foreign_load(m, percent) for m in measurements]
