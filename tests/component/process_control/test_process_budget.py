"""The quota for ordinary users on real processes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from process_control import BudgetLimiter, ProcessReader
from process_control.proc_files import parse_stat
from process_programs import BURN, SLEEP, Start


@pytest.fixture
def limiter() -> Iterator[BudgetLimiter]:
    """A limiter that lets everybody go on afterwards."""
    made = BudgetLimiter()
    yield made
    made.close()


def _drive(limiter: BudgetLimiter, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        limiter.tick()
        time.sleep(0.005)


def _state(pid: int) -> str:
    return parse_stat(Path(f"/proc/{pid}/stat").read_text()).state


def _percent(limiter: BudgetLimiter, readers: list[ProcessReader], seconds: float) -> float:
    before, start = sum(reader.cpu_seconds() for reader in readers), time.monotonic()
    _drive(limiter, seconds)
    return (sum(reader.cpu_seconds() for reader in readers) - before) / (time.monotonic() - start) * 100


def test_a_burner_keeps_to_its_budget_and_exceeds_it_without(start: Start, limiter: BudgetLimiter) -> None:
    process = start(BURN)
    with ProcessReader(process.pid) as reader:
        limiter.set_rate("acme", 25)
        assert limiter.add("acme", process.pid, reader.started_ticks)
        _drive(limiter, 0.3)
        limited = _percent(limiter, [reader], 2)
        throttled = limiter.counters("acme")
        limiter.set_rate("acme", None)
        free = _percent(limiter, [reader], 0.5)
        assert limiter.counters("acme").throttled == throttled.throttled
    assert limited <= 25 * 1.05 + 1
    assert throttled.throttled > 3 and throttled.throttled_seconds > 0.5
    assert free > limited + 5


def test_processes_of_one_group_share_one_budget(start: Start, limiter: BudgetLimiter) -> None:
    readers = [ProcessReader(start(BURN).pid) for _ in range(3)]
    limiter.set_rate("box", 20)
    for reader in readers:
        limiter.add("box", reader.pid)
    _drive(limiter, 0.4)
    assert _percent(limiter, readers, 2) <= 20 * 1.05 + 2
    for reader in readers:
        reader.close()


def test_an_idle_process_is_never_stopped(start: Start, limiter: BudgetLimiter) -> None:
    process = start(SLEEP)
    limiter.set_rate("acme", 10)
    limiter.add("acme", process.pid)
    _drive(limiter, 0.3)
    assert limiter.counters("acme").throttled == 0 and _state(process.pid) == "S"


def test_leaving_a_stopped_group_continues_the_process(start: Start, limiter: BudgetLimiter) -> None:
    process = start(BURN)
    limiter.set_rate("acme", 1)
    limiter.add("acme", process.pid)
    _drive(limiter, 0.2)
    assert _state(process.pid) == "T"
    limiter.discard(process.pid)
    assert _state(process.pid) == "R"


def test_closing_continues_everybody(start: Start) -> None:
    limiter = BudgetLimiter()
    process = start(BURN)
    limiter.set_rate("acme", 1)
    limiter.add("acme", process.pid)
    _drive(limiter, 0.2)
    limiter.close()
    limiter.close()
    assert _state(process.pid) == "R"


def test_a_limiter_that_fails_continues_everybody(start: Start) -> None:
    process = start(BURN)
    program = (
        "import time\nfrom process_control import BudgetLimiter\nb = BudgetLimiter()\nb.set_rate('x', 1)\n"
        f"b.add('x', {process.pid})\nend = time.monotonic() + .3\n"
        "while time.monotonic() < end:\n    b.tick(); time.sleep(.005)\n"
        f"print(open('/proc/{process.pid}/stat').read().split()[2])\nraise RuntimeError"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "T", done.stderr
    assert done.returncode == 1 and _state(process.pid) == "R"


def test_an_ended_process_leaves_its_group(start: Start, limiter: BudgetLimiter) -> None:
    process = start(BURN)
    limiter.set_rate("acme", 50)
    limiter.add("acme", process.pid)
    process.kill()
    process.wait()
    _drive(limiter, 0.2)
    assert not limiter.add("acme", process.pid)
