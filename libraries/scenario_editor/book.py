"""The phrase book, read from ``keywords/``: every sentence, its places for values, what may stand there, and what it stands on."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from robot.running import ResourceFile  # type: ignore[import-untyped]  # no type information there
from robot.running.arguments import EmbeddedArguments  # type: ignore[import-untyped]

from robot_support.phrases.quantities import Duration, Percentage, Rate, Size
from robot_support.suite_files.file_under_test import PROJECT

_PLACE = re.compile(r"\$\{(\w+)[^}]*\}")
_VARIABLE = re.compile(r"^\$\{(\w+)\}$")
OF_TENANTS = ("tenant", "tenants", "first", "last")
"""Names of what a sentence says about tenants by their numbers."""
_QUANTITIES: Mapping[Any, str] = {
    Duration: "a time with its unit, such as 30 seconds, 500 ms or 2 minutes",
    Percentage: "a share, such as 10 percent or 95 %",
    Size: "an amount with its unit, such as 256 MB or 1 GB",
    Rate: "a rate with its unit, such as 5 requests/s or 100 requests/min",
    int: "a whole number",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place for a value.

    Attributes:
        name: Such as ``time``.
        hint: The type that the keyword behind it asks for; None for text.
        words: The words that may stand there, where they are few.
        asks_for: What to write, in words.
    """

    name: str
    hint: Any
    words: tuple[str, ...]
    asks_for: str


@dataclass(frozen=True, slots=True)
class Call:
    """A keyword of a library that a sentence calls."""

    library: type
    method: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the phrase book.

    Attributes:
        text: With places as ``${name}``.
        file: As seen from the project.
        line: In that file.
        says: What it means.
        example: As it stands in a scenario; empty when there is none.
        places: Its places for values, in their order.
        calls: What it calls.
    """

    text: str
    file: str
    line: int
    says: str
    example: str
    places: tuple[Place, ...]
    calls: tuple[Call, ...]

    @property
    def records(self) -> bool:
        """Whether it carries an experiment out (a setup); else it claims something about what was recorded."""
        return not re.search(r"\bshould\b", self.text)

    @property
    def shown(self) -> str:
        """With places as words in brackets."""
        return _PLACE.sub(lambda found: f"[{found.group(1)}]", self.text)

    def values(self, step: str) -> tuple[str, ...] | None:
        """What stands in the places of a step that says this sentence; None when the step says something else."""
        if not self.places:
            return () if _plain(step) == _plain(self.text) else None
        found = EmbeddedArguments.from_name(self.text).name.fullmatch(step)
        return tuple(found.groups()) if found else None


@dataclass(frozen=True, slots=True)
class Chapter:
    """One file of the phrase book.

    Attributes:
        file: As seen from the project.
        about: Its own words.
        sentences: Its sentences.
        builds_on: The files that it takes over.
    """

    file: str
    about: str
    sentences: tuple[Sentence, ...]
    builds_on: tuple[str, ...]


@cache
def phrase_book() -> tuple[Chapter, ...]:
    """All chapters, in the order of their files."""
    return tuple(_chapter(path) for path in sorted((PROJECT / "keywords").rglob("*.resource")))


def reachable(imported: tuple[str, ...]) -> tuple[Sentence, ...]:
    """The sentences of some chapters, and of those that they build on."""
    by_file = {chapter.file: chapter for chapter in phrase_book()}
    found: dict[str, Chapter] = {}
    waiting = [file for file in imported if file in by_file]
    for file in waiting:  # grows while it is read
        if file not in found:
            found[file] = by_file[file]
            waiting += [other for other in by_file[file].builds_on if other in by_file]
    return tuple(sentence for chapter in found.values() for sentence in chapter.sentences)


def from_project(path: Path) -> str:
    """A path as seen from the project; another one stays as it is."""
    resolved = path.resolve()
    return str(resolved.relative_to(PROJECT)) if resolved.is_relative_to(PROJECT) else str(path)


@cache
def _chapter(path: Path) -> Chapter:
    resource = ResourceFile.from_file_system(path)
    imports = [(kind.type, (path.parent / kind.name).resolve()) for kind in resource.imports]
    libraries = [_library(file) for kind, file in imports if kind == "LIBRARY"]
    inherited = [from_project(file) for kind, file in imports if kind == "RESOURCE"]
    for file in inherited:  # a library of the file below may be called too
        libraries += [call.library for sentence in _chapter(PROJECT / file).sentences for call in sentence.calls]
    sentences = tuple(_sentence(keyword, from_project(path), libraries) for keyword in resource.keywords)
    return Chapter(from_project(path), _without_marks(resource.doc), sentences, tuple(inherited))


def _library(file: Path) -> type:
    found: type = getattr(import_module(file.stem), file.stem)
    return found


def _sentence(keyword: Any, file: str, libraries: list[type]) -> Sentence:
    says, _, example = keyword.doc.partition("Example:")
    calls = tuple(call for step in keyword.body if (call := _call(step, libraries)) is not None)
    embedded = EmbeddedArguments.from_name(keyword.name)
    patterns: Mapping[str, str] = embedded.custom_patterns or {} if embedded else {}
    places = tuple(_place(name, patterns.get(name, ""), calls) for name in _PLACE.findall(keyword.name))
    cells = [cell.strip() for cell in example.strip().strip("|").split("|")]
    return Sentence(
        keyword.name,
        file,
        keyword.lineno,
        _without_marks(says),
        _without_marks("    ".join(cells), "[Suite Setup]"),
        places,
        calls,
    )


def _call(step: Any, libraries: list[type]) -> Call | None:
    method = "_".join(str(step.name).lower().split())
    library = next((library for library in libraries if hasattr(library, method)), None)
    return Call(library, method, tuple(map(str, step.args))) if library is not None else None


def _place(name: str, pattern: str, calls: tuple[Call, ...]) -> Place:
    goes_into = (found for call in calls if (found := _parameter(call, name)) is not None)
    parameter, hint = next(goes_into, ("", None))
    words = tuple(str(word) for word in get_args(hint)) if get_origin(hint) is Literal else ()
    if re.fullmatch(r"[\w ]+(\|[\w ]+)+", pattern):
        words = tuple(pattern.split("|"))
    asks_for = "one of: " + ", ".join(words) if words else _QUANTITIES.get(hint, "words, as in the example")
    if parameter in OF_TENANTS:
        asks_for = "the number of a tenant, such as 3"
    return Place(name, hint, words, asks_for)


def _parameter(call: Call, name: str) -> tuple[str, Any] | None:
    """The parameter into which a place goes, and its type."""
    function = getattr(call.library, call.method)
    parameters = [p.name for p in inspect.signature(function).parameters.values() if p.name != "self"]
    for position, argument in enumerate(call.arguments):
        if (found := _VARIABLE.match(argument)) and found.group(1) == name:
            parameter = parameters[min(position, len(parameters) - 1)]
            return parameter, get_type_hints(function).get(parameter)
    return None


def _without_marks(text: str, setting: str = "") -> str:
    """Documentation as people read it: without marks for programmers, and a setting as it stands in a file."""
    if setting:
        return text.replace(setting, setting.strip("[]"))
    return " ".join(text.replace("``", "").split())


def _plain(text: str) -> str:
    return re.sub(r"[\s_]+", "", text).lower()
