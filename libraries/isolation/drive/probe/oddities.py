"""Odd values for every place of a target's requests in which a user may write: by rule, not picked by hand.

A value in the file is an example: each run of digits, each separator and each item in it is repeated. Where the file names a
word, texts are written that are legal and unusual: very long, many times the same separator, deeply nested.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from isolation.target.model import HttpRequest, Target
from isolation.target.model.messages import RequestTemplate
from isolation.target.words import RequestKind

ODD = "odd"
_TEXT, _HEADER, _SHORT_HEADER, _ADDRESS = 50_000, 48_000, 7_000, 4_000
_DEEP = 400
_SEPARATORS = " ,-/.=;:&_%\\\"'"
_WORD = re.compile(r"\{([A-Za-z_]\w*)\}")
_NUMBERS = frozenset(
    [
        "milliseconds",
        "megabytes",
        "megabytes_per_minute",
        "seconds",
        "period_seconds",
        "count",
        "bytes",
        "rows",
        "repeat",
        "limit",
        "sequence",
        "number",
    ]
)
_NOT_ODD = frozenset({"id", "token", "as_role", "of", "scope", "work", "agent_type"})
"""Words that say who asks, whose thing it is, or what the platform shall do."""
_ENDS_OR_HARMS = frozenset(
    {
        RequestKind.PING, RequestKind.NOOP, RequestKind.LOGOUT, RequestKind.LOGOUT_SESSION, RequestKind.SESSION_END,
        RequestKind.ENDLESS_LOOP, RequestKind.MEMORY_PRESSURE, RequestKind.IO_LOAD, RequestKind.MESSAGE_FLOOD,
        RequestKind.MEMORY_LEAK, RequestKind.HANDLE_LEAK, RequestKind.CONNECTION_LEAK, RequestKind.NEVER_ENDING,
        RequestKind.ORCHESTRATE,
    }
)  # fmt: skip
_CREDENTIALS = re.compile(r"auth|token|key|secret|cookie|session|content-(type|length)|host", re.IGNORECASE)
_COMMON_HEADERS = {"Range": "bytes=0-9", "Accept": "text/plain, */*;q=0.8", "Accept-Language": "en-GB, en;q=0.7"}
"""What every HTTP server may read without being asked to."""
_TELLING = re.compile(r"digits|' '|deep lists")
"""Numbers, blanks and nesting are read everywhere, and the likeliest to be read again and again: they come first in each place."""
_ADAPTER: TypeAdapter[RequestTemplate] = TypeAdapter(RequestTemplate)


@dataclass(frozen=True, slots=True)
class OddValue:
    """One odd value.

    Attributes:
        request: The request of the file.
        place: Where in it.
        oddity: What is odd.
        value: What is written there.
        template: The request with ``{odd}`` in that place.
    """

    request: str
    place: str
    oddity: str
    value: object
    template: RequestTemplate

    @property
    def size(self) -> int:
        """Characters; of what is nested, levels; of what has members, those."""
        if isinstance(self.value, str):
            return len(self.value)
        return len(self.value) if isinstance(self.value, dict) else _DEEP


def odd_values(target: Target, most: int) -> list[OddValue]:
    """So many odd values, each place in turn: one that is left out leaves out no place as long as there are enough."""
    places: list[list[OddValue]] = []
    for kind, template in target.requests.items():
        if kind not in _ENDS_OR_HARMS:
            places += list(_of_request(target, kind, template))
    rng = random.Random(0)
    for values in places:
        rng.shuffle(values)
        values.sort(key=lambda one: not re.search(_TELLING, one.oddity))
    in_turn = [
        values[turn] for turn in range(max(map(len, places), default=0)) for values in places if turn < len(values)
    ]
    return in_turn[:most]


def _of_request(target: Target, kind: str, template: RequestTemplate) -> Iterator[list[OddValue]]:
    shape = template.model_dump(by_alias=True, exclude_none=True)
    for path, text in _leaves(shape):
        is_header = isinstance(template, HttpRequest) and path[0] == "headers"
        if is_header:
            if not _CREDENTIALS.search(str(path[-1])) and "{" not in text:
                yield _values(kind, shape, path, f"the header {path[-1]}", _like_header(text))
        elif isinstance(template, HttpRequest) and path == ("url",):
            for word in _WORD.findall(text):
                if word not in target.doors and word not in _NOT_ODD | _NUMBERS:
                    odd_url = text.replace(f"{{{word}}}", f"{{{ODD}}}")
                    yield _values(kind, shape, path, f"the part '{word}' of the address", _texts(_ADDRESS), odd_url)
        elif (word := _WORD.fullmatch(text)) is not None and word[1] not in _NOT_ODD | _NUMBERS:
            size = min(_TEXT, (target.limits.message_bytes or 4 * _TEXT) // 4)
            written = {**_texts(size), **(_documents(size) if word[1] in ("value", "entry") else {})}
            yield _values(kind, shape, path, f"the field '{word[1]}'", written)
    if isinstance(template, HttpRequest) and template.http == "GET":
        for name, example in _COMMON_HEADERS.items():
            if name.lower() not in {own.lower() for own in template.headers}:
                yield _values(kind, shape, ("headers", name), f"the header {name}", _like_header(example))


def _values(
    kind: str,
    shape: Any,
    path: tuple[str | int, ...],
    place: str,
    written: Mapping[str, object],
    put: str = f"{{{ODD}}}",
) -> list[OddValue]:
    template = _ADAPTER.validate_python(_with(shape, path, put))
    return [OddValue(kind, place, oddity, value, template) for oddity, value in written.items()]


def _texts(size: int) -> dict[str, object]:
    """Each ends in a sign of its own: a search that goes wrong only at the end begins again at every place."""
    texts: dict[str, object] = {
        "many letters": "a" * size,
        "many digits": "1" * size + "x",
        "brackets": "([{" * (size // 3),
    }
    texts["many accents"] = "e\u0301" * (size // 2)
    texts["many pairs"] = "a=1&" * (size // 4) + "!"
    return texts | {f"many '{sign}'": f"a{sign * (size - 2)}!" for sign in _SEPARATORS}


def _documents(size: int) -> dict[str, object]:
    nested: object = "x"
    for _ in range(_DEEP):
        nested = [nested]
    return {"deep lists": nested, "many members": {f"k{number}": number for number in range(size // 12)}}


def _like_header(example: str) -> dict[str, object]:
    """The example, with each of its parts many times; long and not so long, as many servers take short headers only."""
    found: dict[str, object] = {}
    for size in (_HEADER, _SHORT_HEADER):
        for number, digits in enumerate(re.finditer(r"\d+", example)):
            head, tail = example[: digits.start()], example[digits.end() :]
            found[f"many digits at number {number + 1}, {size}"] = f"{head}{'0' * size}{tail}"
            found[f"many digits at number {number + 1} and no more, {size}"] = f"{head}{'0' * size}"
        for sign in sorted(set(re.findall(r"[^\w\s]", example)) | {",", " "}):
            head, _, tail = example.partition(sign)
            found[f"many '{sign}', {size}"] = f"{head}{sign * size}{tail or 'x'}"
            found[f"many '{sign}' and no more, {size}"] = f"{head or 'x'}{sign * size}".rstrip(" ")
        item = example.rpartition("=")[2] if example.count("=") == 1 else example
        found[f"many items, {size}"] = example + f",{item}" * (size // (len(item) + 1))
        if re.search(r"\d", item):  # equal ones may be made one
            counted = (re.sub(r"\d+", str(2 * number), item) for number in range(size // (len(item) + 8)))
            found[f"many different items, {size}"] = f"{example.removesuffix(item)}{','.join(counted)}"
    return found


def _leaves(shape: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(shape, str):
        yield path, shape
    elif isinstance(shape, dict):
        for name, entry in shape.items():
            yield from _leaves(entry, (*path, name))
    elif isinstance(shape, list):
        for number, entry in enumerate(shape):
            yield from _leaves(entry, (*path, number))


def _with(shape: Any, path: tuple[str | int, ...], value: object) -> Any:
    """A copy of a shape with another value in one place."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(shape, list):
        return [_with(entry, rest, value) if number == first else entry for number, entry in enumerate(shape)]
    shape = dict(shape or {})
    shape[first] = _with(shape.get(first, {} if rest else None), rest, value)
    return shape
