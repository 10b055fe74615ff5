"""Translating between the suite's words and a platform's frames.

Everyday platforms (JSON over WebSocket) need no code: ``JsonAdapter`` reads everything from the target file. A platform
with another protocol implements the few methods of ``Adapter``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from isolation.target.target import Frames, JsonObject, Target


class FrameKind(StrEnum):
    """What a received frame means for the request that it belongs to."""

    ACCEPTED = "accepted"
    ANSWERED = "answered"
    PONG = "pong"
    """Answers the request ``ping`` and no other."""
    REFUSED = "refused"
    CANCELLED = "cancelled"
    WELCOME = "welcome"
    OTHER = "other"
    """Progress, heartbeat, notification ...: never an answer."""


@dataclass(frozen=True, slots=True)
class ReadFrame:
    """A received frame in the suite's words; ``correlation_id`` is empty when the frame belongs to no request."""

    kind: FrameKind
    correlation_id: str = ""
    event: str = ""
    sequence: int | None = None
    code: str = ""
    refusal: str = ""
    agent: str = ""
    session: str = ""
    result: JsonObject | None = None
    service_seconds: float | None = None


class UnknownRequest(Exception):
    """The target file has no request of that kind."""


class Adapter(Protocol):
    """What the suite needs to know about a platform's wire protocol."""

    def headers(self, token: str) -> dict[str, str]:
        """Handshake headers that carry the token."""
        ...

    def encode(self, kind: str, correlation_id: str, arguments: JsonObject) -> str:
        """The frame that asks for ``kind`` of work.

        Raises:
            UnknownRequest: When the platform has no such request.
        """
        ...

    def read(self, text: str | bytes) -> ReadFrame:
        """What a received frame means; anything that cannot be read is OTHER."""
        ...


class JsonAdapter:
    """JSON objects over WebSocket, as described by the target file."""

    def __init__(self, target: Target) -> None:
        """Take the frames and requests of a target."""
        self._frames: Frames = target.frames
        self._refusals = target.words.refusals()
        self._requests = target.requests
        self._handshake = target.handshake
        self._kinds = {
            **dict.fromkeys(target.frames.accepted, FrameKind.ACCEPTED),
            **dict.fromkeys(target.frames.answered, FrameKind.ANSWERED),
            **dict.fromkeys(target.frames.refused, FrameKind.REFUSED),
            target.frames.welcome: FrameKind.WELCOME,
        }
        if target.frames.pong:
            self._kinds[target.frames.pong] = FrameKind.PONG

    def headers(self, token: str) -> dict[str, str]:
        """Handshake headers that carry the token."""
        return {self._handshake.header: self._handshake.value.replace("{token}", token)}

    def encode(self, kind: str, correlation_id: str, arguments: JsonObject) -> str:
        """The frame that asks for ``kind`` of work.

        Raises:
            UnknownRequest: When the target file has no request of that kind.
        """
        template = self._requests.get(kind)
        if template is None:
            raise UnknownRequest(f"the target file has no request '{kind}'; it has {', '.join(sorted(self._requests))}")
        frame = {self._frames.correlation: correlation_id, **_fill(template, arguments)}
        return json.dumps(frame, separators=(",", ":"))

    def read(self, text: str | bytes) -> ReadFrame:
        """What a received frame means; anything that is not a JSON object is OTHER."""
        try:
            frame = json.loads(text)
        except (ValueError, RecursionError):
            return ReadFrame(FrameKind.OTHER)
        if not isinstance(frame, dict):
            return ReadFrame(FrameKind.OTHER)
        names = self._frames
        event = str(frame.get(names.kind, ""))
        kind = self._kinds.get(event, FrameKind.OTHER)
        code = str(frame.get(names.error_code, "")) if kind is FrameKind.REFUSED else ""
        if code == names.cancelled_code and code:
            kind = FrameKind.CANCELLED
        result = frame.get(names.result)
        milliseconds = frame.get(names.service_milliseconds) if names.service_milliseconds else None
        return ReadFrame(
            kind=kind,
            correlation_id=str(frame.get(names.correlation) or ""),
            event=event,
            sequence=frame.get(names.sequence) if names.sequence else None,
            code=code,
            refusal=self._refusals.get(code, ""),
            agent=str(frame.get(names.agent) or ""),
            session=str(frame.get(names.session) or ""),
            result=result if isinstance(result, dict) else None,
            service_seconds=milliseconds / 1000 if isinstance(milliseconds, (int, float)) else None,
        )


def _fill(template: JsonObject, arguments: JsonObject) -> JsonObject:
    """Fill ``"{name}"`` with the argument, types kept; fields whose argument is not given are left out."""
    filled: JsonObject = {}
    for name, value in template.items():
        if isinstance(value, dict):
            filled[name] = _fill(value, arguments)
        elif isinstance(value, str) and value.startswith("{") and value.endswith("}"):
            if arguments.get(value[1:-1]) is not None:
                filled[name] = arguments[value[1:-1]]
        else:
            filled[name] = value
    return filled
