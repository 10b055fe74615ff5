"""What a suite file stands for, read from the file itself: all of its tests, also those that were not chosen."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from robot.api import TestSuite as Suite

PROJECT = Path(__file__).resolve().parents[3]


def promises_of(metadata: str) -> tuple[str, ...]:
    """The ids in a test's metadata ``Promise``, which are separated by blanks or commas."""
    return tuple(metadata.replace(",", " ").split())


@cache
def promises_of_file(source: Path | str) -> tuple[str, ...]:
    """The promises of all tests of a file, each once, in their order."""
    tests = Suite.from_file_system(source).all_tests
    return tuple(dict.fromkeys(p for test in tests for p in promises_of(str(test.metadata.get("Promise", "")))))


def name_of_record(suite: str) -> str:
    """A file name for the record of a suite: nothing but letters, digits, dots and hyphens."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", suite).strip("_.") or "suite"
