"""From recorded frames to the events that the judge of routing follows."""

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
    events = []
    for frame in frames:
        if frame.direction is Direction.RECEIVED and frame.kind == "message":
            read = adapter.read(frame.data)
            events.append(
                ReceivedEvent(
                    session=frame.session,
                    tenant=frame.tenant,
                    user=frame.user,
                    correlation_id=read.correlation_id,
                    sequence=read.sequence or 0,
                    kind=read.event,
                    at=frame.at,
                )
            )
    return events


def final_kinds(target: Target) -> set[str]:
    """Kinds of event that end an operation."""
    pong = {target.frames.pong} if target.frames.pong else set()
    return {*target.frames.answered, *target.frames.refused, *pong}
