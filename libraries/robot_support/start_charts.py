"""From starts to the charts of the log: the waterfall, and how long each phase took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from isolation.judge.traffic.startup import PHASES, Startup
from isolation.record import Limit
from isolation.show.charts.latency_distribution import Latencies, latency_distribution
from isolation.show.charts.waterfall import UserStart, waterfall

_MOST_ROWS = 150


def start_waterfall(starts: Sequence[Startup], limit: Limit) -> str:
    """One row per user, phase by phase; with very many users only the slowest."""
    shown = (
        starts if len(starts) <= _MOST_ROWS else sorted(starts, key=lambda s: -(s.total_s or float("inf")))[:_MOST_ROWS]
    )
    rows = [UserStart(start.user, list(_phases(start)), failed=start.broke_at) for start in shown]
    title = f"The start of {len(starts)} users at once" + (
        f", the slowest {len(shown)}" if len(shown) < len(starts) else ""
    )
    return waterfall(rows, [phase.replace("_", " ") for phase in PHASES[:-1]], title=title, limit=limit)


def _phases(start: Startup) -> Iterable[float]:
    for phase in PHASES[:-1]:
        seconds = getattr(start, f"{phase}_s")
        if seconds is None:
            return
        yield seconds


def phase_distribution(starts: Sequence[Startup], limit: Limit) -> str:
    """How the durations of each phase spread."""
    curves = [
        Latencies(phase.replace("_", " "), [t for start in starts if (t := getattr(start, f"{phase}_s")) is not None])
        for phase in PHASES
    ]
    return latency_distribution(
        [curve for curve in curves if curve.seconds], title="How long each phase took", limit=limit
    )
