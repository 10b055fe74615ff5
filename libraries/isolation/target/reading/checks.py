"""What is wrong in a target file although each of its values is right: sections that do not fit together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from isolation.target.model import FrameRequest, HttpRequest, JwtStep, Target
from isolation.target.placeholders import names_in
from isolation.target.reading.check_frames import check_frames
from isolation.target.reading.check_names import check_names
from isolation.target.reading.check_operator import check_operator
from isolation.target.reading.check_placeholders import check_placeholders
from isolation.target.reading.check_things import check_things
from isolation.target.reading.findings import Finding
from isolation.target.words import RequestKind

_SHORTEST_LIFETIME = 60.0
_ADDED_CLAIMS = {"iat", "nbf", "exp", "jti"}


def contradictions(target: Target, data: dict[str, object], folder: Path | None) -> Iterator[Finding]:
    """Everything that does not fit together.

    Args:
        data: The same as it was written.
        folder: Where the file is; None when it has no place.
    """
    yield from _start(target)
    yield from _credential(target)
    yield from _session(target)
    yield from _surroundings(target)
    yield from _files(target, folder)
    yield from check_frames(target)
    yield from check_things(target)
    yield from check_operator(target)
    yield from check_placeholders(target, data, folder)
    yield from check_names(target, data)


def _start(target: Target) -> Iterator[Finding]:
    if target.launch is None and not target.doors and target.adapter is None:
        yield (), "a target has 'launch' (the suite starts it), 'doors' (where it is), or both"
    for section in ("session", "correlation"):
        if target.adapter is None and getattr(target, section) is None:
            yield (), f"'{section}' is missing; it may be left out only where 'adapter' names a Python class"
    for section in ("session", "correlation", "frames", "complete", "request_base"):
        if target.adapter is not None and getattr(target, section):
            yield (section,), "has no use beside 'adapter': the Python class does this; keep one of them"


def _credential(target: Target) -> Iterator[Finding]:
    credential = target.credential
    recipes = [(number, step.jwt) for number, step in enumerate(target.tenants.make) if isinstance(step, JwtStep)]
    for number, recipe in recipes:
        place = ("tenants", "make", number, "jwt")
        if recipe.lifetime < _SHORTEST_LIFETIME:
            yield (
                (*place, "lifetime"),
                "is shorter than 60 s: a token has to outlast the longest experiment, such as '1 h'",
            )
        without = [name for name, value in recipe.claims.items() if value is None]
        claims = (set(recipe.claims) | _ADDED_CLAIMS) - set(without)
        for position, claim in enumerate(credential.required if credential else ()):
            if claim not in claims:
                yield (
                    ("credential", "required", position),
                    f"requires the claim '{claim}', which the token of 'tenants.make' does not have; add it there",
                )
        if not any(name in ("user", "tenant") for name in names_in(recipe.claims)):
            yield (*place, "claims"), "name no user: every user would get the same token; put '{user}' into a claim"
    if credential is None:
        return
    if credential.required and credential.kind != "jwt":
        yield ("credential", "required"), "are claims, which only 'kind: jwt' has"
    connect = target.session.connect if target.session else None
    if credential.bad.close and connect is None and target.adapter is None:
        yield ("credential", "bad", "close"), "is a close code, but no session connects; use 'http'"


def _session(target: Target) -> Iterator[Finding]:
    session = target.session
    if session is None:
        return
    if session.ready == "answered" and RequestKind.PING not in target.requests:
        yield ("session", "ready"), "waits for the answer to 'ping', but 'requests' has no 'ping'"
    if session.connect is None:
        if session.ready == "frame":
            yield ("session", "ready"), "waits for a frame, but no session connects; use 'connected' or 'answered'"
        for name in ("first", "beat"):
            if getattr(session, name):
                yield ("session", name), "is sent over a connection, but 'session.connect' is missing"
        for kind, request in target.requests.items():
            if not isinstance(request, HttpRequest):
                yield (
                    ("requests", kind),
                    "is a message, but 'session.connect' is missing; an HTTP call has 'http' (method) and 'url'",
                )
    elif session.connect.socketio is not None:
        for kind, request in target.requests.items():
            if isinstance(request, FrameRequest):
                yield ("requests", kind), "is a message, but the session is socket.io; write '{emit: NAME, data: ...}'"
    for kind, request in target.requests.items():
        if isinstance(request, HttpRequest) and request.answer == "events" and session.events is None:
            yield ("requests", kind, "answer"), "comes as an event, but 'session.events' is missing"


def _surroundings(target: Target) -> Iterator[Finding]:
    limits, processes = target.limits, target.processes
    if limits.dispatch is not None and limits.dispatch >= limits.answer_within:
        yield ("limits", "dispatch"), "has to be shorter than 'answer_within'"
    if processes is not None and processes.pid_from and processes.pid_from not in target.requests:
        yield ("processes", "pid_from"), f"names the request '{processes.pid_from}', which 'requests' does not have"
    for name, store in target.stores:
        word = None if store is None else getattr(store, "address", None) or getattr(store, "folder", None)
        if word is not None and word not in target.secrets:
            key = "folder" if name == "logs" else "address"
            known = ", ".join(target.secrets) or "none"
            yield ("stores", name, key), f"names '{word}', which is no word of 'secrets'; there are {known}"
    if target.launch is not None and target.launch.pid != "started" and target.launch.ready.line != "json":
        yield ("launch", "pid"), "reads a line of JSON, but 'launch.ready' is not '{line: json}'"


def _files(target: Target, folder: Path | None) -> Iterator[Finding]:
    if folder is None:
        return
    if target.adapter is not None and not (folder / target.adapter.rpartition(":")[0]).is_file():
        yield ("adapter",), "names a file that is not there (it is looked for beside the target file)"
    given = target.tenants.given
    if given is not None and not (folder / given).is_file():
        yield ("tenants", "from"), "names a file that is not there (it is looked for beside the target file)"
