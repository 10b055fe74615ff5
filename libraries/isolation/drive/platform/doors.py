"""Where a platform is: its addresses, its secrets and its process, as they are now."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from isolation.settings.errors import SettingsError
from isolation.target.interpreter.paths import MISSING, compile_path
from isolation.target.model import Target
from isolation.target.placeholders import PLACEHOLDER, names_in

_LINE = "line."


@dataclass(frozen=True, slots=True)
class Doors:
    """Where a platform is and what the suite knows of it.

    Attributes:
        addresses: Addresses by name, as the target file calls them.
        secrets: Secrets by word; never shown.
        pid: Process of the platform when the suite started it, else 0.
    """

    addresses: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    pid: int = 0

    def secret(self, word: str) -> str:
        """A secret by its word.

        Raises:
            SettingsError: When it is not there.
        """
        value = self.secrets.get(word)
        if not value:
            raise SettingsError(f"the target's secret '{word}' is in neither its credentials file nor the environment")
        return value


def doors_of(target: Target, line: Mapping[str, object], pid: int = 0) -> Doors:
    """Where a target is.

    Args:
        line: What the platform said when it was ready; empty when it was not started by the suite.

    Raises:
        SettingsError: When a field of the line, the credentials file or a secret is missing that the target file uses.
    """
    addresses = {name: _with_line(address, line, f"doors.{name}") for name, address in target.doors.items()}
    content: dict[str, str] = {}
    if target.credentials_file is not None:
        path = Path(_with_line(target.credentials_file, line, "credentials_file"))
        folder = Path(target.source).parent if target.source else Path()
        content = _read_secrets(path if path.is_absolute() else folder / path)
    known = {word: content.get(name) or os.environ.get(name, "") for word, name in target.secrets.items()}
    missing = [f"'{target.secrets[word]}' ({word})" for word in _used(target) if word in known and not known[word]]
    if missing:
        raise SettingsError(
            f"the target needs {', '.join(missing)}: in neither its credentials file nor the environment"
        )
    return Doors(addresses, {word: value for word, value in known.items() if value}, pid)


def tenant_endpoint(target: Target, doors: Doors) -> str:
    """The address that users connect to, without what differs between them."""
    connect = target.session.connect if target.session is not None else None
    template = connect.websocket or connect.socketio if connect is not None else None
    if template is None:  # every request is a call of its own, or an adapter's
        return next(iter(doors.addresses.values()), "")
    given = {**doors.addresses}
    return PLACEHOLDER.sub(lambda match: given.get(match.group(2) or "", ""), template)


def _used(target: Target) -> list[str]:
    """Every word without which no user can be made or connected."""
    parts = (target.tenants, target.session)
    dumped = [part.model_dump(by_alias=True) for part in parts if part is not None]
    return list(dict.fromkeys(name for part in dumped for name in names_in(part)))


def _with_line(text: str, line: Mapping[str, object], place: str) -> str:
    for name in names_in(text):
        if not name.startswith(_LINE):
            continue
        value = compile_path(name.removeprefix(_LINE))(dict(line))
        if value is MISSING or value is None:
            raise SettingsError(f"'{place}' needs the field '{name.removeprefix(_LINE)}' of what the platform said")
        text = text.replace(f"{{{name}}}", str(value))
    return text


def _read_secrets(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): str(value) for name, value in content.items() if value is not None}
    except OSError as error:
        raise SettingsError(f"the credentials file {path} cannot be read: {error.strerror}") from None
    except (ValueError, AttributeError):
        raise SettingsError(f'the credentials file {path} is no JSON object {{"name": "value"}}') from None
