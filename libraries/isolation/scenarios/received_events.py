"""From recorded frames to the events that judges follow."""

from __future__ import annotations

from collections.abc import Iterable

from isolation.record import Direction, Frame
from isolation.record.received_events import ReceivedEvent
from isolation.target.adapter import JsonAdapter
from isolation.target.target import Target


def received_events(target: Target, frames: Iterable[Frame]) -> list[ReceivedEvent]:
    """Every event that any session received, in the order of arrival.

    Args:
        target: Says how a frame is read.
        frames: All frames of all sessions; control frames and sent ones are left out.
    """
    adapter = JsonAdapter(target)
    return [
        read_event(adapter, frame, frame.data)
        for frame in frames
        if frame.direction is Direction.RECEIVED and frame.kind == "message"
    ]


def read_event(adapter: JsonAdapter, frame: Frame, data: bytes | str) -> ReceivedEvent:
    """What a frame, or another one inside it, says about where it belongs."""
    read = adapter.read(data)
    return ReceivedEvent(
        session=frame.session,
        tenant=frame.tenant,
        user=frame.user,
        correlation_id=read.correlation_id,
        sequence=read.sequence or 0,
        kind=read.event,
        at=frame.at,
        agent=read.agent,
    )


def final_kinds(target: Target) -> tuple[str, ...]:
    """Kinds of event that end a request."""
    pong = [target.frames.pong] if target.frames.pong else []
    return tuple(dict.fromkeys([*target.frames.answered, *target.frames.refused, *pong]))
