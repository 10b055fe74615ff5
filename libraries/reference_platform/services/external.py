"""Stores that run already, named by the environment: TEST_DATABASE_URL, TEST_REDIS_URL, TEST_CLICKHOUSE_URL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from reference_platform.services.addresses import ServiceAddresses
from reference_platform.services.errors import ServiceError

_DATABASE = "TEST_DATABASE_URL"
_REDIS = "TEST_REDIS_URL"
_CLICKHOUSE = "TEST_CLICKHOUSE_URL"
_POSTGRES_PORT, _REDIS_PORT = 5432, 6379

#: Options of an address that say where the server is, and those that say how the connection is encrypted.
_PLACE_OPTIONS = ("host", "port", "user", "dbname")
_TLS_OPTIONS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "ssl_min_protocol_version")
_REDIS_TLS_OPTIONS = ("ssl_ca_certs", "ssl_cert_reqs", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname")
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_TEST_PART = re.compile(r"tests?\d*", re.IGNORECASE)
_PARTS = re.compile(r"[_\-. ]+")


@dataclass(frozen=True, slots=True)
class _Address:
    """An address that has the right form.

    Attributes:
        parts: What stands before the options.
        options: What stands behind the question mark.
    """

    parts: SplitResult
    options: dict[str, str]


def external_addresses(environment: Mapping[str, str]) -> ServiceAddresses | None:
    """The stores that the environment names.

    Args:
        environment: Usually ``os.environ``.

    Returns:
        The addresses, or None when neither PostgreSQL nor Redis is named (the platform then starts its own).

    Raises:
        ServiceError: When only one of the two is named, or an address cannot be read. No message repeats a password.
    """
    database, redis = environment.get(_DATABASE, ""), environment.get(_REDIS, "")
    if not database and not redis:
        return None
    if not database or not redis:
        raise ServiceError(f"{_DATABASE} and {_REDIS} belong together: set both, or none to have both started here")
    postgres, cache = _postgres(database), _redis(redis)
    return ServiceAddresses(**postgres, **cache, clickhouse_url=environment.get(_CLICKHOUSE) or None)


def is_named_for_tests(database: str) -> bool:
    """Whether a name says that a database is for tests: one of its parts is ``test``, as in ``shop_test``.

    A part and not a piece of a word: ``contest_prod`` and ``latest_customers`` are no test databases.
    """
    return any(_TEST_PART.fullmatch(part) for part in _PARTS.split(database))


def _postgres(text: str) -> dict[str, Any]:
    example = f"postgresql://USER:PASSWORD@HOST:{_POSTGRES_PORT}/NAME_test"
    address = _read(_DATABASE, text, ("postgresql", "postgres"), example)
    options = dict(address.options)
    _refuse_unknown(_DATABASE, options, (*_PLACE_OPTIONS, *_TLS_OPTIONS))
    if options.get("sslmode", "prefer") not in _SSL_MODES:
        raise ServiceError(f"{_DATABASE}: 'sslmode' should be one of {', '.join(_SSL_MODES)}")
    host = options.pop("host", "") or unquote(address.parts.hostname or "")
    port = options.pop("port", "") or str(address.parts.port or _POSTGRES_PORT)
    name = options.pop("dbname", "") or unquote(address.parts.path.removeprefix("/"))
    user = options.pop("user", "") or unquote(address.parts.username or "postgres")
    if not host or not port.isdigit():
        raise ServiceError(f"{_DATABASE} should look like {example}, or name a socket's folder by ?host=")
    if not name:
        raise ServiceError(f"{_DATABASE} should end with the name of a database, such as /platform_test")
    return {
        "postgres_host": host,
        "postgres_port": int(port),
        "postgres_database": name,
        "postgres_admin_user": user,
        "postgres_admin_password": unquote(address.parts.password or ""),
        "postgres_options": options,
        "needs_mark": not is_named_for_tests(name),
    }


def _redis(text: str) -> dict[str, Any]:
    example = f"redis://USER:PASSWORD@HOST:{_REDIS_PORT}/0"
    address = _read(_REDIS, text, ("redis", "rediss", "unix"), example)
    parts, options = address.parts, dict(address.options)
    is_socket, is_tls = parts.scheme == "unix", parts.scheme == "rediss"
    _refuse_unknown(_REDIS, options, ("db", *(_REDIS_TLS_OPTIONS if is_tls else ())))
    number = options.pop("db", "") or ("" if is_socket else parts.path.strip("/")) or "0"
    if not number.isdigit():
        raise ServiceError(f"{_REDIS} should end with the number of a database, such as /0, but ends with '/{number}'")
    if not parts.path.strip("/") if is_socket else not parts.hostname:
        raise ServiceError(f"{_REDIS} should look like {example}, rediss://... for TLS, or unix:///PATH/TO/SOCKET")
    return {
        "redis_host": "" if is_socket else parts.hostname,
        "redis_port": _REDIS_PORT if is_socket else parts.port or _REDIS_PORT,
        "redis_admin_user": unquote(parts.username or "default"),
        "redis_admin_password": unquote(parts.password or ""),
        "redis_database": int(number),
        "redis_options": options,
        "redis_tls": is_tls,
        "redis_socket": unquote(parts.path) if is_socket else "",
    }


def _read(variable: str, text: str, schemes: tuple[str, ...], example: str) -> _Address:
    try:
        parts = urlsplit(text)
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        readable = parts.scheme in schemes and (parts.port is None or parts.port > 0) and not parts.fragment
    except ValueError:
        readable = False
    if not readable:
        raise ServiceError(f"{variable} should look like {example}")
    return _Address(parts, options)


def _refuse_unknown(variable: str, options: Mapping[str, str], known: tuple[str, ...]) -> None:
    for name in options.keys() - set(known):
        raise ServiceError(f"{variable} has an option '{name}' that is not known; known are {', '.join(known)}")
