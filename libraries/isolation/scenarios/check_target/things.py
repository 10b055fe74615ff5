"""Going through the things of a target: made, seen, listed by their owner, asked for by a stranger, removed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from isolation.record import Operation
from isolation.scenarios.check_target.report import CheckReport
from isolation.scenarios.check_target.seen import SeenSession
from isolation.target.model import Target, Thing
from isolation.target.placeholders import names_in
from isolation.target.words import RequestKind

_ENDLESS = (RequestKind.NEVER_ENDING, RequestKind.ENDLESS_LOOP)


class ThingWalk:
    """Tries each thing once.

    Args:
        owner: Who makes things.
        stranger: Somebody of another tenant.
        within_s: How long an answer may take.
        report: Takes what was found.
    """

    def __init__(
        self, target: Target, owner: SeenSession, stranger: SeenSession, within_s: float, report: CheckReport
    ) -> None:
        """Try nothing yet."""
        self._target, self._owner, self._stranger = target, owner, stranger
        self._within, self._report = within_s, report

    async def go(self, name: str, thing: Thing) -> None:
        """Try one thing with the first value of each word of ``each``."""
        own_id = f"check-{uuid.uuid4().hex[:8]}"
        words: dict[str, object] = {word: values[0] for word, values in thing.each.items() if values}
        words.update(thing.arguments)
        words[thing.content] = f"check {own_id}"
        if thing.made_by is not None:
            words[thing.id] = self._owner.words.get(thing.id) or ""
        elif thing.make is not None:
            if thing.make in _ENDLESS:
                self._report.note(f"{name}: '{thing.make}' never ends; it is tried when a suite runs")
                return
            if not await self._make(name, thing, words, own_id):
                return
        if not words.get(thing.id):
            self._report.trouble(f"{name}: no answer and no step gave the word '{thing.id}', so nobody knows its id")
            return
        await self._look(name, thing, words)

    async def _make(self, name: str, thing: Thing, words: dict[str, object], own_id: str) -> bool:
        """Make one; the platform gives the id, or the suite chooses it."""
        assert thing.make is not None
        made: Operation | None = None
        for way in self._target.ids_of(thing):
            given = {**words, thing.id: own_id} if way == "chosen" else words
            made = await self._ask(self._owner, thing.make, given)
            if made is not None and made.answered:
                words[thing.id] = made.kept.get(thing.id) or given.get(thing.id) or ""
                return True
        self._report.trouble(f"{name}: its owner cannot make one by '{thing.make}' ({_outcome(made)})")
        return False

    async def _look(self, name: str, thing: Thing, words: Mapping[str, object]) -> None:
        if thing.look is not None:
            own = await self._ask(self._owner, thing.look, words)
            foreign = await self._ask(self._stranger, thing.look, {**words, "of": self._owner.agent.user_id})
            if own is None or not own.answered:
                self._report.trouble(f"{name}: its owner cannot see it by '{thing.look}' ({_outcome(own)})")
            else:
                self._report.works(f"{name}: made and seen by its owner; another tenant got: {_outcome(foreign)}")
        else:
            self._report.works(f"{name}: there is one; no request looks at it alone")
        for key, request in (("list", thing.listing), ("remove", thing.remove)):
            if request is None or (key == "remove" and thing.made_by is not None):
                continue
            done = await self._ask(self._owner, request, words)
            if done is None or not done.answered:
                self._report.trouble(f"{name}: its owner cannot {key} by '{request}' ({_outcome(done)})")

    async def _ask(self, session: SeenSession, kind: str, words: Mapping[str, object]) -> Operation | None:
        needed = set(names_in(self._dumped(kind)))
        if not session.can_ask(kind) or not session.is_open:
            return None
        return await session.request(kind, {name: words[name] for name in words if name in needed}, self._within)

    def _dumped(self, kind: str) -> object:
        return self._target.requests[kind].model_dump() if kind in self._target.requests else {}


def _outcome(operation: Operation | None) -> str:
    if operation is None:
        return "not asked"
    return f"{operation.outcome.value}{f' {operation.code}' if operation.code else ''}"
