"""Trying every abused token at the tenant door, each beside its good twin."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.probe.forged_tokens import Forger, Forgery
from isolation.drive.probe.handshake import Reply, try_handshake
from isolation.drive.session.access import Access
from isolation.drive.session.session import Session
from isolation.record import Outcome
from isolation.record.probes import CredentialProbe

REPLAY = "replayed after logout"
LIVES_ON = "session that lives on after the logout of its token"
EXPIRES_OPEN = "expires while its socket is open"
_LIFE_S = 2
_GRACE_S = 2.0
"""How long after its expiry a token may keep its socket open."""
_PATIENCE = 3.0
_LOOK_EVERY_S = 0.02


class CredentialAbuse:
    """Tries forged and worn-out tokens of some people."""

    def __init__(self, forger: Forger, access: Access, ping: str, logout: str | None) -> None:
        """Take what is needed.

        Args:
            forger: Makes tokens.
            access: The way to the target.
            ping: A request that everybody may make.
            logout: The request that makes a token worthless, or None where there is none.
        """
        self._forger = forger
        self._access = access
        self._ping = ping
        self._logout = logout

    def expected(self) -> dict[str, str]:
        """Every way of abuse that `attempt` tries, and its group."""
        logout = {REPLAY: "logout", LIVES_ON: "logout"} if self._logout else {}
        return {**{f.abuse: f.group for f in self._forger.forgeries()}, EXPIRES_OPEN: "time", **logout}

    async def attempt(self, people: Sequence[TenantAgent]) -> list[CredentialProbe]:
        """Try every way of abuse for each of some people of different tenants, at least two.

        Everybody gets in with a good token first, so that the target knows all of them.
        """
        await asyncio.gather(*(self._knock(person, self._forger.good(person)) for person in people))
        expiring = [asyncio.create_task(self._expire(person)) for person in people]
        probes: list[CredentialProbe] = []
        for index, person in enumerate(people):
            other = people[(index + 1) % len(people)]
            for forgery in self._forger.forgeries():
                probes.append(await self._forge(forgery, person, other))
            if self._logout:
                probes.extend(await self._log_out(person, self._logout))
        return [*probes, *(await asyncio.gather(*expiring))]

    async def _forge(self, forgery: Forgery, person: TenantAgent, other: TenantAgent) -> CredentialProbe:
        twin = await self._knock(person, self._forger.good(person))
        bad = await self._knock(person, forgery.make(person, other))
        return CredentialProbe(forgery.abuse, person.name, bad.outcome, twin.outcome, forgery.group, _looks(bad))

    async def _log_out(self, person: TenantAgent, logout: str) -> list[CredentialProbe]:
        token = self._forger.good(person)
        first, second = await self._knock(person, token, keep=True), await self._knock(person, token, keep=True)
        if first.session is None or second.session is None:
            return [
                CredentialProbe(abuse, person.name, Outcome.NOT_SENT, first.outcome, "logout")
                for abuse in (REPLAY, LIVES_ON)
            ]
        first.session.send(logout, {})
        lives = await self._still_in(second.session, time.monotonic() + _GRACE_S)
        for session in (first.session, second.session):
            await session.close()
        replayed = await self._knock(person, token)
        twin = await self._knock(person, self._forger.good(person))
        return [
            CredentialProbe(REPLAY, person.name, replayed.outcome, twin.outcome, "logout", _looks(replayed)),
            CredentialProbe(LIVES_ON, person.name, lives, twin.outcome, "logout"),
        ]

    async def _expire(self, person: TenantAgent) -> CredentialProbe:
        asked_at = time.monotonic()
        short = await self._knock(person, self._forger.good(person, _LIFE_S), keep=True)
        twin = await self._knock(person, self._forger.good(person), keep=True)
        if short.session is None or twin.session is None:
            return CredentialProbe(EXPIRES_OPEN, person.name, Outcome.NOT_SENT, twin.outcome, "time")
        bad = await self._still_in(short.session, asked_at + _LIFE_S + _GRACE_S)
        good = await twin.session.request(self._ping, {}, _PATIENCE)
        for session in (short.session, twin.session):
            await session.close()
        return CredentialProbe(
            EXPIRES_OPEN, person.name, bad, Outcome.ANSWERED if good.answered else Outcome.LOST, "time"
        )

    async def _still_in(self, session: Session, until: float) -> Outcome:
        """REFUSED when the platform closes the session in time; ANSWERED when it still is open then."""
        while session.is_open:
            if time.monotonic() >= until:
                return Outcome.ANSWERED
            await asyncio.sleep(_LOOK_EVERY_S)
        return Outcome.REFUSED

    async def _knock(self, person: TenantAgent, token: str, keep: bool = False) -> Reply:
        reply = await try_handshake(self._access, person, token, keep=keep)
        return reply if keep else replace(reply, session=None)


def _looks(reply: Reply) -> str:
    return reply.looks if reply.outcome is Outcome.REFUSED else ""
