"""Whom an answer names, where ids are prefixes of each other or differ by case."""

from __future__ import annotations

import pytest

from isolation.scenarios.concurrent_startup.incidents import named_in

IDS = ["run-u1", "run-u1-x", "run-U1", "run-u12"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("made for run-u1.", ["run-u1"]),
        ("made for run-u1-x", ["run-u1-x"]),
        ("made for run-u12, not for run-U1", ["run-u12", "run-U1"]),
        ("run-u1 run-u1-x run-u1", ["run-u1", "run-u1-x"]),
        ("made for nobody", []),
    ],
)
def test_only_whole_ids_are_named(text: str, named: list[str]) -> None:
    assert named_in(text, IDS) == named
    assert named_in(text, []) == []
