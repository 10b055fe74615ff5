"""Stores that run already, named by the environment: TEST_DATABASE_URL, TEST_REDIS_URL, TEST_CLICKHOUSE_URL."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from reference_platform.services.addresses import ServiceAddresses
from reference_platform.services.errors import ServiceError

_DATABASE = "TEST_DATABASE_URL"
_REDIS = "TEST_REDIS_URL"
_CLICKHOUSE = "TEST_CLICKHOUSE_URL"


def external_addresses(environment: Mapping[str, str], any_database_name: bool = False) -> ServiceAddresses | None:
    """The stores that the environment names.

    Args:
        environment: Usually ``os.environ``.
        any_database_name: Whether a database may be used whose name does not contain ``test``.

    Returns:
        The addresses, or None when neither PostgreSQL nor Redis is named (the platform then starts its own).

    Raises:
        ServiceError: When only one of the two is named, an address cannot be read, or the database does not look like
            a test database. No message repeats a password.
    """
    database, redis = environment.get(_DATABASE, ""), environment.get(_REDIS, "")
    if not database and not redis:
        return None
    if not database or not redis:
        raise ServiceError(f"{_DATABASE} and {_REDIS} belong together: set both, or none to have both started here")
    postgres = _parts(_DATABASE, database, ("postgresql", "postgres"), 5432)
    cache = _parts(_REDIS, redis, ("redis",), 6379)
    name = unquote(postgres.path.removeprefix("/"))
    if not name:
        raise ServiceError(f"{_DATABASE} should end with the name of a database, such as /platform_test")
    if "test" not in name.lower() and not any_database_name:
        raise ServiceError(
            f"{_DATABASE} should name a test database but names '{name}': "
            "the platform creates and removes roles, tables and rows there, so the name has to contain 'test'"
        )
    return ServiceAddresses(
        postgres_host=postgres.hostname or "",
        postgres_port=postgres.port or 5432,
        postgres_database=name,
        postgres_admin_user=unquote(postgres.username or "postgres"),
        postgres_admin_password=unquote(postgres.password or ""),
        redis_host=cache.hostname or "",
        redis_port=cache.port or 6379,
        redis_admin_user=unquote(cache.username or "default"),
        redis_admin_password=unquote(cache.password or ""),
        redis_database=_redis_database(cache.path),
        clickhouse_url=environment.get(_CLICKHOUSE) or None,
    )


def _parts(variable: str, address: str, schemes: tuple[str, ...], port: int) -> SplitResult:
    example = f"{schemes[0]}://USER:PASSWORD@HOST:{port}/NAME"
    try:
        parts = urlsplit(address)
        readable = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        readable = False
    if not readable:
        raise ServiceError(f"{variable} should look like {example}")
    if parts.query or parts.fragment:
        raise ServiceError(f"{variable} should have no options after the name: write it like {example}")
    return parts


def _redis_database(path: str) -> int:
    number = path.strip("/") or "0"
    if not number.isdigit():
        raise ServiceError(f"{_REDIS} should end with the number of a database, such as /0, but ends with '/{number}'")
    return int(number)
