"""Rules that every interface to things should keep, tried on one owner and one stranger.

Source of the first four: V. Atlidakis, P. Godefroid, M. Polishchuk, Checking Security Properties of Cloud Service REST
APIs, 2020: what was removed is gone (use after free); what failed to be made leaves nothing (resource leak); a thing is
reached through its own parent only (resource hierarchy); a thing is reached in its own user's namespace only (user
namespace). Beyond them: lists and counts know the own things only.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from isolation.drive.probe.callers import Caller, Reply
from isolation.drive.probe.things.holder import Held, Holder, of_the_thing, renamed
from isolation.drive.probe.things.ids import nobodys
from isolation.drive.probe.things.matrix import LIKE_NOTHING
from isolation.drive.probe.things.plan import Door, parents, places, variants
from isolation.drive.session.access import Access
from isolation.record import Outcome
from isolation.record.access.probes import DoorProbe, Expected, Relation, Rule
from isolation.target.model import Thing
from isolation.target.words import RequestKind

_MORE = 3
"""How many things the owner makes to see whether anybody else's counts move."""


class ThingRules:
    """Tries the rules, for every kind of thing."""

    def __init__(
        self, owner: Caller, stranger: Caller, colleagues: Sequence[Caller], doors: Sequence[Door], access: Access
    ) -> None:
        """Take two users of different tenants, and other users of the owner's."""
        self._owner = owner
        self._stranger = stranger
        self._colleagues = [one for one in colleagues if one.person.role != "admin"]
        self._others = [stranger, *self._colleagues[:1]]
        self._doors = doors
        self._access = access
        self._target = access.target
        self._number = 9_000
        self._rng = random.Random(self._number)
        self.probes: list[DoorProbe] = []

    async def attempt(self) -> list[DoorProbe]:
        """Try all of them."""
        for name, thing in self._target.things.items():
            for words in list(variants(self._target, thing))[:1]:
                holder = Holder(self._access, name, words, self._owner)
                try:
                    await self._after_removal(holder)
                    await self._after_failure(holder)
                    await self._in_another_place(holder)
                    for other in self._strangers_to(thing):
                        await self._same_name(holder, other)
                    await self._lists_and_counts(holder)
                finally:
                    await holder.close()
        return self.probes

    def _strangers_to(self, thing: Thing) -> list[Caller]:
        """Those who may not see a thing: colleagues may, where it is its whole tenant's."""
        return self._others if thing.owner == "user" else [self._stranger]

    async def _after_removal(self, holder: Holder) -> None:
        """Every request that worked before is refused afterwards, or answered as for a thing that never was."""
        thing = holder.thing
        ends_itself = thing.made_by == "session.open" and RequestKind.SESSION_END in self._target.requests
        if (thing.remove is None and not ends_itself) or thing.remove == RequestKind.CANCEL:
            return
        doors = [door for door in self._of(holder) if door.has_id and door.kind != thing.make]
        for door in [door for door in doors if not door.removes]:
            held = await self._made(holder)
            if held is None:
                return
            if held.session is not None:
                pilot = await self._made(holder)
                cut = pilot is not None and await holder.cut(pilot)
                worked = await self._ask(holder, door, cut or held)
            else:
                worked = await self._ask(holder, door, held)
            nobody = renamed(held, nobodys(held.id, self._rng))
            never = await self._owner.ask(door.kind, **holder.arguments(door, nobody))
            if worked.outcome is not Outcome.ANSWERED or worked.looks == never.looks:
                continue  # who is answered alike for a thing that never was has not been shown this one
            self._note(door.kind, Rule.AFTER_REMOVAL, Expected.ALLOW, worked)
            await self._remove(holder, held)
            for caller in (self._owner, *self._others):
                await self._of_what_was_removed(holder, door, held, caller)

    async def _of_what_was_removed(self, holder: Holder, door: Door, held: Held, caller: Caller) -> None:
        """It is nothing, to whomever asks; and what a request makes in its place does not hold what it held."""
        other = None if caller is self._owner else caller
        reply = await caller.ask(door.kind, **holder.arguments(door, held))
        nobody = renamed(held, nobodys(held.id, self._rng))
        never = await caller.ask(door.kind, **holder.arguments(door, nobody))
        answered = reply.outcome is Outcome.ANSWERED
        if answered and _alike(reply, never) and not reply.shows(held.content):
            reply = Reply(Outcome.REFUSED, LIKE_NOTHING, reply.length, reply.seconds)
        self._note(door.kind, Rule.AFTER_REMOVAL, Expected.DENY, reply, other=other)
        look = holder.thing.look
        if answered and look not in (None, door.kind):
            assert look is not None
            seen = await caller.ask(look, **{**holder.words, holder.thing.id: held.id})
            self._note(look, Rule.AFTER_REMOVAL, Expected.DENY, _if_shown(seen, held), other=other)

    async def _remove(self, holder: Holder, held: Held) -> None:
        if held.session is not None:
            if RequestKind.SESSION_END in self._target.requests:
                await held.session.ask(RequestKind.SESSION_END)
            await held.session.close()
            return
        remove = holder.thing.remove
        assert remove is not None
        await self._owner.ask(remove, **{**holder.words, holder.thing.id: held.id})

    async def _after_failure(self, holder: Holder) -> None:
        """A creation that is refused leaves nothing; the same creation done right leaves one thing.

        What one platform refuses another may take: a creation that succeeds has not failed, and is no trial.
        """
        thing = holder.thing
        if thing.make is None or thing.listing is None or thing.make == thing.listing:
            return
        good = {**holder.words, thing.content: "kept"}
        if thing.id in places(self._target, thing.make):
            good[thing.id] = self._name()
        for bad in _spoilt(good, thing, places(self._target, thing.make)):
            before = await self._owner.ask(thing.listing, **holder.words)
            reply = await self._owner.ask(thing.make, **bad)
            if reply.outcome is not Outcome.REFUSED:
                continue
            after = await self._owner.ask(thing.listing, **holder.words)
            self._note(
                thing.make, Rule.AFTER_FAILURE, Expected.DENY, reply, of_the_thing(after) == of_the_thing(before)
            )
        if thing.id in good:
            good[thing.id] = self._name()  # what was meant to fail may have taken the other one
        before = await self._owner.ask(thing.listing, **holder.words)
        reply = await self._owner.ask(thing.make, **good)
        after = await self._owner.ask(thing.listing, **holder.words)
        if reply.outcome is Outcome.ANSWERED:
            changed = of_the_thing(after) != of_the_thing(before) or after.length != before.length
            self._note(thing.make, Rule.AFTER_FAILURE, Expected.ALLOW, reply, changed or None)

    async def _in_another_place(self, holder: Holder) -> None:
        """A thing that was made in one place is not found by naming another place of the same user."""
        thing = holder.thing
        others = parents(self._target) - {thing.id}
        inside = places(self._target, thing.make) & others if thing.make is not None else set()
        for place in sorted(inside):
            elsewhere = self._name()
            within, beside = (
                Holder(self._access, holder.name, {**holder.words, place: where}, self._owner)
                for where in (self._name(), elsewhere)
            )
            held, other = await within.make(self._name()), await beside.make(self._name())
            if held is None or other is None:
                continue
            for door in self._of(holder):
                if door.has_id and not door.changes and place in places(self._target, door.kind):
                    right = await self._owner.ask(door.kind, **within.arguments(door, held))
                    if right.outcome is not Outcome.ANSWERED:
                        continue
                    self._note(door.kind, Rule.OTHER_PLACE, Expected.ALLOW, right)
                    wrong = {**within.arguments(door, held), place: elsewhere}
                    self._note(door.kind, Rule.OTHER_PLACE, Expected.DENY, await self._owner.ask(door.kind, **wrong))

    async def _same_name(self, holder: Holder, other: Caller) -> None:
        """Names are everybody's own: two users who choose the same name have two things."""
        thing = holder.thing
        if thing.look is None or thing.make is None or thing.id not in places(self._target, thing.make):
            return
        theirs = Holder(self._access, holder.name, holder.words, other)
        name = self._name()
        held = await holder.make(name)
        if held is None or held.given:
            return
        where = {**holder.words, thing.id: name}
        before = await other.ask(thing.look, **where)
        self._note(thing.look, Rule.SAME_NAME, Expected.DENY, _if_shown(before, held), other=other)
        second = await theirs.make(name)
        own = await self._owner.ask(thing.look, **where)
        seen = await other.ask(thing.look, **where)
        kept = second is not None and own.shows(held.content) and not own.shows(second.content)
        self._note(thing.look, Rule.SAME_NAME, Expected.ALLOW, own, kept if second is not None else None)
        self._note(thing.look, Rule.SAME_NAME, Expected.DENY, _if_shown(seen, held), other=other)
        if thing.remove is not None and second is not None:
            await other.ask(thing.remove, **where)
            after = await self._owner.ask(thing.look, **where)
            self._note(thing.remove, Rule.SAME_NAME, Expected.ALLOW, after, after.shows(held.content))

    async def _lists_and_counts(self, holder: Holder) -> None:
        """What somebody makes moves nobody else's lists and counts; numbers that move by themselves show nothing."""
        counting = self._counting(holder.thing)
        if not counting:
            return
        others = self._strangers_to(holder.thing)
        before = [[await self._numbers(one, counting, holder) for _ in range(3)] for one in others]
        own = await self._numbers(self._owner, counting, holder)
        made = [held for _ in range(_MORE) if (held := await self._made(holder)) is not None]
        if await self._numbers(self._owner, counting, holder) == own:
            return  # lists and counts that do not even move for who made it show nothing
        for other, asked in zip(others, before if made else [], strict=False):
            steady = {name: value for name, value in asked[0].items() if all(one.get(name) == value for one in asked)}
            after = await self._numbers(other, counting, holder)
            for kind in counting:
                reply = await other.ask(kind, **holder.words)
                if reply.outcome is not Outcome.ANSWERED:
                    continue
                moved = [word for (of, word), value in steady.items() if of == kind and after.get((of, word)) != value]
                shown = any(reply.shows(held.id) or reply.shows(held.content) for held in made)
                outcome = Outcome.ANSWERED if moved or shown else Outcome.REFUSED
                told = Reply(outcome, f"moved: {', '.join(moved)}" if moved else "", reply.length, reply.seconds)
                self._note(kind, Rule.COUNTS, Expected.DENY, told, other=other)
                self._note(kind, Rule.COUNTS, Expected.ALLOW, reply, other=other)

    def _counting(self, thing: Thing) -> list[str]:
        """Requests that list things or count them, and that need no id."""
        kinds = [thing.listing, *thing.administrators, RequestKind.METRICS]
        wanted = [kind for kind in dict.fromkeys(filter(None, kinds)) if kind in self._target.requests]
        return [kind for kind in wanted if thing.id not in places(self._target, kind)]

    async def _numbers(self, other: Caller, kinds: Sequence[str], holder: Holder) -> dict[tuple[str, str], object]:
        found: dict[tuple[str, str], object] = {}
        for kind in kinds:
            reply = await other.ask(kind, **holder.words)
            for word, value in of_the_thing(reply).items():
                if isinstance(value, (int, list)):
                    found[kind, word] = len(value) if isinstance(value, list) else value
        return found

    def _of(self, holder: Holder) -> list[Door]:
        return [door for door in self._doors if door.thing == holder.name and door.thorough and not door.subscribes]

    async def _made(self, holder: Holder) -> Held | None:
        return await holder.make(self._name())

    def _name(self) -> str:
        self._number += 1
        return f"item-{self._number}"

    async def _ask(self, holder: Holder, door: Door, held: Held) -> Reply:
        return await self._owner.ask(door.kind, **holder.arguments(door, held))

    def _note(
        self,
        kind: str,
        rule: Rule,
        expected: Expected,
        reply: Reply,
        effect: bool | None = None,
        other: Caller | None = None,
    ) -> None:
        owner = self._owner.person.name
        relation = Relation.SELF
        if other is not None:
            same = other.person.tenant_id == self._owner.person.tenant_id
            relation = Relation.SAME_TENANT if same else Relation.FOREIGN
        caller = (other or self._owner).person.name
        outcome = Outcome.REFUSED if reply.outcome is Outcome.CANCELLED else reply.outcome
        self.probes.append(
            DoorProbe(
                f"{kind} {rule}", owner, caller, relation, expected, outcome, reply.code, reply.length, reply.seconds, effect,
                rule=rule,
            )
        )  # fmt: skip


def _alike(reply: Reply, never: Reply) -> bool:
    """Whether an answer says the same as one about a thing that never was, such as a new one that was made at once."""
    told = of_the_thing(reply)
    return reply.looks == never.looks or (bool(told) and never.outcome is reply.outcome and told == of_the_thing(never))


def _if_shown(reply: Reply, held: Held) -> Reply:
    """Only who is shown what somebody else's thing holds has got at it: an own thing of that name is no leak."""
    if reply.outcome is Outcome.ANSWERED and not reply.shows(held.content):
        return Reply(Outcome.REFUSED, "not shown", reply.length, reply.seconds)
    return reply


def _spoilt(good: dict[str, object], thing: Thing, has: set[str]) -> list[dict[str, object]]:
    """The same creation with something in it that many platforms refuse."""
    spoilt: list[dict[str, object]] = []
    if "agent_type" in has:
        spoilt.append({**good, "agent_type": "no-such-type"})
    if thing.id in has:
        spoilt.append({**good, thing.id: "no id\n"})
        spoilt.append({**good, thing.id: "x" * 5_000})
    if thing.content in has:
        spoilt.append({**good, thing.content: None})
    return spoilt
