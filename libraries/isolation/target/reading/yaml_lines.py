"""YAML read with care: every value knows its line, a key stands once, and nothing is more than text, number, list, object.

Only ``true`` and ``false`` are truth values (``no``, ``on`` and ``yes`` are texts), keys are always texts, dates are texts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

Place = tuple[str | int, ...]
"""Where a value stands: the keys and numbers on the way to it."""

LARGEST_BYTES = 1_048_576
_MOST_VALUES = 50_000
_DEEPEST = 60
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?")
_CONSTANTS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NOTHING = {"", "~", "null", "Null", "NULL"}
_QUOTED = re.compile(r"'[^']{4,}'|\"[^\"]{4,}\"")


class UnreadableYaml(Exception):
    """The file cannot be read; ``line`` is 0 where no line can be named."""

    def __init__(self, line: int, sentence: str) -> None:
        """Keep line and sentence."""
        super().__init__(sentence)
        self.line = line
        self.sentence = sentence


@dataclass(slots=True)
class LinedYaml:
    """What a file holds, and in which line each value begins."""

    data: object
    lines: dict[Place, int] = field(default_factory=dict)

    def line_of(self, place: Place) -> int:
        """The line of a value, or of the nearest value around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_lined_yaml(path: Path) -> LinedYaml:
    """Read a file.

    Raises:
        UnreadableYaml: When it is not there, too large, no YAML, or holds a key twice.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise UnreadableYaml(
                0, f"the file is larger than {LARGEST_BYTES:,} bytes; a target file has some kilobytes"
            )
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise UnreadableYaml(line, "the file is not UTF-8 text") from None
    except OSError as error:
        raise UnreadableYaml(0, f"the file cannot be read: {error.strerror}") from None
    return parse_lined_yaml(text)


def parse_lined_yaml(text: str) -> LinedYaml:
    """Read a text.

    Raises:
        UnreadableYaml: When it is no YAML, holds a key twice, or more than a target file needs.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = _QUOTED.sub("this", error.problem or "something is wrong here")
        raise UnreadableYaml(mark.line + 1 if mark else 0, f"this is not readable YAML: {problem}") from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise UnreadableYaml(line, "this is not readable YAML: a character that may not stand in a text file") from None
    except RecursionError:
        raise UnreadableYaml(0, "this is nested deeper than any target file") from None
    if node is None:
        raise UnreadableYaml(1, "the file is empty")
    lined = LinedYaml(None)
    lined.data = _Reader(lined.lines).value(node, ())
    return lined


class _Reader:
    def __init__(self, lines: dict[Place, int]) -> None:
        self._lines = lines
        self._count = 0

    def value(self, node: yaml.Node, place: Place) -> object:
        line = node.start_mark.line + 1
        self._lines.setdefault(place, line)
        self._count += 1
        if self._count > _MOST_VALUES:
            raise UnreadableYaml(line, f"more than {_MOST_VALUES:,} values (or an alias that repeats itself)")
        if len(place) > _DEEPEST:
            raise UnreadableYaml(line, "this is nested deeper than any target file")
        if not node.tag.startswith("tag:yaml.org,2002:") or "python" in node.tag:
            raise UnreadableYaml(line, "tags ('!...') have no meaning here; write the value itself")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(entry, (*place, number)) for number, entry in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return node.value if node.style else _plain(node.value)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise UnreadableYaml(
                    line, 'a key is a text, not a list or an object (a placeholder has to stand in quotes: "{name}")'
                )
            if key.value == "<<" and not key.style:
                raise UnreadableYaml(
                    line, "'<<' (merging) has no meaning here; write the values out, or use 'request_base'"
                )
            inner = (*place, key.value)
            if key.value in found:
                raise UnreadableYaml(
                    line,
                    f"'{_shorten(key.value)}' stands twice here, first in line {self._lines[inner]}; keep one of them",
                )
            self._lines[inner] = line
            found[key.value] = self.value(value, inner)
        return found


def _plain(text: str) -> object:
    if text in _NOTHING:
        return None
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return text


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
