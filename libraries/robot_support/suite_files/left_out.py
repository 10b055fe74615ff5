"""Which tests of the project were not chosen for a run: a promise is proven by all of its tests only."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from robot.api import TestSuite as Suite

from isolation.show.evidence import LeftOut
from robot_support.suite_files.file_under_test import promises_of

SUITES = Path(__file__).resolve().parents[3] / "suites"


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
