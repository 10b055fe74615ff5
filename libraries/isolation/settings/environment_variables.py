"""Settings by environment variable (OP-9): each one is read, checked and shown in the report."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from isolation.settings.errors import SettingsError

_VARIABLES = {
    "TEST_DATABASE_URL": "database_url",
    "TEST_REDIS_URL": "redis_url",
    "TEST_CLICKHOUSE_URL": "clickhouse_url",
    "CONCURRENT_TEST_USERS": "users",
    "CONCURRENT_TEST_TIMEOUT": "timeout_seconds",
    "AGENT_STARTUP_TIMEOUT": "startup_timeout_seconds",
    "ISOLATION_VALIDATION_STRICT": "strict",
    "MAX_AGENT_STARTUP_TIME": "max_startup_milliseconds",
    "MAX_TOTAL_TEST_TIME": "max_total_milliseconds",
    "MIN_SUCCESS_RATE": "min_success_percent",
}
_SCHEMES = {
    "database_url": {"postgresql", "postgres"},
    "redis_url": {"redis", "rediss", "unix"},
    "clickhouse_url": {"http", "https"},
}


class EnvironmentSettings(BaseModel):
    """What the environment variables say; None where one is not set.

    Attributes:
        database_url: ``TEST_DATABASE_URL``: use this PostgreSQL instead of the embedded one.
        redis_url: ``TEST_REDIS_URL``: use this Redis instead of the embedded one.
        clickhouse_url: ``TEST_CLICKHOUSE_URL``: use this ClickHouse instead of the embedded one.
        users: ``CONCURRENT_TEST_USERS``: how many users start at once.
        timeout_seconds: ``CONCURRENT_TEST_TIMEOUT`` (s): how long one case with many users may wait for answers.
        startup_timeout_seconds: ``AGENT_STARTUP_TIMEOUT`` (s): how long the suite waits for one agent's first answer.
        strict: ``ISOLATION_VALIDATION_STRICT``: whether INCONCLUSIVE fails a test.
        max_startup_milliseconds: ``MAX_AGENT_STARTUP_TIME`` (ms): limit of one start.
        max_total_milliseconds: ``MAX_TOTAL_TEST_TIME`` (ms): limit of the start-up case as a whole.
        min_success_percent: ``MIN_SUCCESS_RATE`` (%): limit of the success rate.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str | None = Field(default=None, repr=False)
    redis_url: str | None = Field(default=None, repr=False)
    clickhouse_url: str | None = Field(default=None, repr=False)
    users: int | None = Field(default=None, ge=1, le=10_000)
    timeout_seconds: float | None = Field(default=None, gt=0, le=86_400)
    startup_timeout_seconds: float | None = Field(default=None, gt=0, le=3_600)
    strict: bool | None = None
    max_startup_milliseconds: float | None = Field(default=None, gt=0, le=3_600_000)
    max_total_milliseconds: float | None = Field(default=None, gt=0, le=86_400_000)
    min_success_percent: float | None = Field(default=None, gt=0, le=100)

    @field_validator("database_url", "redis_url", "clickhouse_url")
    @classmethod
    def _address(cls, url: str | None, info: object) -> str | None:
        if url is None:
            return None
        allowed = _SCHEMES[info.field_name]  # type: ignore[attr-defined]  # pydantic's info has it, its public type hides it
        try:
            parts = urlsplit(url)
            place = (parts.hostname, parts.port)
        except ValueError:
            # The original sentence would show a part of the address, which may be a part of the password.
            raise ValueError("the address has an unusable host or port") from None
        if parts.scheme not in allowed:
            raise ValueError(f"the address must begin with {' or '.join(sorted(s + '://' for s in allowed))}")
        if "@" in parts.path + parts.query + parts.fragment:
            raise ValueError("special characters in user or password must be percent-encoded, such as %2F for a slash")
        if place[0] is None and parts.scheme != "unix":
            raise ValueError("the address must name a host")
        return url

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> EnvironmentSettings:
        """Read and check the variables.

        Raises:
            SettingsError: Names the variable, what it holds (never for addresses, which hold passwords) and what is allowed.
        """
        given = {field: environment[name] for name, field in _VARIABLES.items() if environment.get(name, "") != ""}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            first = error.errors()[0]
            field = str(first["loc"][0])
            name = next(variable for variable, known in _VARIABLES.items() if known == field)
            shown = "" if field in _SCHEMES else f" cannot be '{first.get('input')}'"
            raise SettingsError(
                f"environment variable {name}{shown}: {first['msg'].removeprefix('Value error, ')}"
            ) from None

    def shown(self) -> dict[str, str]:
        """Every variable and what it is set to, for the report; addresses without user and password."""
        return {name: self._show(field) for name, field in _VARIABLES.items()}

    def _show(self, field: str) -> str:
        value = getattr(self, field)
        if value is None:
            return "not set"
        if field not in _SCHEMES:
            return str(value).lower() if isinstance(value, bool) else f"{value:g}"
        parts = urlsplit(value)
        return f"{parts.scheme}://{parts.hostname or ''}{':' + str(parts.port) if parts.port else ''}{parts.path}"
