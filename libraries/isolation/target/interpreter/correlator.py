"""Which request of a session a received frame belongs to: by its own id, by the server's, by the stream, by the order.

An id that the server gives, and an order, prove nothing by themselves: a frame of somebody else would be taken for
the own answer. So a frame that names another owner, or brings a nonce that was not sent here, belongs to no request.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.target.interpreter.reading import ReadFrame
from isolation.target.model import Target
from isolation.target.words import Meaning, RequestKind

NONCE = "nonce"
"""The word under which an answer keeps what the request sent as ``{nonce}``."""
_LONGEST_APPENDED = 1_048_576
_REMEMBERED = 10_000
"""Nonces that are known to be the own ones, also of requests that are no longer waited for."""
_NOTHING_FOR_REQUESTS = {Meaning.READY, Meaning.CLOSED, Meaning.NOTIFICATION, Meaning.OTHER}


@dataclass(slots=True)
class Belonging:
    """Whose a frame is, and what it makes of the request.

    Attributes:
        request: The own id of the request; empty when it belongs to none.
        meaning: What the frame means for the request: ``part`` only until the request is complete.
        kept: Everything kept for the request so far.
        code: Why it was refused.
        service_seconds: How long the work itself took.
        is_foreign: Whether the frame shows that it belongs to somebody else.
        given_id: The platform's own id of the request, where it gives one.
    """

    request: str
    meaning: Meaning
    kept: dict[str, object] = field(default_factory=dict)
    code: str = ""
    service_seconds: float | None = None
    is_foreign: bool = False
    given_id: str = ""


@dataclass(slots=True)
class _Waiting:
    kind: str
    nonce: str
    given_id: str = ""
    parts: set[str] = field(default_factory=set)
    kept: dict[str, object] = field(default_factory=dict)
    code: str = ""
    service_seconds: float | None = None


class Correlator:
    """The unfinished requests of one session."""

    def __init__(self, target: Target, words: dict[str, str]) -> None:
        """Begin with no request.

        Args:
            words: The words of the session's user.
        """
        correlation = target.correlation
        self._by = correlation.by if correlation else "echoed"
        self._own = words.get(correlation.whose) if correlation and correlation.whose else None
        self._parts = frozenset(target.complete.all) if target.complete else frozenset()
        self._waiting: dict[str, _Waiting] = {}
        self._by_given: dict[str, str] = {}
        self._nonces: dict[str, str] = {}

    def sent(self, request: str, kind: str, nonce: str = "") -> None:
        """A request was sent; ``nonce`` is what its answer has to bring back, where the file says so."""
        self._waiting[request] = _Waiting(kind, nonce or request)
        self._nonces[nonce or request] = request
        if len(self._nonces) > _REMEMBERED:
            del self._nonces[next(iter(self._nonces))]

    def ended(self, request: str) -> None:
        """A request is no longer waited for."""
        waiting = self._waiting.pop(request, None)
        if waiting is not None and waiting.given_id:
            self._by_given.pop(waiting.given_id, None)

    def given_id(self, request: str) -> str:
        """The platform's own id of an unfinished request (its own id where the platform gives none)."""
        waiting = self._waiting.get(request)
        return waiting.given_id or request if waiting is not None else request

    def received(self, frame: ReadFrame, stream: str = "") -> Belonging:
        """Tie a frame to a request; a final one ends it.

        Args:
            frame: What came.
            stream: The request in whose own stream, or as whose HTTP answer, it came.
        """
        if frame.meaning in _NOTHING_FOR_REQUESTS:
            return Belonging("", frame.meaning, frame.kept, is_foreign=self._is_foreign(frame))
        is_foreign = self._is_foreign(frame)
        request = stream or self._request(frame, is_foreign)
        waiting = self._waiting.get(request)
        if waiting is None or (frame.meaning is Meaning.PONG and waiting.kind != RequestKind.PING):
            return Belonging("", frame.meaning, frame.kept, frame.code, frame.service_seconds, is_foreign)
        nonce = frame.kept.get(NONCE)
        is_foreign = is_foreign or (nonce is not None and str(nonce) != waiting.nonce)
        return self._taken(request, waiting, frame, is_foreign)

    def _taken(self, request: str, waiting: _Waiting, frame: ReadFrame, is_foreign: bool) -> Belonging:
        if frame.kept:
            waiting.kept.update(frame.kept)
        for word, text in frame.appended.items():
            before = waiting.kept.get(word)
            waiting.kept[word] = ((before if isinstance(before, str) else "") + text)[:_LONGEST_APPENDED]
        waiting.code = frame.code or waiting.code
        if frame.service_seconds is not None:
            waiting.service_seconds = frame.service_seconds
        meaning = frame.meaning
        if meaning is Meaning.PART:
            waiting.parts.add(frame.part)
            waiting.code = waiting.code or _text(frame.kept.get("code"))
            if self._parts <= waiting.parts:
                meaning = Meaning.REFUSED if waiting.code else Meaning.ANSWERED
        if meaning in (Meaning.ANSWERED, Meaning.REFUSED, Meaning.CANCELLED, Meaning.PONG):
            self.ended(request)
        code = waiting.code if meaning in (Meaning.REFUSED, Meaning.CANCELLED) else ""
        return Belonging(request, meaning, waiting.kept, code, waiting.service_seconds, is_foreign, waiting.given_id)

    def _is_foreign(self, frame: ReadFrame) -> bool:
        if self._own is not None and frame.owner is not None and frame.owner != self._own:
            return True
        nonce = frame.kept.get(NONCE)
        return nonce is not None and str(nonce) not in self._nonces

    def _request(self, frame: ReadFrame, is_foreign: bool) -> str:
        nonce = frame.kept.get(NONCE)
        if self._by == "echoed":
            if frame.correlation_id or frame.meaning is not Meaning.PONG:
                return frame.correlation_id
        elif is_foreign:
            return self._by_given.get(frame.correlation_id, "")
        elif nonce is not None and frame.correlation_id not in self._by_given:
            request = self._nonces[str(nonce)]
            return self._bound(request if request in self._waiting else "", frame.correlation_id)
        if frame.meaning is Meaning.PONG:
            return next((name for name, one in self._waiting.items() if one.kind == RequestKind.PING), "")
        if self._by == "order":
            return next(iter(self._candidates(frame)), "")
        if self._by == "assigned":
            return self._assigned(frame)
        return ""

    def _assigned(self, frame: ReadFrame) -> str:
        if frame.correlation_id:
            known = self._by_given.get(frame.correlation_id)
            if known is not None:
                return known
            # A new id: the platform has begun with something, or answers at once.
            return self._bound(next(iter(self._candidates(frame)), ""), frame.correlation_id)
        candidates = self._candidates(frame)
        if frame.meaning is Meaning.ANSWERED and len({self._waiting[name].kind for name in candidates}) > 1:
            return ""  # whose answer it is cannot be told; a guess could be wrong
        return next(iter(candidates), "")

    def _bound(self, request: str, given_id: str) -> str:
        if request and given_id and self._by == "assigned":
            self._waiting[request].given_id = given_id
            self._by_given[given_id] = request
        return request

    def _candidates(self, frame: ReadFrame) -> list[str]:
        """Requests that wait for their first frame, oldest first; a rule may be for some kinds only. No pong answers them."""
        return [
            name
            for name, one in self._waiting.items()
            if not one.given_id
            and (one.kind in frame.kinds if frame.kinds else one.kind != RequestKind.PING or self._by == "order")
        ]


def _text(value: object) -> str:
    return value[:200] if isinstance(value, str) else ""
