"""The doors of a target: every request that can address a thing, generated from ``things`` and ``requests`` of its file.

A request is a door to a thing when the file names it for that thing, or when it has a place for the thing's id: only such
a request can reach for somebody else's thing. One that can name another user (``{of}``) is a door to that user.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from isolation.target.model import Target, Thing
from isolation.target.placeholders import names_in
from isolation.target.words import RequestKind

OF = "of"
"""The word by which a request names another user."""
USER = "user"
"""What a door is to, when its request names a user and no thing."""
_ENDS_THE_CALLER = {RequestKind.LOGOUT, RequestKind.SESSION_END, RequestKind.LOGOUT_SESSION}
"""Requests whose positive control would end the sessions of whoever makes it: tried where rights end."""


@dataclass(frozen=True, slots=True)
class Door:
    """One way to reach for one kind of thing.

    Attributes:
        name: What the report calls it.
        thing: Name of the thing in the file, or ``user``.
        words: Arguments that are the same for every caller.
        has_id: Whether the request carries the id of the thing.
        names_owner: Whether it can name the user whose thing it is.
        lists: Whether it lists things.
        changes: Whether it changes the thing, or removes it.
        removes: Whether it removes the thing.
        subscribes: Whether it asks to be told of the thing.
        administrators: Whether administrators of the owner's tenant may use it.
        thorough: Whether it is tried often enough to compare times.
    """

    name: str
    thing: str
    kind: str
    words: Mapping[str, object] = field(default_factory=dict)
    has_id: bool = True
    names_owner: bool = False
    lists: bool = False
    changes: bool = False
    removes: bool = False
    subscribes: bool = False
    administrators: bool = False
    thorough: bool = True

    @property
    def order(self) -> int:
        """What only reads comes first, what removes last."""
        return 2 * self.removes + self.changes


def doors_of(target: Target) -> list[Door]:
    """Every door of a target, what only reads first."""
    doors: list[Door] = []
    for name, thing in target.things.items():
        kinds = _kinds(target, name, thing)
        for number, words in enumerate(variants(target, thing)):
            doors += _of_thing(target, name, kinds, words, number == 0)
    tried = {door.kind for door in doors}
    for kind in target.requests:
        if kind not in tried and OF in places(target, kind):
            administrators = any(kind in thing.administrators for thing in target.things.values())
            doors.append(Door(kind, USER, kind, {}, False, True, administrators=administrators))
    return sorted(doors, key=lambda door: door.order)


def uncovered(target: Target, doors: list[Door]) -> tuple[str, ...]:
    """Requests that can address somebody's thing and for which there is no door."""
    ids = {thing.id for thing in target.things.values()} | {OF}
    addressing = {kind for kind in target.requests if places(target, kind) & ids}
    making = {thing.make for thing in target.things.values()}
    return tuple(sorted(addressing - {door.kind for door in doors} - making - _ENDS_THE_CALLER))


def variants(target: Target, thing: Thing) -> Iterator[dict[str, object]]:
    """The arguments of a thing, once for each combination of what ``each`` lists."""
    names = list(thing.each)
    for values in itertools.product(*(thing.each[name] for name in names)):
        yield {**_usual(target), **thing.arguments, **dict(zip(names, values, strict=True))}


def places(target: Target, kind: str) -> set[str]:
    """The words that a request can carry."""
    return set(names_in(target.requests[kind].model_dump()))


def parents(target: Target) -> set[str]:
    """Ids of things within which another one can be made: not of those that come with a session or a user, which are always named."""
    return {thing.id for thing in target.things.values() if thing.made_by is None}


def _usual(target: Target) -> dict[str, object]:
    """Arguments that a request may need and that say nothing about whose thing it is."""
    words: dict[str, object] = {"work": RequestKind.NOOP, "sequence": 0, "text": "something new", "milliseconds": 1}
    if target.words.agent_types:
        words["agent_type"] = target.words.agent_types[0]
    return words


def _kinds(target: Target, name: str, thing: Thing) -> list[str]:
    """The requests that are doors to a kind of thing, each to one kind of thing for each word of an id."""
    same_id = {other: one for other, one in target.things.items() if other != name and one.id == thing.id}
    first = list(target.things).index(name)
    before = {other for other in same_id if list(target.things).index(other) < first}
    taken = {kind for one in same_id.values() for kind in _roles(one)}
    taken |= {kind for other in before for kind in same_id[other].requests()}
    named = [kind for kind in thing.requests() if kind in _roles(thing) or kind not in taken]
    everywhere = {kind for one in target.things.values() for kind in one.requests()}
    others = [kind for kind in target.requests if kind not in everywhere and thing.id in places(target, kind)]
    if before:
        others = []
    return [kind for kind in (*named, *others) if kind not in _ENDS_THE_CALLER and kind in target.requests]


def _roles(thing: Thing) -> set[str]:
    """The requests that a thing names for one purpose."""
    return set(filter(None, (thing.make, thing.look, thing.listing, thing.change, thing.remove, thing.subscribe)))


def _of_thing(target: Target, name: str, kinds: list[str], words: dict[str, object], first: bool) -> Iterator[Door]:
    thing = target.things[name]
    for kind in kinds:
        has = places(target, kind)
        makes = kind == thing.make
        if makes and thing.id not in has:
            continue  # it always makes a thing of its own
        more = ", ".join(str(words[word]) for word in thing.each)
        yield Door(
            name=f"{kind} ({more})" if more else kind,
            thing=name,
            kind=kind,
            words=words,
            has_id=thing.id in has,
            names_owner=OF in has,
            lists=kind == thing.listing,
            changes=kind in (thing.change, thing.remove) or makes,
            removes=kind == thing.remove,
            subscribes=kind == thing.subscribe,
            administrators=kind in thing.administrators,
            thorough=first,
        )
