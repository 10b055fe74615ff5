"""RI-1 on made-up counters: ten agents that rest, work, and rest again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from isolation.judge.resources.baseline import BaselineLimits, BaselineWindows, judge_baseline
from isolation.judge.resources.usage import Window, usage
from isolation.record import Comparison, Limit, Measurement, MemoryKind, ProcessRef, Sample, Verdict

MB = 1024**2
TENANTS = [f"tenant-{number}" for number in range(10)]
WINDOWS = BaselineWindows(
    idle=Window(0, 10),
    load=Window(10, 20),
    alone={tenant: Window(60 + 4 * n, 64 + 4 * n) for n, tenant in enumerate(TENANTS)},
)


def below(value: float, unit: str) -> Limit:
    return Limit(value=value, unit=unit, comparison=Comparison.BELOW, source="test")


LIMITS = BaselineLimits(
    memory_kept=2**20,
    idle_cpu=below(5, "% of one core"),
    idle_memory=below(256, "MB"),
    io=below(10, "MB/s"),
    load_cpu=below(25, "% of one core"),
    load_memory=below(512, "MB"),
    memory_recovery=Limit(value=30, unit="s", comparison=Comparison.AT_MOST, source="test"),
    memory_tolerance=1.10,
    least_samples=8,
)
Curve = Callable[[str, float], float]


def typical_cpu(tenant: str, at: float) -> float:
    """Per cent of a core in the second that ends at ``at``."""
    if 10 < at <= 20:
        return 15.0
    alone = WINDOWS.alone[tenant]
    return 40.0 if alone.start < at <= alone.end else 0.5


def typical_memory(tenant: str, at: float) -> float:
    return 200.0 if 10 < at < 25 else 100.0


def quiet_io(tenant: str, at: float) -> float:
    return 0.1


def history(cpu: Curve = typical_cpu, memory: Curve = typical_memory, io: Curve = quiet_io) -> list[Sample]:
    samples = []
    for number, tenant in enumerate(TENANTS):
        used = moved = 0.0
        for second in range(101):
            used += cpu(tenant, second) / 100
            moved += io(tenant, second) * MB
            samples.append(
                Sample(
                    at=float(second),
                    tenant=tenant,
                    pid=1000 + number,
                    cpu_seconds=used,
                    rss_bytes=int(memory(tenant, second) * MB),
                    read_bytes=int(moved / 2),
                    written_bytes=int(moved / 2),
                    handles=12,
                )
            )
    return samples


PROCESSES = [ProcessRef(tenant, "u", "a", 1000 + number, 77, "operator") for number, tenant in enumerate(TENANTS)]


def judge(
    samples: list[Sample], processes: list[ProcessRef] | None = None, own_pids: tuple[int, ...] = (1,)
) -> dict[str, Measurement]:
    found = judge_baseline(
        samples, PROCESSES if processes is None else processes, own_pids, "RI-1", TENANTS, WINDOWS, LIMITS
    )
    return {measurement.metric: measurement for measurement in found}


def test_modest_agents_pass_everything() -> None:
    found = judge(history())
    assert {m.verdict for m in found.values()} == {Verdict.PASS}
    assert len(found) == 10
    assert found["idle CPU"].value == pytest.approx(0.5)
    assert found["load CPU"].value == pytest.approx(15.0)
    assert found["idle memory"].value == pytest.approx(100)
    assert found["memory recovery"].value == pytest.approx(5)
    assert "RSS" in found["load memory"].reason


def test_usage_counts_all_processes_of_a_tenant_and_says_which_memory() -> None:
    two = [
        Sample(float(t), "a", pid, t * 0.1, 5 * MB, pss_bytes=3 * MB, handles=4) for t in range(11) for pid in (1, 2)
    ]
    found = usage(two, "a", 2, 8)
    assert found is not None
    assert found.cpu_percent == pytest.approx(20.0)
    assert found.memory_bytes == 6 * MB
    assert found.memory_kind is MemoryKind.PSS
    assert found.handles == 8
    assert found.io_bytes_per_second is None
    assert usage(two, "a", 20, 30) is None
    assert usage(two, "b", 2, 8) is None


def only(tenant: str, value: float, normal: Curve, start: float, end: float) -> Curve:
    return lambda name, at: value if name == tenant and start < at <= end else normal(name, at)


@pytest.mark.parametrize(
    ("samples", "metric"),
    [
        (history(cpu=only("tenant-3", 9.0, typical_cpu, 0, 10)), "idle CPU"),
        (history(cpu=only("tenant-3", 60.0, typical_cpu, 10, 20)), "load CPU"),
        (history(memory=only("tenant-3", 300.0, typical_memory, 0, 9)), "idle memory"),
        (history(memory=only("tenant-3", 600.0, typical_memory, 10, 20)), "load memory"),
        (history(io=only("tenant-3", 30.0, quiet_io, 0, 10)), "idle I/O"),
        (history(io=only("tenant-3", 30.0, quiet_io, 10, 20)), "load I/O"),
        (history(memory=only("tenant-3", 200.0, typical_memory, 10, 55)), "memory recovery"),
        (history(memory=only("tenant-3", 200.0, typical_memory, 10, 200)), "memory recovery"),
    ],
)
def test_the_tenant_that_breaks_a_limit_is_named(samples: list[Sample], metric: str) -> None:
    found = judge(samples)[metric]
    assert found.verdict is Verdict.FAIL
    assert found.tenants == ("tenant-3",)
    assert "'tenant-3'" in found.reason


def test_memory_that_is_still_high_when_the_record_ends_early_decides_nothing() -> None:
    high = history(memory=only("tenant-3", 200.0, typical_memory, 10, 200))
    found = judge([sample for sample in high if sample.at < 40])["memory recovery"]
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.tenants == ("tenant-3",)


def test_work_that_shows_in_anothers_numbers_is_found() -> None:
    alone = WINDOWS.alone["tenant-1"]
    swapped = judge(history(cpu=only("tenant-2", 30.0, typical_cpu, alone.start, alone.end)))["independence"]
    assert swapped.verdict is Verdict.FAIL
    assert swapped.tenants == ("tenant-2",)
    assert "While tenant 'tenant-1' worked alone, tenant 'tenant-2' showed 30 %" in swapped.reason


def test_work_that_shows_nowhere_proves_no_independence() -> None:
    alone = WINDOWS.alone["tenant-1"]
    found = judge(history(cpu=only("tenant-1", 0.4, typical_cpu, alone.start, alone.end)))["independence"]
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "own work of 'tenant-1' did not show" in found.reason


def test_shared_missing_and_own_processes_are_named() -> None:
    shared = [*PROCESSES[:9], replace(PROCESSES[9], pid=1000)]
    assert judge(history(), shared)["distinct processes"].tenants == ("tenant-0", "tenant-9")
    assert judge(history(), PROCESSES[:9])["distinct processes"].tenants == ("tenant-9",)
    own = judge(history(), own_pids=(1004,))["distinct processes"]
    assert own.verdict is Verdict.FAIL
    assert "'tenant-4' with a process of the suite" in own.reason
    assert judge(history(), [])["distinct processes"].verdict is Verdict.FAIL


def test_a_tenant_without_samples_is_red_and_one_with_few_is_undecided() -> None:
    gone = judge([sample for sample in history() if sample.tenant != "tenant-5"])
    assert gone["samples of each tenant"].verdict is Verdict.FAIL
    assert gone["samples of each tenant"].tenants == ("tenant-5",)
    assert gone["memory recovery"].verdict is Verdict.FAIL
    sparse = judge([s for s in history() if s.tenant != "tenant-5" or s.at % 3 == 0])["samples of each tenant"]
    assert sparse.verdict is Verdict.INCONCLUSIVE
    assert sparse.tenants == ("tenant-5",)


def test_no_samples_at_all_leave_nothing_green_but_the_process_ids() -> None:
    found = judge([])
    assert {metric for metric, m in found.items() if m.verdict is Verdict.PASS} == {"distinct processes"}
    assert found["idle CPU"].verdict is Verdict.FAIL


def test_io_that_may_not_be_read_is_undecided_by_name() -> None:
    hidden = [replace(s, read_bytes=None) if s.tenant == "tenant-6" else s for s in history()]
    found = judge(hidden)["idle I/O"]
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.tenants == ("tenant-6",)


def test_memory_that_never_rose_cannot_come_back() -> None:
    flat = history(memory=lambda tenant, at: 20.0)
    found = judge(flat)["memory recovery"]
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "had never risen" in found.reason
