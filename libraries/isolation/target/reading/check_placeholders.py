"""Placeholders: each one must be filled by something that is there at that moment."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from isolation.settings.profile import Profile
from isolation.target.arguments import ARGUMENTS, EVERY_REQUEST, OPERATION_ARGUMENTS
from isolation.target.model import HttpRequest, JwtStep, Step, Target
from isolation.target.model.messages import PollAnswer
from isolation.target.placeholders import broken_placeholder, names_in
from isolation.target.reading.findings import Finding, listed, meant
from isolation.target.reading.yaml_lines import Place
from isolation.target.words import OperatorOperation, RequestKind

_LINE = "line."
_ID = {"id"}


@dataclass(frozen=True, slots=True)
class _Scope:
    """What can be filled in at a place; None for ``known`` when that cannot be said."""

    known: frozenset[str]
    everything: bool = False

    def plus(self, *words: Iterable[str]) -> _Scope:
        return _Scope(self.known.union(*words), self.everything)


def check_placeholders(target: Target, data: dict[str, object], folder: Path | None) -> Iterator[Finding]:
    """Every placeholder that nothing fills, and everything that looks like half of one."""
    session = target.session
    places = _Scope(frozenset({*target.doors, *target.secrets}))
    yield from _start(target, data)
    user = places.plus({"tenant", "user"}, {"role"} if target.tenants.roles else ())
    made = yield from _steps(target.tenants.make, ("tenants", "make"), data, user)
    if target.tenants.given is not None:
        fields = _given_words(folder, target.tenants.given)
        made = user.plus(fields) if fields is not None else _Scope(user.known, everything=True)
    for name in ("remove", "revoke"):
        yield from _steps(getattr(target.tenants, name), ("tenants", name), data, made)
    opened = yield from _steps(session.open if session else [], ("session", "open"), data, made)
    kept = opened.plus(*((*rule.keep, *rule.append) for rule in target.frames))
    for name in ("connect", "first", "events"):
        yield from _check(data, ("session", name), opened)
    yield from _check(data, ("session", "beat"), kept.plus({"now", "id"}))
    yield from _steps(session.close if session else [], ("session", "close"), data, kept)
    yield from _requests(target, data, kept)
    yield from _operator(target, data, places)
    yield from _check(data, ("processes",), made.plus(opened.known))
    yield from _check(data, ("stores",), _Scope(frozenset({"tenant", "user"})))
    for name in target.things:
        yield from _check(data, ("things", name), _Scope(frozenset(target.doors)))
    yield from _none(data)


def _start(target: Target, data: dict[str, object]) -> Iterator[Finding]:
    profile = {
        f"{name}.{inner}"
        for name, field in Profile.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        for inner in field.annotation.model_fields
    }
    yield from _check(data, ("launch",), _Scope(frozenset({*profile, *target.secrets})))
    has_line = target.launch is not None and target.launch.ready.line == "json"
    for place in (("doors",), ("credentials_file",)):
        for where, text in _texts(data, place):
            for name in names_in(text):
                if not name.startswith(_LINE):
                    yield (
                        where,
                        f"holds '{{{name}}}', which nothing fills here; only '{{line.NAME}}', a field of the line of JSON",
                    )
                elif not has_line:
                    yield (
                        where,
                        f"holds '{{{name}}}', but 'launch.ready' is not '{{line: json}}': no line of JSON is read",
                    )
            yield from _broken(where, text)


def _requests(target: Target, data: dict[str, object], kept: _Scope) -> Iterator[Finding]:
    things = {word for t in target.things.values() for word in (t.id, t.content, *t.each, *t.arguments)}
    scope = kept.plus(EVERY_REQUEST, things)
    own = {request for thing in target.things.values() for request in thing.requests()}
    every = scope.plus(*ARGUMENTS.values())
    yield from _check(data, ("request_base",), every)
    for kind, request in target.requests.items():
        arguments = ARGUMENTS.get(RequestKind(kind), frozenset()) if kind in set(RequestKind) else frozenset()
        more = {"text", "key", "value", "prefix", "limit"} if kind in own else set()
        given = scope.plus(arguments, more)
        if isinstance(request, HttpRequest) and isinstance(request.answer, PollAnswer):
            given = given.plus(request.answer.poll.keep)
        yield from _check(data, ("requests", kind), given)


def _operator(target: Target, data: dict[str, object], places: _Scope) -> Iterator[Finding]:
    yield from _check(data, ("operator_base",), places.plus(_ID, *OPERATION_ARGUMENTS.values()))
    for operation in target.operator:
        arguments = OPERATION_ARGUMENTS.get(OperatorOperation(operation), frozenset())
        yield from _check(data, ("operator", str(operation)), places.plus(_ID, arguments))


def _none(data: dict[str, object]) -> Iterator[Finding]:
    """Sections in which nothing is filled in."""
    for section in ("name", "frames", "correlation", "complete", "credential", "words", "limits", "adapter"):
        for where, text in _texts(data, (section,)):
            for name in names_in(text):
                yield where, f"holds '{{{name}}}', but nothing is filled in here"


def _steps(
    steps: list[Step], section: Place, data: dict[str, object], scope: _Scope
) -> Generator[Finding, None, _Scope]:
    """Check steps one after another; gives what there is after the last one."""
    for number, step in enumerate(steps):
        yield from _check(data, (*section, number), scope.plus(_ID))
        scope = scope.plus((step.jwt.word,) if isinstance(step, JwtStep) else step.keep)
    return scope


def _check(data: dict[str, object], place: Place, scope: _Scope) -> Iterator[Finding]:
    for where, text in _texts(data, place):
        yield from _broken(where, text)
        for name in names_in(text):
            if name in scope.known or scope.everything:
                continue
            if name == "role" and "user" in scope.known:
                yield (
                    where,
                    "holds '{role}', but 'tenants.roles' is missing: say which roles there are, or leave it out",
                )
                continue
            yield (
                where,
                f"holds '{{{name}}}', which nothing fills here{meant(name, scope.known)}; {listed(scope.known)}"
                f" (a text with braces of its own is written '{{{{{name}}}}}')",
            )


def _broken(where: Place, text: str) -> Iterator[Finding]:
    piece = broken_placeholder(text)
    if piece:
        yield where, f"holds '{piece[:40]}', which is half a placeholder; write '{{name}}' without blanks"


def _texts(data: object, place: Place) -> Iterator[tuple[Place, str]]:
    value: Any = data
    for part in place:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return  # the section is not there
    yield from _texts_below(value, place)


def _texts_below(value: object, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield (*place, key), key
            yield from _texts_below(entry, (*place, key))
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _texts_below(entry, (*place, number))


def _given_words(folder: Path | None, name: str) -> set[str] | None:
    """The fields of given users; None when the file cannot be read (another check says so)."""
    if folder is None:
        return None
    try:
        users = json.loads((folder / name).read_text(encoding="utf-8"))
        return {str(word) for user in users[:1] for word in user}
    except (OSError, ValueError, TypeError, RecursionError):
        return None
