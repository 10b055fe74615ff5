"""The platform's settings: from ``--setting NAME=VALUE`` and from a JSON file, checked on load."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reference_platform.governor.settings import GovernorSettings

_Port = Annotated[int, Field(ge=0, le=65_535)]
_Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
_Number = Annotated[int, Field(ge=1, le=1_000_000)]
_GOVERNOR = "governor"
_GOVERNOR_NAMES = tuple(field.name for field in fields(GovernorSettings))
# Where the platform lives is decided by its supervisor.
_NOT_TO_BE_SET = ("folder",)


class SettingsError(Exception):
    """A setting is unknown or impossible; the message is one sentence that names it."""


class PlatformSettings(BaseModel):
    """Everything about the platform that can be set. The governor's own settings are set as ``governor.NAME``.

    Attributes:
        port: TCP port of the tenant endpoint on 127.0.0.1; 0 is any free one.
        operator_port: TCP port of the operator API on 127.0.0.1; 0 is any free one.
        folder: The platform's private folder; chosen by the supervisor.
        operation_timeout_seconds: How long an operation may run (s).
        message_rate: Frames that a tenant may send in a second (1/s).
        message_burst: Frames that a tenant may send at once.
        sessions_of_a_user: Open sessions of one user.
        requests_of_a_session: Unfinished requests of one session.
        connection_limit: Database connections that agents of one tenant may lease.
        resume_seconds: How long a session that was cut can be resumed (s).
        agent_grace_seconds: How long agents stay after their user's last session was cut or closed (s).
        heartbeat_seconds: Time between two heartbeats of a session (s).
        light: Whether the gateway answers work that needs no process itself.
        clickhouse: Whether the analytics store is used where it is installed.
        governor: What the governor enforces.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    port: _Port = 0
    operator_port: _Port = 0
    folder: Path = Path()
    operation_timeout_seconds: _Seconds = 20.0
    message_rate: Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)] = 100.0
    message_burst: _Number = 200
    sessions_of_a_user: _Number = 20
    requests_of_a_session: _Number = 64
    agents_of_a_tenant: _Number = 64
    connection_limit: _Number = 5
    resume_seconds: _Seconds = 30.0
    agent_grace_seconds: _Seconds = 2.0
    heartbeat_seconds: _Seconds = 15.0
    light: bool = False
    clickhouse: bool = True
    governor: GovernorSettings = GovernorSettings()


def load_settings(file: Path | None, assignments: Iterable[str], **chosen: object) -> PlatformSettings:
    """Read settings; later ones win: file, assignments, ``chosen``.

    Args:
        file: A JSON file with one object, or None.
        assignments: Texts of the form ``NAME=VALUE``.
        chosen: Values by name; None is left out.

    Raises:
        SettingsError: A file cannot be read, a name is unknown, or a value impossible.
    """
    values = {} if file is None else _from_file(file)
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise SettingsError(f"A setting should look like NAME=VALUE, but is '{assignment}'.")
        _put(values, name.strip(), value.strip())
    values |= {name: value for name, value in chosen.items() if value is not None}
    return _checked(values)


def describe_settings() -> str:
    """Every setting with its default, one per line."""
    defaults = PlatformSettings().model_dump(exclude={_GOVERNOR, *_NOT_TO_BE_SET})
    defaults |= {f"{_GOVERNOR}.{name}": getattr(GovernorSettings(), name) for name in _GOVERNOR_NAMES}
    return "\n".join(f"  {name}={value}" for name, value in defaults.items())


def _from_file(file: Path) -> dict[str, Any]:
    try:
        values = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"The settings file {file} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise SettingsError(f"The settings file {file} is no JSON: {error}.") from None
    if not isinstance(values, dict):
        raise SettingsError(f"The settings file {file} should hold one JSON object.")
    return values


def _put(values: dict[str, Any], name: str, value: str) -> None:
    prefix, dot, rest = name.partition(".")
    governor = values.setdefault(_GOVERNOR, {})
    if dot and prefix == _GOVERNOR and isinstance(governor, dict):
        governor[rest] = value
    else:
        values[name] = value


def _checked(values: dict[str, Any]) -> PlatformSettings:
    known = PlatformSettings.model_fields.keys() - {*_NOT_TO_BE_SET}
    _refuse_unknown(values.keys() - known, sorted(known - {_GOVERNOR}))
    governor = values.get(_GOVERNOR, {})
    if not isinstance(governor, dict):
        raise SettingsError(f"'{_GOVERNOR}' should be one JSON object with the governor's settings.")
    _refuse_unknown({f"{_GOVERNOR}.{name}" for name in governor.keys() - {*_GOVERNOR_NAMES}}, sorted(_GOVERNOR_NAMES))
    try:
        return PlatformSettings.model_validate(values)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"]))
        raise SettingsError(
            f"The setting '{place}' cannot be {problem['input']!r}: {problem['msg'].rstrip('.')}."
        ) from None


def _refuse_unknown(unknown: Iterable[str], known: list[str]) -> None:
    for name in sorted(unknown):
        raise SettingsError(f"There is no setting '{name}'; there are {', '.join(known)}.")
