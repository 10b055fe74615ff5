"""The worker: calls into a process of its own, which never outlives its parent."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from component.drive.small_platform import wait_until
from isolation.drive import worker as worker_module
from isolation.drive.worker import Worker, WorkerEnded, WorkerError

HERE = str(Path(__file__).parent)


@pytest.fixture(autouse=True)
def service_can_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([HERE, os.environ.get("PYTHONPATH", "")]))


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def worker(heard: list[str]) -> Iterator[Worker]:
    one = Worker("worker_service:Service", heard.append)
    one.call("add", 1)  # the process is up
    yield one
    one.stop()


def is_alive(pid: int) -> bool:
    """Whether the process runs: neither gone nor a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_call_returns_what_the_method_returned(worker: Worker) -> None:
    assert worker.call("add", 1, 2, more=4) == 7
    assert worker.pid != os.getpid()


def test_a_large_message_passes_both_ways(worker: Worker) -> None:
    data = os.urandom(8 * 2**20)
    assert worker.call("echo", data) == data


def test_the_sentence_of_an_exception_comes_back_and_the_worker_goes_on(worker: Worker) -> None:
    with pytest.raises(WorkerError, match="^the sentence$"):
        worker.call("fail", "the sentence")
    with pytest.raises(WorkerError, match="RuntimeError"):
        worker.call("fail", "")
    with pytest.raises(WorkerError, match="no_such_method"):
        worker.call("no_such_method")
    with pytest.raises(WorkerError, match="pickle"):
        worker.call("unsendable")
    assert worker.call("add", 1) == 1


def test_calls_from_several_threads_get_their_own_answers(worker: Worker) -> None:
    with ThreadPoolExecutor(8) as pool:
        sums = list(pool.map(lambda number: worker.call("add", number, number), range(200)))
    assert sums == [2 * number for number in range(200)]


def test_a_slow_call_does_not_hold_up_another(worker: Worker) -> None:
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(worker.call, "wait", "slow", 1.0)
        assert worker.call("add", 1, timeout=0.9) == 1
        assert slow.result() == "slow"


def test_progress_is_heard_before_the_answer(worker: Worker, heard: list[str]) -> None:
    worker.call("talk", "one", "two")
    assert heard == ["one", "two"]


def test_a_call_that_takes_too_long_is_ended_in_the_worker_too(worker: Worker) -> None:
    with pytest.raises(WorkerError, match=r"'wait' gave no answer within 0\.2 s"):
        worker.call("wait", "too long", 60.0, timeout=0.2)
    assert wait_until(lambda: worker.call("cancelled") == ["too long"])


class TimeIsUp(BaseException):
    """As Robot's time-outs and Ctrl-C: no ``Exception``."""


def test_whatever_ends_the_waiting_ends_the_work(worker: Worker) -> None:
    def up(number: int, frame: object) -> None:
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, up)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(TimeIsUp):
            worker.call("wait", "interrupted", 60.0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert wait_until(lambda: worker.call("cancelled") == ["interrupted"])


def test_whoever_waits_is_told_when_the_worker_dies(worker: Worker) -> None:
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(worker.call, "wait", "for ever", 60.0)
        time.sleep(0.2)
        with pytest.raises(WorkerError, match="has ended"):
            worker.call("die")
        with pytest.raises(WorkerError, match="has ended"):
            waiting.result(5)
    with pytest.raises(WorkerError, match="has ended"):
        worker.call("add", 1)


def test_a_service_that_is_not_there_is_told_by_the_first_call() -> None:
    lost = Worker("no_such_module:Service")
    with pytest.raises(WorkerError, match="no_such_module:Service has ended"):
        lost.call("add", 1, timeout=20)
    lost.stop()


def test_stopping_closes_the_service_at_once_and_may_be_repeated(tmp_path: Path) -> None:
    one = Worker("worker_service:Service")
    one.call("say_farewell_to", str(tmp_path / "farewell"))
    threads = threading.active_count()
    began = time.monotonic()
    one.stop(timeout=20)
    assert time.monotonic() - began < 10, "it should end by itself, not by being killed when patience is over"
    assert (tmp_path / "farewell").read_text() == "closed"
    assert not is_alive(one.pid)
    assert threading.active_count() == threads - 1
    one.stop()
    one.stop()


def test_a_worker_that_hangs_is_ended_and_nobody_waits_for_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "_PING_S", 0.1)
    hanging = Worker("worker_service:Service", name="instrument", hangs_after_s=0.5)
    try:
        os.kill(hanging.pid, signal.SIGSTOP)
        with pytest.raises(WorkerEnded, match="own instrument did not answer"):
            hanging.call("add", 1, 2, timeout=60)
        assert hanging.hung
        with pytest.raises(WorkerEnded):
            hanging.call("add", 1, 2, timeout=60)
    finally:
        hanging.stop()


@pytest.mark.parametrize(("work", "hangs_after_s"), [("wait", 2.0), ("block", None)])
def test_a_worker_at_work_is_left_to_it(
    monkeypatch: pytest.MonkeyPatch, worker: Worker, work: str, hangs_after_s: float | None
) -> None:
    monkeypatch.setattr(worker_module, "_PING_S", 0.1)
    monkeypatch.setattr(worker, "_hangs_after_s", hangs_after_s)
    arguments = ("long", 3.0) if work == "wait" else (3.0,)
    worker.call(work, *arguments, timeout=60)
    assert not worker.hung
