"""The kinds of work that ``execute`` takes, and the ranges of their arguments (PROTOCOL.md, Work)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from reference_platform.gateway.endpoint.requests import LONGEST_TEXT, bad_request


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a kind of work.

    Attributes:
        kind: ``int``, ``number`` or ``text``.
        highest: Largest number (the smallest is ``lowest``); for a text its length.
        required: Whether it must be there.
        lowest: Smallest number.
    """

    kind: str
    highest: float
    required: bool = False
    lowest: float = 0


_HOUR = Argument("number", 3600)
_MEGABYTES = Argument("number", 8192, required=True)
_MAY_MEGABYTES = Argument("number", 8192)
_MILLISECONDS = Argument("number", 600_000)
_TEXT = Argument("text", LONGEST_TEXT)

#: Kind to its arguments by name.
KINDS: dict[str, dict[str, Argument]] = {
    "noop": {},
    "cpu": {"milliseconds": Argument("number", 600_000, required=True)},
    "memory": {"megabytes": _MEGABYTES, "seconds": _HOUR},
    "disk": {"megabytes": Argument("number", 1024, required=True)},
    "database": {"rows": Argument("int", 100_000, lowest=1), "repeat": Argument("int", 10_000, lowest=1)},
    "messages": {"count": Argument("int", 1_000_000, required=True), "bytes": Argument("int", 65_536)},
    "typical": {"milliseconds": _MILLISECONDS},
    "heavy": {"milliseconds": _MILLISECONDS, "megabytes": _MAY_MEGABYTES},
    "report": {"text": _TEXT},
    "ask": {"question": Argument("text", LONGEST_TEXT, required=True)},
    "remember": {"text": Argument("text", LONGEST_TEXT, required=True)},
    "recall": {},
    "loop": {"seconds": _HOUR},
    "memory_pressure": {"megabytes": _MEGABYTES, "seconds": _HOUR},
    "io_load": {"seconds": _HOUR},
    "message_flood": {"seconds": _HOUR, "bytes": Argument("int", 65_536)},
    "leak_memory": {"megabytes_per_minute": Argument("number", 100_000, required=True), "seconds": _HOUR},
    "leak_handles": {"count": Argument("int", 100_000, required=True)},
    "leak_connections": {"count": Argument("int", 1_000, required=True)},
    "hang": {},
    "warm_up": {"megabytes": _MAY_MEGABYTES, "seconds": _HOUR},
    "cache": {"megabytes": _MAY_MEGABYTES, "seconds": _HOUR},
    "saw_tooth": {
        "megabytes": _MAY_MEGABYTES,
        "seconds": _HOUR,
        "period_seconds": Argument("number", 3600, lowest=0.1),
    },
    "crash": {},
}


def checked_work(work: Any) -> dict[str, Any]:
    """Check the ``work`` of a request.

    Args:
        work: What the client sent.

    Returns:
        The kind and its known arguments; nothing else is handed on.

    Raises:
        RequestError: ``bad_request`` when the kind is unknown or an argument is missing or out of range.
    """
    if not isinstance(work, dict) or not isinstance(work.get("kind"), str):
        raise bad_request("'work' must be an object with a 'kind'")
    arguments = KINDS.get(work["kind"])
    if arguments is None:
        raise bad_request(f"'kind' must be one of: {', '.join(KINDS)}")
    checked: dict[str, Any] = {"kind": work["kind"]}
    for name, argument in arguments.items():
        value = work.get(name)
        if value is None:
            if argument.required:
                raise bad_request(f"'{name}' is missing in 'work'")
            continue
        _check(name, value, argument)
        checked[name] = value
    return checked


def _check(name: str, value: Any, argument: Argument) -> None:
    if argument.kind == "text":
        if not isinstance(value, str) or len(value) > argument.highest:
            raise bad_request(f"'{name}' must be a text of at most {argument.highest:g} characters")
        return
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    is_wanted = isinstance(value, int) if argument.kind == "int" else True
    if not is_number or not is_wanted or not argument.lowest <= value <= argument.highest:
        word = "whole number" if argument.kind == "int" else "number"
        raise bad_request(f"'{name}' must be a {word} from {argument.lowest:g} to {argument.highest:g}")
