"""Every door, tried by its owner, by others and by nobody.

For each door the owner makes fresh things. First everybody tries who must be refused, each on the owner's thing and on a
thing that does not exist, in random order; whatever is changed by that shows when the owner looks at its things afterwards.
Then the owner does the same, which must work and show.

"No" has many forms. An answer that shows nothing of the thing, changed nothing, and is the same as for a thing that does
not exist, is one of them. An answer to the owner that is the same as for a thing of nobody is no positive control, unless
the request can name nobody's things but the caller's own: then only what it shows and changes decides.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from isolation.drive.probe.callers import Caller, Reply
from isolation.drive.probe.credentials.handshake import try_handshake
from isolation.drive.probe.things.holder import Held, Holder, Looks, renamed
from isolation.drive.probe.things.ids import counted, look_alikes, nobodys
from isolation.drive.probe.things.plan import USER, Door
from isolation.drive.session.access import Access
from isolation.drive.session.session import Session
from isolation.record import Operation, Outcome
from isolation.record.access.probes import MADE_ANEW, DoorProbe, Expected, Relation
from isolation.target.interpreter import UnknownRequest

_ANSWER_S = 5.0
LIKE_NOTHING = "answered like nothing"
"""The code of a refusal that is an answer: as for a thing that does not exist, or in the caller's own namespace."""
_NOBODYS = (Relation.UNKNOWN_ID, Relation.SIMILAR_ID)


@dataclass(frozen=True, slots=True)
class Participants:
    """Who tries.

    Attributes:
        owners: Whose things it is about, each of a tenant of its own.
        neighbours: Other users of the owners' tenants, any role.
        strangers: Users of other tenants, any role.
        repeats: How often strangers try a door whose times are compared, on the owner's thing and on one of nobody.
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
    held: Held
    owner: str


class DoorMatrix:
    """Tries all doors of a target."""

    def __init__(self, cast: Participants, doors: Sequence[Door], access: Access) -> None:
        """Take who tries what."""
        self._cast = cast
        self._doors = doors
        self._access = access
        self._rng = random.Random(cast.seed)
        self._number = 0

    async def attempt(self) -> list[DoorProbe]:
        """Try every door of every owner; subscriptions are tried elsewhere."""
        probes: list[DoorProbe] = []
        for owner in self._cast.owners:
            for door in self._doors:
                if not door.subscribes:
                    probes += await self._door(door, owner)
        return probes

    async def _door(self, door: Door, owner: Caller) -> list[DoorProbe]:
        if door.thing == USER:
            return await self._tried(door, owner, None, Held(owner.person.user_id))
        holder = Holder(self._access, door.thing, door.words, owner)
        try:
            held = await self._made(holder)
            if held is None:
                return [self._probe(door, owner, "", Relation.SELF, Expected.ALLOW, _NOT_MADE)]
            if held.session is not None and await self._only_when_cut(door, holder):
                held = await holder.cut(held)
            return await self._tried(door, owner, holder, held)
        finally:
            await holder.close()

    async def _tried(self, door: Door, owner: Caller, holder: Holder | None, held: Held) -> list[DoorProbe]:
        before: Looks = await holder.steady_look(held) if holder is not None else {}
        attempts = self._attempts(door, owner, held)
        self._rng.shuffle(attempts)
        replies = [await self._ask(door, holder, one) for one in attempts]
        denied = self._denied(door, owner, attempts, replies, held)
        if holder is not None and await self._makes_anew(door, holder, held, denied):
            denied = [replace(one, code=MADE_ANEW) if one.code == LIKE_NOTHING else one for one in denied]
        denied.insert(0, await self._without_token(door, owner, holder, held))
        if before and holder is not None:
            unchanged = _same(before, await holder.look(held))
            denied = [replace(probe, effect_verified=unchanged) for probe in denied]
        nothing = [r for one, r in zip(attempts, replies, strict=True) if one.relation is Relation.UNKNOWN_ID]
        allowed = await self._allowed(door, owner, holder, held)
        control = await self._control(door, owner, holder, held, before, nothing)
        if not control:  # what is closed to the owner, or tells the owner nothing, is so for those who may do the same
            allowed = [one for one in allowed if one.outcome is Outcome.ANSWERED]
        return [*denied, *allowed, *control]

    async def _allowed(self, door: Door, owner: Caller, holder: Holder | None, held: Held) -> list[DoorProbe]:
        """Colleagues who may do the same; what they remove is not what the owner removes afterwards."""
        probes: list[DoorProbe] = []
        for one in self._neighbours(owner):
            if not self._may(one, door):
                continue
            own = await self._made(holder) if door.removes and holder is not None else held
            if own is not None:
                reply = await self._ask(door, holder, _Try(one, Relation.SAME_TENANT, own, owner.person.user_id))
                probes.append(self._probe(door, owner, one.person.name, Relation.SAME_TENANT, Expected.ALLOW, reply))
        return probes

    async def _only_when_cut(self, door: Door, holder: Holder) -> bool:
        """Whether a door to a session opens, for its owner, only when the session's connection was dropped."""
        pilot = await self._made(holder)
        if pilot is None:
            return False
        trial = _Try(holder.owner, Relation.SELF, pilot, holder.owner.person.user_id)
        return (await self._ask(door, holder, trial)).outcome is not Outcome.ANSWERED

    def _attempts(self, door: Door, owner: Caller, held: Held) -> list[_Try]:
        """Everybody who must be refused, on the owner's thing and on things of nobody."""
        user = owner.person.user_id
        attempts = [
            _Try(one, Relation.SAME_TENANT, held, user) for one in self._neighbours(owner) if not self._may(one, door)
        ]
        # Whoever uses an id in its own namespace makes something of its own with it: once is enough to see what it finds.
        addressed = held.given or door.names_owner
        times = self._cast.repeats if door.thorough and addressed else 1
        strangers = self._cast.strangers
        for number in range(max(times, len(strangers))):
            stranger = strangers[number % len(strangers)]
            attempts.append(_Try(stranger, Relation.FOREIGN, held, user))
            attempts.append(self._nobodys(door, stranger, held, user, bool(number % 2)))
        if door.has_id and held.given:
            guessed = [*counted(held.id), *look_alikes(held.id)]
            attempts += [_Try(strangers[0], Relation.SIMILAR_ID, renamed(held, one), user) for one in guessed]
        return attempts

    def _nobodys(self, door: Door, stranger: Caller, held: Held, user: str, same_user: bool) -> _Try:
        """A thing that does not exist, of nobody or (where that is another address) of the owner."""
        if door.thing == USER or not door.has_id:
            return _Try(stranger, Relation.UNKNOWN_ID, held, nobodys(user, self._rng))
        owner = user if same_user or not door.names_owner else nobodys(user, self._rng)
        return _Try(stranger, Relation.UNKNOWN_ID, renamed(held, nobodys(held.id, self._rng)), owner)

    def _denied(
        self, door: Door, owner: Caller, attempts: Sequence[_Try], replies: Sequence[Reply], held: Held
    ) -> list[DoorProbe]:
        """The probes of those who must be refused; see the module for what counts as a refusal."""
        empty = _looks_of(r for one, r in zip(attempts, replies, strict=True) if one.relation is Relation.UNKNOWN_ID)
        probes: list[DoorProbe] = []
        for one, reply in zip(attempts, replies, strict=True):
            shown = reply.shows(held.content) or (door.lists and one.relation not in _NOBODYS and reply.shows(held.id))
            nothing = one.relation in _NOBODYS or reply.looks in empty or not _addresses(door, held)
            if reply.outcome is Outcome.ANSWERED and not shown and nothing:
                # An answer about the caller's own differs from caller to caller: it is not compared as a refusal is.
                reply = replace(reply, outcome=Outcome.REFUSED, code=LIKE_NOTHING, looks="", length=0)
            probes.append(self._probe(door, owner, one.caller.person.name, one.relation, Expected.DENY, reply))
        return probes

    async def _control(
        self, door: Door, owner: Caller, holder: Holder | None, held: Held, before: Looks, nothing: Sequence[Reply]
    ) -> list[DoorProbe]:
        """The owner's own request, which must work; none when its answer is the same as for a thing of nobody."""
        reply = await self._ask(door, holder, _Try(owner, Relation.SELF, held, owner.person.user_id))
        if held.running is not None and reply.outcome is Outcome.ANSWERED:
            await asyncio.wait([held.running], timeout=5.0)
        after = await holder.look(held) if holder is not None and before and door.changes else before
        changed = not _same(before, after)
        same = reply.looks in _looks_of(nothing) and not changed and not reply.shows(held.content)
        if reply.outcome is Outcome.ANSWERED and same and _addresses(door, held):
            return []
        if reply.outcome is Outcome.REFUSED and holder is not None:
            thing = holder.thing
            if door.kind in thing.reach or door.kind == thing.make:
                return []  # closed to the owner too, or the id is taken: it proves nothing of others, and accuses nobody
        probe = self._probe(door, owner, owner.person.name, Relation.SELF, Expected.ALLOW, reply)
        return [replace(probe, effect_verified=True)] if changed else [probe]

    async def _ask(self, door: Door, holder: Holder | None, one: _Try) -> Reply:
        if holder is None:
            return await one.caller.ask(door.kind, of=one.owner)
        return await one.caller.ask(door.kind, **holder.arguments(door, one.held, one.owner))

    async def _made(self, holder: Holder) -> Held | None:
        self._number += 1
        return await holder.make(f"item-{self._number:04d}")

    async def _makes_anew(self, door: Door, holder: Holder, held: Held, denied: Sequence[DoorProbe]) -> bool:
        """Whether a request for a thing of nobody makes one for its caller: then it is there, and was not before."""
        look, stranger = holder.thing.look, self._cast.strangers[0]
        if look in (None, door.kind) or not any(one.code == LIKE_NOTHING for one in denied):
            return False
        assert look is not None
        nobody = renamed(held, nobodys(held.id, self._rng))
        words = {**holder.words, holder.thing.id: nobody.id}
        before = await stranger.ask(look, **words)
        await self._ask(door, holder, _Try(stranger, Relation.UNKNOWN_ID, nobody, stranger.person.user_id))
        after = await stranger.ask(look, **words)
        return before.outcome is Outcome.REFUSED and after.outcome is Outcome.ANSWERED

    async def _without_token(self, door: Door, owner: Caller, holder: Holder | None, held: Held) -> DoorProbe:
        """Nobody has got at a thing by being let in: where strangers are, the door itself is tried."""
        started = time.monotonic()
        reply = await try_handshake(self._access, owner.person, "", keep=True)
        outcome, looks = reply.outcome, reply.looks
        if reply.session is not None:
            try:
                outcome, looks = await self._anonymously(reply.session, door, holder, held, owner.person.user_id)
            finally:
                await reply.session.close()
        seconds = time.monotonic() - started
        return DoorProbe(
            door.name, owner.person.name, "", Relation.NO_TOKEN, Expected.DENY, outcome, looks, reply.length, seconds
        )  # fmt: skip

    async def _anonymously(
        self, session: Session, door: Door, holder: Holder | None, held: Held, user: str
    ) -> tuple[Outcome, str]:
        """What somebody without a token gets at a door, beside what is said of a thing of nobody."""
        found: list[Operation] = []
        for one, owner in ((held, user), (renamed(held, nobodys(held.id, self._rng)), nobodys(user, self._rng))):
            words = holder.arguments(door, one, owner) if holder is not None else {"of": owner}
            try:
                found.append(await session.request(door.kind, {**words, "token": ""}, _ANSWER_S))
            except UnknownRequest as error:
                return Outcome.NOT_SENT, str(error)[:200]
        own, nothing = found
        shown = bool(held.content) and held.content in str(own.kept)
        if own.answered and nothing.answered and own.kept == nothing.kept and not shown:
            return Outcome.REFUSED, LIKE_NOTHING
        return own.outcome, own.code

    def _neighbours(self, owner: Caller) -> list[Caller]:
        return [one for one in self._cast.neighbours if one.person.tenant_id == owner.person.tenant_id]

    def _may(self, neighbour: Caller, door: Door) -> bool:
        """Whether a user of the owner's tenant is allowed to do it."""
        thing = self._access.target.things.get(door.thing)
        if thing is not None and thing.owner == "tenant":
            return True
        return door.administrators and neighbour.person.role == "admin"

    def _probe(
        self, door: Door, owner: Caller, caller: str, relation: Relation, expected: Expected, reply: Reply
    ) -> DoorProbe:
        outcome = Outcome.REFUSED if reply.outcome is Outcome.CANCELLED and expected is Expected.DENY else reply.outcome
        return DoorProbe(
            door.name, owner.person.name, caller, relation, expected, outcome, reply.code, reply.length, reply.seconds,
            reply_looks=reply.looks,
        )  # fmt: skip


_NOT_MADE = Reply(Outcome.NOT_SENT, "its owner could not make one", 0, 0.0)


def _addresses(door: Door, held: Held) -> bool:
    """Whether the request says whose thing it means: an id that the platform gave, or the owner by name."""
    return door.names_owner or (door.has_id and held.given)


def _looks_of(replies: Iterable[Reply]) -> set[str]:
    return {reply.looks for reply in replies if reply.outcome is Outcome.ANSWERED}


def _same(before: Looks, after: Looks) -> bool:
    """Whether everything steady is as it was."""
    return all(name in after and after[name] == value for name, value in before.items())
