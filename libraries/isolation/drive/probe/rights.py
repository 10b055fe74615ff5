"""Rights that end while sessions are open: what its user had is tried again, and what everybody else has too.

Each user of a trial has an open session, a listener, a session that was cut and can be resumed, and work that runs. All of
it is seen to work first. Then the right ends. What is tried after the stated time must be over for whoever lost the right
and as before for everybody else, among them the same user with another right where there is such a thing.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.probe.callers import Caller
from isolation.drive.probe.things.holder import Held, Holder
from isolation.drive.probe.things.plan import Door, doors_of, variants
from isolation.drive.session.access import Access
from isolation.drive.session.opening import SessionError
from isolation.drive.steps.runner import StepFailed
from isolation.record import Direction, Operation, Outcome
from isolation.record.concurrent_startup.rights import Aspect, RightTrial
from isolation.target.words import OperatorOperation, RequestKind

_Seen = TypeVar("_Seen")
_HEARD_S = 0.4
_LOOK_EVERY_S = 0.02
_ANSWER_S = 3.0
_NOTICED_S = 0.2
_LOSERS_WORK = (RequestKind.ENDLESS_LOOP, RequestKind.CPU, RequestKind.MEMORY)
_OTHERS_WORK = (RequestKind.MEMORY, RequestKind.CPU)
_BY_STEPS = "rights revoked"
WAYS: Mapping[str, OperatorOperation] = {
    "role taken": OperatorOperation.REVOKE_ROLE,
    "token revoked": OperatorOperation.REVOKE_TOKEN,
    "session logged out": OperatorOperation.LOG_OUT,
    "user removed": OperatorOperation.REMOVE_USER,
    "tenant suspended": OperatorOperation.SUSPEND_TENANT,
}
"""How an operator can end rights, in the order in which they are tried."""
WHOLE_TENANT, LOGGED_OUT = "tenant suspended", "session logged out"
_OTHER_ROLE, _OTHER_TOKEN = ("role taken",), ("token revoked", "session logged out")
"""Ways that leave the same user another right: in another role, or by another token."""


@dataclass(frozen=True, slots=True)
class RightsGroup:
    """Who takes part in ending a right in one way.

    Attributes:
        way: How it is ended.
        losers: Whose right is ended; the order is about the first of them.
        spares: The same user with another right.
        others: Other users, of the same tenant and of others.
    """

    way: str
    losers: list[TenantAgent]
    spares: list[TenantAgent]
    others: list[TenantAgent]


class CannotEnd(Exception):
    """The right could not be ended; the sentence says why."""


@dataclass(slots=True)
class Having:
    """What one user has.

    Attributes:
        main: An open session.
        loses: Whether its right will be ended.
        listener: A second session that is subscribed to something of the user's.
        cut: The id of a session that was cut.
        work: A request that is being worked on.
        before: What was seen to work.
        ended_s: How long after the order an aspect was seen to have ended.
    """

    person: TenantAgent
    main: Caller
    loses: bool
    listener: Caller | None = None
    heard: tuple[Holder, Held] | None = None
    cut: str = ""
    work: asyncio.Future[Operation] | None = None
    before: set[Aspect] = field(default_factory=set)
    ended_s: dict[Aspect, float] = field(default_factory=dict)


class RightsTrial:
    """One way to end a right."""

    def __init__(self, access: Access, way: str, stated_s: float) -> None:
        """Nothing has been opened.

        Args:
            access: The way to the target.
            way: How the right will be ended.
            stated_s: After how long the platform says that it has ended everywhere.
        """
        self._access = access
        self._target = access.target
        self.way = way
        self.is_over = False
        """Whether the right has been ended."""
        self._stated_s = stated_s
        self._doors = doors_of(access.target)
        self._all: list[Having] = []
        self._callers: list[Caller] = []

    @property
    def is_ready(self) -> bool:
        """Whether everybody has what will be tried again."""
        return bool(self._all)

    async def gather(self, losers: Sequence[TenantAgent], spared: Sequence[TenantAgent]) -> None:
        """Let everybody have everything, and see that it works.

        Raises:
            SessionError: Somebody is not let in.
        """
        people = (*losers, *spared)
        self._all = await user_by_user(people, lambda person: self._having(person, person in losers))
        await asyncio.gather(*(self._work(one) for one in self._all))

    async def end(self) -> None:
        """Let everybody's work begin, end the right, and watch until the stated time is over.

        Raises:
            CannotEnd: The platform does not do it.
        """
        began = time.monotonic()
        await self._order(self._all[0])
        watched = [one for one in self._all if one.loses]
        while time.monotonic() - began < self._stated_s:
            for one in watched:
                if Aspect.SESSION not in one.ended_s and not one.main.session.is_open:
                    one.ended_s[Aspect.SESSION] = time.monotonic() - began
            await asyncio.sleep(_LOOK_EVERY_S)
        self.is_over = True

    async def try_again(self) -> list[RightTrial]:
        """Try everything again."""
        spares = [one for one in self._all if not one.loses and self._is_spare(one)]
        by_person = {id(one.person): one for one in self._all}

        async def again(person: TenantAgent) -> list[RightTrial]:
            one = by_person[id(person)]
            return await self._try_again(one, spares[0] if spares and spares[0] is not one else None)

        nested = await user_by_user([one.person for one in self._all], again)
        return [trial for trials in nested for trial in trials]

    async def _try_again(self, one: Having, spare: Having | None) -> list[RightTrial]:
        seen = {
            Aspect.SESSION: await _is_served(one.main, self._ping),
            Aspect.SUBSCRIPTION: await self._still_hears(one, (spare or self._colleague(one)) if one.loses else one),
            Aspect.RESUMPTION: await self._can_resume(one, spare if one.loses else one),
            Aspect.WORK: await self._goes_on(one),
            Aspect.ADMISSION: await is_let_in(one.person, self._access),
        }
        return [
            RightTrial(
                self.way, aspect, one.person.name, one.person.user_id, one.loses, aspect in one.before, after,
                one.ended_s.get(aspect),
            )
            for aspect, after in seen.items()
        ]  # fmt: skip

    async def close(self) -> None:
        """End every session."""
        await asyncio.gather(*(one.close() for one in self._callers), return_exceptions=True)

    # before

    async def _having(self, person: TenantAgent, loses: bool) -> Having:
        one = Having(person, await self._open(person), loses)
        if await _is_served(one.main, self._ping):
            one.before |= {Aspect.SESSION, Aspect.ADMISSION}
        await self._listen(one)
        await self._cut(one)
        return one

    async def _listen(self, one: Having) -> None:
        """A second session is told of something that the first one does."""
        for door in self._doors:
            if not door.subscribes:
                continue
            words = next(iter(variants(self._target, self._target.things[door.thing])))
            holder = Holder(self._access, door.thing, words, one.main)
            held = await holder.make(f"heard-by-{one.person.name}")
            if held is None:
                continue
            listener = await self._open(one.person)
            await listener.ask(door.kind, **holder.arguments(door, held))
            one.listener, one.heard = listener, (holder, held)
            if await self._news(one, one.main):
                one.before.add(Aspect.SUBSCRIPTION)
                return

    async def _cut(self, one: Having) -> None:
        """A session is cut and could be resumed, as another one of the same user is."""
        if RequestKind.SESSION_RESUME not in self._target.requests:
            return
        ids = []
        for _ in range(2):
            caller = await self._open(one.person)
            await caller.ask(self._ping)
            ids.append(caller.opening.session_id if caller.opening is not None else "")
            await caller.session.abort()
        await asyncio.sleep(_NOTICED_S)
        reply = await one.main.ask(RequestKind.SESSION_RESUME, session=ids[0], sequence=0)
        one.cut = ids[1]
        if reply.outcome is Outcome.ANSWERED and one.cut:
            one.before.add(Aspect.RESUMPTION)

    async def _work(self, one: Having) -> None:
        """Something long: whoever loses its right calculates, which shows in its process; the others only wait."""
        kinds = _LOSERS_WORK if one.loses else _OTHERS_WORK
        kind = next((kind for kind in kinds if kind in self._target.requests), None)
        if kind is None:
            return
        seconds = self._stated_s + _ANSWER_S
        number = one.main.next_id()
        words = {"megabytes": 1, "seconds": int(seconds) + 1, "milliseconds": int(1000 * seconds)}
        one.work = one.main.session.start(kind, words, correlation_id=number)
        await self._taken_up(one, number)
        if not one.work.done() and one.main.session.is_taken_up(number):
            one.before.add(Aspect.WORK)
        if one.loses and RequestKind.SESSION_RESUME in self._target.requests:
            await self._take_over(one, kind, words)

    async def _taken_up(self, one: Having, number: str) -> None:
        """Until the work has begun; of somebody whose work may wait for another one's, only for a moment."""
        until = time.monotonic() + (_ANSWER_S if one.loses else _NOTICED_S)
        while time.monotonic() < until and not one.main.session.is_taken_up(number):
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _take_over(self, one: Having, kind: str, words: Mapping[str, object]) -> None:
        """The same work once more: it waits for the first one, its session is cut, and the open session resumes that.

        It has to end with the right too, although the session that asked for it is gone and its turn has not come.
        """
        asking = await self._open(one.person)
        asking.session.start(kind, words, correlation_id=asking.next_id())
        await asyncio.sleep(_NOTICED_S)
        await asking.session.abort()
        await asyncio.sleep(_NOTICED_S)
        session_id = asking.opening.session_id if asking.opening is not None else ""
        await one.main.ask(RequestKind.SESSION_RESUME, session=session_id, sequence=0)

    # the end

    async def _order(self, one: Having) -> None:
        words = {**one.person.words, "token_id": token_id_of(one.person.token)}
        words["session"] = one.main.opening.session_id if one.main.opening is not None else ""
        try:
            if self.way == _BY_STEPS:
                await self._access.steps.run(self._target.tenants.revoke, words, "tenants.revoke")
            else:
                operation = WAYS[self.way]
                await self._access.steps.run([self._target.operator[operation]], words, f"operator.{operation}")
        except StepFailed as error:
            raise CannotEnd(str(error)) from None

    # after

    async def _still_hears(self, one: Having, actor: Having | None) -> bool | None:
        if one.listener is None:
            return None
        if actor is None:
            return False if not one.listener.session.is_open else None
        return await self._news(one, actor.main)

    async def _news(self, one: Having, actor: Caller) -> bool:
        """Whether the listener is told of what somebody does with the thing."""
        assert one.listener is not None and one.heard is not None
        holder, held = one.heard
        one.listener.log.take()
        for door in self._doors:
            if _acts(door, holder.name):
                await actor.ask(door.kind, **holder.arguments(door, held))
        await asyncio.sleep(_HEARD_S)
        frames = [f.data for f in one.listener.log.take() if f.direction is Direction.RECEIVED and f.kind == "message"]
        return any(held.id.encode() in data for data in frames)

    async def _can_resume(self, one: Having, actor: Having | None) -> bool | None:
        if not one.cut:
            return None
        if actor is not None:
            reply = await actor.main.ask(RequestKind.SESSION_RESUME, session=one.cut, sequence=0)
            return reply.outcome is Outcome.ANSWERED
        try:
            caller = await self._open(one.person)
        except SessionError:
            return False
        reply = await caller.ask(RequestKind.SESSION_RESUME, session=one.cut, sequence=0)
        return reply.outcome is Outcome.ANSWERED

    async def _goes_on(self, one: Having) -> bool | None:
        """Whether work was answered; of somebody who is told nothing any more, its process has to show it."""
        if one.work is None:
            return None
        if one.loses:
            ended = one.work.result().outcome if one.work.done() else Outcome.LOST
            return None if ended is Outcome.LOST else ended is Outcome.ANSWERED
        await asyncio.wait([one.work], timeout=self._stated_s + 2 * _ANSWER_S)
        return one.work.done() and one.work.result().answered

    def _colleague(self, one: Having) -> Having | None:
        """Somebody else who may change what the listener listens to: a colleague, where a tenant owns it together."""
        if one.heard is None or self._target.things[one.heard[0].name].owner != "tenant":
            return None
        tenant = one.person.tenant_id
        return next((other for other in self._all if not other.loses and other.person.tenant_id == tenant), None)

    def _is_spare(self, one: Having) -> bool:
        return one.person.user_id == self._all[0].person.user_id

    async def _open(self, person: TenantAgent) -> Caller:
        caller = await Caller(person, self._access).open()
        self._callers.append(caller)
        return caller

    @property
    def _ping(self) -> str:
        return _ping_of(self._access)


def ways_of(access: Access) -> list[str]:
    """The ways in which rights can be ended on a target."""
    offered = [way for way, operation in WAYS.items() if operation in access.target.operator]
    return [*offered, *([_BY_STEPS] if access.target.tenants.revoke else [])]


def spare_of(person: TenantAgent, way: str, roles: Iterable[str]) -> TenantAgent | None:
    """The same user with a right that this way leaves alone, still without its credential; None where there is none."""
    name = f"{person.name}.other"
    if way in _OTHER_TOKEN:
        return replace(person, name=name)
    other = next((role for role in roles if role != person.role), None)
    return replace(person, name=name, role=other) if way in _OTHER_ROLE and other is not None else None


async def is_let_in(person: TenantAgent, access: Access) -> bool:
    """Whether somebody is let in and served with the credential it has."""
    caller = Caller(person, access)
    try:
        await caller.open()
        return await _is_served(caller, _ping_of(access))
    except SessionError:
        return False
    finally:
        await caller.close()


def _ping_of(access: Access) -> str:
    return RequestKind.PING if RequestKind.PING in access.target.requests else RequestKind.NOOP


def _acts(door: Door, thing: str) -> bool:
    return door.thing == thing and door.has_id and not (door.removes or door.subscribes or door.lists)


async def user_by_user(people: Sequence[TenantAgent], act: Callable[[TenantAgent], Awaitable[_Seen]]) -> list[_Seen]:
    """Do something for everybody: for different users at the same time, for one user after the other; results in order."""
    found: dict[int, _Seen] = {}

    async def in_turn(own: list[int]) -> None:
        for place in own:
            found[place] = await act(people[place])

    by_user: dict[str, list[int]] = {}
    for place, person in enumerate(people):
        by_user.setdefault(person.user_id, []).append(place)
    await asyncio.gather(*(in_turn(own) for own in by_user.values()))
    return [found[place] for place in range(len(people))]


async def _is_served(caller: Caller, kind: str) -> bool:
    if not caller.session.is_open:
        return False
    return (await caller.ask(kind)).outcome is Outcome.ANSWERED


def token_id_of(token: str) -> str:
    """The id of a token that has one; empty otherwise."""
    part = [*token.split("."), "", ""][1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, UnicodeDecodeError):
        return ""
    return str(claims.get("jti") or "") if isinstance(claims, dict) else ""
