"""From recorded frames to the events that judges follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from isolation.record import Direction, Frame, Operation
from isolation.record.traffic.received_events import ReceivedEvent
from isolation.target.events import FINAL, events_meaning
from isolation.target.interpreter import Interpreter, ReadFrame
from isolation.target.model import Target
from isolation.target.words import Kept


def read_messages(target: Target, frames: Iterable[Frame]) -> Iterator[tuple[Frame, ReadFrame]]:
    """Every message that any session received, with what it means; control frames and sent ones are left out."""
    interpreter = Interpreter(target)
    for frame in frames:
        if frame.direction is Direction.RECEIVED and frame.kind == "message":
            yield frame, interpreter.read(frame.data)


def received_events(target: Target, frames: Iterable[Frame]) -> list[ReceivedEvent]:
    """Every event that any session received, in the order of arrival.

    Args:
        target: Says how a frame is read.
        frames: All frames of all sessions; control frames and sent ones are left out.
    """
    return [read_event(read, frame) for frame, read in read_messages(target, frames)]


@dataclass(frozen=True, slots=True)
class EventReader:
    """Reads events where the frames are: handed to the load engine."""

    target: Target

    def __call__(self, frames: list[Frame]) -> list[ReceivedEvent]:
        """Every event of some frames."""
        return received_events(self.target, frames)


def read_event(read: ReadFrame, frame: Frame) -> ReceivedEvent:
    """What a frame, or another one inside it, says about where it belongs."""
    return ReceivedEvent(
        session=frame.session,
        tenant=frame.tenant,
        user=frame.user,
        correlation_id=read.correlation_id,
        sequence=read.sequence or 0,
        kind=str(read.kept.get(Kept.EVENT) or ""),
        at=frame.at,
        agent=str(read.kept.get(Kept.AGENT) or ""),
    )


def by_the_targets_id(operation: Operation) -> Operation:
    """An operation as the target's events name it: by the id that the target gave it, where it gave one."""
    return replace(operation, correlation_id=operation.given_id) if operation.given_id else operation


def final_kinds(target: Target) -> tuple[str, ...]:
    """Kinds of event that end a request."""
    return tuple(sorted(events_meaning(target, *FINAL)))
