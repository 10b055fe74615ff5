"""Private control groups on the real kernel; skipped with the reason where they may not be made."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from component.process_control.process_programs import BURN, SLEEP, Start
from process_control import CgroupTree, CgroupUnavailable, ProcessReader, detect, open_tree


@pytest.fixture
def tree() -> Iterator[CgroupTree]:
    """A tree whose folders are gone afterwards, which is a claim of its own."""
    try:
        made = open_tree()
    except CgroupUnavailable as reason:
        pytest.skip(str(reason))
    yield made
    for group in made.groups:
        made.kill(group)
    assert made.close()
    assert not _folders(made)


def _folders(tree: CgroupTree) -> list[Path]:
    mode = detect()
    assert mode.cpu and mode.memory
    return [path for base in {mode.cpu, mode.memory} for path in base.glob(f"{tree.parent_name}*")]


def _percent(readers: list[ProcessReader], seconds: float) -> float:
    before, start = sum(reader.cpu_seconds() for reader in readers), time.monotonic()
    time.sleep(seconds)
    return (sum(reader.cpu_seconds() for reader in readers) - before) / (time.monotonic() - start) * 100


def _throttled_soon(tree: CgroupTree, group: str, more_than: int = 0) -> bool:
    end = time.monotonic() + 10
    while tree.counters(group).throttled <= more_than:
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_a_quota_holds_is_counted_and_can_be_lifted(tree: CgroupTree, start: Start) -> None:
    process = start(BURN)
    tree.create("acme")
    tree.create("bystander")
    tree.limit_cpu("acme", 10)
    assert tree.attach("acme", process.pid) and tree.members("acme") == [process.pid]
    with ProcessReader(process.pid) as reader:
        time.sleep(0.2)
        assert _percent([reader], 1.5) <= 10 * 1.05 + 1
        assert _throttled_soon(tree, "acme", more_than=3)
        assert tree.counters("acme").throttled_seconds > 0 and tree.counters("bystander").throttled == 0
        tree.limit_cpu("acme", None)
        time.sleep(0.2)
        free = tree.counters("acme")
        time.sleep(0.6)
        assert tree.counters("acme").throttled == free.throttled


def test_the_box_holds_the_sum_and_returns_everything(tree: CgroupTree, start: Start) -> None:
    readers = [ProcessReader(start(BURN).pid) for _ in range(3)]
    for number, reader in enumerate(readers):
        tree.create(f"noisy-{number}")
        tree.limit_cpu(f"noisy-{number}", 50)
        tree.attach(f"noisy-{number}", reader.pid)
    memory_before = [tree.members(f"noisy-{number}") for number in range(3)]
    tree.confine({"noisy-0", "noisy-1", "noisy-2"}, 10)
    time.sleep(0.2)
    assert _percent(readers, 1.5) <= 10 * 1.05 + 1
    assert [tree.members(f"noisy-{number}") for number in range(3)] == memory_before
    seen = tree.counters("noisy-1").throttled
    tree.confine(set(), 10)
    assert tree.counters("noisy-1").throttled >= seen, "counters only grow"
    for number in range(3):
        tree.limit_cpu(f"noisy-{number}", None)
    time.sleep(0.2)
    free = [tree.counters(f"noisy-{number}").throttled for number in range(3)]
    time.sleep(0.6)
    assert [tree.counters(f"noisy-{number}").throttled for number in range(3)] == free
    for reader in readers:
        reader.close()


def test_a_process_that_joins_a_boxed_tenant_is_in_the_box(tree: CgroupTree, start: Start) -> None:
    tree.create("acme")
    tree.confine({"acme"}, 10)
    process = start(BURN)
    tree.attach("acme", process.pid)
    with ProcessReader(process.pid) as reader:
        time.sleep(0.2)
        assert _percent([reader], 1.0) <= 12


def test_memory_above_the_quota_ends_the_process_and_is_counted(tree: CgroupTree) -> None:
    tree.create("acme")
    tree.limit_memory("acme", 60 << 20)
    hungry = subprocess.Popen(
        [sys.executable, "-S", "-c", "input(); b = bytearray(200 << 20); b[::4096] = b'x' * len(b[::4096])"],
        stdin=subprocess.PIPE,
    )
    assert hungry.stdin is not None
    tree.attach("acme", hungry.pid)
    hungry.communicate(b"\n", timeout=10)
    assert hungry.returncode == -9
    assert tree.counters("acme").oom_kills == 1


def test_a_quota_below_what_is_used_is_set_and_ends_whoever_does_not_give_it_back(tree: CgroupTree) -> None:
    tree.create("acme")
    held = "input(); b = bytearray(150 << 20); b[::4096] = b'x' * len(b[::4096]); print(1, flush=True); input()"
    hungry = subprocess.Popen([sys.executable, "-S", "-c", held], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert hungry.stdin is not None and hungry.stdout is not None
    tree.attach("acme", hungry.pid)
    hungry.stdin.write(b"\n")
    hungry.stdin.flush()
    assert hungry.stdout.readline() == b"1\n"
    tree.limit_memory("acme", 60 << 20)
    assert hungry.wait(10) == -9
    hungry.stdin.close()
    hungry.stdout.close()


def test_kill_empties_a_group_and_remove_refuses_a_full_one(tree: CgroupTree, start: Start) -> None:
    process = start(SLEEP)
    tree.create("acme")
    tree.attach("acme", process.pid)
    assert not tree.remove("acme")
    tree.kill("acme")
    assert process.wait(5) == -9
    assert tree.remove("acme") and "acme" not in tree.groups


def test_a_gone_process_is_reported(tree: CgroupTree, start: Start) -> None:
    process = start(SLEEP)
    process.kill()
    process.wait()
    tree.create("acme")
    assert not tree.attach("acme", process.pid)


def test_what_a_dead_owner_left_is_swept(tree: CgroupTree) -> None:
    program = (
        "import os\nfrom process_control import open_tree\nt = open_tree(); t.create('x'); t.confine({'x'}, 10)\n"
        "print(t.parent_name, flush=True); os._exit(0)"
    )
    left = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    mode = detect()
    assert mode.cpu and mode.memory and (mode.cpu / left).exists()
    second = open_tree()
    assert not (mode.cpu / left).exists() and not (mode.cpu / f"{left}-box").exists()
    assert not (mode.memory / left).exists()
    assert _folders(tree), "a living owner's groups must stay"
    second.close()


def test_a_freed_process_is_held_by_no_quota_and_no_box_any_more(tree: CgroupTree, start: Start) -> None:
    process = start(BURN)
    tree.create("acme")
    tree.limit_cpu("acme", 10)
    assert tree.attach("acme", process.pid)
    tree.confine({"acme"}, 5)
    assert _throttled_soon(tree, "acme")
    assert tree.free(process.pid)
    with ProcessReader(process.pid) as reader:
        assert _percent([reader], 1.0) > 30, "the quota would allow 5"
    process.kill()
    process.wait()
    assert not tree.free(process.pid)


def test_the_most_memory_of_a_group_outlives_the_process_that_had_it(tree: CgroupTree, start: Start) -> None:
    tree.create("acme")
    process = start(
        "import time; time.sleep(0.3); x = bytearray(60 << 20); x = None; print(1, flush=True); time.sleep(30)"
    )
    assert tree.attach("acme", process.pid)
    end = time.monotonic() + 10
    while (tree.peak_bytes("acme") or 0) < 60 << 20 and time.monotonic() < end:
        time.sleep(0.05)
    assert (tree.peak_bytes("acme") or 0) >= 60 << 20
