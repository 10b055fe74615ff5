"""The small terms that every section is made of: names, words, paths, conditions, addresses, headers, durations."""

from __future__ import annotations

import re
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    WithJsonSchema,
)

from isolation.settings.units import seconds
from isolation.target.placeholders import PLACEHOLDER

JsonObject: TypeAlias = dict[str, JsonValue]
"""An object; texts in it may hold ``{placeholders}``."""

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://|\{[a-z_][a-z0-9_.]*\}")


class Part(BaseModel):
    """A section of the file: nothing unknown, nothing changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _path(text: str) -> str:
    if _CONTROL.search(text) or text != text.strip():
        raise ValueError("a path is written with dots, such as 'data.user.id', without blanks at its ends")
    if "*" in text or "[" in text:
        raise ValueError(
            "a path has no '*' and no '[...]': write 'items.0.id' for one entry, or 'list' for all of them"
        )
    return text


def _header_name(text: str) -> str:
    if _HEADER_NAME.fullmatch(text) is None:
        raise ValueError("a header's name has only letters, digits and hyphens, such as 'Authorization'")
    return text


def _one_line(text: str) -> str:
    if _CONTROL.search(text) or not text.strip():
        raise ValueError("a header's value is one line of text and not blank")
    return text


def _address(text: str) -> str:
    if _CONTROL.search(text) or " " in text:
        raise ValueError("an address holds no blank and no line break")
    if _SCHEME.match(text) is None:
        raise ValueError(
            "an address begins with a scheme or with a door, such as 'http://127.0.0.1:8000' or '{base}/path'"
        )
    plain = PLACEHOLDER.sub("1", text)
    try:
        place = urlsplit(plain)
        port = place.port
    except ValueError:
        raise ValueError("the address has an unusable host or port (a port is a number from 1 to 65535)") from None
    if port == 0 or ("://" in text and not plain.startswith("1") and not place.netloc):
        raise ValueError("the address has an unusable host or port (a port is a number from 1 to 65535)")
    if "@" in place.netloc:
        raise ValueError("an address holds no user and password: put them into 'secrets' and send them in a header")
    return text


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"it is no regular expression ({error})") from None
    return text


def _matcher(value: object) -> object:
    if isinstance(value, dict) and value:
        raise ValueError(
            "a condition compares with a value, a list of values, 'present' or 'absent'; write deeper paths with dots"
        )
    if isinstance(value, list) and any(isinstance(entry, (dict, list)) for entry in value):
        raise ValueError("a list of values holds texts, numbers, true, false or null")
    return value


def _duration(value: object) -> object:
    return seconds(value) if isinstance(value, (str, int, float)) else value


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
"""A name that can stand in braces as a placeholder."""
Path = Annotated[str, StringConstraints(max_length=300), AfterValidator(_path)]
"""Where something stands in a frame or an answer: keys with dots between; a number counts in a list; empty is all of it."""
_TEXT: JsonObject = {"type": "string"}
TEXTS: JsonObject = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}
_WHOLE: JsonObject = {"type": "integer", "minimum": 0}
STATUSES: JsonObject = {"anyOf": [_WHOLE, {"type": "array", "items": _WHOLE, "minItems": 1}]}
_DURATION: JsonObject = {
    "type": "string",
    "pattern": r"^\d[\d.,_]* *(ms|milliseconds?|s|seconds?|min|minutes?|h|hours?)$",
}
Paths = Annotated[
    list[Path],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    Field(min_length=1),
    WithJsonSchema(TEXTS),
]
"""One path or several; the first that leads to something counts."""
Regex = Annotated[str, StringConstraints(min_length=1, max_length=1_000), AfterValidator(_regex)]
"""A regular expression of Python's ``re``; it is searched for, so that it may fit anywhere in a line."""
Keep = dict[Word, Path]
Matcher = Annotated[JsonValue, BeforeValidator(_matcher)]
When = Annotated[dict[Path, Matcher], Field(min_length=1)]
"""A condition: every path leads to the value, to one of a list, to something (``present``) or to nothing (``absent``)."""
HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderValue = Annotated[str, AfterValidator(_one_line)]
Headers = dict[HeaderName, HeaderValue]
Address = Annotated[str, StringConstraints(min_length=1, max_length=2_000), AfterValidator(_address)]
Duration = Annotated[float, BeforeValidator(_duration), Field(gt=0, le=86_400), WithJsonSchema(_DURATION)]
"""Seconds, written with a unit; more than nothing, a day at most."""
DurationOrNone = Annotated[float, BeforeValidator(_duration), Field(ge=0, le=86_400), WithJsonSchema(_DURATION)]
"""Seconds, written with a unit; may be nothing."""
Statuses = Annotated[
    list[Annotated[int, Field(ge=0, le=65_535)]],
    BeforeValidator(lambda value: [value] if isinstance(value, int) else value),
    Field(min_length=1),
    WithJsonSchema(STATUSES),
]
