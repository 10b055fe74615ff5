"""Settings that cannot be used, said in one sentence."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import yaml
from pydantic import BaseModel, ValidationError

_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff]")
_LONGEST = 2_000


class SettingsError(Exception):
    """A setting is missing, unknown or impossible; the message names file, place, what was found and what would be right.

    What a file holds is quoted, so nothing that would harm a console or a page is let through.
    """

    def __init__(self, sentence: str) -> None:
        """Keep the sentence, of what can be seen of it."""
        seen = _INVISIBLE.sub("\N{REPLACEMENT CHARACTER}", sentence)
        super().__init__(seen if len(seen) <= _LONGEST else f"{seen[:_LONGEST]} ...")


def in_one_sentence(error: ValidationError, where: str, model: type[BaseModel]) -> SettingsError:
    """Turn pydantic's report into one sentence about its first problem.

    Args:
        error: What pydantic found.
        model: What the file, or each entry of its list, should be.
    """
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "the file"
    problem = first["msg"].removeprefix("Value error, ")
    kind = first["type"]
    if kind == "missing":
        what = "is missing"
    elif kind == "extra_forbidden":
        what = f"is not a known setting{_known(model, first['loc'][:-1])}"
    elif isinstance(first["input"], (dict, list)):
        what = f"cannot be used: {problem}"
    else:
        what = f"cannot be {first['input']!r}: {problem}"
    more = f" ({len(error.errors()) - 1} more)" if len(error.errors()) > 1 else ""
    return SettingsError(f"{where}: '{place}' {what}{more}")


def _known(model: type[BaseModel], place: tuple[int | str, ...]) -> str:
    for part in place:
        field = model.model_fields.get(str(part))
        inner = _model_in(field.annotation) if field is not None else None
        model = inner or model
    return f"; there are {', '.join(model.model_fields)}"


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The model that an annotation names, also inside ``X | None`` or ``dict[str, X]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def read_yaml(path: Path) -> object:
    """Read a YAML file.

    Raises:
        SettingsError: When the file is not there or not YAML; the sentence names the file and the line.
    """
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{path}: there is no such file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark else ""
        raise SettingsError(f"{path}{line}: this is not readable YAML: {getattr(error, 'problem', error)}") from None
