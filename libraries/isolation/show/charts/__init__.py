"""One chart per file: plain data in, one self-contained ``<svg>`` element (less than 60 kB) out."""

from isolation.show.charts.clocks import NoisyTenant, Stage, clocks
from isolation.show.charts.contamination_matrix import Scan, contamination_matrix
from isolation.show.charts.fairness_bars import Share, fairness_bars
from isolation.show.charts.latency_distribution import Latencies, latency_distribution
from isolation.show.charts.latency_pairs import LatencyPair, RatioEstimate, latency_pairs
from isolation.show.charts.memory_growth import Growth, memory_growth
from isolation.show.charts.recovery_curve import Remainder, recovery_curve
from isolation.show.charts.usage_over_time import EventMark, Usage, usage_over_time
from isolation.show.charts.waterfall import UserStart, waterfall

__all__ = [
    "EventMark",
    "Growth",
    "Latencies",
    "LatencyPair",
    "NoisyTenant",
    "RatioEstimate",
    "Remainder",
    "Scan",
    "Share",
    "Stage",
    "Usage",
    "UserStart",
    "clocks",
    "contamination_matrix",
    "fairness_bars",
    "latency_distribution",
    "latency_pairs",
    "memory_growth",
    "recovery_curve",
    "usage_over_time",
    "waterfall",
]
