"""Facts, one for each field: a sentence that names a wrong context then names the field that differs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from isolation.record.facts import Fact


def fact(tenant: str, subject: str, expected: object, shown: object) -> Fact:
    """A fact of plain values, so that a record that was saved and read again says the same."""
    return Fact(tenant, subject, _plain(expected), _plain(shown))


def facts_of(
    tenant: str, subject: str, expected: Mapping[str, object], shown: Mapping[str, object] | None
) -> list[Fact]:
    """One fact for each field.

    Args:
        tenant: Whose.
        subject: What has the fields, such as ``the agent as its user sees it``.
        expected: The fields as they have to be.
        shown: What was shown; None when nothing was.
    """
    return [
        fact(tenant, f"the {name.replace('_', ' ')} of {subject}", value, (shown or {}).get(name))
        for name, value in expected.items()
    ]


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(entry) for entry in value), key=repr)
    if isinstance(value, Mapping):
        return {str(name): _plain(entry) for name, entry in value.items()}
    return value
