"""What a platform used while users started: memory, processor, database connections."""

from __future__ import annotations

from dataclasses import replace

from isolation.judge.resources.platform_load import judge_cpu, judge_memory, judge_pool, report_agents
from isolation.record import Sample, Verdict
from isolation.record.usage.platform_samples import PlatformSample
from unit.judge.judge_histories import MB, at_most, below

GB = 1024 * MB
LIMIT = below(4096, "MB")
CPU = below(80, "% of the machine")
POOL = at_most(100, "% of the pool")


def sample(
    at: float, cpu: float = 0.0, memory: int | None = GB, used: int | None = 3, clients: int | None = 6
) -> PlatformSample:
    return PlatformSample(at, 120, cpu, memory, used, 10, clients)


def test_memory_is_decided_at_its_highest() -> None:
    samples = [sample(0), sample(1, memory=None), sample(2, memory=3 * GB), sample(3)]
    assert judge_memory("CS-3", samples, LIMIT, 100).value == 3072
    assert judge_memory("CS-3", [*samples, sample(4, memory=4 * GB)], LIMIT, 100).verdict is Verdict.FAIL


def test_memory_that_nobody_could_read_is_not_zero() -> None:
    assert judge_memory("CS-3", [sample(0, memory=None)], LIMIT, 100).verdict is Verdict.INCONCLUSIVE


def test_the_busiest_second_of_the_start_decides() -> None:
    samples = [sample(0, 0.0), sample(1, 0.2), sample(2, 1.2), sample(3, 1.4)]
    found = judge_cpu("CS-3", samples, 0.5, 2.5, 2, CPU)
    assert (found.verdict, found.value) == (Verdict.PASS, 50.0)
    assert judge_cpu("CS-3", samples, 0.5, 2.5, 1, CPU).verdict is Verdict.FAIL


def test_a_burst_that_is_shorter_than_a_second_counts_over_the_second() -> None:
    samples = [sample(0, 0.0), sample(0.3, 0.6), sample(0.6, 0.7), sample(1.0, 0.7), sample(1.3, 0.7)]
    assert judge_cpu("CS-3", samples, 0.0, 0.5, 2, CPU).value == 35.0


def test_a_window_that_the_samples_do_not_cover_is_not_decided() -> None:
    samples = [sample(1), sample(2)]
    assert judge_cpu("CS-3", samples, 0.5, 2.0, 2, CPU).verdict is Verdict.INCONCLUSIVE
    assert judge_cpu("CS-3", samples, 1.0, 2.5, 2, CPU).verdict is Verdict.INCONCLUSIVE
    assert judge_cpu("CS-3", [sample(1), sample(1.5)], 1.0, 1.4, 2, CPU).verdict is Verdict.INCONCLUSIVE
    assert judge_cpu("CS-3", [], 0.0, 1.0, 2, CPU).verdict is Verdict.INCONCLUSIVE


def test_connections_beside_the_pool_are_found_by_the_database_s_own_count() -> None:
    honest = [sample(0), sample(1, used=10, clients=14)]
    assert [m.verdict for m in judge_pool("CS-3", honest, POOL)] == [Verdict.PASS, Verdict.PASS]
    secretive = [sample(0), sample(1, clients=60)]
    assert [m.verdict for m in judge_pool("CS-3", secretive, POOL)] == [Verdict.PASS, Verdict.FAIL]
    overdrawn = [sample(0), sample(1, used=12)]
    assert judge_pool("CS-3", overdrawn, POOL)[0].verdict is Verdict.FAIL


def test_a_pool_that_nobody_tells_about_is_not_decided() -> None:
    no_evidence = [replace(sample(0), pool_used=None, pool_size=None)]
    assert {m.verdict for m in judge_pool("CS-3", no_evidence, POOL)} == {Verdict.INCONCLUSIVE}
    unasked = [sample(0, clients=None)]
    assert [m.verdict for m in judge_pool("CS-3", unasked, POOL)] == [Verdict.PASS, Verdict.INCONCLUSIVE]


def test_one_agent_s_cost_is_reported_without_a_limit() -> None:
    samples = [Sample(0.0, f"acme-{n}", n, 0.01 * n, 20 * MB, pss_bytes=n * MB) for n in range(1, 4)]
    memory, cpu = report_agents("CS-3", samples)
    assert (memory.value, memory.unit, memory.limit) == (2, "MB", None)
    assert (cpu.value, cpu.unit, cpu.details["maximum ms"]) == (20, "ms", 30)
    assert report_agents("CS-3", []) == []
