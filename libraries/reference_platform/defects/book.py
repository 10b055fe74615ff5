"""The list of all defects."""

from __future__ import annotations


class UnknownDefect(Exception):
    """There is no defect of that name."""


def catalogue() -> dict[str, str]:
    """Every defect with its meaning."""
    return {}


def apply(name: str) -> None:
    """Carry a defect from now on.

    Args:
        name: Its name.

    Raises:
        UnknownDefect: If there is none of that name.
    """
    raise UnknownDefect(name)
