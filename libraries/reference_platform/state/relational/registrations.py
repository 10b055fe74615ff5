"""Who and what exists: users, their sessions and their agents."""

from __future__ import annotations

from reference_platform.state.records import AgentRow, Owner
from reference_platform.state.relational.database import Database
from reference_platform.state.relational.schema import SCHEMA

_SAVE_AGENT = f"""
INSERT INTO {SCHEMA}.agents (user_id, agent_id, agent_type, thread, status, created_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant_role, user_id, agent_id) DO UPDATE
SET agent_type = excluded.agent_type, thread = excluded.thread, status = excluded.status
"""


class Registrations:
    """Rows about users, sessions and agents."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def save_user(self, owner: Owner) -> None:
        """Remember a user; again is no harm."""
        async with self._database.transaction(owner) as connection:
            await connection.execute(
                f"INSERT INTO {SCHEMA}.users (user_id) VALUES ($1) ON CONFLICT DO NOTHING", owner.user
            )

    async def known_users(self) -> dict[str, str]:
        """User id to tenant id of every known user; read once by the operator's login when the gateway starts."""
        rows = await self._database.admin.fetch(
            f"SELECT user_id, tenant_id FROM {SCHEMA}.users JOIN {SCHEMA}.tenants USING (tenant_role)"
        )
        return {row["user_id"]: row["tenant_id"] for row in rows}

    async def save_session(self, owner: Owner, session_id: str) -> None:
        """Note that a session was opened."""
        async with self._database.transaction(owner) as connection:
            await connection.execute(
                f"INSERT INTO {SCHEMA}.sessions (user_id, session_id) VALUES ($1, $2) "
                "ON CONFLICT (tenant_role, user_id, session_id) DO UPDATE SET ended_at = NULL",
                owner.user,
                session_id,
            )

    async def end_session(self, owner: Owner, session_id: str) -> bool:
        """Note that a session ended; whether it was open."""
        async with self._database.transaction(owner) as connection:
            found = await connection.fetchval(
                f"UPDATE {SCHEMA}.sessions SET ended_at = now() "
                "WHERE user_id = $1 AND session_id = $2 AND ended_at IS NULL RETURNING true",
                owner.user,
                session_id,
            )
        return found is not None

    async def end_all_sessions(self) -> None:
        """Note that no session is open; for the start of a gateway, whose predecessor may have been killed."""
        await self._database.admin.execute(f"UPDATE {SCHEMA}.sessions SET ended_at = now() WHERE ended_at IS NULL")

    async def remove_all_agents(self) -> None:
        """Remove the rows of all agents; for the start of a gateway, whose predecessor's agents ended with it."""
        await self._database.admin.execute(f"DELETE FROM {SCHEMA}.agents")

    async def save_agent(self, owner: Owner, agent: AgentRow) -> None:
        """Save an agent, or replace what was saved of it (the time of creation stays)."""
        async with self._database.transaction(owner) as connection:
            await connection.execute(
                _SAVE_AGENT, owner.user, agent.agent_id, agent.agent_type, agent.thread, agent.status, agent.created_at
            )

    async def remove_agent(self, owner: Owner, agent_id: str) -> bool:
        """Remove an agent; whether the owner had it."""
        async with self._database.transaction(owner) as connection:
            found = await connection.fetchval(
                f"DELETE FROM {SCHEMA}.agents WHERE user_id = $1 AND agent_id = $2 RETURNING true", owner.user, agent_id
            )
        return found is not None

    async def list_agents(self, owner: Owner) -> list[AgentRow]:
        """The owner's agents in order of creation."""
        async with self._database.transaction(owner) as connection:
            rows = await connection.fetch(
                f"SELECT agent_id, agent_type, thread, status, created_at FROM {SCHEMA}.agents "
                "WHERE user_id = $1 ORDER BY created_at, agent_id",
                owner.user,
            )
        return [AgentRow(**dict(row)) for row in rows]
