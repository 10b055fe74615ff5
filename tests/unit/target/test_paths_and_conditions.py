"""Paths and conditions: against a slow and obvious second version, on generated frames."""

from __future__ import annotations

import random

import pytest

from isolation.target.interpreter.conditions import compile_matcher, compile_when
from isolation.target.interpreter.paths import MISSING, compile_path

KEYS = ["a", "b", "", "a.b", "0", "-1", "ü"]
LEAVES = [None, True, False, 0, 1, -1, 1.5, "", "x", "present", "absent", "1", float("nan"), 10**400]


def grown(rng: random.Random, depth: int) -> object:
    kind = rng.random()
    if depth == 0 or kind < 0.3:
        return rng.choice(LEAVES)
    if kind < 0.6:
        return [grown(rng, depth - 1) for _ in range(rng.randrange(3))]
    return {rng.choice(KEYS): grown(rng, depth - 1) for _ in range(rng.randrange(4))}


def walked(frame: object, keys: tuple[str, ...]) -> object:
    for key in keys:
        if isinstance(frame, dict):
            if key not in frame:
                return MISSING
            frame = frame[key]
        elif isinstance(frame, list) and key.lstrip("-").isdigit() and key.count("-") <= 1:
            try:
                frame = frame[int(key)]
            except IndexError:
                return MISSING
        else:
            return MISSING
    return frame


def test_a_path_finds_what_a_walk_finds() -> None:
    rng = random.Random(20261129)
    found = 0
    for _ in range(20_000):
        frame = grown(rng, 4)
        keys = tuple(rng.choice(KEYS) for _ in range(rng.randrange(1, 5)))
        path = ".".join(key.replace(".", "\\.") for key in keys)
        if path == "":
            continue  # nothing at all is the frame itself, not a key that contains nothing
        value = compile_path(path)(frame)
        assert value is walked(frame, keys), (path, frame)
        found += value is not MISSING
    assert found > 500


@pytest.mark.parametrize("path", ["", "a", "a.b", "a.b.c.d", "..", ".", "0.0", "-1", "99999999999999999999", "٣"])
@pytest.mark.parametrize("frame", [None, 1, "text", [], {}, [[]], {"a": []}, {"": {"": {"": 1}}}])
def test_a_look_never_fails(path: str, frame: object) -> None:
    compile_path(path)(frame)


def test_a_key_that_contains_nothing_is_a_key() -> None:
    assert compile_path("servers..ready")({"servers": {"": {"ready": True}}}) is True
    assert compile_path("servers..ready")({"servers": {"ready": True}}) is MISSING


@pytest.mark.parametrize(
    ("matcher", "fitting", "others"),
    [
        ("ok", ["ok"], ["OK", None, MISSING, 1, ["ok"], {"ok": 1}]),
        (1, [1, 1.0], [True, "1", None, MISSING, 2]),
        (True, [True], [1, "true", None, MISSING, False]),
        (False, [False], [0, "", None, MISSING, {}]),
        (None, [None], [MISSING, False, 0, ""]),
        (["a", 200, True], ["a", 200, True], [1, "200", "b", None, MISSING]),
        ("present", [0, "", False, {}, [], "x"], [None, MISSING]),
        ("absent", [None, MISSING], [0, "", False, {}, []]),
        ({}, [{}], [[], None, MISSING, {"a": 1}, False, ""]),
        ([], [[]], [{}, None, MISSING, [1], False, ""]),
    ],
)
def test_a_matcher_fits_what_it_says_and_nothing_else(
    matcher: object, fitting: list[object], others: list[object]
) -> None:
    fits = compile_matcher(matcher)
    assert [value for value in fitting if not fits(value)] == []
    assert [value for value in others if fits(value)] == []


def test_a_condition_needs_all_of_its_paths() -> None:
    fits = compile_when({"type": "error", "data.code": ["a", "b"]})
    assert fits({"type": "error", "data": {"code": "b"}})
    assert not fits({"type": "error", "data": {"code": "c"}})
    assert not fits({"type": "error", "data": "b"})
    assert not fits({"data": {"code": "b"}})
