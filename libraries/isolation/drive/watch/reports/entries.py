"""What the operator's interface answers, read with distrust: an entry that makes no sense is named and skipped.

A target may answer anything: other types, numbers of 400 digits, half characters, texts of a megabyte. None of it may
end the watch, reach a console or fill a disk; and none of it may be lost without a word.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeVar

from isolation.drive.watch.reports.notes import Notebook, plain
from isolation.record import OperatorUsage, PlatformEvent
from isolation.record.usage.watch_notes import Trouble

_LONGEST_NAME: Final = 200
_LONGEST_DETAIL: Final = 4000
_LARGEST: Final = 2**63 - 1
_Read = TypeVar("_Read")


def each(
    answer: object, source: str, notebook: Notebook, read: Callable[[Mapping[str, Any]], _Read | None]
) -> Iterator[_Read]:
    """Every entry of an answer that can be read.

    Args:
        answer: What the target answered; a list of objects, one hopes.
        source: What was asked for.
        notebook: Where entries that cannot be read are named.
        read: Reads one entry; None for one that concerns nobody.
    """
    if not isinstance(answer, list):
        raise ValueError(f"the answer is no list but {plain(repr(answer), 60)}")
    for entry in answer:
        try:
            if not isinstance(entry, Mapping):
                raise ValueError("it is no object")
            result = read(entry)
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError, RecursionError) as error:
            why = f"it has no '{error.args[0]}'" if isinstance(error, KeyError) else str(error)
            notebook.note(Trouble.SKIPPED, source, f"an entry was skipped: {plain(why, 90)}; it begins {_shown(entry)}")
            continue
        if result is not None:
            yield result


def number(entry: Mapping[str, Any], name: str, default: int | None = None) -> int:
    """A whole number of an entry that fits 64 bits.

    Raises:
        ValueError: It is none.
    """
    value = entry[name] if default is None else entry.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or (isinstance(value, float) and value % 1):
        raise ValueError(f"'{name}' is no whole number")
    if not -_LARGEST <= value <= _LARGEST:
        raise ValueError(f"'{name}' is out of every range")
    return int(value)


def amount(entry: Mapping[str, Any], name: str, default: float | None = None) -> float:
    """A finite number of an entry.

    Raises:
        ValueError: It is none.
    """
    value = entry[name] if default is None else entry.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"'{name}' is no number")
    if not -_LARGEST <= value <= _LARGEST or math.isnan(value):
        raise ValueError(f"'{name}' is out of every range")
    return float(value)


def name_of(entry: Mapping[str, Any], key: str, *, needed: bool = False) -> str:
    """A short text of an entry; empty when there is none.

    Raises:
        ValueError: It is no text, or none although one is needed.
    """
    value = entry[key] if needed else entry.get(key)
    if value is None and not needed:
        return ""
    if not isinstance(value, str | int) or isinstance(value, bool) or (needed and value == ""):
        raise ValueError(f"'{key}' is no name")
    return plain(value, _LONGEST_NAME)


def read_event(
    entry: Mapping[str, Any],
    stream: str,
    seen_at: float,
    names: Mapping[str, str],
    words: Mapping[tuple[str, str], str],
) -> PlatformEvent:
    """One alert or audit entry."""
    tenant, kind = name_of(entry, "tenant"), name_of(entry, "kind", needed=True)
    detail = entry.get("detail") or {}
    if not isinstance(detail, Mapping):
        raise ValueError("'detail' is no object")
    return PlatformEvent(
        sequence=number(entry, "sequence"),
        seen_at=seen_at,
        stream=stream,
        kind=kind,
        tenant=names.get(tenant, tenant),
        agent=name_of(entry, "agent"),
        resource=name_of(entry, "resource"),
        detail=_small(detail),
        word=words.get((stream, kind), ""),
    )


def read_usage(entry: Mapping[str, Any], at: float, names: Mapping[str, str]) -> OperatorUsage | None:
    """What one tenant uses, by the operator's word; None for a tenant that is not watched."""
    tenant = name_of(entry, "tenant", needed=True)
    if tenant not in names:
        return None
    return OperatorUsage(
        at=at,
        tenant=names[tenant],
        cpu_percent=amount(entry, "cpu_percent"),
        memory_bytes=number(entry, "memory_bytes"),
        database_connections=number(entry, "database_connections"),
        contained=entry["contained"] is True,
        io_bytes_per_second=amount(entry, "io_bytes_per_second", 0.0),
        messages=number(entry, "messages", 0),
    )


def _small(detail: Mapping[str, Any]) -> dict[str, object]:
    text = json.dumps(detail, default=str)
    if len(text) > _LONGEST_DETAIL:
        return {"detail": plain(text, _LONGEST_DETAIL)}
    clean: dict[str, object] = json.loads(plain(text, 2 * _LONGEST_DETAIL))
    return clean


def _shown(entry: object) -> str:
    try:
        return plain(repr(entry), 60)
    except (ValueError, RecursionError):
        return f"a {type(entry).__name__}"
