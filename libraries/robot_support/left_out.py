"""Which tests of the project were not chosen for a run: a promise is proven by all of its tests only."""

from __future__ import annotations

from collections.abc import Collection
from itertools import takewhile
from pathlib import Path

from robot.api import TestSuite as Suite

from isolation.show.evidence import LeftOut

SUITES = Path(__file__).resolve().parents[2] / "suites"


def promises_of(metadata: str) -> tuple[str, ...]:
    """The ids in a test's metadata ``Promise``, which are separated by blanks or commas."""
    return tuple(metadata.replace(",", " ").split())


def left_out(ran: Collection[str]) -> tuple[LeftOut, ...]:
    """The tests of the project that stand for a promise and are not among those that ran.

    Args:
        ran: Names of the tests that ran; names are unique in the project.
    """
    if not SUITES.is_dir():
        return ()
    tests = Suite.from_file_system(SUITES).all_tests
    return tuple(
        LeftOut(name=test.name, promises=promises_of(test.metadata["Promise"]))
        for test in tests
        if test.name not in ran and "Promise" in test.metadata
    )


def left_out_before(file: Path, test: str, ran: Collection[str]) -> str:
    """What a test may have to go on from: the tests of a file are the parts of one scenario.

    Args:
        file: The file of the test.
        test: Its name.
        ran: Names of the tests that ran before it.

    Returns:
        Name of the nearest test before it in the file that did not run, or nothing.
    """
    before = takewhile(lambda other: other.name != test, Suite.from_file_system(file).tests)
    return next((other.name for other in reversed(list(before)) if other.name not in ran), "")
