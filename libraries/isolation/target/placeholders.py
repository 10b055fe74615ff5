"""Placeholders: ``{name}`` in a text stands for a word; a text that is nothing but one keeps the word's type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

PLACEHOLDER = re.compile(r"\{\{([A-Za-z_][\w.]*)\}\}|\{([A-Za-z_][\w.]*)\}")
"""``{name}``, or ``{{name}}`` for the text ``{name}`` itself."""
_WHOLE = re.compile(r"\{([A-Za-z_][\w.]*)\}")
_BLANKS = re.compile(r"\{(?:\s+([A-Za-z_][\w.]*)\s*|([A-Za-z_][\w.]*)\s+)\}")
_LEFT_OUT = object()


class UnfilledPlaceholder(Exception):
    """A text needs a word that was not given; ``args[0]`` is the word."""


def names_in(value: object) -> Iterator[str]:
    """The placeholders in a value, also deep inside and in keys."""
    if isinstance(value, str):
        yield from (match.group(2) for match in PLACEHOLDER.finditer(value) if match.group(2))
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield from names_in(key)
            yield from names_in(entry)
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from names_in(entry)


def broken_placeholder(text: str) -> str:
    """The piece of a text that looks like half a placeholder, or empty."""
    blanks = _BLANKS.search(text)
    if blanks is not None and text.count("{") == 1:
        return blanks.group(0)  # with more braces it is a language of its own, such as GraphQL
    rest = PLACEHOLDER.sub("", text)
    if "{" in rest and "}" not in rest:
        found = re.search(r"\{\s*[A-Za-z_][\w.]*", rest)
        return found.group(0) if found else ""
    if "}" in rest and "{" not in rest:
        found = re.search(r"[A-Za-z_][\w.]*\s*\}", rest)
        return found.group(0) if found else ""
    return ""


def fill(template: object, words: Mapping[str, object]) -> object:
    """Put words in place of placeholders.

    Entries of an object or a list that are nothing but a placeholder whose word is not given are left out;
    a word that is given as None becomes null.

    Raises:
        UnfilledPlaceholder: When a longer text, or the value itself, needs a word that is not given.
    """
    filled = _fill(template, words)
    if filled is _LEFT_OUT:
        raise UnfilledPlaceholder(str(template)[1:-1])
    return filled


def fill_text(template: str, words: Mapping[str, object]) -> str:
    """Put words into a text; the result is always a text.

    Raises:
        UnfilledPlaceholder: When a word is not given.
    """

    def filling(match: re.Match[str]) -> str:
        if match.group(1):
            return f"{{{match.group(1)}}}"
        if words.get(match.group(2)) is None:
            raise UnfilledPlaceholder(match.group(2))
        return str(words[match.group(2)])

    return PLACEHOLDER.sub(filling, template)


def _fill(template: object, words: Mapping[str, object]) -> object:
    if isinstance(template, str):
        if "{" not in template:
            return template
        whole = _WHOLE.fullmatch(template)
        if whole is not None:
            return words.get(whole.group(1), _LEFT_OUT)
        return fill_text(template, words)
    if isinstance(template, Mapping):
        entries = ((str(_fill(key, words)), _fill(value, words)) for key, value in template.items())
        return {key: value for key, value in entries if value is not _LEFT_OUT}
    if isinstance(template, (list, tuple)):
        return [value for value in (_fill(entry, words) for entry in template) if value is not _LEFT_OUT]
    return template
