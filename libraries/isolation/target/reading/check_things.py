"""Things: requests that are not there, ids that nothing gives, requests that reach nothing of others."""

from __future__ import annotations

from collections.abc import Iterator

from isolation.target.model import FrameRequest, JwtStep, RequestTemplate, Step, Target, Thing
from isolation.target.placeholders import names_in
from isolation.target.reading.findings import Finding, listed, meant
from isolation.target.reading.yaml_lines import Place

_TARGET = "target"
"""The word for the own id of an unfinished request, as ``cancel`` takes it."""


def check_things(target: Target) -> Iterator[Finding]:
    """What is wrong with things."""
    given = _kept_words(target)
    for name, thing in target.things.items():
        place = ("things", name)
        yield from _requests(target, name, thing)
        chosen = thing.make is not None and thing.id in _words(target.requests.get(thing.make))
        if thing.id not in given and not chosen and thing.id != _TARGET:
            yield (
                (*place, "id"),
                f"is '{thing.id}', which nothing gives: 'keep' it in a frame or a step, or let '{thing.make or 'make'}' send"
                f" '{{{thing.id}}}'",
            )
        if thing.made_by == "session.open" and target.session is not None and not _gives(target, thing.id):
            yield (*place, "made_by"), f"is 'session.open', but no step there and no frame keeps '{thing.id}'"
        if thing.from_openapi is None and not (
            thing.look or thing.reach or thing.listing or thing.change or thing.remove
        ):
            yield place, "can be reached by nothing: name 'look', 'list', 'change', 'remove', 'reach' or 'from_openapi'"


def _requests(target: Target, name: str, thing: Thing) -> Iterator[Finding]:
    place = ("things", name)
    single = {"make": thing.make, "look": thing.look, "list": thing.listing, "change": thing.change}
    single |= {"remove": thing.remove, "subscribe": thing.subscribe}
    named: list[tuple[Place, str]] = [((*place, key), request) for key, request in single.items() if request]
    for key in ("reach", "administrators"):
        named += [((*place, key, number), request) for number, request in enumerate(getattr(thing, key))]
    for where, request in named:
        if request not in target.requests:
            yield (
                where,
                f"names the request '{request}', which 'requests' does not have{meant(request, target.requests)}",
            )
        elif "make" not in where and "list" not in where and not _words(target.requests[request]) & {thing.id, "of"}:
            yield (
                where,
                f"names the request '{request}', which sends neither '{{{thing.id}}}' nor '{{of}}': it cannot reach"
                " a thing of somebody else",
            )
    making = [request for request in (thing.make, thing.change) if request in target.requests]
    words = {word for request in making for word in _words(target.requests[str(request)])}
    for key in ("each", "arguments"):
        for word in getattr(thing, key):
            if making and word not in words:
                yield (*place, key, word), f"is sent by no request of this thing; {listed(words)}"
    if "content" in thing.model_fields_set and making and thing.content not in words:
        yield (*place, "content"), f"is '{thing.content}', which '{making[0]}' does not send; {listed(words)}"


def _words(request: RequestTemplate | None) -> set[str]:
    if request is None:
        return set()
    return set(names_in(request.root if isinstance(request, FrameRequest) else request.model_dump()))


def _kept_words(target: Target) -> set[str]:
    steps: list[Step] = [*target.tenants.make, *(target.session.open if target.session else ())]
    words = {word for step in steps for word in ((step.jwt.word,) if isinstance(step, JwtStep) else step.keep)}
    return words | {word for rule in target.frames for word in (*rule.keep, *rule.append)}


def _gives(target: Target, word: str) -> bool:
    assert target.session is not None
    opened = any(word in step.keep for step in target.session.open if not isinstance(step, JwtStep))
    return opened or any(word in rule.keep for rule in target.frames)
