"""A tenant is removed, and made again under the same id: whoever comes back is a newcomer.

What the former tenant had is made and seen first. A bystander, whose id looks like the removed one's, keeps what it has.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from isolation.drive.platform.identities import IdentityError, Person, make_users, remove_users
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.probe.callers import Caller, Reply, open_callers
from isolation.drive.probe.things.holder import Held, Holder, of_the_thing, renamed
from isolation.drive.probe.things.ids import nobodys
from isolation.drive.probe.things.plan import variants
from isolation.drive.session.access import Access
from isolation.drive.session.opening import SessionError
from isolation.drive.steps.runner import StepFailed
from isolation.record import Outcome
from isolation.record.access.probes import DoorProbe, Expected, Relation, Rule
from isolation.target.words import OperatorOperation, RequestKind


@dataclass(frozen=True, slots=True)
class _Kept:
    """A thing, and how it is made."""

    holder: Holder
    held: Held


class OffBoarding:
    """Removes a tenant; others look on."""

    def __init__(self, leaver: TenantAgent, bystanders: Sequence[TenantAgent], access: Access) -> None:
        """Take who leaves, and who must not notice."""
        self._leaver = leaver
        self._bystanders = bystanders
        self._access = access
        self._target = access.target
        self._rng = random.Random(0)
        self.probes: list[DoorProbe] = []

    async def attempt(self) -> list[DoorProbe]:
        """Nothing is noted where the tenant could not be removed and made again: then nothing is known of it."""
        removes = OperatorOperation.REMOVE in self._target.operator or self._target.tenants.remove
        if not removes or not self._target.tenants.make:
            return []
        try:
            async with self._open([self._leaver, *self._bystanders]) as (former, *others):
                theirs = [kept for other in others for kept in await self._fill(other)]
                own = await self._fill(former)
                for kept in (*own, *theirs):
                    await self._is_there(kept, kept.holder.owner)
                await former.close()
                again = await self._removed_and_made_again()
                async with self._open([again]) as (newcomer,):
                    for kept in own:
                        await self._is_nothing(kept, newcomer)
                for kept in theirs:
                    await self._is_there(kept, kept.holder.owner)
        except (SessionError, StepFailed, IdentityError):
            return []
        return self.probes

    async def _removed_and_made_again(self) -> TenantAgent:
        leaver = self._leaver
        person = Person(leaver.name, leaver.tenant_id, leaver.user_id, leaver.role)
        operation = OperatorOperation.REMOVE
        if operation in self._target.operator:
            steps = [self._target.operator[operation]]
            await self._access.steps.run(steps, dict(leaver.words), f"operator.{operation}")
        else:
            reasons = await remove_users(self._target, self._access.steps, [leaver])
            if reason := reasons[leaver.name]:
                raise IdentityError(reason)
        return (await make_users(self._target, self._access.steps, [person]))[0]

    async def _fill(self, owner: Caller) -> list[_Kept]:
        """One thing of every kind that can be looked at or listed, in every place."""
        found = []
        for name, thing in self._target.things.items():
            if thing.made_by is not None or thing.remove == RequestKind.CANCEL or not (thing.look or thing.listing):
                continue
            for number, words in enumerate(variants(self._target, thing)):
                holder = Holder(self._access, name, words, owner)
                held = await holder.make(f"kept-{owner.person.name}-{number}")
                if held is not None:
                    found.append(_Kept(holder, held))
        return found

    async def _is_there(self, kept: _Kept, owner: Caller) -> None:
        """What somebody has is shown by every request that shows it; one that shows nothing of it proves nothing later."""
        for kind, reply in await self._looks(kept, owner):
            if reply.outcome is not Outcome.ANSWERED or reply.shows(kept.held.content) or reply.shows(kept.held.id):
                self._note(kind, owner, Expected.ALLOW, reply)

    async def _is_nothing(self, kept: _Kept, newcomer: Caller) -> None:
        """What a former tenant had is to the newcomer as if it had never been."""
        nobody = _Kept(kept.holder, renamed(kept.held, nobodys(kept.held.id, self._rng)))
        never = dict(await self._looks(nobody, newcomer))
        for kind, reply in await self._looks(kept, newcomer):
            shown = reply.shows(kept.held.content) or (kind == kept.holder.thing.listing and reply.shows(kept.held.id))
            if reply.outcome is Outcome.ANSWERED and not shown and of_the_thing(reply) == of_the_thing(never[kind]):
                reply = Reply(Outcome.REFUSED, "as if it had never been", reply.length, reply.seconds)
            self._note(kind, newcomer, Expected.DENY, reply)

    async def _looks(self, kept: _Kept, caller: Caller) -> list[tuple[str, Reply]]:
        thing, words = kept.holder.thing, kept.holder.words
        found = []
        if thing.look is not None:
            found.append((str(thing.look), await caller.ask(thing.look, **{**words, thing.id: kept.held.id})))
        if thing.listing not in (None, thing.look):
            assert thing.listing is not None
            found.append((str(thing.listing), await caller.ask(thing.listing, **words)))
        return found

    @asynccontextmanager
    async def _open(self, people: Sequence[TenantAgent]) -> AsyncIterator[list[Caller]]:
        callers = await open_callers(people, self._access)
        try:
            yield callers
        finally:
            for caller in callers:
                await caller.close()

    def _note(self, kind: str, caller: Caller, expected: Expected, reply: Reply) -> None:
        rule, owner = Rule.OFF_BOARDING, self._leaver.name if expected is Expected.DENY else caller.person.name
        self.probes.append(
            DoorProbe(
                f"{kind} {rule}", owner, caller.person.name, Relation.SELF, expected, reply.outcome, reply.code, reply.length,
                reply.seconds, rule=rule,
            )
        )  # fmt: skip
