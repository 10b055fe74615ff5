"""Settings that cannot be used, said in one sentence."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError


class SettingsError(Exception):
    """A setting is missing, unknown or impossible; the message names file, place, what was found and what would be right."""


def in_one_sentence(error: ValidationError, where: str) -> SettingsError:
    """Turn pydantic's report into one sentence about its first problem."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "the file"
    kind = first["type"]
    if kind == "missing":
        what = "is missing"
    elif kind == "extra_forbidden":
        what = "is not a known setting"
    else:
        what = f"cannot be {first.get('input')!r}: {first['msg'].removeprefix('Value error, ')}"
    more = f" ({len(error.errors()) - 1} more)" if len(error.errors()) > 1 else ""
    return SettingsError(f"{where}: '{place}' {what}{more}")


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
