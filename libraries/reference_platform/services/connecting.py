"""How we log in to PostgreSQL: as the address says, whatever stands in the environment."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypedDict


class ConnectionOptions(TypedDict, total=False):
    """Arguments of ``asyncpg`` that would otherwise be read from variables of libpq (``PG*``)."""

    ssl: Any
    direct_tls: bool
    target_session_attrs: str
    passfile: str


#: To a server of our own.
PLAIN_CONNECTION = ConnectionOptions(ssl=False, direct_tls=False, target_session_attrs="any", passfile=os.devnull)


def run_apart(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on a thread of its own, because the caller may already have an event loop on this one."""
    with ThreadPoolExecutor(1) as executor:
        executor.submit(asyncio.run, work).result()


def without_libpq_variables(environment: dict[str, str]) -> dict[str, str]:
    """An environment in which no variable of libpq can change how we log in."""
    return {name: value for name, value in environment.items() if not name.startswith("PG")}
