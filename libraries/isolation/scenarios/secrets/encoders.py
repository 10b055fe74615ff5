"""Ways in which a user may write its own secret: each must be read by the scan, and none is a leak."""

from __future__ import annotations

import base64
import gzip
import json
import urllib.parse
from collections.abc import Callable


def _base64(text: str, before: str) -> str:
    return base64.b64encode(f"{before}{text} and more".encode()).decode()


def _escaped(text: str) -> str:
    return json.dumps("".join(f"\\u{ord(character):04x}" for character in text)).replace("\\\\", "\\")


ENCODERS: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: text.upper(),
    lambda text: text[::-1],
    lambda text: _base64(text, "key"),
    lambda text: text.encode().hex(),
    lambda text: urllib.parse.quote("".join(f"%{ord(character):02x}" for character in text), safe="%"),
    _escaped,
    lambda text: base64.b64encode(gzip.compress(text.encode())).decode(),
)
"""Plain, upper case, backwards, base64, hexadecimal, URL encoding, JSON escapes, gzip inside base64."""
