"""What differs between any two answers, whatever they are about: ids made anew, dates. It reveals nothing."""

from __future__ import annotations

import re

_RANDOM = re.compile(r"[0-9a-fA-F]{8}[0-9a-fA-F-]*")
"""Ids that a platform makes anew for every answer, such as the number of an incident."""
_UNSTEADY = re.compile(r"(date|age|expires|last-modified|etag|x-[\w-]*id|traceparent|server-timing)\s*:", re.IGNORECASE)
"""Headers that differ between any two answers."""


def steady_text(text: str) -> str:
    """A text with ids that were made for it, and numbers, covered."""
    return re.sub(r"\d+", "#", _RANDOM.sub("~", text))


def is_steady(header: str) -> bool:
    """Whether a header line can be compared between two answers."""
    return not _UNSTEADY.match(header)
