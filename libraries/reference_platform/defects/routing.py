"""Defects of the way from an agent's event to a session."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from reference_platform.defects.surgery import gateway, replace, watch_gateway

if TYPE_CHECKING:
    from reference_platform.registry.session import Session

Frame = dict[str, Any]
Deliver = Callable[["Session", Frame], None]
_BALLAST_BYTES = 250_000


def answer_to_other_session() -> None:
    """Every answer goes to another open session, where there is one."""
    _misdirect(every=1)


def answer_to_other_session_1_in_1000() -> None:
    """Every thousandth answer goes to another open session."""
    _misdirect(every=1000)


def resume_by_id_alone() -> None:
    """A cut session is looked for among everybody's."""
    from reference_platform.gateway.operations import SessionOperations

    def anybodys(self: SessionOperations, session: Session, session_id: str) -> Session | None:
        cut = [self._registry.cut_sessions_of(user) for user in self._registry.users()]
        return next((sessions[session_id] for sessions in cut if session_id in sessions), None)

    replace(SessionOperations, "resumable", anybodys)


def announcement_misses_some() -> None:
    """One session in twenty does not hear the operator."""
    from reference_platform.registry.session import Session

    send = Session.send
    numbers = itertools.count(1)

    def send_most(self: Session, frame: Frame) -> None:
        if frame["event"] != "announcement" or next(numbers) % 20:
            send(self, frame)

    replace(Session, "send", send_most)


def cut_sessions_are_lost() -> None:
    """Nobody's cut session is found again."""
    from reference_platform.gateway.operations import SessionOperations

    replace(SessionOperations, "resumable", lambda self, session, session_id: None)


def cancelled_answer_to_next() -> None:
    """The process goes on with cancelled work, and its answer is taken for the next one's."""
    from reference_platform.gateway.execution.session_work import SessionWork
    from reference_platform.registry.agent import Agent

    complete = SessionWork.complete
    left_over: list[Frame] = []

    def mix_up(self: SessionWork, result: Frame, service_milliseconds: float) -> None:
        if self.ended:
            left_over.append(result)
            return
        complete(self, left_over.pop(0) if left_over else result, service_milliseconds)

    replace(Agent, "free", lambda self, job: None)
    replace(SessionWork, "complete", mix_up)


def events_duplicated() -> None:
    """Every ``tool_completed`` is delivered twice."""

    def twice(deliver: Deliver, session: Session, frame: Frame) -> None:
        deliver(session, dict(frame))
        if frame["event"] == "tool_completed":
            deliver(session, dict(frame))

    _deliver_by(twice)


def events_reordered() -> None:
    """Every ``agent_thinking`` waits until the next event of the same request has been delivered."""
    waiting: dict[tuple[str, str], Frame] = {}

    def late(deliver: Deliver, session: Session, frame: Frame) -> None:
        key = (session.session_id, frame["id"])
        if frame["event"] == "agent_thinking":
            waiting[key] = frame
            return
        deliver(session, frame)
        if key in waiting:
            deliver(session, waiting.pop(key))

    _deliver_by(late)


def events_lost() -> None:
    """Every tenth ``tool_completed`` is not delivered."""
    numbers = itertools.count(1)

    def lossy(deliver: Deliver, session: Session, frame: Frame) -> None:
        if frame["event"] != "tool_completed" or next(numbers) % 10:
            deliver(session, frame)

    _deliver_by(lossy)


def resumed_work_is_given_up() -> None:
    """Whoever resumes a session gets what it had missed; what was unfinished in it is given up without a word."""
    from reference_platform.gateway.sessions.lifecycle import Lifecycle

    inherit = Lifecycle.inherit

    def give_up(self: Lifecycle, earlier: Session, resumed_by: Session) -> None:
        earlier.abandon()
        inherit(self, earlier, resumed_by)

    replace(Lifecycle, "inherit", give_up)


def events_to_former_owner() -> None:
    """Whoever used an agent before also receives what it does for the next session."""
    users: dict[str, Session] = {}

    def twofold(deliver: Deliver, session: Session, frame: Frame) -> None:
        former = users.get(frame["agent_id"])
        if frame["event"] == "agent_completed":
            users[frame["agent_id"]] = session
        if former is not None and former is not session:
            deliver(former, dict(frame))
        deliver(session, frame)

    _deliver_by(twofold)


def notifications_by_topic_alone() -> None:
    """Who subscribed to a thread hears of everybody's threads of that name."""
    from reference_platform.gateway.execution.routing import Router

    def everybody(self: Router, cause: Session, agent: Any) -> list[Session]:
        sessions = self._registry.sessions.values()
        return [session for session in sessions if session is not cause and session.subscriptions]

    replace(Router, "audience", everybody)


def answers_kept_in_memory() -> None:
    """The gateway keeps a copy of every answer of an agent, with what it had loaded for it."""
    from reference_platform.gateway.execution.session_work import SessionWork

    complete = SessionWork.complete
    kept: list[Any] = []

    def keeping(self: SessionWork, result: Frame, service_milliseconds: float) -> None:
        # Not zeros: those would take no memory.
        kept.append((result, bytearray(b"x") * _BALLAST_BYTES))
        complete(self, result, service_milliseconds)

    replace(SessionWork, "complete", keeping)


def orphaned_events_to_newest() -> None:
    """What an agent says to a session whose connection is gone goes to the session that was opened last."""
    watch_gateway()

    def rehouse(deliver: Deliver, session: Session, frame: Frame) -> None:
        if session.connection is None and session.resumed_by is None:
            newest = max(gateway().registry.sessions.values(), key=lambda one: one.opened_at, default=session)
            deliver(newest, frame)
        else:
            deliver(session, frame)

    _deliver_by(rehouse)


def context_of_latest_session() -> None:
    """A session that is asked who it is tells who came last."""
    from reference_platform.gateway.operations import SessionOperations

    session_info = SessionOperations.session_info

    def info_of_latest(self: SessionOperations, session: Session, request: Any) -> dict[str, Any]:
        latest = max(self._registry.sessions.values(), key=lambda one: one.opened_at, default=session)
        return session_info(self, latest, request)

    replace(SessionOperations, "session_info", info_of_latest)


def _misdirect(every: int) -> None:
    watch_gateway()
    numbers = itertools.count(1)

    def misplaced(deliver: Deliver, session: Session, frame: Frame) -> None:
        if frame["event"] == "agent_completed" and next(numbers) % every == 0:
            deliver(_another(session), frame)
        else:
            deliver(session, frame)

    _deliver_by(misplaced)


def _another(session: Session) -> Session:
    sessions = list(gateway().registry.sessions.values())
    strangers = [other for other in sessions if other.user is not session.user]
    others = strangers or [other for other in sessions if other is not session]
    return others[0] if others else session


def _deliver_by(way: Callable[[Deliver, Session, Frame], None]) -> None:
    from reference_platform.gateway.execution.routing import Router

    deliver = Router.deliver

    def another_way(self: Router, session: Session, frame: Frame) -> None:
        way(lambda to, what: deliver(self, to, what), session, frame)

    replace(Router, "deliver", another_way)


def replay_misses_the_last() -> None:
    """A session that is resumed gets all that it missed but the last frame."""
    from reference_platform.registry.replay import ReplayBuffer

    after = ReplayBuffer.after
    replace(ReplayBuffer, "after", lambda self, number: after(self, number)[:-1])
