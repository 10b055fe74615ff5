"""Conditions (``when``, ``until``, ``expect`` ...), made into quick tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from isolation.target.interpreter.paths import MISSING, compile_path

Test = Callable[[object], bool]


def compile_when(when: Mapping[str, object]) -> Test:
    """A function that says whether a frame or an answer is as the condition wants it."""
    tests = tuple((compile_path(path), compile_matcher(matcher)) for path, matcher in when.items())
    if len(tests) == 1:
        ((look, fits),) = tests
        return lambda frame: fits(look(frame))
    return lambda frame: all(fits(look(frame)) for look, fits in tests)


def compile_matcher(matcher: object) -> Test:
    """A function that compares one value: ``present``, ``absent`` (nothing, or null), one of a list, or the same value.

    Truth is not a number: ``true`` never equals 1. A text never equals a number.
    """
    if matcher == "present":
        return lambda value: value is not MISSING and value is not None
    if matcher == "absent":
        return lambda value: value is MISSING or value is None
    if isinstance(matcher, list) and matcher:
        tests = tuple(_same(entry) for entry in matcher)
        return lambda value: any(same(value) for same in tests)
    return _same(matcher)


def _same(wanted: object) -> Test:
    if isinstance(wanted, str):
        return lambda value: type(value) is str and value == wanted
    if wanted is None or isinstance(wanted, bool):
        return lambda value: value is wanted
    if isinstance(wanted, (int, float)):
        return lambda value: type(value) in (int, float) and value == wanted
    # Only an empty object or list can be wanted: a deep comparison could be made endless by a hostile frame.
    empty = type(wanted)
    return lambda value: type(value) is empty and not value
