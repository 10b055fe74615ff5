"""What a received frame means, by the rules of a target file."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from isolation.target.interpreter.conditions import Test, compile_matcher, compile_when
from isolation.target.interpreter.frames import END, STATUS
from isolation.target.interpreter.paths import MISSING, Look, compile_path
from isolation.target.model import FrameRule, Target
from isolation.target.words import Kept, Meaning

_LONGEST_CODE = 200
_LONGEST_ID = 1_000
_FINAL = {Meaning.ANSWERED, Meaning.REFUSED, Meaning.CANCELLED, Meaning.PONG}


@dataclass(slots=True)
class ReadFrame:
    """A received frame in the suite's words.

    Attributes:
        correlation_id: The id in it, as the platform writes it; empty when there is none.
        kept: What the rule keeps, by word.
        appended: What the rule adds to what was kept before, by word.
        code: Why it was refused.
        part: Which part of a completion it is.
        owner: The user that it names, or None when it names nobody.
        sequence: The platform's number of the frame in its session.
        service_seconds: How long the work itself took, where the platform says so.
        rule: Number of the rule that fitted, from 0; -1 when none did.
        kinds: The requests that the rule is for; empty: any.
    """

    meaning: Meaning
    correlation_id: str = ""
    kept: dict[str, object] = field(default_factory=dict)
    appended: dict[str, str] = field(default_factory=dict)
    code: str = ""
    part: str = ""
    owner: str | None = None
    sequence: int | None = None
    service_seconds: float | None = None
    rule: int = -1
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rule:
    number: int
    fits: Test
    meaning: Meaning
    keep: tuple[tuple[str, Look], ...]
    append: tuple[tuple[str, Look], ...]
    code: tuple[Look, ...]
    part: str
    kinds: tuple[str, ...]
    has_numbers: bool
    """Whether it keeps a number of the frame, or how long the work took."""


_Candidates = tuple[tuple[_Rule, Test | None], ...]
"""Rules that may fit, each with what is left to be tested."""
_NOTHING: dict[str, Any] = {}


class Reader:
    """Reads frames; the rules are compiled once."""

    def __init__(self, target: Target) -> None:
        """Compile the rules of a target."""
        rules = [_compiled(number, rule) for number, rule in enumerate(target.frames)]
        self._rules = tuple(rules)
        self._split, self._by_value, self._others = _dispatch(target.frames, rules)
        correlation = target.correlation
        read = correlation.read or [] if correlation else []
        first = [correlation.first] if correlation and correlation.first else []
        self._ids = tuple(compile_path(path) for path in read)
        self._first_ids = tuple(compile_path(path) for path in (*first, *read))
        self._owner = compile_path(correlation.owner) if correlation and correlation.owner else None

    def read(self, frame: object) -> ReadFrame:
        """What a frame means (see ``frames`` for its form). Never fails, whatever is in it."""
        rule = self._rule(frame)
        if rule is None:
            return self._unruled(frame)
        meaning = rule.meaning
        # All at once, and nothing made that a rule does not ask for: most frames come this way.
        read = ReadFrame(
            meaning,
            _first_id(self._first_ids if meaning is Meaning.ACCEPTED else self._ids, frame),
            _kept(rule.keep, frame) if rule.keep else _NOTHING,
            _NOTHING,
            "",
            rule.part,
            None if self._owner is None else _owner(self._owner(frame)),
            None,
            None,
            rule.number,
            rule.kinds,
        )
        if rule.has_numbers:
            _numbers(read)
        if rule.append:
            read.appended = {word: value for word, look in rule.append if isinstance(value := look(frame), str)}
        if rule.code:
            read.code = next(filter(None, (short_text(look(frame)) for look in rule.code)), "")
        if rule.meaning is Meaning.REFUSED and not read.code and type(frame) is dict and STATUS in frame:
            read.code = short_text(frame[STATUS])
        return read

    def _rule(self, frame: object) -> _Rule | None:
        candidates = self._others
        if self._split is not None:
            value = self._split(frame)
            if type(value) is str:
                candidates = self._by_value.get(value, self._others)
        for rule, test in candidates:
            if test is None or test(frame):
                return rule
        return None

    def _unruled(self, frame: object) -> ReadFrame:
        """Frames that no rule takes: a plain HTTP answer is judged by its status, everything else is never an answer."""
        status = frame.get(STATUS) if type(frame) is dict else None
        if type(status) is int and END not in frame:  # type: ignore[operator]  # a status is only found in an object
            if 200 <= status < 300:
                return ReadFrame(Meaning.ANSWERED, _first_id(self._ids, frame))
            return ReadFrame(Meaning.REFUSED, _first_id(self._ids, frame), code=str(status))
        return ReadFrame(Meaning.OTHER, _first_id(self._ids, frame) if self._ids else "")


def short_text(value: object) -> str:
    """A code as one short line of text; empty for what is none."""
    if isinstance(value, bool) or value is None or value is MISSING:
        return ""
    if isinstance(value, float):
        value = int(value) if value.is_integer() else value
    if isinstance(value, (str, int, float)):
        text = str(value)[:_LONGEST_CODE]
        return text if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text)
    return ""


def _compiled(number: int, rule: FrameRule) -> _Rule:
    return _Rule(
        number=number,
        fits=compile_when(rule.when),
        meaning=rule.means,
        keep=tuple((word, compile_path(path)) for word, path in rule.keep.items()),
        append=tuple((word, compile_path(path)) for word, path in rule.append.items()),
        code=tuple(compile_path(path) for path in rule.code or ()),
        part=rule.part or "",
        kinds=tuple(rule.kinds),
        has_numbers=not {Kept.SEQUENCE, Kept.SERVICE_MILLISECONDS}.isdisjoint(rule.keep),
    )


def _dispatch(rules: list[FrameRule], compiled: list[_Rule]) -> tuple[Look | None, dict[str, _Candidates], _Candidates]:
    """The path that most rules compare with texts, and for each of these texts the rules that can fit, with their other conditions."""
    texts = [{path: _texts(matcher) for path, matcher in rule.when.items()} for rule in rules]
    counts: dict[str, int] = {}
    for wanted in texts:
        for path, values in wanted.items():
            if values:
                counts[path] = counts.get(path, 0) + 1
    if not counts:
        return None, {}, tuple((rule, rule.fits) for rule in compiled)
    split = max(counts, key=lambda path: counts[path])
    known = {text for wanted in texts for text in wanted.get(split) or ()}
    tests = [compile_matcher(rule.when[split]) if split in rule.when else None for rule in rules]
    left = [{path: wanted for path, wanted in rule.when.items() if path != split} for rule in rules]
    rests = [compile_when(when) if when else None for when in left]
    by_value = {
        text: tuple(
            (rule, rest) for rule, rest, fits in zip(compiled, rests, tests, strict=True) if fits is None or fits(text)
        )
        for text in known
    }
    others = tuple((rule, rule.fits) for rule, wanted in zip(compiled, texts, strict=True) if not wanted.get(split))
    return compile_path(split), by_value, others


def _texts(matcher: object) -> tuple[str, ...]:
    """The texts that a matcher wants; empty when it can fit anything else too."""
    values = matcher if isinstance(matcher, list) else [matcher]
    texts = tuple(value for value in values if isinstance(value, str) and matcher not in ("present", "absent"))
    return texts if len(texts) == len(values) else ()


def _kept(keep: tuple[tuple[str, Look], ...], frame: object) -> dict[str, object]:
    return {word: value for word, look in keep if (value := look(frame)) is not MISSING and value is not None}


def _first_id(looks: tuple[Look, ...], frame: object) -> str:
    for look in looks:
        value = look(frame)
        if type(value) is str:
            if value:
                return value if len(value) <= _LONGEST_ID else ""
        elif type(value) is int or (type(value) is float and value.is_integer()):
            return str(int(value)) if abs(value) < 2**63 else ""
    return ""


def _owner(value: object) -> str | None:
    if type(value) is str:
        return value
    return str(value) if type(value) is int and abs(value) < 2**63 else None


def _numbers(read: ReadFrame) -> None:
    sequence = read.kept.get(Kept.SEQUENCE)
    if type(sequence) is int and abs(sequence) < 2**63:
        read.sequence = sequence
    milliseconds = read.kept.get(Kept.SERVICE_MILLISECONDS)
    if type(milliseconds) in (int, float) and _is_duration(milliseconds):
        read.service_seconds = float(milliseconds) / 1000  # type: ignore[arg-type]  # its type was asked for


def _is_duration(value: object) -> bool:
    try:
        number = float(value)  # type: ignore[arg-type]  # a number, but perhaps one of 400 digits
    except OverflowError:
        return False
    return math.isfinite(number) and 0 <= number < 1e10
