"""Server-sent events: cutting a stream of bytes into events, without any socket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST_EVENT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event.

    Attributes:
        event: Its name; ``message`` when it has none.
        data: What it carries.
        id: Its id, or empty.
        raw: Its bytes as they came: they are searched.
    """

    event: str
    data: str
    id: str
    raw: bytes


class EventReader:
    """Collects the bytes of one stream."""

    __slots__ = ("_buffer", "_searched")

    def __init__(self) -> None:
        """Start empty."""
        self._buffer = b""
        self._searched = 0

    def feed(self, data: bytes) -> Iterator[ServerEvent]:
        """Take the next bytes; gives every event that is complete now.

        Raises:
            ValueError: When one event has more than 64 MiB.
        """
        # A carriage return may be half of a line end: it is taken together with what follows.
        self._buffer += data
        while True:
            end, gap = _blank_line(self._buffer, max(0, self._searched - 3))
            if end < 0:
                self._searched = len(self._buffer)
                if len(self._buffer) > _LONGEST_EVENT:
                    raise ValueError(f"an event of more than {_LONGEST_EVENT} bytes")
                return
            raw, self._buffer, self._searched = self._buffer[:end], self._buffer[end + gap :], 0
            event = _event(raw)
            if event is not None:
                yield event

    def rest(self) -> Iterator[ServerEvent]:
        """The stream has ended: the event that was begun, though no blank line ends it."""
        raw, self._buffer = self._buffer, b""
        event = _event(raw)
        if event is not None:
            yield event


def _blank_line(data: bytes, start: int) -> tuple[int, int]:
    found = [(at, len(end)) for end in (b"\n\n", b"\r\n\r\n", b"\r\r") if (at := data.find(end, start)) >= 0]
    return min(found, default=(-1, 0))


def _event(raw: bytes) -> ServerEvent | None:
    name, number, data = "", "", []
    for line in raw.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "event":
            name = value
        elif field == "id":
            number = value
    if not data and not name:
        return None  # a comment, or a pause to keep the connection alive
    return ServerEvent(name or "message", "\n".join(data), number, raw)
