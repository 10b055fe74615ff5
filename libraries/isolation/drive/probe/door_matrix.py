"""Every door, tried by its owner, by others and by nobody.

For each door the owner makes fresh things. First everybody tries who must be refused, each on the owner's thing and on a
thing that does not exist, in random order; whatever is changed by that shows when the owner looks at its things
afterwards. Then the owner does the same, which must work and show.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from isolation.drive.probe.callers import Caller, Reply
from isolation.drive.probe.doors import Door, Things, look, make_things
from isolation.drive.probe.handshake import try_handshake
from isolation.drive.session.access import Access
from isolation.record import Operation, Outcome
from isolation.record.probes import DoorProbe, Expected, Relation

HOLD_S = 1.5
"""How long the request of an owner lasts that somebody tries to cancel."""


@dataclass(frozen=True, slots=True)
class Participants:
    """Who tries.

    Attributes:
        owners: Whose things it is about, each of a tenant of its own.
        neighbours: Other users of the owners' tenants, any role.
        strangers: Users of other tenants, any role.
        repeats: How often strangers try each door, on the owner's thing and on one that does not exist.
        seed: Makes the order repeatable.
    """

    owners: list[Caller]
    neighbours: list[Caller]
    strangers: list[Caller]
    repeats: int
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _Try:
    caller: Caller
    relation: Relation
    things: Things


class DoorMatrix:
    """Tries all doors of a target."""

    def __init__(
        self, cast: Participants, doors: Sequence[Door], access: Access, operation_kinds: Sequence[str]
    ) -> None:
        """Take who tries what.

        Args:
            cast: Who tries.
            doors: What is tried.
            access: The way to the target.
            operation_kinds: The requests that the target has.
        """
        self._cast = cast
        self._doors = doors
        self._access = access
        self._kinds = operation_kinds
        self._chance = random.Random(cast.seed)
        self._number = 0

    async def attempt(self) -> list[DoorProbe]:
        """Try every door of every owner."""
        probes: list[DoorProbe] = []
        for owner in self._cast.owners:
            for door in self._doors:
                probes.extend(await self._door(door, owner))
        return probes

    async def _door(self, door: Door, owner: Caller) -> list[DoorProbe]:
        self._number += 1
        things = await make_things(owner, self._number)
        things, running = await self._prepare(door, owner, things)
        before = await look(owner, things)
        denied = [await self._without_token(door, owner)]
        for attempt in self._attempts(door, owner, things):
            denied.append(await self._try(door, owner, attempt))
        unchanged = await look(owner, things) == before
        if running is not None:
            unchanged = unchanged and (await running).outcome is Outcome.ANSWERED
        denied = [replace(probe, effect_verified=unchanged) for probe in denied]
        allowed = [await self._allowed(door, owner, one, things) for one in self._neighbours(owner) if _may(one, door)]
        return [*denied, *allowed, await self._twin(door, owner, things, before)]

    async def _prepare(
        self, door: Door, owner: Caller, things: Things
    ) -> tuple[Things, asyncio.Future[Operation] | None]:
        """What the owner must have begun before anybody can reach for it."""
        running = None
        if door.first == "start":
            running, things = self._start(owner, things)
        elif door.first == "subscribe":
            await owner.ask("subscribe", topic=f"agent:{things.agent}")
        elif door.first == "cut":
            things = await self._cut(owner, things)
        return things, running

    def _start(self, owner: Caller, things: Things) -> tuple[asyncio.Future[Operation], Things]:
        self._number += 1
        number = f"r{self._number:07d}"
        kind = "memory" if "memory" in self._kinds else "endless_loop"
        running = owner.session.start(kind, {"megabytes": 1, "seconds": HOLD_S}, correlation_id=number)
        return running, replace(things, target=number)

    async def _cut(self, owner: Caller, things: Things) -> Things:
        assert owner.opening is not None
        session_id = owner.opening.session_id
        await owner.reopen()
        return replace(things, session=session_id)

    def _attempts(self, door: Door, owner: Caller, things: Things) -> list[_Try]:
        """Everybody who must be refused, in random order."""
        attempts: list[_Try] = []
        for neighbour in self._neighbours(owner):
            if not _may(neighbour, door):
                attempts.append(_Try(neighbour, Relation.SAME_TENANT, things))
        strangers = self._cast.strangers
        for number in range(self._cast.repeats):
            stranger = strangers[number % len(strangers)]
            attempts.append(_Try(stranger, Relation.FOREIGN, things))
            attempts.append(_Try(stranger, Relation.UNKNOWN_ID, self._nobodys(door, things, bool(number % 2))))
        self._chance.shuffle(attempts)
        return attempts

    def _nobodys(self, door: Door, things: Things, same_user: bool) -> Things:
        """Things that do not exist: of nobody, or (where that is another address) nothing of the owner's."""
        nothing = things.like_nobodys(self._chance, same_user)
        if door.arguments(nothing) == door.arguments(things):
            return things.like_nobodys(self._chance)
        return nothing

    async def _try(self, door: Door, owner: Caller, attempt: _Try) -> DoorProbe:
        reply = await attempt.caller.ask(door.kind, **door.arguments(attempt.things))
        return _probe(door, owner, attempt.caller.person.name, attempt.relation, Expected.DENY, reply)

    async def _allowed(self, door: Door, owner: Caller, neighbour: Caller, things: Things) -> DoorProbe:
        reply = await neighbour.ask(door.kind, **door.arguments(things))
        return _probe(door, owner, neighbour.person.name, Relation.SAME_TENANT, Expected.ALLOW, reply)

    def _neighbours(self, owner: Caller) -> list[Caller]:
        return [one for one in self._cast.neighbours if one.person.tenant_id == owner.person.tenant_id]

    async def _without_token(self, door: Door, owner: Caller) -> DoorProbe:
        started = time.monotonic()
        reply = await try_handshake(self._access, owner.person, "")
        return DoorProbe(
            door.name, owner.person.name, "", Relation.NO_TOKEN, Expected.DENY, reply.outcome, reply.looks,
            reply.length, time.monotonic() - started,
        )  # fmt: skip

    async def _twin(
        self, door: Door, owner: Caller, things: Things, before: list[tuple[str, dict[str, object]]]
    ) -> DoorProbe:
        running = None
        if door.first == "start":
            running, things = self._start(owner, things)
            await asyncio.sleep(0.1)
        reply = await owner.ask(door.kind, **door.arguments(things))
        probe = _probe(door, owner, owner.person.name, Relation.SELF, Expected.ALLOW, reply)
        if running is not None:
            return replace(probe, effect_verified=(await running).outcome is Outcome.CANCELLED)
        if door.changes:
            return replace(probe, effect_verified=await look(owner, things) != before)
        return probe


def _may(neighbour: Caller, door: Door) -> bool:
    """Whether a user of the owner's tenant is allowed to do it."""
    return door.administrators and neighbour.person.role == "admin"


def _probe(door: Door, owner: Caller, caller: str, relation: Relation, expected: Expected, reply: Reply) -> DoorProbe:
    return DoorProbe(
        door.name, owner.person.name, caller, relation, expected, reply.outcome, reply.code, reply.length, reply.seconds,
        reply_looks=reply.looks,
    )  # fmt: skip
