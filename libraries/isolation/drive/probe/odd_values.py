"""One user sends odd and large values, one at a time, while others ask for the cheapest answer again and again."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.probe.callers import Caller
from isolation.drive.probe.oddities import ODD, OddValue, odd_values
from isolation.drive.probe.things.holder import Held, Holder
from isolation.drive.probe.things.plan import places, variants
from isolation.drive.session.access import Access
from isolation.drive.session.opening import SessionError
from isolation.record import Outcome
from isolation.record.resource_isolation.odd_values import OddTry, OddValuesRecord
from isolation.target.model import Target, Thing
from isolation.target.words import RequestKind

_MOST = 400
_PAUSE_S, _OWN_LOOK_S = 0.015, 0.005
_ANSWER_S = 10.0
_ODD_ANSWER_S = 3.0
_CALM_S, _CALM_AGAIN_S = 1.0, 0.4
_LONG_S = 0.5
"""A wait of others that is worth another look."""
_TIMES = 3
_FEW, _LONGER = 4, 3.0
_CONTENT = 20_000
"""Characters of the own things that are read in odd ways; state of the reference platform takes 64 KiB."""
_ENOUGH_S = 1.5
"""One value that holds everybody up so long each time is enough: nobody has to be held up further."""


@dataclass(slots=True)
class _Waits:
    """What others waited, and how late this process itself was: (begin, end) in seconds, monotonic clock."""

    waits: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=20_000))
    late: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=20_000))
    open: dict[str, float] = field(default_factory=dict)
    answered: int = 0

    def longest(self, begin: float, end: float) -> float:
        """The longest wait that reached into a stretch of time, without what this process itself was late."""
        pending = [(first, time.monotonic()) for first in self.open.values()]
        waited = max(
            (last - first for first, last in (*self.waits, *pending) if last > begin and first < end), default=0.0
        )
        own = max((last - first for first, last in self.late if last > begin and first < end), default=0.0)
        return max(0.0, waited - own)


class OddValues:
    """Tries them; see the module."""

    def __init__(self, target: Target, access: Access, caller: TenantAgent, others: Sequence[TenantAgent]) -> None:
        """Take who sends them and who is served meanwhile.

        Args:
            target: The description.
            access: Where the platform is.
            caller: Sends odd values.
            others: Users of other tenants.
        """
        allowed = target.limits.requests_per_minute
        self._values = odd_values(target, _MOST if allowed is None else max(1, allowed // 2))
        requests = {f"{ODD}_{number}": value.template for number, value in enumerate(self._values)}
        with_odd = target.model_copy(update={"requests": {**target.requests, **requests}})
        self._access = Access(with_odd, access.doors, access.secrets)
        self._target = target
        self._pause_s = _PAUSE_S if allowed is None else max(_PAUSE_S, 60.0 / allowed)
        self._caller = Caller(caller, self._access)
        self._others = [Caller(other, self._access) for other in others]
        self._waits = _Waits()
        self._calm: list[float] = []

    async def attempt(self, seconds: float) -> OddValuesRecord:
        """Try as many as there is time for."""
        everybody = [self._caller, *self._others]
        background: list[asyncio.Task[None]] = []
        tries: list[OddTry] = []
        try:
            await asyncio.gather(*(one.open() for one in everybody))
            words = await self._own_things()
            background = [asyncio.create_task(self._ping(one)) for one in self._others]
            background.append(asyncio.create_task(self._look_at_the_own_clock()))
            await self._calm_for(_CALM_S)
            began = time.monotonic()
            places = len({(value.request, value.place) for value in self._values})
            for number, value in enumerate(self._values):
                stalled = any(len(one.waits_s) == _TIMES and min(one.waits_s) > _ENOUGH_S for one in tries)
                # Each place gets a few values, also where everything takes longer.
                enough_s = _LONGER * seconds if number < _FEW * places else seconds
                if time.monotonic() - began > enough_s or stalled:
                    break
                tries.append(await self._try(f"{ODD}_{number}", value, words))
            await self._calm_for(_CALM_AGAIN_S)
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await asyncio.gather(*(one.close() for one in everybody), return_exceptions=True)
            await self._access.close()
        names = tuple(one.person.name for one in self._others)
        left_out = len(self._values) - len(tries)
        return OddValuesRecord(
            self._caller.person.name, names, tries, tuple(self._calm), self._waits.answered, left_out
        )

    async def _try(self, kind: str, value: OddValue, words: dict[str, object]) -> OddTry:
        waits: list[float] = []
        outcome, took = "", 0.0
        for number in range(_TIMES):
            begin = time.monotonic()
            ended = await self._send(kind, {**words, ODD: value.value})
            end = time.monotonic()
            if number == 0:
                outcome, took = ended, end - begin
            await self._until_served()
            waits.append(self._waits.longest(begin, end))
            if waits[-1] < _LONG_S:
                break
            if number < _TIMES - 1:
                await self._calm_for(_CALM_AGAIN_S)
        return OddTry(value.request, value.place, value.oddity, value.size, outcome, took, tuple(waits))

    async def _until_served(self) -> None:
        """Until nobody waits any more who waited when the odd value was answered, or for long enough to know."""
        asked, until = dict(self._waits.open), time.monotonic() + _ANSWER_S
        while time.monotonic() < until and any(self._waits.open.get(name) == begin for name, begin in asked.items()):
            await asyncio.sleep(_OWN_LOOK_S)

    async def _send(self, kind: str, words: dict[str, object]) -> str:
        session = self._caller.session
        if not session.is_open:
            try:
                await self._caller.reconnect()
            except SessionError:
                return "not connected"
            session = self._caller.session
        try:
            operation = await session.request(kind, words, _ODD_ANSWER_S)
        except Exception as error:  # noqa: BLE001 - a value that cannot be sent has held up nobody
            return f"not sent: {type(error).__name__}"
        return str(operation.outcome)

    async def _own_things(self) -> dict[str, object]:
        """One thing of each kind, so that requests reach something; and usual arguments."""
        words: dict[str, object] = {}
        for name, thing in self._target.things.items():
            usual = next(iter(variants(self._target, thing)), {})
            words = {**usual, **words}
            if thing.made_by is None and thing.make is not None and thing.remove != RequestKind.CANCEL:
                held: Held | None = await Holder(self._access, name, usual, self._caller).make("odd-thing")
                if held is not None:
                    words = {**held.words, **words, thing.id: held.id}
                    await self._fill(thing, {**usual, thing.id: held.id})
        return words

    async def _fill(self, thing: Thing, words: dict[str, object]) -> None:
        """What is large itself is worth many pieces; a platform that does not take it keeps what it has."""
        if thing.change is not None and thing.content in places(self._target, thing.change):
            await self._caller.session.request(thing.change, {**words, thing.content: "x" * _CONTENT}, _ANSWER_S)

    async def _calm_for(self, seconds: float) -> None:
        begin = time.monotonic()
        await asyncio.sleep(seconds)
        self._calm.append(self._waits.longest(begin, time.monotonic()))

    async def _ping(self, caller: Caller) -> None:
        kind = RequestKind.PING if RequestKind.PING in self._target.requests else RequestKind.NOOP
        while True:
            begin = self._waits.open[caller.person.name] = time.monotonic()
            try:
                if not caller.session.is_open:
                    await caller.reconnect()
                operation = await caller.session.request(kind, {}, _ANSWER_S)
                self._waits.answered += operation.outcome is Outcome.ANSWERED
            except SessionError:
                pass
            del self._waits.open[caller.person.name]
            self._waits.waits.append((begin, time.monotonic()))
            await asyncio.sleep(self._pause_s)

    async def _look_at_the_own_clock(self) -> None:
        while True:
            begin = time.monotonic() + _OWN_LOOK_S
            await asyncio.sleep(_OWN_LOOK_S)
            self._waits.late.append((begin, time.monotonic()))
