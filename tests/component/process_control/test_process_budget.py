"""The quota for ordinary users on real processes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from process_control import BudgetLimiter, Holds, ProcessReader, storage_bytes
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
        limiter.set_rate("acme", 0.25)
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
    limiter.set_rate("box", 0.2)
    for reader in readers:
        limiter.add("box", reader.pid)
    _drive(limiter, 0.4)
    assert _percent(limiter, readers, 2) <= 20 * 1.05 + 2
    for reader in readers:
        reader.close()


def test_an_idle_process_is_never_stopped(start: Start, limiter: BudgetLimiter) -> None:
    process = start(SLEEP)
    limiter.set_rate("acme", 0.1)
    limiter.add("acme", process.pid)
    _drive(limiter, 0.3)
    assert limiter.counters("acme").throttled == 0 and _state(process.pid) == "S"


def test_leaving_a_stopped_group_continues_the_process(start: Start, limiter: BudgetLimiter) -> None:
    process = start(BURN)
    limiter.set_rate("acme", 0.01)
    limiter.add("acme", process.pid)
    _drive(limiter, 0.2)
    assert _state(process.pid) == "T"
    limiter.discard(process.pid)
    assert _state(process.pid) == "R"


def test_closing_continues_everybody(start: Start) -> None:
    limiter = BudgetLimiter()
    process = start(BURN)
    limiter.set_rate("acme", 0.01)
    limiter.add("acme", process.pid)
    _drive(limiter, 0.2)
    limiter.close()
    limiter.close()
    assert _state(process.pid) == "R"


def test_a_limiter_that_fails_continues_everybody(start: Start) -> None:
    process = start(BURN)
    program = (
        "import time\nfrom process_control import BudgetLimiter\nb = BudgetLimiter()\nb.set_rate('x', 0.01)\n"
        f"b.add('x', {process.pid})\nend = time.monotonic() + .3\n"
        "while time.monotonic() < end:\n    b.tick(); time.sleep(.005)\n"
        f"print(open('/proc/{process.pid}/stat').read().split()[2])\nraise RuntimeError"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "T", done.stderr
    assert done.returncode == 1 and _state(process.pid) == "R"


def test_an_ended_process_leaves_its_group(start: Start, limiter: BudgetLimiter) -> None:
    process = start(BURN)
    limiter.set_rate("acme", 0.5)
    limiter.add("acme", process.pid)
    process.kill()
    process.wait()
    _drive(limiter, 0.2)
    assert not limiter.add("acme", process.pid)


def test_storage_traffic_keeps_to_a_budget(start: Start, tmp_path: Path) -> None:
    limiter = BudgetLimiter(meter=storage_bytes, fastest=1e12)
    program = "while True: f.seek(0); f.write(b'x' * 65536); f.flush(); os.fsync(f)"
    process = start(f"import os\nf = open({str(tmp_path / 'x')!r}, 'wb')\n{program}")
    with ProcessReader(process.pid) as reader:
        before = reader.io_bytes()
        if before is None:
            pytest.skip("the kernel does not tell storage traffic here")
        limiter.set_rate("acme", 2e6)
        limiter.add("acme", process.pid)
        _drive(limiter, 1)
        after = reader.io_bytes()
        assert after is not None
        # The first 5 ms are free; what is written in them is paid for afterwards.
        first = after[1] - before[1]
        _drive(limiter, 1)
        last = reader.io_bytes()
        assert last is not None
    assert limiter.counters("acme").throttled > 0
    assert last[1] - before[1] - first <= max(2e6 * 1.2, 0.2 * first)
    limiter.close()


def test_two_limiters_agree_on_who_is_stopped(start: Start) -> None:
    holds, process = Holds(), start(BURN)
    first, second = BudgetLimiter(holds=holds), BudgetLimiter(holds=holds)
    for limiter in (first, second):
        limiter.set_rate("acme", 0.01)
        limiter.add("acme", process.pid)
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        first.tick()
        second.tick()
        time.sleep(0.005)
    assert _state(process.pid) == "T"
    first.close()
    assert _state(process.pid) == "T", "the second still holds it"
    second.close()
    assert _state(process.pid) == "R"
