"""The description of a platform under test: one YAML file, checked on load."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from isolation.settings.errors import SettingsError, in_one_sentence, read_yaml
from isolation.settings.units import Seconds
from isolation.target.words import Alert, Audit, Code

JsonObject = dict[str, object]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Launch(_Part):
    """How to start the platform, and the names in the JSON line that it prints when it is ready."""

    command: list[str] = Field(min_length=1)
    ready_within: Seconds
    tenant_door: str
    operator_door: str
    credentials_file: str
    process: str


class Doors(_Part):
    """Where a platform is that runs already."""

    tenant_door: str = Field(pattern=r"^wss?://")
    operator_door: str | None = Field(default=None, pattern=r"^wss?://")
    credentials_file: str | None = None


class Token(_Part):
    """How the token is made. ``{user}``, ``{tenant}`` and ``{role}`` are filled in."""

    algorithm: Literal["HS256", "HS384", "HS512"]
    secret: str
    lifetime: Seconds
    claims: dict[str, str]


class Handshake(_Part):
    """Where the token goes. ``{token}`` is filled in."""

    header: str
    value: str


class Notification(_Part):
    """How a subscriber is told: the kind of frame, and its fields for the subscription, its number and what it tells of."""

    kind: str
    topic: str
    number: str
    of: str


class Frames(_Part):
    """How to read a frame: names of fields, and which kinds of frame mean what."""

    kind: str
    correlation: str
    sequence: str | None = None
    accepted: list[str] = Field(min_length=1)
    answered: list[str] = Field(min_length=1)
    pong: str | None = None
    refused: list[str] = Field(min_length=1)
    error_code: str
    cancelled_code: str
    result: str
    agent: str
    service_milliseconds: str | None = None
    welcome: str
    session: str
    work: list[str] = Field(default_factory=list)
    notification: Notification | None = None


class Operator(_Part):
    """How the suite asks what an operator can see."""

    protocol: Literal["json_websocket"]
    credential: str


class Stores(_Part):
    """Names under which the addresses of the stores are found."""

    postgresql: str | None = None
    redis: str | None = None
    clickhouse: str | None = None
    logs: str | None = None


class Words(_Part):
    """What the suite's words for alerts, audit entries and refusals are called here; see ``words``."""

    alerts: dict[Alert, list[str]] = Field(default_factory=dict)
    audit: dict[Audit, list[str]] = Field(default_factory=dict)
    codes: dict[Code, list[str]] = Field(default_factory=dict)

    def kinds(self) -> dict[tuple[str, str], str]:
        """The suite's word by stream (``alert`` or ``audit``) and the platform's own word."""
        streams: dict[str, Mapping[Any, list[str]]] = {"alert": self.alerts, "audit": self.audit}
        return {
            (stream, own): str(word)
            for stream, words in streams.items()
            for word, many in words.items()
            for own in many
        }

    def refusals(self) -> dict[str, str]:
        """The suite's word for a refusal by the platform's own code."""
        return {own: str(word) for word, many in self.codes.items() for own in many}


class Target(_Part):
    """A platform under test.

    Attributes:
        name: For the report.
        launch: How to start it, or None when it runs already.
        doors: Where it is, when it runs already.
        token: How a tenant proves who it is.
        handshake: How the token travels.
        frames: How to read what comes back.
        requests: What the suite's sentences ask for, in the platform's words.
        operator: The operator's door.
        stores: The stores.
        words: Its alerts, audit entries and refusals in the suite's words.
        capabilities: What the platform declares that it can do.
    """

    name: str
    launch: Launch | None = None
    doors: Doors | None = None
    token: Token
    handshake: Handshake
    frames: Frames
    requests: dict[str, JsonObject] = Field(min_length=1)
    operator: Operator | None = None
    stores: Stores = Stores()
    words: Words = Words()
    capabilities: list[str]

    @model_validator(mode="after")
    def _reachable(self) -> Target:
        if (self.launch is None) == (self.doors is None):
            raise ValueError("a target has either 'launch' (the suite starts it) or 'doors' (it runs already)")
        return self

    @classmethod
    def load(cls, folder: Path, name: str) -> Target:
        """Read the description of a target.

        Args:
            folder: Where the target files are.
            name: Name of a file there without its ending, or a path to a file elsewhere.

        Raises:
            SettingsError: When there is no such target or its file holds anything impossible.
        """
        path = Path(name) if name.endswith((".yaml", ".yml")) else folder / f"{name}.yaml"
        if not path.exists():
            known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml")))
            raise SettingsError(
                f"there is no target '{name}' ({path}); there are {known}, or give the path of a YAML file"
            )
        try:
            return cls.model_validate(read_yaml(path))
        except ValidationError as error:
            raise in_one_sentence(error, str(path), cls) from None
