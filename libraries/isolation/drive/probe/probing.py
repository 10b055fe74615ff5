"""The prober: tries doors and credentials and stages incidents, in a process of its own (see ``worker``)."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from isolation.drive.platform.identities import IdentityError, Person, make_users
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.probe.callers import Caller, open_callers
from isolation.drive.probe.credentials.credential_abuse import CredentialAbuse
from isolation.drive.probe.credentials.forged_tokens import Forger, TokenRules
from isolation.drive.probe.credentials.platform_clock import clock_difference
from isolation.drive.probe.exchanging import echo
from isolation.drive.probe.incidents import Staged, ask_the_same, cancel_in_flight, storm, use_after_others
from isolation.drive.probe.odd_values import OddValues
from isolation.drive.probe.rights import (
    LOGGED_OUT,
    CannotEnd,
    RightsGroup,
    RightsTrial,
    is_let_in,
    spare_of,
    token_id_of,
    user_by_user,
    ways_of,
)
from isolation.drive.probe.things.documents import with_documents
from isolation.drive.probe.things.matrix import DoorMatrix, Participants
from isolation.drive.probe.things.off_boarding import OffBoarding
from isolation.drive.probe.things.offered import rules_not_offered
from isolation.drive.probe.things.plan import Door, doors_of, uncovered
from isolation.drive.probe.things.rules import ThingRules
from isolation.drive.probe.things.subscriptions import Subscriptions
from isolation.drive.session.access import Access
from isolation.drive.session.opening import SessionError
from isolation.drive.steps.tokens import TokenMint
from isolation.record import Frame
from isolation.record.access.probes import DoorProbe
from isolation.record.concurrent_startup.credentials import CredentialTrialsRecord
from isolation.record.concurrent_startup.doors import DoorTrialsRecord
from isolation.record.concurrent_startup.rights import RightTrial
from isolation.record.resource_isolation.odd_values import OddValuesRecord
from isolation.record.traffic.exchanges import Exchange, Return
from isolation.target.interpreter import UnknownRequest
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
        self._rights: list[RightsTrial] = []

    async def prepare(self, target: Target, doors: dict[str, str], secrets: dict[str, str]) -> None:
        """Take the description of the target, its addresses by name and its secrets by word."""
        self._target = target
        self._access = Access(target, doors, secrets)

    async def abuse_credentials(self, people: list[TenantAgent], grace_s: float) -> CredentialTrialsRecord:
        """Try every abused token of some people of different tenants; so long after its end one may keep its session."""
        requests, credential = self._target.requests, self._target.credential
        ping = RequestKind.PING if RequestKind.PING in requests else RequestKind.NOOP
        logout = RequestKind.LOGOUT if RequestKind.LOGOUT in requests else None
        leeway_s = (credential.leeway or 0.0) if credential is not None else 0.0
        clock_s = await clock_difference(self._access)
        abuse = CredentialAbuse(self._forger(clock_s or 0.0, leeway_s), self._access, ping, logout, leeway_s, grace_s)
        return CredentialTrialsRecord(abuse.expected(), clock_s, await abuse.attempt(people))

    def _forger(self, clock_s: float, leeway_s: float) -> Forger | None:
        """What makes tokens; None where only the platform makes them."""
        mint, credential = self._mint(), self._target.credential
        if mint is None or (credential is not None and credential.kind != "jwt"):
            return None
        rules = credential.rules if credential is not None else []
        return Forger(
            mint,
            {name: str(value) for name, value in mint.recipe.claims.items()},
            TokenRules(
                required=frozenset(credential.required if credential is not None else ()),
                leeway_s=leeway_s,
                one_tenant="one tenant per user" in rules,
                known_roles="known roles only" in rules,
                clock_s=clock_s,
            ),
        )

    def _mint(self) -> TokenMint | None:
        """What signs tokens as the target file says; None where only the platform makes them."""
        recipe = next((step.jwt for step in self._target.tenants.make if isinstance(step, JwtStep)), None)
        return None if recipe is None else TokenMint(recipe, {**self._access.secrets, **self._access.doors})

    async def try_doors(
        self, owners: list[TenantAgent], neighbours: list[TenantAgent], strangers: list[TenantAgent], repeats: int
    ) -> DoorTrialsRecord:
        """Try every door of the target; see ``things``.

        Args:
            owners: Whose things it is about.
            neighbours: Other users of their tenants.
            strangers: Users of other tenants.
            repeats: How often strangers try a door whose times are compared.
        """
        target, skipped = await with_documents(self._access)
        access = Access(target, self._access.doors, self._access.secrets)
        doors = doors_of(target)
        first, second = len(owners), len(owners) + len(neighbours)
        try:
            async with self._callers([*owners, *neighbours, *strangers], access) as callers:
                own, colleagues, others = callers[:first], callers[first:second], callers[second:]
                cast = Participants(own, colleagues, others, repeats)
                matrix = await DoorMatrix(cast, doors, access).attempt()
                rules = await self._rules(own, colleagues, others, doors, access)
            rules += await OffBoarding(owners[0], [*owners[1:2], *strangers[:1]], access).attempt()
        finally:
            await access.close()
        return DoorTrialsRecord((*uncovered(target, doors), *skipped), matrix, rules, rules_not_offered(target))

    async def _rules(
        self, owners: list[Caller], colleagues: list[Caller], others: list[Caller], doors: list[Door], access: Access
    ) -> list[DoorProbe]:
        """Rules that compare no times; at the same time where they are about different users."""
        last = owners[-1]
        beside = [one for one in colleagues if one.person.tenant_id == last.person.tenant_id][:1]
        things = ThingRules(owners[0], others[0], colleagues, doors, access)
        news = Subscriptions(last, [others[-1], *beside], doors, access)
        if last is owners[0] or others[-1] is others[0]:
            return [*await things.attempt(), *await news.attempt()]
        first, second = await asyncio.gather(things.attempt(), news.attempt())
        return [*first, *second]

    async def try_odd_values(self, caller: TenantAgent, others: list[TenantAgent], seconds: float) -> OddValuesRecord:
        """Odd values of one user, while others are served; see ``odd_values``."""
        return await OddValues(self._target, self._access, caller, others).attempt(seconds)

    async def ways_to_end_rights(self) -> list[str]:
        """The ways in which rights can be ended while sessions are open."""
        return ways_of(self._access)

    async def gather_rights(self, groups: list[RightsGroup], stated_s: float) -> dict[str, str]:
        """Let everybody of each group have everything; see ``rights``.

        Returns:
            Why a group could not be gathered, by its way.
        """
        await self._forget_rights()
        refused: dict[str, str] = {}

        async def gather(group: RightsGroup) -> None:
            trial = RightsTrial(self._access, group.way, stated_s)
            self._rights.append(trial)
            try:
                await trial.gather(group.losers, [*group.spares, *group.others])
            except (SessionError, UnknownRequest) as error:
                refused[group.way] = str(error)

        await asyncio.gather(*(gather(group) for group in groups))
        return refused

    async def end_rights(self) -> dict[str, str]:
        """End the right of every group at the same time, and watch until the stated time is over.

        Returns:
            Why a right could not be ended, by its way.
        """
        refused: dict[str, str] = {}

        async def end(trial: RightsTrial) -> None:
            try:
                await trial.end()
            except CannotEnd as error:
                refused[trial.way] = str(error)

        await asyncio.gather(*(end(trial) for trial in self._rights if trial.is_ready))
        return refused

    async def try_rights_again(self) -> list[RightTrial]:
        """Try again what everybody of each group had."""
        ended = [trial for trial in self._rights if trial.is_over]
        nested = await asyncio.gather(*(trial.try_again() for trial in ended))
        await self._forget_rights()
        return [one for trials in nested for one in trials]

    async def spare_rights(self, person: TenantAgent, way: str) -> list[TenantAgent]:
        """The same user with another right that this way leaves alone; nobody where there is no such right."""
        spare = spare_of(person, way, self._target.tenants.roles or ())
        if spare is None:
            return []
        try:
            own = Person(spare.name, spare.tenant_id, spare.user_id, spare.role)
            made = await make_users(self._target, self._access.steps, [own])
        except IdentityError:
            return []
        return [self._with_look_alike_token(one, person, way) for one in made]

    def _with_look_alike_token(self, spare: TenantAgent, person: TenantAgent, way: str) -> TenantAgent:
        """A token whose id is another one's but for the case of its letters, or goes on after it.

        RFC 7519 (4.1.7) tells both apart; each way to end a token is tried with one of them.
        """
        token_id = token_id_of(person.token)
        if (mint := self._mint()) is None or not token_id or not spare.token:
            return spare
        folded = token_id.swapcase()
        look_alike = folded if folded != token_id and way != LOGGED_OUT else f"{token_id}0"
        token = mint.sign({**mint.claims(spare.words), "jti": look_alike})
        return replace(spare, words={**spare.words, "token": token})

    async def are_let_in(self, people: list[TenantAgent]) -> list[bool]:
        """Who of some people is let in and served, with the credential it has had."""
        return await user_by_user(people, lambda person: is_let_in(person, self._access))

    async def _forget_rights(self) -> None:
        trials, self._rights = self._rights, []
        await asyncio.gather(*(trial.close() for trial in trials))

    async def cancel_in_flight(self, people: list[TenantAgent], texts: list[list[str]], seed: int) -> Staged:
        """Cancelled requests; see ``incidents``."""
        async with self._callers(people) as callers:
            return await cancel_in_flight(callers, texts, seed, self._access.interpreter)

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
                await caller.ask(RequestKind.NOOP)  # so that no first request pays for the start of an agent
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
        await self._forget_rights()
        if hasattr(self, "_access"):
            await self._access.close()

    @asynccontextmanager
    async def _callers(
        self, people: Sequence[TenantAgent], access: Access | None = None
    ) -> AsyncIterator[list[Caller]]:
        callers = await open_callers(people, access or self._access)
        try:
            yield callers
        finally:
            await asyncio.gather(*(caller.close() for caller in callers))
