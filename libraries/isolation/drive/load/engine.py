"""The load engine: holds the sessions and runs the load, in a process of its own (see ``worker``)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import psutil

from isolation.drive.load.campaign import CampaignPlan, CampaignRecord, run_campaign
from isolation.drive.load.plans import Stream, run_plan, schedule
from isolation.drive.load.registry_traffic import TrafficPlan, run_traffic
from isolation.drive.load.together import Left, Part, Ready, Start
from isolation.drive.load.whereabouts import Whereabouts, unreachable
from isolation.drive.platform.identities import Person, make_users, remove_users, revoke_rights
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.session.access import Access
from isolation.drive.session.opening import FrameLog, Opening, SessionError
from isolation.drive.session.pending import Countdown, PendingRequest
from isolation.drive.session.request_ids import equal_ids
from isolation.drive.session.session import Session
from isolation.drive.timing.collector import CollectorAtRest
from isolation.record import Frame, Operation
from isolation.record.traffic.asked import RequestRecord
from isolation.target.model import Target

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class ConnectOptions:
    """How agents connect.

    Attributes:
        at_once: Handshakes at a time.
        attempts: Tries for each agent.
        first_pause_s: Pause after the first failed try, in seconds; it doubles with each further one.
        timeout_s: Seconds for one try.
        equal_ids: Whether the session counts its requests from 1, as every other one: the ids of all tenants collide.
        together: Whether one engine holds all sessions, also where there are several: their times are compared closely.
    """

    at_once: int = 10
    attempts: int = 3
    first_pause_s: float = 0.2
    timeout_s: float = 10.0
    equal_ids: bool = False
    together: bool = False


@dataclass(frozen=True, slots=True)
class Connected:
    """What became of connecting one agent: an opening, or why not and at which step (``connect`` or ``authenticate``)."""

    name: str
    opening: Opening | None
    reason: str = ""
    broke_at: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to make: who asks, what for, with which arguments."""

    tenant: str
    kind: str
    arguments: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SessionState:
    """How a session stands.

    Attributes:
        is_open: Whether the connection stands.
        close_code: How it was closed, or None.
        stray_answers: Answers to nothing that was asked.
        received: Messages received since it was opened.
        foreign_frames: Frames that named another owner.
        trouble: What went wrong with the steps after the session, in words.
    """

    name: str
    is_open: bool
    close_code: int | None
    stray_answers: int
    received: int
    foreign_frames: int = 0
    trouble: str = ""


@dataclass(slots=True)
class _RunningLoad:
    task: asyncio.Task[list[Operation]]
    stop: asyncio.Event


class Engine:
    """Sessions and load; every ``async`` method can be called through a ``Worker``."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        """Start empty."""
        # A collection in the middle of a burst would be measured as the target's latency.
        self._at_rest = CollectorAtRest()
        self._progress = progress
        self._sessions: dict[str, Session] = {}
        self._loads: dict[str, _RunningLoad] = {}
        self._ready: dict[int, list[tuple[Session, PendingRequest]]] = {}
        self._made_ready = 0
        self._log = FrameLog()
        self._access: Access | None = None

    async def prepare(self, target: Target, doors: dict[str, str], secrets: dict[str, str]) -> None:
        """Take the description of the target.

        Args:
            secrets: Secrets by word; they stay in this process.

        Raises:
            SettingsError: When the target's adapter cannot be loaded.
        """
        self._access = Access(target, doors, secrets)

    async def make_users(self, people: list[Person]) -> list[TenantAgent]:
        """Make users by the target file's steps; see ``identities``."""
        return await make_users(self._target.target, self._target.steps, people)

    async def remove_users(self, people: list[Person | TenantAgent]) -> dict[str, str]:
        """Take users away again; see ``identities``."""
        return await remove_users(self._target.target, self._target.steps, people)

    async def revoke_rights(self, agent: TenantAgent) -> None:
        """Take a user's rights away while its sessions are open."""
        await revoke_rights(self._target.target, self._target.steps, agent)

    async def connect(self, agents: list[TenantAgent], options: ConnectOptions) -> list[Connected]:
        """Open one session for each agent, some at a time.

        Returns:
            One result for each agent, in the same order.
        """
        results: dict[int, Connected] = {}
        waiting = iter(enumerate(agents))

        async def connect_one_after_the_other() -> None:
            for place, agent in waiting:
                results[place] = await self._connect(agent, options)

        await asyncio.gather(*(connect_one_after_the_other() for _ in range(min(options.at_once, len(agents)))))
        return [results[place] for place in range(len(agents))]

    async def disconnect(self, names: list[str], gracefully: bool = True) -> list[SessionState]:
        """Close sessions, with a close frame or by cutting the connection; one that stays open is kept.

        Returns:
            How each of those that were there stands afterwards.
        """
        leaving = [self._sessions[name] for name in names if name in self._sessions]
        await asyncio.gather(*(session.close() if gracefully else session.abort() for session in leaving))
        for session in leaving:
            if not session.is_open and self._sessions.get(session.name) is session:
                del self._sessions[session.name]
        return [_state(session) for session in leaving]

    async def sessions(self) -> list[SessionState]:
        """How every session stands."""
        return [_state(session) for session in self._sessions.values()]

    async def ask(self, requests: list[Request], timeout_s: float) -> list[Operation]:
        """Make requests, all at once, and wait for their ends.

        Returns:
            One operation for each, in the same order.
        """
        if not self._may_leave_now(requests):
            sessions = [self._session(request.tenant) for request in requests]
            return await self._ask_in_turn(sessions, requests, timeout_s)
        with self._at_rest():
            return await self._dispatch(self._prepared(requests), timeout_s)

    async def make_ready(self, requests: list[Request]) -> Ready:
        """Make requests ready and do not send them: several engines send theirs at the same moment (``ask_ready``)."""
        if not self._may_leave_now(requests):
            return Ready(0, 0.0)
        self._made_ready += 1
        self._ready[self._made_ready] = self._prepared(requests)
        return Ready(self._made_ready, self._at_rest.took_s)

    async def ask_ready(self, number: int, timeout_s: float, start: Start) -> Left:
        """Send what was made ready, when it is time, and wait for the ends; as ``ask``.

        Raises:
            BeganLate: It is too late; nothing has been sent.
        """
        sent = self._ready.pop(number)
        with self._at_rest():
            late_s = await start.reached()
            return Left(late_s, await self._dispatch(sent, timeout_s))

    async def _ask_in_turn(self, sessions: list[Session], requests: list[Request], timeout_s: float) -> list[Operation]:
        """As ``ask``, but nobody asks more often than the target allows; what waits for its turn is not late."""
        places: dict[str, list[int]] = {}
        for place, session in enumerate(sessions):
            places.setdefault(session.agent.user_id, []).append(place)
        sent: dict[int, PendingRequest] = {}
        countdown = Countdown()

        async def one_user(user: str, own: list[int]) -> None:
            for place in own:
                await self._target.pace.turn(user)
                countdown.add()
                request = requests[place]
                sent[place] = sessions[place].send(request.kind, request.arguments, on_end=countdown.ended)

        await asyncio.gather(*(one_user(user, own) for user, own in places.items()))
        if not await countdown.wait(timeout_s):
            for place, pending in sent.items():
                sessions[place].expire(pending)
        return [sent[place].operation() for place in range(len(requests))]

    async def begin(self, requests: list[Request]) -> list[float]:
        """Make requests and do not wait: for work that never ends. Returns when each was sent."""
        began: list[float] = []
        for ask in requests:
            began.append(time.monotonic())
            self._session(ask.tenant).send(ask.kind, ask.arguments)
        return began

    async def start_load(
        self, name: str, streams: list[Stream], seconds: float, answer_within_s: float, part: Part | None = None
    ) -> float:
        """Begin open-loop load in the background. Returns when it began (seconds, monotonic clock).

        Args:
            name: How it is called when it shall end.
            streams: All of it.
            seconds: How long requests are sent.
            answer_within_s: Seconds to wait for an answer.
            part: What of it is this engine's, where several make the load together.
        """
        if name in self._loads:
            raise SessionError(f"a load with the name '{name}' runs already")
        stop = asyncio.Event()
        due = schedule(streams, seconds, seed=len(self._loads) if part is None else part.seed)
        begins_at = None
        if part is not None:
            due = [one for one in due if one.stream.tenant in part.tenants]
            begins_at = part.begins_at
        sessions = {one.stream.tenant: self._session(one.stream.tenant) for one in due}
        plan = run_plan(due, sessions, answer_within_s, name, stop=stop, begins_at=begins_at)
        self._loads[name] = _RunningLoad(asyncio.create_task(self._undisturbed(plan)), stop)
        return time.monotonic() if begins_at is None else begins_at

    async def end_load(self, name: str, at_once: bool = True) -> list[Operation]:
        """Wait for a load to end and return its operations; ``at_once`` sends nothing more from now on."""
        load = self._loads.pop(name, None)
        if load is None:
            raise SessionError(f"no load with the name '{name}' was started")
        if at_once:
            load.stop.set()
        return await load.task

    async def end_loads(self) -> None:
        """End every load that still runs, at once and whatever becomes of it: nobody will ask."""
        for load in self._loads.values():
            load.task.cancel()
        self._loads.clear()
        self._ready.clear()

    async def campaign(self, plan: CampaignPlan) -> CampaignRecord:
        """Run quiet and noisy blocks; see ``campaign``."""
        names = {stream.tenant for streams in (plan.victims, *plan.noise.values()) for stream in streams}
        sessions = {name: self._session(name) for name in names}
        with self._at_rest():
            return await run_campaign(plan, sessions, self._progress)

    async def registry_traffic(self, plan: TrafficPlan) -> list[RequestRecord]:
        """Run random requests to the agent registry; see ``registry_traffic``."""
        names = {name for user in plan.users for name in user}
        return await run_traffic(plan, {name: self._session(name) for name in names})

    async def record_frames(self, on: bool) -> None:
        """Keep every frame of every session from now on, or stop keeping them."""
        self._log.on = on

    async def take_frames(self) -> list[Frame]:
        """The frames kept so far; they are forgotten here."""
        return self._log.take()

    async def read_frames(self, reader: Callable[[list[Frame]], Found], shift_s: float = 0.0) -> list[Found]:
        """Let somebody read the frames kept so far, here where they are; only what was found travels.

        Args:
            reader: Reads the frames of all sessions, in the order of their arrival; it is a piece of plain data itself.
            shift_s: Seconds that the times of the frames are moved by first: to the clock of whoever asks.

        Returns:
            What was found: one, where there is one engine.
        """
        frames = self._log.take()
        if shift_s:
            frames = [replace(frame, at=frame.at + shift_s) for frame in frames]
        return [await asyncio.to_thread(reader, frames)]

    async def clock(self) -> float:
        """What the monotonic clock shows here."""
        return time.monotonic()

    async def memory_bytes(self) -> int:
        """Resident memory of this process."""
        return int(psutil.Process().memory_info().rss)

    async def whereabouts(self) -> Whereabouts:
        """Which process this is, and which source it runs."""
        return Whereabouts.here()

    async def unreachable(self, address: str) -> str:
        """Why no connection to an address can be made from here; empty when one can."""
        return await unreachable(address)

    async def close(self) -> None:
        """End all load and close all sessions."""
        await self.end_loads()
        await self.disconnect(list(self._sessions), gracefully=False)
        if self._access is not None:
            await self._access.close()

    @property
    def _target(self) -> Access:
        assert self._access is not None, "prepare() comes first"
        return self._access

    async def _undisturbed(self, plan: Awaitable[list[Operation]]) -> list[Operation]:
        with self._at_rest():
            return await plan

    def _may_leave_now(self, requests: list[Request]) -> bool:
        """Whether no user has to wait for its turn; then they are counted."""
        return self._target.pace.take_now(self._session(request.tenant).agent.user_id for request in requests)

    def _prepared(self, requests: list[Request]) -> list[tuple[Session, PendingRequest]]:
        """Made beforehand, so that all leave at once."""
        sessions = [self._session(request.tenant) for request in requests]
        return [(s, s.prepare(r.kind, r.arguments)) for s, r in zip(sessions, requests, strict=True)]

    async def _dispatch(self, sent: list[tuple[Session, PendingRequest]], timeout_s: float) -> list[Operation]:
        countdown = Countdown()
        for session, pending in sent:
            countdown.add()
            session.dispatch(pending, on_end=countdown.ended)
        if not await countdown.wait(timeout_s):
            for session, pending in sent:
                session.expire(pending)
        return [pending.operation() for _, pending in sent]

    def _session(self, name: str) -> Session:
        try:
            return self._sessions[name]
        except KeyError:
            raise SessionError(f"tenant '{name}' is not connected") from None

    async def _connect(self, agent: TenantAgent, options: ConnectOptions) -> Connected:
        pause = options.first_pause_s
        why = broke_at = ""
        for attempt in range(1, options.attempts + 1):
            session = Session(agent, agent.name, self._target, self._log, equal_ids() if options.equal_ids else None)
            try:
                opening = await session.open(options.timeout_s)
            except SessionError as error:
                why, broke_at = str(error), "authenticate" if session.was_accepted else "connect"
                if attempt < options.attempts:
                    await asyncio.sleep(pause)
                    pause *= 2
                continue
            old, self._sessions[agent.name] = self._sessions.get(agent.name), session
            if old is not None:
                await old.close()  # an agent has one session: a new one replaces the old
            return Connected(agent.name, replace(opening, attempts=attempt))
        return Connected(agent.name, None, f"{why} (after {options.attempts} tries)", broke_at)


def _state(session: Session) -> SessionState:
    return SessionState(
        name=session.name,
        is_open=session.is_open,
        close_code=session.close_code,
        stray_answers=session.stray_answers,
        received=session.received_count,
        foreign_frames=session.foreign_frames,
        trouble=session.trouble,
    )
