"""Reading a target file: everything that is wrong in it is said with its line and with what would be right."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, Tag, ValidationError
from pydantic_core import ErrorDetails

from isolation.settings.errors import SettingsError
from isolation.target.model.target import Target
from isolation.target.reading.checks import contradictions
from isolation.target.reading.secrets_by_mistake import looks_secret, secrets_by_mistake
from isolation.target.reading.yaml_lines import LinedYaml, Place, UnreadableYaml, parse_lined_yaml, read_lined_yaml

_SILENT = (
    "secrets",
    "key",
    "headers",
    "json",
    "form",
    "claims",
    "auth",
    "cookies",
    "query",
    "environment",
    "text",
    "send",
)
"""Sections in which a secret might stand by mistake: what stands there is never repeated."""
_KINDS = {
    "string_type": "has to be a text",
    "int_type": "has to be a whole number",
    "int_parsing": "has to be a whole number",
    "bool_parsing": "has to be yes or no",
    "bool_type": "has to be yes or no",
    "dict_type": "has to be an object (name: value)",
    "list_type": "has to be a list",
    "model_type": "has to be an object (name: value)",
    "model_attributes_type": "has to be an object (name: value)",
    "too_short": "has to hold something",
    "string_too_short": "must not be empty",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a target file.

    Attributes:
        line: Its line; 0 where no line can be named.
        place: Where it stands, such as ``session.open.0.url``.
        sentence: What is wrong and what would be right.
    """

    line: int
    place: str
    sentence: str


class TargetFileError(SettingsError):
    """A target file that cannot be used; the message is one sentence, ``problems`` holds all that is wrong."""

    def __init__(self, path: str, problems: list[Problem]) -> None:
        """Say the first problem, and how many there are more."""
        self.problems = problems
        first = problems[0]
        line = f", line {first.line}" if first.line else ""
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{path}{line}: {first.sentence}{more}")


def load_target(folder: Path, name: str) -> Target:
    """Read the description of a target.

    Args:
        folder: Where the target files are.
        name: Name of a file there without its ending, or a path to a file elsewhere.

    Raises:
        TargetFileError: When there is no such target or its file holds anything impossible.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else folder / f"{name}.yaml"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml")))
        raise TargetFileError(
            str(path),
            [Problem(0, "", f"there is no target '{name}'; there are {known}, or give the path of a YAML file")],
        )
    try:
        lined = read_lined_yaml(path)
    except UnreadableYaml as error:
        raise TargetFileError(str(path), [Problem(error.line, "", error.sentence)]) from None
    return _checked(lined, str(path), path.parent)


def parse_target(text: str, name: str = "the text") -> Target:
    """Read the description of a target from a text.

    Raises:
        TargetFileError: When it holds anything impossible.
    """
    try:
        return _checked(parse_lined_yaml(text), name, None)
    except UnreadableYaml as error:
        raise TargetFileError(name, [Problem(error.line, "", error.sentence)]) from None


def _checked(lined: LinedYaml, path: str, folder: Path | None) -> Target:
    if not isinstance(lined.data, dict):
        raise TargetFileError(path, [Problem(1, "", "a target file is an object that begins with 'version: 2'")])
    mistakes = [_problem(lined, place, sentence) for place, sentence in secrets_by_mistake(lined.data)]
    if mistakes:
        raise TargetFileError(path, mistakes)
    try:
        target = Target.model_validate(lined.data)
    except ValidationError as error:
        found = [_from_pydantic(lined, detail) for detail in error.errors(include_url=False)]
        raise TargetFileError(path, sorted(found, key=lambda problem: problem.line)) from None
    object.__setattr__(target, "_source", path)
    wrong = [_problem(lined, place, sentence) for place, sentence in contradictions(target, lined.data, folder)]
    if wrong:
        raise TargetFileError(path, sorted(wrong, key=lambda problem: problem.line))
    return target


def _problem(lined: LinedYaml, place: Place, sentence: str) -> Problem:
    shown = ".".join(str(part) for part in place)[:200]
    shown = "".join(sign if sign.isprintable() else "?" for sign in shown)
    return Problem(_line(lined, place), shown, f"'{shown}' {sentence}" if shown else sentence)


def _line(lined: LinedYaml, place: Place) -> int:
    if place not in lined.lines and len(place) > 2 and place[0] in ("requests", "operator"):
        base: Place = ("request_base" if place[0] == "requests" else "operator_base", *place[2:])
        if base in lined.lines:
            return lined.lines[base]
    return lined.line_of(place)


def _from_pydantic(lined: LinedYaml, detail: ErrorDetails) -> Problem:
    kind = detail["type"]
    place = tuple(part for part in detail["loc"] if not str(part).startswith(("<", "function-")) and part != "[key]")
    name = str(place[-1]) if place else "the file"
    if kind == "missing":
        sentence = f"is missing; {_purpose(detail['loc'])}"
    elif kind == "extra_forbidden":
        known = _known(detail["loc"][:-1])
        sentence = f"is not known here{_meant(name, known)}; there are {', '.join(known)}"
    elif "[key]" in detail["loc"]:
        sentence = f"cannot stand here as a name: {_reason(detail)}"
    elif isinstance(detail["input"], (dict, list)) or kind in ("value_error", "step"):
        sentence = f"cannot be used: {_reason(detail)}"
    else:
        sentence = f"cannot be {_shown(detail['input'], place)}: {_reason(detail)}"
    return _problem(lined, place, sentence)


def _reason(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _KINDS:
        return _KINDS[kind]
    if kind == "literal_error":
        return f"it has to be {context.get('expected', 'another value')}"
    if kind == "enum":
        return f"it has to be {context.get('expected', 'another value')}"
    if kind == "string_pattern_mismatch":
        return "a name has small letters, digits and underscores, such as 'admin_key'"
    return detail["msg"].removeprefix("Value error, ").replace("Input should be ", "it has to be ")


def _shown(value: object, place: Place) -> str:
    silent = any(part in _SILENT for part in place)
    text = repr(value)
    return "what stands there" if silent or len(text) > 60 or looks_secret(str(value)) else text


def _purpose(loc: tuple[int | str, ...]) -> str:
    model = _model(loc[:-1])
    field = next((f for f in _fields(model) if f[0] == loc[-1]), None)
    text = (
        re.search(rf"^ +{re.escape(field[1])}: (.*)$", model.__doc__ or "", re.MULTILINE) if field and model else None
    )
    return f"it says: {text.group(1).rstrip('.')}" if text else "this section cannot be without it"


def _known(loc: tuple[int | str, ...]) -> list[str]:
    return [name for name, _ in _fields(_model(loc))]


def _fields(model: type[BaseModel] | None) -> Iterator[tuple[str, str]]:
    if model is not None:
        yield from ((field.alias or name, name) for name, field in model.model_fields.items())


def _model(loc: tuple[int | str, ...]) -> type[BaseModel] | None:
    """The model to which a place of pydantic's report leads."""
    annotation: Any = Target
    for part in loc:
        tagged = _tagged(annotation, str(part))
        if tagged is not None:
            annotation = tagged
            continue
        model = _inner(annotation)
        if model is None:
            return None
        field = next((model.model_fields[name] for shown, name in _fields(model) if shown == part), None)
        if field is not None:
            annotation = (field.annotation, *field.metadata)
    return _inner(annotation)


def _tagged(annotation: Any, tag: str) -> Any:
    parts = annotation if isinstance(annotation, tuple) else get_args(annotation)
    if any(isinstance(part, Tag) and part.tag == tag for part in parts):
        return parts[0]
    return next((found for part in parts if (found := _tagged(part, tag)) is not None), None)


def _inner(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    parts = annotation if isinstance(annotation, tuple) else get_args(annotation)
    return next(filter(None, map(_inner, parts)), None)


def _meant(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f" (did you mean '{near[0]}'?)" if near else ""
