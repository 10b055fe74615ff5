"""Steps without doing them: what is to be done with the words in place, and what an answer makes of it.

Whoever drives takes a filled step, does it, hands the ``Reply`` to ``judge_reply`` and obeys the ``StepResult``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from isolation.target.interpreter.conditions import compile_matcher, compile_when
from isolation.target.interpreter.frames import message
from isolation.target.interpreter.outgoing import Words, body_of, fill_url, with_query, with_type
from isolation.target.interpreter.paths import MISSING, compile_path
from isolation.target.interpreter.prometheus import read_prometheus, rows_of_samples
from isolation.target.interpreter.reading import short_text
from isolation.target.model import (
    CommandStep,
    FileStep,
    HttpStep,
    JwtStep,
    PrometheusStep,
    Step,
    WebSocketStep,
)
from isolation.target.placeholders import fill, fill_text

_MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class HttpCall:
    """An HTTP call to make; redirects are answers, they are not followed."""

    method: str
    url: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CommandRun:
    """A command to run; its standard output is the text of the reply, its exit code the status."""

    command: list[str] = field(repr=False)
    environment: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message to send over the connection that is kept for this address and these headers.

    Attributes:
        url: Where.
        headers: Headers of the handshake.
        text: The message.
        answer: Which received message answers it (see ``is_answer``); None: the next one.
    """

    url: str
    headers: dict[str, str] = field(repr=False)
    text: str = field(repr=False)
    answer: dict[str, object] | None

    def is_answer(self, data: str | bytes) -> bool:
        """Whether a received message answers this one."""
        return self.answer is None or compile_when(self.answer)(message(data))


@dataclass(frozen=True, slots=True)
class TokenToSign:
    """A token to sign; ``iat``, ``nbf``, ``exp`` and ``jti`` are to be added unless ``claims`` has them.

    Attributes:
        algorithm: How.
        key: The key, a PEM text, a JWK or JWKS, or the path of a file with one of them.
        kid: Which key of a JWKS, and the token's header ``kid``; empty when not named.
        claims: The claims; one that is None is to be left out.
        headers: More headers.
        lifetime_s: How long it is valid.
        word: The word that holds the token.
    """

    algorithm: str
    key: str = field(repr=False)
    kid: str
    claims: dict[str, object]
    headers: dict[str, object]
    lifetime_s: float
    word: str


@dataclass(frozen=True, slots=True)
class FileToRead:
    """A file whose lines are the text of the reply."""

    path: str


FilledStep = HttpCall | CommandRun | Exchange | TokenToSign | FileToRead


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back from a step.

    Attributes:
        status: HTTP status or exit code; 0 where there is none.
        text: The body, the output, the message, the lines.
        headers: Headers by name in small letters.
        cookies: Cookies that were set, by name.
    """

    status: int = 0
    text: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)


class StepState(Enum):
    """Where a step stands after a reply."""

    DONE = "done"
    AGAIN = "again"
    """``until`` is not fulfilled yet: do it again after ``every``, until ``within`` is over."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a reply makes of a step.

    Attributes:
        state: Done, once more, or failed.
        reason: Why it failed, or what is waited for; never holds what the platform said about secrets.
        kept: New words.
        rows: The rows, in the words of ``keep``; every row has all found words.
    """

    state: StepState
    reason: str = ""
    kept: dict[str, object] = field(default_factory=dict, repr=False)
    rows: list[dict[str, object]] = field(default_factory=list, repr=False)


def fill_step(step: Step, words: Words, doors: Mapping[str, str]) -> FilledStep:
    """A step with its words in place.

    Args:
        words: The words of the user, arguments and secrets.
        doors: The addresses by name.

    Raises:
        UnfilledPlaceholder: When a word that the step cannot do without is not given.
    """
    given: dict[str, object] = {**doors, **words}
    if isinstance(step, HttpStep):
        return _call(step, given, doors)
    if isinstance(step, CommandStep):
        return CommandRun(
            [fill_text(part, given) for part in step.command],
            {name: fill_text(value, given) for name, value in step.environment.items()},
        )
    if isinstance(step, WebSocketStep):
        send = fill(step.send, given)
        answer = fill(step.answer, given) if step.answer is not None else None
        assert answer is None or isinstance(answer, dict)
        text = send if isinstance(send, str) else json.dumps(send, separators=(",", ":"))
        return Exchange(fill_url(step.websocket, given, doors), _headers(step.headers, given), text, answer)
    if isinstance(step, JwtStep):
        recipe = step.jwt
        claims, headers = fill(recipe.claims, given), fill(recipe.headers, given)
        assert isinstance(claims, dict) and isinstance(headers, dict)
        key, kid = fill_text(recipe.key, given), fill_text(recipe.kid or "", given)
        return TokenToSign(recipe.algorithm, key, kid, claims, headers, recipe.lifetime, recipe.word)
    if isinstance(step, FileStep):
        return FileToRead(fill_text(step.file, given))
    return HttpCall("GET", fill_url(step.prometheus, given, doors), _headers(step.headers, given), b"")


def judge_reply(step: Step, reply: Reply, words: Words | None = None) -> StepResult:
    """What a reply makes of a step: failed, to be repeated, or done with these words and rows.

    Args:
        step: The step as it stands in the file.
        reply: What came back.
        words: Words for placeholders in its conditions.
    """
    if isinstance(step, JwtStep):
        return StepResult(StepState.DONE)
    answer = Answer(reply)
    expected = _filled_when(step.expect, words) if step.expect is not None else _usual(step)
    if step.until is not None:
        until = _filled_when(step.until, words)
        if not answer.fits(until):
            return StepResult(StepState.AGAIN, f"waiting for {_shown(until)}; {answer.shown(expected)}")
    elif not answer.fits(expected):
        codes = (short_text(answer.look(path)) for path in step.code or ())
        code = next((f": {code}" for code in codes if code), "")
        return StepResult(StepState.FAILED, f"{answer.shown(expected)} instead of {_shown(expected)}{code}")
    if step.rows is None and not isinstance(step, (FileStep, PrometheusStep)):
        return StepResult(StepState.DONE, kept=answer.keep(step.keep), rows=[])
    rows = [row.keep(step.keep) for row in _rows(step, answer) if step.where is None or row.fits(step.where)]
    return StepResult(StepState.DONE, rows=rows)


class Answer:
    """An answer, or a row of one, in which paths can be looked up."""

    def __init__(self, reply: Reply, body: object = MISSING, specials: dict[str, object] | None = None) -> None:
        """Take a reply; ``body`` is read from its text when not given."""
        self._reply = reply
        self._body = _body(reply.text) if body is MISSING else body
        self._specials = specials or {}

    def look(self, path: str) -> object:
        """What stands at a path: in the body, or one of ``$status``, ``$text``, ``$headers.x``, ``$cookies.x``, ``$key``, ``$line``."""
        if not path.startswith("$"):
            return compile_path(path)(self._body)
        if path == "$status":
            return self._reply.status
        if path == "$text":
            return self._reply.text
        kind, _, name = path.partition(".")
        if kind == "$headers":
            return self._reply.headers.get(name.lower(), MISSING)
        if kind == "$cookies":
            return self._reply.cookies.get(name, MISSING)
        return self._specials.get(path, MISSING)

    def fits(self, when: Mapping[str, object]) -> bool:
        """Whether a condition is fulfilled."""
        return all(compile_matcher(matcher)(self.look(path)) for path, matcher in when.items())

    def keep(self, keep: Mapping[str, str]) -> dict[str, object]:
        """The words of ``keep`` that lead to something."""
        found = ((word, self.look(path)) for word, path in keep.items())
        return {word: value for word, value in found if value is not MISSING and value is not None}

    def rows(self, path: str) -> Iterator[Answer]:
        """The rows at a path: entries of a list, or of an object with their ``$key``."""
        value = self.look(path) if path else self._body
        if isinstance(value, list):
            yield from (Answer(self._reply, entry) for entry in value[:_MOST_ROWS])
        elif isinstance(value, dict):
            yield from (Answer(self._reply, entry, {"$key": key}) for key, entry in value.items())

    def shown(self, when: Mapping[str, object]) -> str:
        """What stands where the condition looks, in short."""
        pieces = []
        for path in when:
            value = self.look(path)
            text = "nothing" if value is MISSING else short_text(value) or type(value).__name__
            pieces.append(f"{path} is {text[:60]}")
        return ", ".join(pieces)


def _call(step: HttpStep, words: Words, doors: Mapping[str, str]) -> HttpCall:
    query = fill(step.query, words)
    assert isinstance(query, dict)
    body, content_type = body_of(
        fill(step.json_body, words) if step.json_body is not None else None,
        fill(step.form, words) if step.form is not None else None,
        fill_text(step.text, words) if step.text is not None else None,
    )
    url = with_query(fill_url(step.url, words, doors), query)
    return HttpCall(step.http, url, with_type(_headers(step.headers, words), content_type), body)


def _headers(headers: Mapping[str, str], words: Words) -> dict[str, str]:
    return {name: fill_text(value, words) for name, value in headers.items()}


def _usual(step: Step) -> dict[str, object]:
    if isinstance(step, (HttpStep, PrometheusStep)):
        return {"$status": [200, 201, 202, 203, 204, 205, 206, 207, 208, 226]}
    return {"$status": 0} if isinstance(step, CommandStep) else {}


def _filled_when(when: Mapping[str, object], words: Words | None) -> dict[str, object]:
    filled = fill(dict(when), words) if words else dict(when)
    assert isinstance(filled, dict)
    return filled


def _rows(step: Step, answer: Answer) -> Iterator[Answer]:
    if isinstance(step, FileStep):
        text = answer.look("$text")
        yield from _lines(step.lines, text if isinstance(text, str) else "")
    elif isinstance(step, PrometheusStep):
        text = answer.look("$text")
        samples = read_prometheus(text if isinstance(text, str) else "")
        yield from (Answer(Reply(), row) for row in rows_of_samples(samples, step.by))
    elif not isinstance(step, JwtStep):
        yield from answer.rows(step.rows or "")


def _lines(expression: str, text: str) -> Iterator[Answer]:
    pattern = re.compile(expression)
    for line in text.splitlines():
        match = pattern.search(line)
        if match is not None:
            yield Answer(Reply(), dict(match.groupdict()), {"$line": line})


def _body(text: str) -> object:
    try:
        return json.loads(text) if text else MISSING
    except (ValueError, RecursionError, MemoryError):
        return MISSING


def _shown(when: Mapping[str, object]) -> str:
    return ", ".join(f"{path} {json.dumps(matcher)[:80]}" for path, matcher in when.items())
