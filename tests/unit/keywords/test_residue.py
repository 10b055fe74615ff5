"""What is left of a tenant, in words."""

from __future__ import annotations

from isolation.scenarios.api import residue_in_words


def test_what_is_left_is_named_and_nothing_is_empty() -> None:
    assert residue_in_words("t1", {"rows": {}, "keys": 0, "files": 0}) == []
    assert residue_in_words("t1", {"rows": {"agents": 2}, "keys": 1}) == [
        "tenant t1: 2 rows of agents",
        "tenant t1: 1 keys",
    ]
