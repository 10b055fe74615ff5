"""A process that nobody names is found beside its siblings; one that replaces another is not left over."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from isolation.drive.watch.processes.siblings import Siblings, look, parents_of
from isolation.record import ProcessRef
from process_control.family import children, started_ticks

PARENT = """
import subprocess, sys
kept = []

def end_the_oldest():
    kept[0].kill()
    kept.pop(0).wait()

for line in sys.stdin:
    if line == "start\\n":
        kept.append(subprocess.Popen(["sleep", "60"]))
    else:
        end_the_oldest()
    print("done", flush=True)
while kept:
    end_the_oldest()
"""


class Parent:
    """A process that starts and ends children on request."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def do(self, *words: str) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        for word in words:
            self.process.stdin.write(f"{word}\n")
            self.process.stdin.flush()
            self.process.stdout.readline()


@pytest.fixture
def family() -> Iterator[Parent]:
    parent = Parent()
    yield parent
    parent.process.communicate()


def test_one_more_than_before_is_left_over(family: Parent) -> None:
    family.do("start")
    (known,) = children(family.process.pid)
    agent = ProcessRef("t", "u", "a", known, started_ticks(known), "operator")
    before = look(parents_of([agent]))
    assert before.parents == {family.process.pid} and before.surplus() == [] and before.seen_of([agent]) == 1
    family.do("start")
    (left,) = before.surplus()
    assert left.pid in children(family.process.pid) and left.pid != known and left.tenant == ""
    family.do("end")
    assert before.surplus() == []  # the younger one has taken the place of the older one


def test_nothing_is_said_of_processes_without_a_known_parent() -> None:
    assert parents_of([ProcessRef("t", "u", "a", 1, 0, "operator")]) == frozenset()
    assert Siblings(frozenset(), ()).surplus() == []
