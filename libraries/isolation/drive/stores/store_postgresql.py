"""Everything in a PostgreSQL database: every row of every table, and large objects."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg

from isolation.record.secrets.pieces import NotReadable, Piece

MOST_ROWS = 200_000
"""How many rows of each table are read."""
_LONGEST_HINT = 96
_AT_ONCE = 2_000

_TABLES = """
SELECT n.nspname AS schema, c.relname AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
ORDER BY 1, 2
"""
_LARGE_OBJECTS = "SELECT oid::bigint AS number, lo_get(oid) AS content FROM pg_largeobject_metadata ORDER BY 1"


async def read_postgresql(address: str) -> list[Piece | NotReadable]:
    """Every row that the given login can see.

    Args:
        address: Address of the database with its login (a secret).

    Returns:
        One piece per row, and one entry for each table that could not be read, or not fully. The owner hint of a row
        is its short texts that look like ids; documents and long texts are content only.

    Raises:
        OSError: The database is not there.
        asyncpg.PostgresError: The login is refused.
    """
    connection = await asyncpg.connect(address, timeout=10)
    try:
        found: list[Piece | NotReadable] = []
        for table in await connection.fetch(_TABLES):
            found.extend([piece async for piece in _rows(connection, table["schema"], table["name"])])
        for row in await connection.fetch(_LARGE_OBJECTS):
            found.append(Piece("PostgreSQL large objects", "", row["content"]))
        return found
    finally:
        await connection.close()


async def _rows(
    connection: asyncpg.Connection[asyncpg.Record], schema: str, table: str
) -> AsyncIterator[Piece | NotReadable]:
    place = f"PostgreSQL {schema}.{table}"
    statement = f"SELECT * FROM {_quoted(schema)}.{_quoted(table)}"
    count = 0
    try:
        async with connection.transaction(readonly=True):
            async for row in connection.cursor(statement, prefetch=_AT_ONCE):
                count += 1
                if count > MOST_ROWS:
                    yield NotReadable(place, f"only the first {MOST_ROWS:,} rows are read")
                    return
                yield Piece(place, _hint(row), _content(row))
    except asyncpg.PostgresError as error:
        yield NotReadable(place, type(error).__name__)


def _hint(row: asyncpg.Record) -> str:
    texts = [str(value) for value in row.values() if isinstance(value, str) and _is_id(value)]
    return " ".join(texts)


def _is_id(value: str) -> bool:
    return 0 < len(value) <= _LONGEST_HINT and not any(mark in value for mark in ' {["')


def _content(row: asyncpg.Record) -> bytes:
    return b"\n".join(
        value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
        for value in row.values()
        if value is not None
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
