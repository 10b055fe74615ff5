"""WebSocket frames as bytes (RFC 6455), the client's side, without any socket.

Principle: a load generator reads what a platform sends, it does not judge it. Frames of any size and number, fragments and
slow bytes are taken as they come; only what cannot be cut into frames at all is an error. Whole small text frames, which is
nearly everything, take the shortest way.
"""

from __future__ import annotations

import random
from collections.abc import Callable

try:
    from websockets.speedups import apply_mask
except ImportError:  # a machine without a compiled wheel
    from websockets.utils import apply_mask

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
_CONTINUATION = 0x0
_FINAL = 0x80
_CONTROL = 0x8
_WHOLE_TEXT = _FINAL | TEXT
_LONGEST_CONTROL = 125
_TWO_BYTES, _EIGHT_BYTES = 126, 127
_SHORT_TEXT = tuple(bytes((_FINAL | TEXT, 0x80 | length)) for length in range(_TWO_BYTES))
"""How a short text message begins, by its length."""


class BrokenFrames(Exception):
    """What arrived is no sequence of WebSocket frames; the sentence says what is wrong."""


def encode_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """One final frame, masked with a fresh key as a client must."""
    length = len(payload)
    if length < _TWO_BYTES:
        head = _SHORT_TEXT[length] if opcode == TEXT else bytes((_FINAL | opcode, 0x80 | length))
    elif length < 1 << 16:
        head = bytes((_FINAL | opcode, 0x80 | _TWO_BYTES)) + length.to_bytes(2, "big")
    else:
        head = bytes((_FINAL | opcode, 0x80 | _EIGHT_BYTES)) + length.to_bytes(8, "big")
    # The key protects proxies from what a web page sends; here it only has to differ.
    mask = random.getrandbits(32).to_bytes(4, "big")
    return head + mask + apply_mask(payload, mask)


class FrameReader:
    """Cuts received bytes into messages and control frames.

    Args:
        on_message: Told each complete message.
        on_control: Told each control frame: its opcode and payload.
    """

    __slots__ = ("_buffer", "_needed", "_on_control", "_on_message", "_parts")

    def __init__(self, on_message: Callable[[bytes], None], on_control: Callable[[int, bytes], None]) -> None:
        """Start between two frames."""
        self._on_message = on_message
        self._on_control = on_control
        self._buffer: bytearray | None = None
        self._needed = 0
        self._parts: list[bytes] | None = None

    def feed(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            BrokenFrames: When they cannot be cut into frames.
        """
        if self._buffer is not None:
            self._buffer += data
            if len(self._buffer) < self._needed:
                return  # a large frame in many pieces is looked at once, not once for each piece
            data, self._buffer = bytes(self._buffer), None
        at, end = 0, len(data)
        while at + 2 <= end:
            length = data[at + 1]
            start = at + 2
            if length >= _TWO_BYTES:
                start, length = self._long(data, at, length)
            stop = start + length
            if stop > end:
                self._wait_for(data[at:], stop - at)
                return
            if data[at] == _WHOLE_TEXT and self._parts is None:
                self._on_message(data[start:stop])
            else:
                self._special(data[at], data[start:stop])
            at = stop
        if at < end:
            self._wait_for(data[at:], 2)

    def _wait_for(self, rest: bytes, needed: int) -> None:
        self._buffer, self._needed = bytearray(rest), needed

    @staticmethod
    def _long(data: bytes, at: int, length: int) -> tuple[int, int]:
        """Where the payload begins and how long it is; where the length itself is not there yet, more than there is."""
        if length > _EIGHT_BYTES:
            raise BrokenFrames("a masked frame, which only clients may send")
        start = at + (4 if length == _TWO_BYTES else 10)
        if len(data) < start:
            return start, 0
        return start, int.from_bytes(data[at + 2 : start], "big")

    def _special(self, first: int, payload: bytes) -> None:
        opcode = first & 0x0F
        if first & 0x70:
            raise BrokenFrames("a frame with reserved bits, though no extension was agreed on")
        if opcode & _CONTROL:
            if not first & _FINAL or len(payload) > _LONGEST_CONTROL:
                raise BrokenFrames("a control frame that is too long or in pieces")
            self._on_control(opcode, payload)
        elif opcode == _CONTINUATION:
            self._continue(first, payload)
        elif opcode not in (TEXT, BINARY):
            raise BrokenFrames(f"a frame of the unknown kind {opcode}")
        elif self._parts is not None:
            raise BrokenFrames("a new message in the middle of another one")
        elif first & _FINAL:
            self._on_message(payload)
        else:
            self._parts = [payload]

    def _continue(self, first: int, payload: bytes) -> None:
        if self._parts is None:
            raise BrokenFrames("the continuation of a message that never began")
        self._parts.append(payload)
        if first & _FINAL:
            message, self._parts = b"".join(self._parts), None
            self._on_message(message)
