"""Conversations: entries that are only ever appended, numbered per thread."""

from __future__ import annotations

import json

from reference_platform.state.names import checked_key
from reference_platform.state.records import JSON, Owner
from reference_platform.state.relational.database import Database
from reference_platform.state.relational.documents import to_text
from reference_platform.state.relational.schema import SCHEMA

_APPEND = f"""
WITH next AS (
    INSERT INTO {SCHEMA}.threads AS t (user_id, thread, last_number) VALUES ($1, $2, 1)
    ON CONFLICT (tenant_role, user_id, thread) DO UPDATE SET last_number = t.last_number + 1
    RETURNING t.last_number)
INSERT INTO {SCHEMA}.history (user_id, thread, number, entry) SELECT $1, $2, last_number, $3 FROM next RETURNING number
"""

_READ = f"""
SELECT entry FROM (SELECT number, entry FROM {SCHEMA}.history WHERE user_id = $1 AND thread = $2
                   ORDER BY number DESC LIMIT $3) AS latest ORDER BY number
"""


class History:
    """Appends to and reads from the threads of users."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def append(self, owner: Owner, thread: str, entry: JSON) -> int:
        """Append an entry.

        Returns:
            Its number in the thread: 1, 2, 3 ... without gaps, also when several append at the same time.
        """
        checked_key(thread)
        text = to_text(entry)
        async with self._database.transaction(owner) as connection:
            return int(await connection.fetchval(_APPEND, owner.user, thread, text))

    async def read(self, owner: Owner, thread: str, limit: int) -> list[JSON]:
        """The latest entries of a thread, oldest first; at most ``limit`` of them."""
        checked_key(thread)
        async with self._database.transaction(owner) as connection:
            rows = await connection.fetch(_READ, owner.user, thread, limit)
        return [json.loads(row["entry"]) for row in rows]
