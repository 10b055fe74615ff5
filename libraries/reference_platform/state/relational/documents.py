"""JSON documents of users: profile, preferences, agents' memory, session context."""

from __future__ import annotations

import json

from reference_platform.state.names import checked_key
from reference_platform.state.records import JSON, Document, Owner, Scope
from reference_platform.state.relational.database import Database
from reference_platform.state.relational.schema import DOCUMENT_TABLES, SCHEMA


def to_text(value: JSON) -> str:
    """A value as JSON text.

    Raises:
        ValueError: When it holds something that JSON cannot say, such as NaN.
    """
    return json.dumps(value, allow_nan=False)


class Documents:
    """Reads and writes documents by owner, scope and key.

    Every statement filters by user, the policies of the tables by tenant and user again. What belongs to somebody
    else and what does not exist take the same path and give the same result.
    """

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def put(self, owner: Owner, scope: Scope, key: str, value: JSON) -> None:
        """Save a document, or replace it."""
        checked_key(key)
        text = to_text(value)
        async with self._database.transaction(owner) as connection:
            await connection.execute(
                f"INSERT INTO {_table(scope)} (user_id, key, value) VALUES ($1, $2, $3) "
                "ON CONFLICT (tenant_role, user_id, key) DO UPDATE SET value = excluded.value, written_at = now()",
                owner.user,
                key,
                text,
            )

    async def find(self, owner: Owner, scope: Scope, key: str) -> Document | None:
        """A document, or None when the owner has none of that key."""
        checked_key(key)
        async with self._database.transaction(owner) as connection:
            text = await connection.fetchval(
                f"SELECT value FROM {_table(scope)} WHERE user_id = $1 AND key = $2", owner.user, key
            )
        return None if text is None else Document(json.loads(text))

    async def list_keys(self, owner: Owner, scope: Scope, prefix: str = "") -> list[str]:
        """The keys of the owner's documents that start with a prefix, in order."""
        async with self._database.transaction(owner) as connection:
            rows = await connection.fetch(
                f"SELECT key FROM {_table(scope)} WHERE user_id = $1 AND starts_with(key, $2) ORDER BY key",
                owner.user,
                prefix,
            )
        return [row["key"] for row in rows]

    async def delete(self, owner: Owner, scope: Scope, key: str) -> bool:
        """Remove a document; whether there was one."""
        checked_key(key)
        async with self._database.transaction(owner) as connection:
            found = await connection.fetchval(
                f"DELETE FROM {_table(scope)} WHERE user_id = $1 AND key = $2 RETURNING true", owner.user, key
            )
        return found is not None


def _table(scope: Scope) -> str:
    return f"{SCHEMA}.{DOCUMENT_TABLES[scope]}"
