"""Trying every abused token at the tenant door, each beside its good twin."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.probe.forged_tokens import Forger, Forgery
from isolation.drive.probe.handshake import SERVED, Reply, try_handshake
from isolation.record import Outcome
from isolation.record.probes import CredentialProbe
from isolation.target.adapter import Adapter

REPLAY = "replayed after logout"
LIVES_ON = "session that lives on after the logout of its token"
EXPIRES_OPEN = "expires while its socket is open"
_LIFE_S = 2
_GRACE_S = 2.0
"""How long after its expiry a token may keep its socket open."""
_PATIENCE = 3.0


class CredentialAbuse:
    """Tries forged and worn-out tokens of some people."""

    def __init__(self, forger: Forger, adapter: Adapter, ping: str, logout: str | None) -> None:
        """Take what is needed.

        Args:
            forger: Makes tokens.
            adapter: Speaks the target's protocol.
            ping: A request that everybody may make.
            logout: The request that makes a token worthless, or None where there is none.
        """
        self._forger = forger
        self._adapter = adapter
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
        if first.socket is None or second.socket is None:
            return [
                CredentialProbe(abuse, person.name, Outcome.NOT_SENT, first.outcome, "logout")
                for abuse in (REPLAY, LIVES_ON)
            ]
        await first.socket.send(self._adapter.encode(logout, "logout", {}))
        lives = await self._still_in(second.socket, time.monotonic() + _GRACE_S)
        for socket in (first.socket, second.socket):
            await socket.close()
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
        if short.socket is None or twin.socket is None:
            return CredentialProbe(EXPIRES_OPEN, person.name, Outcome.NOT_SENT, twin.outcome, "time")
        bad = await self._still_in(short.socket, asked_at + _LIFE_S + _GRACE_S)
        good = await self._answers(twin.socket)
        for socket in (short.socket, twin.socket):
            await socket.close()
        return CredentialProbe(EXPIRES_OPEN, person.name, bad, Outcome.ANSWERED if good else Outcome.LOST, "time")

    async def _still_in(self, socket: ClientConnection, until: float) -> Outcome:
        """REFUSED when the platform closes the socket in time; ANSWERED when it still is open then."""
        try:
            async with asyncio.timeout_at(asyncio.get_running_loop().time() + until - time.monotonic()):
                while True:
                    await socket.recv()
        except ConnectionClosed:
            return Outcome.REFUSED
        except TimeoutError:
            return Outcome.ANSWERED

    async def _answers(self, socket: ClientConnection) -> bool:
        try:
            async with asyncio.timeout(_PATIENCE):
                await socket.send(self._adapter.encode(self._ping, "still-there", {}))
                while True:
                    frame = self._adapter.read(await socket.recv())
                    if frame.correlation_id == "still-there" and frame.kind in SERVED:
                        return True
        except (ConnectionClosed, TimeoutError):
            return False

    async def _knock(self, person: TenantAgent, token: str, keep: bool = False) -> Reply:
        headers = list(self._adapter.headers(token).items()) if token else []
        reply = await try_handshake(person.address, self._adapter, headers, keep=keep)
        return reply if keep else replace(reply, socket=None)


def _looks(reply: Reply) -> str:
    return reply.looks if reply.outcome is Outcome.REFUSED else ""
