"""Robot's own words about a mistake in a sentence, made into one that says what would be right."""

from __future__ import annotations

import difflib
import re
from functools import cache

from robot.api import get_resource_model
from robot.api.parsing import Keyword, KeywordSection

from robot_support.suite_files.file_under_test import PROJECT

_CONVERSION = re.compile(r"^\w+: Argument '[^']*' got value .* that cannot be converted to [^:]*: (.+)$", re.DOTALL)
_UNKNOWN = re.compile(r"No keyword with name '(.+)' found\.")
_PREFIX = re.compile(r"^(given|when|then|and|but)\s+", re.IGNORECASE)
_PLACE = re.compile(r"\$\{(\w+)[^}]*\}")


def in_words(message: str) -> str:
    """A message of Robot's without what only programmers understand, and with the nearest sentence for a misspelt one."""
    if wrong := _CONVERSION.match(message):
        return wrong.group(1)
    if unknown := _UNKNOWN.match(message):
        said = _PREFIX.sub("", unknown.group(1))
        near = difflib.get_close_matches(said.lower(), sentences(), n=1, cutoff=0.5)
        hint = f" The nearest one is '{sentences()[near[0]]}'." if near else ""
        return f"There is no sentence '{said}' in the phrase book.{hint}"
    return message


@cache
def sentences() -> dict[str, str]:
    """Every sentence of the phrase book, by its lower-case form; places for values are written as ``...``."""
    found: dict[str, str] = {}
    for file in sorted((PROJECT / "keywords").rglob("*.resource")):
        for section in get_resource_model(file).sections:
            if isinstance(section, KeywordSection):
                names = [_PLACE.sub("...", body.name) for body in section.body if isinstance(body, Keyword)]
                found.update({name.lower(): name for name in names})
    return found
