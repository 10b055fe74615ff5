"""What is sent: requests of the suite in the platform's words."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from isolation.target.model import AnswerMode, EmitRequest, FrameRequest, HttpRequest, RequestTemplate, Target
from isolation.target.placeholders import PLACEHOLDER, UnfilledPlaceholder, fill, fill_text, names_in

Words = Mapping[str, object]
_JSON = {"content-type": "application/json"}
_FORM = {"content-type": "application/x-www-form-urlencoded"}
_UNESCAPED = re.compile(r"[0-9A-Za-z._-]*")
_MARK = f"id-{uuid.uuid4().hex}"
"""Stands for the id while a message is written beforehand; no file can hold it by chance."""


@dataclass(frozen=True, slots=True)
class Message:
    """A WebSocket message to send."""

    text: str

    def as_bytes(self) -> bytes:
        """As it travels; half characters cannot."""
        return self.text.encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Emit:
    """A socket.io event to send; ``acknowledged`` when the server's acknowledgement is the answer."""

    event: str
    data: object = None
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """An HTTP call to make.

    Attributes:
        url: Complete address.
        headers: Headers, with the body's type.
        body: What is sent, or nothing.
        answer: How the answer comes; None: events where the server says so, else one body.
    """

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    answer: AnswerMode | None = None


Outgoing = Message | Emit | Call


class UnknownRequest(Exception):
    """The target file has no such request."""


def fill_url(url: str, words: Words, doors: Mapping[str, str]) -> str:
    """An address with its words in place: doors as they are, all others so that they stay one part of the address.

    Raises:
        UnfilledPlaceholder: When a word is not given.
    """

    def filling(match: object) -> str:
        escaped, name = match.group(1), match.group(2)  # type: ignore[attr-defined]  # always a match
        if escaped:
            return f"{{{escaped}}}"
        if name in doors:
            return doors[name]
        if words.get(name) is None:
            raise UnfilledPlaceholder(name)
        return quote(str(words[name]), safe="")

    return PLACEHOLDER.sub(filling, url)


def with_query(url: str, query: Mapping[str, object]) -> str:
    """The address with more parameters; lists are repeated, those that are None are left out."""
    given = {name: _parameter(value) for name, value in query.items() if value is not None}
    if not given:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(given, doseq=True)}"


def body_of(json_body: object, form: object, text: str | None) -> tuple[bytes, dict[str, str]]:
    """A body and the header that says its type."""
    if form is not None and isinstance(form, Mapping):
        given = {name: _parameter(value) for name, value in form.items() if value is not None}
        return urlencode(given, doseq=True).encode(), _FORM
    if text is not None:
        return text.encode("utf-8", "replace"), {}
    if json_body is not None:
        return json.dumps(json_body, separators=(",", ":")).encode(), _JSON
    return b"", {}


def with_type(headers: dict[str, str], content_type: dict[str, str]) -> dict[str, str]:
    """Headers with the type of the body, unless they name one themselves."""
    return headers if any(name.lower() == "content-type" for name in headers) else {**content_type, **headers}


class Sender:
    """Writes requests; what can be written beforehand is."""

    def __init__(self, target: Target, doors: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        """Prepare every request of a target."""
        self._requests = target.requests
        self._doors = dict(doors)
        self._words: dict[str, object] = {**secrets, **doors}
        self._integer = target.correlation is not None and target.correlation.ids == "integer"
        self._quick = {
            kind: quick
            for kind, request in target.requests.items()
            if not self._integer and (quick := _quick(request)) is not None
        }

    def quick(self, kind: str, correlation_id: str) -> bytes | None:
        """A message that needs nothing but its id, as it travels; None for every other request."""
        quick = self._quick.get(kind)
        return quick(correlation_id).encode("utf-8", "replace") if quick is not None else None

    def outgoing(self, kind: str, correlation_id: str, words: Words) -> Outgoing:
        """A request.

        Args:
            kind: What to ask for.
            correlation_id: The request's own id; fills ``{id}``, and ``{nonce}`` unless a nonce is given.
            words: The words of the user and the arguments of the request; in an address ``of`` is the user when not given.

        Raises:
            UnknownRequest: When the file has no such request.
            UnfilledPlaceholder: When a word that the request cannot do without is not given.
        """
        quick = self._quick.get(kind)
        if quick is not None:
            return Message(quick(correlation_id))
        request = self._requests.get(kind)
        if request is None:
            raise UnknownRequest(f"the target file has no request '{kind}'; it has {', '.join(sorted(self._requests))}")
        own_id: object = int(correlation_id) if self._integer else correlation_id
        given: dict[str, object] = {"nonce": correlation_id, "now": _now(), **self._words, **words, "id": own_id}
        if isinstance(request, FrameRequest):
            return Message(_as_message(fill(request.root, given)))
        if isinstance(request, EmitRequest):
            data = None if request.data is None else fill(request.data, given)
            return Emit(fill_text(request.emit, given), data, request.acknowledged)
        return self._call(request, given)

    def _call(self, request: HttpRequest, words: Words) -> Call:
        url = fill_url(request.url, {"of": words.get("user"), **words}, self._doors)
        query = fill(request.query, words)
        headers = {name: fill_text(value, words) for name, value in request.headers.items()}
        json_body = fill(request.json_body, words) if request.json_body is not None else None
        form = fill(request.form, words) if request.form is not None else None
        text = fill_text(request.text, words) if request.text is not None else None
        body, content_type = body_of(json_body, form, text)
        assert isinstance(query, dict)
        return Call(request.http, with_query(url, query), with_type(headers, content_type), body, request.answer)


def _quick(request: RequestTemplate) -> Callable[[str], str] | None:
    """A request that needs nothing but its id, as a text with a gap."""
    if (
        not isinstance(request, FrameRequest)
        or isinstance(request.root, str)
        or not set(names_in(request.root)) <= {"id"}
    ):
        return None
    parts = _as_message(fill(request.root, {"id": _MARK})).split(json.dumps(_MARK))
    if any(json.dumps(_MARK)[1:-1] in part for part in parts):
        return None  # the id stands inside of a longer text
    return lambda correlation_id: _quoted(correlation_id).join(parts)


def _quoted(text: str) -> str:
    """As JSON writes it; the suite's own ids need no escape."""
    return f'"{text}"' if _UNESCAPED.fullmatch(text) else json.dumps(text)


def _as_message(frame: object) -> str:
    return frame if isinstance(frame, str) else json.dumps(frame, separators=(",", ":"))


def _parameter(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, dict) else value


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
