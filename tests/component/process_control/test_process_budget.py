"""The quota for ordinary users on real processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from component.process_control.process_programs import BURN, SLEEP, Start
from process_control import BudgetLimiter, Holds, Meter, ProcessReader, fresh_memory_bytes, storage_bytes
from process_control.proc.pid_stat import parse_stat


@pytest.fixture
def limiter() -> Iterator[BudgetLimiter]:
    """A limiter that lets everybody go on afterwards."""
    made = BudgetLimiter()
    yield made
    made.close()


def _drive(limiter: BudgetLimiter, seconds: float) -> float:
    """Tick for some time; how long the longest pause between two ticks was (s): the machine may be busy."""
    end = last = time.monotonic()
    end += seconds
    longest = 0.0
    while last < end:
        limiter.tick()
        time.sleep(0.005)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    return longest


def _state(pid: int) -> str:
    return parse_stat(Path(f"/proc/{pid}/stat").read_text()).state


def _most(rate: float, seconds: float, longest_pause: float, processes: int = 1) -> float:
    """Most processor time that may be used: what was earned, what was saved, and what ran between two ticks (s)."""
    return rate * seconds + rate * 0.1 + longest_pause * min(processes, os.cpu_count() or 1) + 0.01


def test_a_burner_keeps_to_its_budget_and_is_not_held_back_without(start: Start, limiter: BudgetLimiter) -> None:
    process = start(BURN)
    with ProcessReader(process.pid) as reader:
        limiter.set_rate("acme", 0.1)
        before, begin = reader.cpu_seconds(), time.monotonic()
        assert limiter.add("acme", process.pid, reader.started_ticks)
        pause = _drive(limiter, 3)
        assert reader.cpu_seconds() - before <= _most(0.1, time.monotonic() - begin, pause)
        throttled = limiter.counters("acme")
        assert throttled.throttled > 3 and throttled.throttled_seconds > 0.5
        limiter.set_rate("acme", None)  # settles once more, and may so stop it for a moment
        until_then = limiter.counters("acme").throttled
        _drive(limiter, 0.5)
        assert limiter.counters("acme").throttled == until_then and _state(process.pid) == "R"


def test_processes_of_one_group_share_one_budget(start: Start, limiter: BudgetLimiter) -> None:
    readers = [ProcessReader(start(BURN).pid) for _ in range(3)]
    limiter.set_rate("box", 0.1)
    before, begin = sum(reader.cpu_seconds() for reader in readers), time.monotonic()
    for reader in readers:
        limiter.add("box", reader.pid)
    pause = _drive(limiter, 3)
    used, seconds = sum(reader.cpu_seconds() for reader in readers) - before, time.monotonic() - begin
    assert used <= _most(0.1, seconds, pause, processes=3)
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


_STORES = "import os\nf = open({path!r}, 'wb')\nwhile True: f.seek(0); f.write(b'x' * 65536); f.flush(); os.fsync(f)"
_TAKES_MEMORY = "import mmap\nwhile True:\n    with mmap.mmap(-1, 1 << 20) as memory: memory.write(bytes(1 << 20))"


@pytest.mark.parametrize(("meter", "program"), [(storage_bytes, _STORES), (fresh_memory_bytes, _TAKES_MEMORY)])
def test_bytes_keep_to_a_budget(start: Start, tmp_path: Path, meter: Meter, program: str) -> None:
    limiter = BudgetLimiter(meter, fastest=1e12)
    process = start(program.format(path=str(tmp_path / "x")))
    with ProcessReader(process.pid) as reader:
        if meter is storage_bytes and reader.io_bytes() is None:
            pytest.skip("the kernel does not tell storage traffic here")
        free = _used(meter, reader, lambda: time.sleep(1))
        limiter.set_rate("acme", free / 100)
        limiter.add("acme", process.pid)
        _drive(limiter, 0.3)
        limited = _used(meter, reader, lambda: _drive(limiter, 4))
    assert limiter.counters("acme").throttled > 0
    assert limited < free / 4
    limiter.close()


def _used(meter: Meter, reader: ProcessReader, meanwhile: Callable[[], object]) -> float:
    """What a process used (bytes/s)."""
    before, begin = meter(reader), time.monotonic()
    meanwhile()
    return (meter(reader) - before) / (time.monotonic() - begin)


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
