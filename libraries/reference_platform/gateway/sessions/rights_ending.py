"""Taking rights away while sessions are open: everywhere at once, and from nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from reference_platform.authentication import EndedRights, RevokedTokens, Role
from reference_platform.gateway.bookkeeping.audit_log import AuditLog
from reference_platform.gateway.sessions.lifecycle import Lifecycle
from reference_platform.registry import Registry, Session, User

TOKEN_ENDED = 4401
RIGHTS_ENDED = 4403
REASON = "rights_ended"
Concerned = Callable[[Session], bool]


@dataclass(frozen=True, slots=True)
class Ended:
    """What has ended.

    Attributes:
        sessions: Open sessions that were closed.
        resumable: Cut sessions that nobody can resume any more.
        processes: Agents' processes that were ended.
    """

    sessions: int = 0
    resumable: int = 0
    processes: int = 0

    def __add__(self, other: Ended) -> Ended:
        """Both together."""
        return Ended(self.sessions + other.sessions, self.resumable + other.resumable, self.processes + other.processes)

    def describe(self) -> dict[str, int]:
        """As PROTOCOL.md shows it."""
        return {"sessions": self.sessions, "resumable": self.resumable, "processes": self.processes}


@dataclass(frozen=True, slots=True)
class Closing:
    """Sessions that were closed, and what is still to be ended.

    Attributes:
        user: Whose; None when nothing of the user was there.
        ended: What it comes to.
        pids: Agents' processes that must not go on.
    """

    user: User | None
    ended: Ended
    pids: frozenset[int]


class RightsEnding:
    """Ends rights. What is refused from now on is noted first, so that nobody comes in while the rest is ended."""

    def __init__(
        self, rights: EndedRights, revoked: RevokedTokens, registry: Registry, lifecycle: Lifecycle, audit: AuditLog
    ) -> None:
        """Keep where rights are used.

        Args:
            rights: Roles, users and tenants whose tokens are not believed.
            revoked: Tokens that are not believed.
            registry: Open and cut sessions, and agents.
            lifecycle: Ends sessions.
        """
        self._rights = rights
        self._revoked = revoked
        self._registry = registry
        self._lifecycle = lifecycle
        self._audit = audit

    async def take_role(self, tenant: str, user: str, role: Role) -> Ended:
        """Take a role from a user: every session that was opened with it ends, and what the user's agents do."""
        self._rights.take_role(user, role)
        ended = await self.finish(self._close(tenant, user, RIGHTS_ENDED, lambda session: session.claims.role is role))
        self._note("rights_ended", tenant, ended, what="role", user=user, role=role.value)
        return ended

    def give_role(self, tenant: str, user: str, role: Role) -> None:
        """Give a role back."""
        self._rights.give_role(user, role)
        self._note("rights_restored", tenant, None, what="role", user=user, role=role.value)

    async def remove_user(self, tenant: str, user: str) -> Ended:
        """End everything of a user; what the stores hold is removed by whoever asked for it."""
        self._rights.remove_user(user)
        ended = await self.finish(self._close(tenant, user, RIGHTS_ENDED, lambda session: True))
        self._note("rights_ended", tenant, ended, what="user", user=user)
        return ended

    async def suspend_tenant(self, tenant: str) -> Ended:
        """End everything of a tenant; what it has stored stays."""
        self._rights.suspend_tenant(tenant)
        users = self._registry.users_of(tenant)
        closings = [self._close(tenant, user.name, RIGHTS_ENDED, lambda session: True) for user in users]
        ended = sum(await asyncio.gather(*map(self.finish, closings)), Ended())
        self._note("rights_ended", tenant, ended, what="tenant")
        return ended

    def reinstate_tenant(self, tenant: str) -> None:
        """Let a suspended tenant in again."""
        self._rights.reinstate_tenant(tenant)
        self._note("rights_restored", tenant, None, what="tenant")

    def revoke_token(self, tenant: str, user: str, token_id: str, expires_at: float) -> Closing:
        """Refuse a token from now on and close every session that was opened with it, at once.

        Args:
            user: Whose token.
            token_id: Its ``jti``.
            expires_at: When it would have expired (seconds since 1970), or later.

        Returns:
            What is still to be finished.
        """
        self._revoked.revoke(user, token_id, expires_at)
        closing = self._close(
            tenant, user, TOKEN_ENDED, lambda session: session.claims.token_id == token_id, with_all_processes=False
        )
        self._note("rights_ended", tenant, closing.ended, what="token", user=user, token_id=token_id)
        return closing

    async def finish(self, closing: Closing) -> Ended:
        """End the processes that must not go on, and let a user leave whose last session was closed."""
        if closing.user is not None:
            await self._end_processes(closing.user, closing.pids)
            await self._lifecycle.leave_if_alone(closing.user)
        return closing.ended

    def _close(
        self, tenant: str, user_name: str, code: int, concerned: Concerned, with_all_processes: bool = True
    ) -> Closing:
        """Close some sessions of a user.

        Args:
            tenant: The user's tenant.
            code: The close code of open sessions.
            concerned: Which sessions, open, cut, or resumed by another one.
            with_all_processes: Whether the processes of all agents of the user shall end, or only of those that worked
                for these sessions alone, or are at it.
        """
        user = self._registry.find_user(tenant, user_name)
        if user is None:
            return Closing(None, Ended(), frozenset())
        still_open, cut = self._registry.sessions_of(user), self._registry.cut_sessions_of(user)
        earlier = [one for session in (*still_open.values(), *cut.values()) for one in session.predecessors()]
        ending = [session for session in (*still_open.values(), *cut.values(), *earlier) if concerned(session)]
        pids = self._processes_of(user, {session.session_id for session in ending}, with_all_processes)
        counted = Ended(
            sum(session.session_id in still_open for session in ending),
            sum(session.session_id in cut for session in ending),
            len(pids),
        )
        for session in ending:
            self.end_session(session, code)
        return Closing(user, counted, frozenset(pids))

    def end_session(self, session: Session, code: int) -> None:
        """End one session, open or cut, and what is unfinished in it."""
        self._lifecycle.end_for_good(session, code)

    def _processes_of(self, user: User, session_ids: set[str], all_of_them: bool) -> set[int]:
        """Processes that must not go on: also what they do in the background was asked for with the ended right."""
        found = set()
        for agent in self._registry.all_agents_of(user):
            at_work_for = agent.current.session.session_id if agent.current is not None else None
            only_theirs = bool(agent.served) and agent.served <= session_ids
            if agent.process is not None and (all_of_them or only_theirs or at_work_for in session_ids):
                found.add(agent.process.pid)
        return found

    async def _end_processes(self, user: User, pids: frozenset[int]) -> None:
        agents = [
            agent
            for agent in self._registry.all_agents_of(user)
            if agent.process is not None and agent.process.pid in pids
        ]
        await asyncio.gather(*(agent.stop_process(REASON) for agent in agents))

    def _note(self, kind: str, tenant: str, ended: Ended | None, **detail: str) -> None:
        self._audit.add(kind, tenant, detail={**detail, **(ended.describe() if ended else {})})
