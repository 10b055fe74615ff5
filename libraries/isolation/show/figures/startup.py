"""From starts to the charts of the log: the waterfall, and how long each phase took."""

from __future__ import annotations

from collections.abc import Iterable

from isolation.record.concurrent_startup.startup import PHASES, Startup, StartupRecord
from isolation.record.limits import Limits
from isolation.show.charts.latency_distribution import Latencies, latency_distribution
from isolation.show.charts.waterfall import UserStart, waterfall

_MOST_ROWS = 150


def waterfall_of(record: StartupRecord, limits: Limits) -> str:
    """One row per user, phase by phase; with very many users only the slowest."""
    starts = record.starts
    shown = starts
    if len(starts) > _MOST_ROWS:
        shown = sorted(starts, key=lambda start: -(start.total_s or float("inf")))[:_MOST_ROWS]
    rows = [UserStart(start.user, list(_phases(start)), failed=start.broke_at) for start in shown]
    more = f", the slowest {len(shown)}" if len(shown) < len(starts) else ""
    title = f"The start of {len(starts)} users at once{more}"
    return waterfall(rows, [phase.replace("_", " ") for phase in PHASES[:-1]], title=title, limit=limits["start"])


def phases_of(record: StartupRecord, limits: Limits) -> str:
    """How the durations of each phase spread."""
    curves = [
        Latencies(phase.replace("_", " "), [t for s in record.starts if (t := getattr(s, f"{phase}_s")) is not None])
        for phase in PHASES
    ]
    return latency_distribution(
        [curve for curve in curves if curve.seconds], title="How long each phase took", limit=limits["p95"]
    )


def _phases(start: Startup) -> Iterable[float]:
    for phase in PHASES[:-1]:
        seconds = getattr(start, f"{phase}_s")
        if seconds is None:
            return
        yield seconds
