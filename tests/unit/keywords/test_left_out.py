"""Which tests of the project were not chosen for a run."""

from __future__ import annotations

import pytest
from robot.api import TestSuite as Suite

from robot_support.suite_files.file_under_test import promises_of
from robot_support.suite_files.left_out import SUITES, left_out

TESTS = list(Suite.from_file_system(SUITES).all_tests)


def test_names_of_tests_are_unique_so_that_a_name_says_which_one_ran() -> None:
    assert len({test.name for test in TESTS}) == len(TESTS)


def test_nothing_is_left_out_when_everything_ran() -> None:
    assert left_out({test.name for test in TESTS}) == ()


def test_what_was_not_chosen_is_named_with_its_promises() -> None:
    missing = next(test for test in TESTS if test.metadata["Promise"] == "RI-4")
    found = left_out({test.name for test in TESTS} - {missing.name})
    assert [(test.name, test.promises) for test in found] == [(missing.name, ("RI-4",))]


@pytest.mark.parametrize("metadata", ["RI-2, RI-5", "RI-2 RI-5", " RI-2,RI-5 "])
def test_a_test_may_stand_for_several_promises(metadata: str) -> None:
    assert promises_of(metadata) == ("RI-2", "RI-5")
