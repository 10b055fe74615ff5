"""Made-up data for every chart: large enough to be the heaviest chart of a full run."""

from __future__ import annotations

import random
from collections.abc import Callable

from isolation.record import Comparison, Interval, Limit
from isolation.show import charts


def limit(value: float, unit: str, comparison: Comparison = Comparison.AT_MOST) -> Limit:
    return Limit(value=value, unit=unit, comparison=comparison, source="document 001")


def usage(tenants: int = 50, seconds: int = 900, name: str = "acme") -> str:
    rng = random.Random(1)
    usages = []
    for index in range(tenants):
        noisy = index in (3, 7)
        values = [
            (97 if t < seconds * 0.3 else 12) + rng.gauss(0, 2)
            if noisy and t > seconds * 0.1
            else max(rng.gauss(8, 2), 0)
            for t in range(seconds)
        ]
        usages.append(charts.Usage(f"{name}-{index:02d}", [1000.0 + t for t in range(seconds)], values, noisy))
    marks = [
        charts.EventMark(1000 + seconds * 0.10, "noise starts"),
        charts.EventMark(1000 + seconds * 0.12, f"alert noisy_tenant {name}-03"),
        charts.EventMark(1000 + seconds * 0.13, f"alert noisy_tenant {name}-07"),
        charts.EventMark(1000 + seconds * 0.30, f"audit contained {name}-03"),
        charts.EventMark(1000 + seconds * 0.95, "noise stops"),
    ]
    return charts.usage_over_time(
        usages,
        title="Two noisy tenants are held to their quota",
        unit="% of one core",
        quota=limit(50, "%"),
        marks=marks,
    )


def pairs(count: int = 10, slow: float = 1.03) -> str:
    rng = random.Random(2)
    rounds = []
    for index in range(count):
        quiet = rng.gauss(24, 1.5)
        rounds.append(charts.LatencyPair(index + 1, quiet, quiet * slow * rng.gauss(1, 0.04)))
    estimate = charts.RatioEstimate(slow, Interval(low=slow * 0.97, high=slow * 1.03, confidence=0.9))
    return charts.latency_pairs(
        rounds, title="The neighbours are not slowed down", statistic="block mean", estimate=estimate
    )


def distribution(answers: int = 20_000) -> str:
    rng = random.Random(3)
    quiet = [rng.lognormvariate(-3.6, 0.5) for _ in range(answers)]
    noisy = [rng.lognormvariate(-3.5, 0.8) for _ in range(answers)]
    return charts.latency_distribution(
        [charts.Latencies("quiet", quiet), charts.Latencies("noisy", noisy)],
        title="Answers stay fast while one tenant is noisy", limit=limit(2, "s", Comparison.BELOW),
    )  # fmt: skip


def fairness(tenants: int = 50, name: str = "acme") -> str:
    rng = random.Random(4)
    shares = [charts.Share(f"{name}-{index:02d}", rng.gauss(1, 0.12)) for index in range(tenants)]
    shares[4] = charts.Share(f"{name}-04", 0.31)
    shares[9] = charts.Share(f"{name}-09", 2.4)
    return charts.fairness_bars(
        shares, title="Everybody gets a fair share of the machine", jain=0.962,
        lowest=limit(0.5, "", Comparison.AT_LEAST), highest=limit(2, ""),
    )  # fmt: skip


def recovery() -> str:
    at = [100 + 0.5 * i for i in range(120)]

    def falling(start: float, over: float, rest: float = 0) -> list[float]:
        return [start if t < 110 else max(start * (1 - (t - 110) / over), rest) for t in at]

    return charts.recovery_curve(
        [
            charts.Remainder("processes", at, falling(25, 4), 114.0),
            charts.Remainder("open sockets", at, falling(50, 9), 119.0),
            charts.Remainder("temporary files", at, falling(18, 20, 3), None),
            charts.Remainder("database connections", at, falling(30, 12), 122.0),
        ],
        title="Nothing is left of 25 agents after half of them crashed", unit="things left", event="12 crash, 13 leave",
        event_at=110.0, deadline=limit(30, "s"),
    )  # fmt: skip


def clocks(name: str = "acme") -> str:
    def stages(identified: float | None, contained: float | None, normal: float | None) -> list[charts.Stage]:
        return [
            charts.Stage("identified", "start of noise", identified, limit(30, "s")),
            charts.Stage("contained", "start of noise", contained, limit(60, "s")),
            charts.Stage("back to normal", "end of noise", normal, limit(120, "s")),
        ]

    return charts.clocks(
        [
            charts.NoisyTenant(f"{name}-03", "a calculation that never ends", stages(2.1, 4.4, 8.0)),
            charts.NoisyTenant(f"{name}-07", "memory hunger", stages(12.0, 75.2, 30.5)),
            charts.NoisyTenant(f"{name}-11", "input/output and database storm", stages(6.2, 14.4, None)),
            charts.NoisyTenant(f"{name}-15", "message flood", stages(1.2, 3.3, 4.5)),
        ],
        title="Every noisy tenant is named, contained and released in time",
    )


def waterfall(users: int = 100, name: str = "user") -> str:
    rng = random.Random(5)
    starts = [
        charts.UserStart(f"{name}-{i:03d}", [abs(rng.gauss(m, m / 3)) for m in (0.2, 0.1, 0.8 + i / 40, 0.5)])
        for i in range(users)
    ]
    starts[10] = charts.UserStart(f"{name}-010", [0.2, 0.1, 5.6, 0.9])
    starts[11] = charts.UserStart(f"{name}-011", [0.3, 0.2], failed="no answer in 10 s")
    return charts.waterfall(
        starts, ["connect", "authenticate", "initialise", "first response"],
        title=f"{users} users start at the same time", limit=limit(5, "s", Comparison.BELOW),
    )  # fmt: skip


def matrix(owners: int = 100, places: int = 12, name: str = "acme") -> str:
    names = ["frames of others", "PostgreSQL", "Redis", "ClickHouse", "log files", "memory", "environment",
             "open files", "temporary files", "answers of others", "registry", "bridge events"]  # fmt: skip
    scans = [
        charts.Scan(
            f"{name}-{o:02d}",
            p,
            0 if o == 3 and p == "ClickHouse" else 120 * (o + 1),
            7 if (o, p) == (5, "Redis") else 0,
        )
        for o in range(owners)
        for p in names[:places]
    ]
    return charts.contamination_matrix(scans, title="No tenant's secret is found where it must not be")


def growth(tenants: int = 20, name: str = "acme") -> str:
    rng = random.Random(6)
    growths = []
    for index in range(tenants):
        leaking = index == 2
        memory = [60 + index + (t * 52 / 60 if leaking else 6 * ((t // 7) % 2)) + rng.gauss(0, 0.8) for t in range(90)]
        growths.append(
            charts.Growth(f"{name}-{index:02d}", [500.0 + t for t in range(90)], memory, 51.8 if leaking else 0.2, leaking,
                          541.0 if leaking else None)
        )  # fmt: skip
    return charts.memory_growth(
        growths, title="A leak of 50 MB a minute is named within a minute", limit=limit(25, "MB/min"), memory_kind="PSS"
    )


ALL: dict[str, Callable[[], str]] = {
    "usage_over_time": usage,
    "usage_few": lambda: usage(10, 120),
    "latency_pairs": pairs,
    "latency_pairs_bad": lambda: pairs(38, 1.62),
    "latency_distribution": distribution,
    "fairness_bars": fairness,
    "fairness_few": lambda: fairness(20),
    "recovery_curve": recovery,
    "clocks": clocks,
    "waterfall": waterfall,
    "waterfall_few": lambda: waterfall(20),
    "contamination_matrix": matrix,
    "contamination_few": lambda: matrix(8, 6),
    "memory_growth": growth,
}
