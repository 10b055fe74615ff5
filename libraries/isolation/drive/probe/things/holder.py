"""An owner's things: made anew for every door, looked at, and addressed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from isolation.drive.probe.callers import Caller, Reply
from isolation.drive.probe.things.plan import OF, Door, places
from isolation.drive.session.access import Access
from isolation.drive.session.opening import SessionError
from isolation.record import Operation, Outcome
from isolation.target.model import Thing
from isolation.target.words import Kept, RequestKind

_OF_THE_ANSWER = {Kept.EVENT, Kept.SEQUENCE, Kept.SERVICE_MILLISECONDS, Kept.NONCE, Kept.CACHED}
"""What an answer says of itself and not of the thing."""
_BEGINS_WITHIN_S = 1.0
_LOOK_EVERY_S = 0.005
_NOTICED_S = 0.1
"""How long a platform has to notice that a connection was dropped."""
NEW_CONTENT = "something new"
"""What somebody puts into a thing that changes it."""
Looks = dict[str, object]
"""What an owner sees of a thing, by a name of each piece."""


@dataclass(frozen=True, slots=True)
class Held:
    """A thing that somebody has, or that nobody has.

    Attributes:
        content: A text that it holds and that nothing else holds; empty for a thing of nobody.
        given: Whether the platform has given the id; else its owner chose it.
        words: Further ids that came with it.
        running: The request that it is, when it is one that runs.
    """

    id: str
    content: str = field(default="", repr=False)
    given: bool = True
    words: Mapping[str, object] = field(default_factory=dict)
    running: asyncio.Future[Operation] | None = None
    session: Caller | None = None


class Holder:
    """Makes things of one kind for one owner."""

    def __init__(self, access: Access, name: str, words: Mapping[str, object], owner: Caller) -> None:
        """Nothing is made yet.

        Args:
            access: The way to the target.
            name: What kind of thing.
            words: Arguments that are the same for every caller.
            owner: Whose.
        """
        self._access = access
        self._target = access.target
        self.name = name
        self.words = dict(words)
        self.owner = owner
        self._sessions: list[Caller] = []

    @property
    def thing(self) -> Thing:
        """What the file says of it."""
        return self._target.things[self.name]

    async def make(self, name: str) -> Held | None:
        """Make a fresh thing.

        Args:
            name: Its id, where the owner chooses ids.

        Returns:
            The thing, or None when the platform does not let its owner make one.
        """
        thing = self.thing
        if thing.made_by == "session.open":
            return await self._session()
        if thing.made_by is not None or thing.make is None:
            own = self.owner.session.words.get(thing.id)
            return Held(str(own)) if own is not None else None
        if thing.remove == RequestKind.CANCEL:
            return await self._running(thing.make)
        return await self._asked(thing, name)

    def arguments(self, door: Door, held: Held, owner: str | None = None) -> dict[str, object]:
        """The arguments of a request for a thing; ``owner`` names whose it is where the request can say it."""
        words: dict[str, object] = {**self.words, **door.words}
        if door.changes:
            words[self.thing.content] = NEW_CONTENT
        if door.has_id:
            words[self.thing.id] = held.id
        if door.names_owner and owner is not None:
            words[OF] = owner
        return words

    async def look(self, held: Held) -> Looks:
        """What the owner sees of a thing by every request that shows it."""
        seen: Looks = {}
        if held.running is not None:
            seen["running"] = not held.running.done()
        if held.session is not None:
            seen["session open"] = held.session.session.is_open
        for kind in self._looks():
            reply = await self.owner.ask(kind, **{**self.words, self.thing.id: held.id})
            seen[f"{kind} outcome"] = (reply.outcome, reply.code)
            seen[f"{kind} looks"] = reply.looks
            seen[f"{kind} content"] = reply.shows(held.content)
            seen |= {f"{kind} {word}": value for word, value in of_the_thing(reply).items()}
        if (listing := self.thing.listing) is not None and held.running is None and held.session is None:
            seen["listed"] = (await self.owner.ask(listing, **self.words)).shows(held.id)
        return seen

    async def steady_look(self, held: Held) -> Looks:
        """What two looks agree on: what changes by itself shows nothing."""
        first, second = await self.look(held), await self.look(held)
        return {name: value for name, value in first.items() if name in second and second[name] == value}

    async def cut(self, held: Held) -> Held:
        """Drop the connection of a thing that is a session."""
        if held.session is not None:
            await held.session.session.abort()
            await asyncio.sleep(_NOTICED_S)
        return held

    async def close(self) -> None:
        """End the sessions that were opened for it."""
        sessions, self._sessions = self._sessions, []
        await asyncio.gather(*(one.close() for one in sessions), return_exceptions=True)

    def _looks(self) -> list[str]:
        """Every request that shows a thing with this kind of id."""
        things = [one for one in self._target.things.values() if one.id == self.thing.id]
        kinds = [one.look for one in things if one.look is not None and self.thing.id in places(self._target, one.look)]
        return list(dict.fromkeys(kinds))

    async def _session(self) -> Held | None:
        try:
            caller = await Caller(self.owner.person, self._access).open()
        except SessionError:
            return None
        self._sessions.append(caller)
        opening = caller.opening
        own = caller.session.words.get(self.thing.id) or (opening.session_id if opening is not None else "")
        return Held(str(own), session=caller) if own else None

    async def _running(self, make: str) -> Held | None:
        number = self.owner.next_id()
        running = self.owner.session.start(make, {**self.words, "seconds": 30}, correlation_id=number)
        end = asyncio.get_running_loop().time() + _BEGINS_WITHIN_S
        while not self.owner.session.is_taken_up(number) and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(_LOOK_EVERY_S)
        return None if running.done() else Held(self.owner.session.given_id(number), running=running)

    async def _asked(self, thing: Thing, name: str) -> Held | None:
        assert thing.make is not None
        content = f"kept {uuid.uuid4().hex}"
        words = {**self.words, thing.content: content}
        chosen = thing.id in places(self._target, thing.make)
        reply = await self.owner.ask(thing.make, **{**words, **({thing.id: name} if chosen else {})})
        if chosen and reply.outcome is not Outcome.ANSWERED:
            reply = await self.owner.ask(thing.make, **words)  # only a thing that is there already can be named
            chosen = False
        if reply.outcome is not Outcome.ANSWERED:
            return None
        return self._held(reply, name if chosen else "", content)

    def _held(self, reply: Reply, name: str, content: str) -> Held | None:
        given = reply.result.get(self.thing.id)
        if given is None and not name:
            return None
        own = str(given) if given is not None else name
        others = {one.id for one in self._target.things.values()} - {self.thing.id}
        further = {word: value for word, value in reply.result.items() if word in others}
        return Held(own, content, given is not None and own != name, further)


def of_the_thing(reply: Reply) -> dict[str, object]:
    """What an answer keeps, without what it says of itself; lists in one order, for most platforms promise none."""
    kept = {word: value for word, value in reply.result.items() if word not in _OF_THE_ANSWER}
    return {word: sorted(value, key=repr) if isinstance(value, list) else value for word, value in kept.items()}


def renamed(held: Held, other: str) -> Held:
    """The same kind of thing with the id of somebody else, or of nobody."""
    return replace(held, id=other, content="", running=None, session=None)
