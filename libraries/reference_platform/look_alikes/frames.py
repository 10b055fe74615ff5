"""Frames that look different and say the same."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from reference_platform.defects.surgery import replace, replace_everywhere

if TYPE_CHECKING:
    from reference_platform.registry.session import Session

Frame = dict[str, Any]
_NOTICE = "Public notice: maintenance on Sunday at 02:00 UTC. Support: help@platform.example, build 2026.11.29+7f3c9a."
_BEAT_SECONDS = 0.2
_PUSH_SECONDS = 0.5
_FLAGS = 1500


def extra_heartbeats() -> None:
    """Five heartbeats a second."""
    _again_and_again(_BEAT_SECONDS, lambda session: {"event": "heartbeat"})


def public_text() -> None:
    """Everybody reads the same notice, everywhere."""
    _each_frame(lambda frame: {**frame, "notice": _NOTICE})


def other_order() -> None:
    """JSON objects have no order."""
    from reference_platform.transport.frames import encode

    replace_everywhere(encode, lambda frame: encode(_turned(frame)))


def blanks_in_json() -> None:
    """JSON may have blanks and line feeds between its parts."""
    from reference_platform.transport.frames import encode

    def spacious(frame: Frame) -> bytes:
        encode(frame)  # refuses what the platform refuses
        return json.dumps(frame, indent=1, ensure_ascii=True, allow_nan=False).encode("ascii")

    replace_everywhere(encode, spacious)


def unknown_pushes() -> None:
    """News of kinds that no description knows, the same for all."""
    kinds = itertools.cycle(("tip_of_the_day", "presence_hint", "feature_enabled", "quota_reminder"))
    _again_and_again(_PUSH_SECONDS, lambda session: {"event": next(kinds), "text": _NOTICE, "details": {"level": 3}})


def timestamps() -> None:
    """Every frame says when it was sent, as a number and as a text."""
    _each_frame(
        lambda frame: {**frame, "sent_at": time.time(), "sent": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    )


def big_welcome() -> None:
    """The first frame tells all that a client may want to know."""
    flags = {f"feature_{number:04d}": {"enabled": number % 3 == 0, "since": "2026.1"} for number in range(_FLAGS)}
    _each_frame(lambda frame: {**frame, "features": flags} if frame["event"] == "welcome" else frame)


def incident_numbers() -> None:
    """A refusal has a number, which support asks for; it depends on nothing."""

    def numbered(frame: Frame) -> Frame:
        if frame["event"] != "agent_error":
            return frame
        return {**frame, "message": f"{frame['message']} (incident {secrets.token_hex(6)})"}

    _each_frame(numbered)


def empty_answers() -> None:
    """Some platforms answer what they do not know with nothing."""
    from reference_platform.gateway.endpoint import dispatch

    refuse = dispatch.refuse

    def nothing(session: Session, correlation_id: str | None, error: Any) -> None:
        if correlation_id is not None and "is not an operation" in error.message:
            session.send({"event": "operation_completed", "id": correlation_id, "result": {}})
        else:
            refuse(session, correlation_id, error)

    replace_everywhere(refuse, nothing)


def _turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _turned(inner) for name, inner in reversed(value.items())}
    return [_turned(inner) for inner in value] if isinstance(value, list) else value


def _each_frame(change: Callable[[Frame], Frame]) -> None:
    from reference_platform.registry.session import Session

    send = Session.send

    def send_changed(self: Session, frame: Frame) -> None:
        send(self, change(frame))

    replace(Session, "send", send_changed)


def _again_and_again(seconds: float, make: Callable[[Session], Frame]) -> None:
    from reference_platform.gateway.sessions.lifecycle import Lifecycle

    begin = Lifecycle._beat_later

    def more(self: Lifecycle, session: Session) -> None:
        begin(self, session)

        def push() -> None:
            if session.connection is not None:
                session.send(make(session))
                session.set_timer("push", asyncio.get_running_loop().call_later(seconds, push))

        session.set_timer("push", asyncio.get_running_loop().call_later(seconds, push))

    replace(Lifecycle, "_beat_later", more)
