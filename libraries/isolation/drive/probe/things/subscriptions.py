"""Subscriptions to other people's things, by their ids and by patterns: who is told of what its owner does.

A subscription that is accepted is no leak by itself: platforms accept patterns that fit only the own things. What decides
is whether anything of the owner's is heard; the owner's own subscription, which must hear it, is the positive control.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from isolation.drive.probe.callers import Caller, Reply
from isolation.drive.probe.things.holder import Held, Holder, renamed
from isolation.drive.probe.things.ids import patterns
from isolation.drive.probe.things.plan import Door, places
from isolation.drive.session.access import Access
from isolation.drive.session.opening import SessionError
from isolation.record import Direction, Outcome
from isolation.record.access.probes import DoorProbe, Expected, Relation, Rule
from isolation.target.words import RequestKind

_HEARD_S = 0.4
"""How long news may be on their way to a subscriber."""
_TOPIC = "topic"


class Subscriptions:
    """Tries every subscription of a target."""

    def __init__(self, owner: Caller, strangers: Sequence[Caller], doors: Sequence[Door], access: Access) -> None:
        """Take an owner, and users of other tenants or of the same one."""
        self._owner = owner
        self._strangers = strangers
        self._doors = doors
        self._access = access
        self.probes: list[DoorProbe] = []

    async def attempt(self) -> list[DoorProbe]:
        """Try them all; everybody who listens has a session of its own, so that nobody goes on listening."""
        for door in self._doors:
            if door.subscribes:
                await self._door(door)
        return self.probes

    async def _door(self, door: Door) -> None:
        holder = Holder(self._access, door.thing, door.words, self._owner)
        held = await holder.make(f"heard-{len(self.probes)}")
        if held is None:
            return
        own = await self._listener(self._owner)
        if own is None:
            return
        listeners: list[tuple[Caller, Relation, Reply]] = []
        try:
            control = await own.ask(door.kind, **holder.arguments(door, held))
            for stranger in self._strangers:
                listeners += await self._subscribe(stranger, door, holder, held)
            listeners += await self._by_topic(held)
            for listener in (own, *(one for one, _, _ in listeners)):
                listener.log.take()
            await self._act(holder, held)
            await asyncio.sleep(_HEARD_S)
            heard = _hears(own, held)
            self._note(door, own, Relation.SELF, Expected.ALLOW, control, heard if heard else None)
            if not heard:
                return  # nobody is told of what the owner did: silence of others shows nothing
            for listener, relation, reply in listeners:
                told = _hears(listener, held)
                denied = replace(reply, outcome=Outcome.ANSWERED if told else Outcome.REFUSED)
                self._note(door, listener, relation, Expected.DENY, denied)
        finally:
            await holder.close()
            await asyncio.gather(
                *(one.close() for one in [own, *(one for one, _, _ in listeners)]), return_exceptions=True
            )

    async def _subscribe(
        self, stranger: Caller, door: Door, holder: Holder, held: Held
    ) -> list[tuple[Caller, Relation, Reply]]:
        relation = (
            Relation.SAME_TENANT if stranger.person.tenant_id == self._owner.person.tenant_id else Relation.FOREIGN
        )
        found: list[tuple[Caller, Relation, Reply]] = []
        for wanted in (held.id, *patterns(held.id)):
            listener = await self._listener(stranger)
            if listener is not None:
                kind = relation if wanted == held.id else Relation.SIMILAR_ID
                reply = await listener.ask(door.kind, **holder.arguments(door, renamed(held, wanted)))
                found.append((listener, kind, reply))
        return found

    async def _by_topic(self, held: Held) -> list[tuple[Caller, Relation, Reply]]:
        """Patterns where a whole topic can be named."""
        kind = RequestKind.SUBSCRIBE
        if kind not in self._access.target.requests or _TOPIC not in places(self._access.target, kind):
            return []
        found: list[tuple[Caller, Relation, Reply]] = []
        topics = [
            "*",
            "#",
            ">",
            *(f"{name}:*" for name in self._access.target.things),
            *(f"{name}:{held.id}" for name in self._access.target.things),
        ]
        for topic in topics:
            listener = await self._listener(self._strangers[0])
            if listener is not None:
                found.append((listener, Relation.SIMILAR_ID, await listener.ask(kind, topic=topic)))
        return found

    async def _listener(self, person: Caller) -> Caller | None:
        try:
            return await Caller(person.person, self._access).open()
        except SessionError:
            return None

    async def _act(self, holder: Holder, held: Held) -> None:
        """The owner does everything with its thing that does not remove it."""
        for door in self._doors:
            if door.thing == holder.name and door.has_id and not (door.removes or door.subscribes or door.lists):
                await self._owner.ask(door.kind, **holder.arguments(door, held))

    def _note(
        self,
        door: Door,
        caller: Caller,
        relation: Relation,
        expected: Expected,
        reply: Reply,
        effect: bool | None = None,
    ) -> None:
        self.probes.append(
            DoorProbe(
                f"{door.kind} {Rule.SUBSCRIPTIONS}", self._owner.person.name, caller.person.name, relation, expected,
                reply.outcome, reply.code, reply.length, reply.seconds, effect, rule=Rule.SUBSCRIPTIONS,
            )
        )  # fmt: skip


def _hears(listener: Caller, held: Held) -> bool:
    """Whether anything that somebody received names the thing or holds what it holds."""
    frames = [frame.data for frame in listener.log.take() if frame.direction is Direction.RECEIVED]
    signs = [sign.encode() for sign in (held.id, held.content) if sign]
    return any(sign in data for data in frames for sign in signs)
