"""The prober: tries doors and credentials and stages incidents, in a process of its own (see ``worker``)."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.probe.callers import Caller, open_callers
from isolation.drive.probe.credential_abuse import CredentialAbuse
from isolation.drive.probe.door_matrix import DoorMatrix, Participants
from isolation.drive.probe.door_rules import DoorRules
from isolation.drive.probe.doors import doors_of
from isolation.drive.probe.forged_tokens import Forger
from isolation.drive.probe.incidents import Staged, ask_the_same, cancel_in_flight, echo, storm, use_after_others
from isolation.drive.session.access import Access
from isolation.drive.steps.tokens import TokenMint
from isolation.record import Frame
from isolation.record.credential_trials import CredentialTrialsRecord
from isolation.record.door_trials import DoorTrialsRecord
from isolation.record.exchanges import Exchange, Return
from isolation.target.model import JwtStep, Target
from isolation.target.words import RequestKind


class Prober:
    """Every ``async`` method can be called through a ``Worker``; each closes what it opened."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        """Start empty."""
        gc.set_threshold(50_000, 20, 100)
        self._progress = progress
        self._target: Target
        self._access: Access
        self._crowd: list[Caller] = []
        self._said: list[str] = []

    async def prepare(self, target: Target, doors: dict[str, str], secrets: dict[str, str]) -> None:
        """Take the description of the target, its addresses by name and its secrets by word."""
        self._target = target
        self._access = Access(target, doors, secrets)

    async def abuse_credentials(self, people: list[TenantAgent]) -> CredentialTrialsRecord:
        """Try every abused token of some people of different tenants."""
        requests = self._target.requests
        recipe = next(step.jwt for step in self._target.tenants.make if isinstance(step, JwtStep))
        mint = TokenMint(recipe, {**self._access.secrets, **self._access.doors})
        claims = {name: str(value) for name, value in recipe.claims.items()}
        forger = Forger(mint, mint.secret, recipe.algorithm, claims)
        ping = RequestKind.PING if RequestKind.PING in requests else RequestKind.NOOP
        logout = RequestKind.LOGOUT if RequestKind.LOGOUT in requests else None
        abuse = CredentialAbuse(forger, self._access, ping, logout)
        return CredentialTrialsRecord(abuse.expected(), await abuse.attempt(people))

    async def try_doors(
        self, owners: list[TenantAgent], neighbours: list[TenantAgent], strangers: list[TenantAgent], repeats: int
    ) -> DoorTrialsRecord:
        """Try every door of the target; see ``door_matrix`` and ``door_rules``.

        Args:
            owners: Whose things it is about.
            neighbours: Other users of their tenants.
            strangers: Users of other tenants.
            repeats: How often strangers try each door.
        """
        doors, uncovered = doors_of(self._target.requests)
        first, second = len(owners), len(owners) + len(neighbours)
        async with self._callers([*owners, *neighbours, *strangers]) as callers:
            cast = Participants(callers[:first], callers[first:second], callers[second:], repeats)
            matrix = await DoorMatrix(cast, doors, self._access, list(self._target.requests)).attempt()
            rules = await DoorRules(cast.owners[0], cast.strangers[0]).attempt()
        return DoorTrialsRecord(tuple(uncovered), matrix, rules)

    async def cancel_in_flight(self, people: list[TenantAgent], texts: list[list[str]], seed: int) -> Staged:
        """Cancelled requests; see ``incidents``."""
        async with self._callers(people) as callers:
            return await cancel_in_flight(callers, texts, seed)

    async def ask_the_same(
        self,
        victims: list[TenantAgent],
        strangers: list[TenantAgent],
        questions: list[str],
        fresh: list[str],
        seed: int,
    ) -> list[Exchange]:
        """The same questions by others; see ``incidents``."""
        async with self._callers([*victims, *strangers]) as callers:
            first = len(victims)
            for caller in callers:
                await caller.ask("noop")  # so that no first request pays for the start of an agent
            return await ask_the_same(callers[:first], callers[first:], questions, fresh, seed)

    async def use_after_others(
        self, pairs: list[tuple[TenantAgent, TenantAgent]], profiles: list[dict[str, object]], texts: list[str]
    ) -> Staged:
        """Used connections; see ``incidents``."""
        callers = [(Caller(leaving, self._access), Caller(coming, self._access)) for leaving, coming in pairs]
        return await use_after_others(callers, profiles, texts)

    async def gather_crowd(self, people: list[TenantAgent], texts: list[str]) -> list[Exchange]:
        """Connect many users, who stay, and let each ask once; returns what they got."""
        await self.disperse_crowd()
        self._crowd, self._said = await open_callers(people, self._access), texts
        asked = (echo(caller, "in the crowd", text) for caller, text in zip(self._crowd, texts, strict=True))
        return list(await asyncio.gather(*asked))

    async def storm(self, texts: list[str]) -> tuple[list[Return], list[Exchange]]:
        """Everybody of the crowd is cut off and comes back at once; see ``incidents``."""
        said, self._said = self._said, texts
        return await storm(self._crowd, said, texts)

    async def crowd_frames(self) -> list[Frame]:
        """Every frame of the crowd since the last call."""
        return [frame for caller in self._crowd for frame in caller.log.take()]

    async def disperse_crowd(self) -> None:
        """Everybody of the crowd leaves."""
        crowd, self._crowd = self._crowd, []
        await asyncio.gather(*(caller.close() for caller in crowd))

    async def close(self) -> None:
        """End every session."""
        await self.disperse_crowd()
        if hasattr(self, "_access"):
            await self._access.close()

    @asynccontextmanager
    async def _callers(self, people: Sequence[TenantAgent]) -> AsyncIterator[list[Caller]]:
        callers = await open_callers(people, self._access)
        try:
            yield callers
        finally:
            await asyncio.gather(*(caller.close() for caller in callers))
