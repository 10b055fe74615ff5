"""Trying every abused token at the tenant door, each beside its good twin."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.probe.credentials.forged_tokens import Forger, Forgery
from isolation.drive.probe.credentials.handshake import Reply, try_handshake
from isolation.drive.probe.credentials.opaque_tokens import opaque_forgeries
from isolation.drive.probe.credentials.second_ways import second_ways
from isolation.drive.session.access import Access
from isolation.drive.session.session import Session
from isolation.record import Outcome
from isolation.record.access.probes import CredentialProbe
from isolation.target.model import Target

REPLAY = "replayed after logout"
LIVES_ON = "session that lives on after the logout of its token"
EXPIRES_OPEN = "expires while its socket is open"
_LIFE_S = 2
_PATIENCE = 3.0
_LONGEST_LEEWAY_S = 15.0
"""A token that may be taken for longer after its end is not waited for."""
_FOREIGN = "foreign key"
_FORGED_BY = "token of a foreign key {}"
_LOOK_EVERY_S = 0.02


class CredentialAbuse:
    """Tries forged and expired tokens of some people."""

    def __init__(
        self, forger: Forger | None, access: Access, ping: str, logout: str | None, leeway_s: float, grace_s: float
    ) -> None:
        """Take what is needed.

        Args:
            forger: Makes tokens; None where only the platform makes them.
            access: The way to the target.
            ping: A request that everybody may make.
            logout: The request that makes a token worthless, or None where there is none.
            leeway_s: How long after its end the target may still take a token.
            grace_s: How long after its end a token may keep its session open.
        """
        self._forger = forger
        self._access = access
        self._ping = ping
        self._logout = logout if forger is not None else None
        self._leeway_s = leeway_s
        self._grace_s = grace_s
        self._forgeries = forger.forgeries() if forger is not None else opaque_forgeries()
        self._ways = list(second_ways(access)) if forger is not None else []

    def expected(self) -> dict[str, str]:
        """Every way of abuse that `attempt` tries, and its group."""
        logout = {REPLAY: "logout", LIVES_ON: "logout"} if self._logout else {}
        open_one = {EXPIRES_OPEN: "time"} if self._expires_in_time else {}
        ways = {_FORGED_BY.format(way): "key" for way, _ in self._ways}
        return {**{f.abuse: f.group for f in self._forgeries}, **open_one, **logout, **ways}

    @property
    def _expires_in_time(self) -> bool:
        """Whether it can be awaited that a token is over."""
        return self._forger is not None and self._leeway_s <= _LONGEST_LEEWAY_S

    async def attempt(self, people: Sequence[TenantAgent]) -> list[CredentialProbe]:
        """Try every way of abuse for each of some people of different tenants, at least two.

        Everybody gets in with a good token first, so that the target knows all of them.
        """
        await asyncio.gather(*(self._knock(person, self._good(person)) for person in people))
        expiring = [asyncio.create_task(self._expire(person)) for person in people if self._expires_in_time]
        probes: list[CredentialProbe] = []
        for index, person in enumerate(people):
            other = people[(index + 1) % len(people)]
            for forgery in self._forgeries:
                probes.append(await self._forge(forgery, person, other))
            probes += [await self._by_second_way(way, target, person) for way, target in self._ways]
            if self._logout:
                probes.extend(await self._log_out(person, self._logout))
        return [*probes, *(await asyncio.gather(*expiring))]

    async def _forge(self, forgery: Forgery, person: TenantAgent, other: TenantAgent) -> CredentialProbe:
        twin = await self._knock(person, self._good(person))
        bad = await self._knock(person, forgery.make(person, other))
        return CredentialProbe(forgery.abuse, person.name, bad.outcome, twin.outcome, forgery.group, _looks(bad))

    async def _by_second_way(self, way: str, target: Target, person: TenantAgent) -> CredentialProbe:
        """A token of a foreign key on a way that the target's file does not name; the good one comes on its own way."""
        forged = next(one for one in self._forgeries if one.abuse == _FOREIGN)
        twin = await self._knock(person, self._good(person))
        access = Access(target, self._access.doors, self._access.secrets)
        try:
            bad = await try_handshake(access, person, forged.make(person, person))
        finally:
            await access.close()
        abuse = _FORGED_BY.format(way)
        return CredentialProbe(abuse, person.name, bad.outcome, twin.outcome, "key", "")

    def _good(self, person: TenantAgent, seconds: int | None = None) -> str:
        return self._forger.good(person, seconds) if self._forger is not None else person.token

    async def _log_out(self, person: TenantAgent, logout: str) -> list[CredentialProbe]:
        token = self._good(person)
        first, second = await self._knock(person, token, keep=True), await self._knock(person, token, keep=True)
        if first.session is None or second.session is None:
            return [
                CredentialProbe(abuse, person.name, Outcome.NOT_SENT, first.outcome, "logout")
                for abuse in (REPLAY, LIVES_ON)
            ]
        first.session.send(logout, {})
        lives = await self._still_in(second.session, time.monotonic() + self._grace_s)
        for session in (first.session, second.session):
            await session.close()
        replayed = await self._knock(person, token)
        twin = await self._knock(person, self._good(person))
        return [
            CredentialProbe(REPLAY, person.name, replayed.outcome, twin.outcome, "logout", _looks(replayed)),
            CredentialProbe(LIVES_ON, person.name, lives, twin.outcome, "logout"),
        ]

    async def _expire(self, person: TenantAgent) -> CredentialProbe:
        asked_at = time.monotonic()
        short = await self._knock(person, self._good(person, _LIFE_S), keep=True)
        twin = await self._knock(person, self._good(person), keep=True)
        if short.session is None or twin.session is None:
            return CredentialProbe(EXPIRES_OPEN, person.name, Outcome.NOT_SENT, twin.outcome, "time")
        bad = await self._still_in(short.session, asked_at + _LIFE_S + self._leeway_s + self._grace_s)
        good = await twin.session.request(self._ping, {}, _PATIENCE)
        for session in (short.session, twin.session):
            await session.close()
        return CredentialProbe(
            EXPIRES_OPEN, person.name, bad, Outcome.ANSWERED if good.answered else Outcome.LOST, "time"
        )

    async def _still_in(self, session: Session, until: float) -> Outcome:
        """REFUSED when the platform closes the session in time, or serves it no more; ANSWERED when it goes on."""
        if self._access.target.is_http_only:
            await asyncio.sleep(max(0.0, until - time.monotonic()))
            return (await session.request(self._ping, {}, _PATIENCE)).outcome
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
