"""Frames as bytes: JSON text and the WebSocket header in front of it (RFC 6455, section 5.2)."""

from __future__ import annotations

import json
import struct
from typing import Any

LARGEST_FRAME_BYTES = 256 * 1024
_encoder = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
_TEXT_FINAL = 0x81


def encode(frame: dict[str, Any]) -> bytes:
    """A frame as compact JSON.

    Args:
        frame: JSON object.

    Returns:
        ASCII bytes; every other character is escaped.

    Raises:
        ValueError: If a number is not finite.
    """
    return _encoder.encode(frame).encode("ascii")


def text_header(length: int) -> bytes:
    """The header of an unmasked, final text frame.

    Args:
        length: Bytes of the payload.

    Returns:
        2, 4 or 10 bytes.
    """
    if length < 126:
        return bytes((_TEXT_FINAL, length))
    if length < 65_536:
        return struct.pack("!BBH", _TEXT_FINAL, 126, length)
    return struct.pack("!BBQ", _TEXT_FINAL, 127, length)
