"""What carries the run's id in the stores themselves: whoever only says that a tenant is gone is found out.

Read with the operator's own login, as everything in ``stores``; nothing is changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

import asyncpg
import redis

from isolation.drive.stores.store_redis import read_redis
from isolation.drive.stores.stores import read_rows
from isolation.record.secrets.pieces import NotReadable, Piece

_ROLES = "SELECT rolname FROM pg_roles WHERE position($1 IN lower(rolname)) > 0"


@dataclass(slots=True)
class Traces:
    """What was found.

    Attributes:
        found: Rows, roles and keys, in words.
        missed: What could not be looked at, in words.
    """

    found: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


def traces_of(run_id: str, stores: dict[str, str]) -> Traces:
    """Look for the run's id in every row, role and key.

    Args:
        run_id: Id of the run; every tenant's id holds it.
        stores: Addresses of ``postgresql`` and ``redis``, those that the target names.
    """
    seen = Traces()
    try:
        if address := stores.get("postgresql"):
            _look(seen, run_id, read_rows(address))
            seen.found += [f"role {name}" for name in asyncio.run(_roles(address, run_id))]
        if address := stores.get("redis"):
            _look(seen, run_id, read_redis(address))
    except (OSError, TimeoutError, asyncpg.PostgresError, redis.RedisError) as error:
        seen.missed.append(f"a store that cannot be read ({type(error).__name__})")
    return seen


def _look(seen: Traces, run_id: str, pieces: Iterable[Piece | NotReadable]) -> None:
    for piece in pieces:
        if isinstance(piece, NotReadable):
            seen.missed.append(f"{piece.place} ({piece.reason})")
        elif run_id.encode() in piece.data or run_id in piece.owner_hint:
            seen.found.append(piece.place)


async def _roles(address: str, run_id: str) -> list[str]:
    connection = await asyncpg.connect(address, timeout=10)
    try:
        return [row["rolname"] for row in await connection.fetch(_ROLES, run_id.lower())]
    finally:
        await connection.close()
