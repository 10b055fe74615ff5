"""How we log in to the stores: as the address says, whatever stands in the environment."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypedDict

from reference_platform.services.addresses import ServiceAddresses


class PostgresLogin(TypedDict):
    """Arguments of ``asyncpg``; all of those are given that would otherwise be read from variables of libpq."""

    dsn: str
    user: str
    password: str
    target_session_attrs: str
    passfile: str


def postgres_login(addresses: ServiceAddresses, user: str, password: str) -> PostgresLogin:
    """How a user logs in to PostgreSQL.

    Args:
        addresses: Where it is.
        user: Who logs in.
    """
    return PostgresLogin(
        dsn=addresses.postgres_dsn, user=user, password=password, target_session_attrs="any", passfile=os.devnull
    )


def redis_options(addresses: ServiceAddresses) -> dict[str, Any]:
    """Where Redis is, and how the connection is encrypted."""
    if addresses.redis_socket:
        return {"path": addresses.redis_socket}
    options: dict[str, Any] = {"host": addresses.redis_host, "port": addresses.redis_port}
    if addresses.redis_tls:
        options |= addresses.redis_options
        if "ssl_check_hostname" in options:
            options["ssl_check_hostname"] = options["ssl_check_hostname"].lower() in ("1", "true", "yes")
    return options


def run_apart(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on a thread of its own, because the caller may already have an event loop on this one."""
    with ThreadPoolExecutor(1) as executor:
        executor.submit(asyncio.run, work).result()


def forget_libpq_variables(environment: MutableMapping[str, str]) -> None:
    """Take away the variables of libpq (``PG*``): addresses alone say how we log in."""
    for name in [name for name in environment if name.startswith("PG")]:
        del environment[name]
