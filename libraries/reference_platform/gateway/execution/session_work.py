"""Work that a session asked for: its events, its time-out and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from reference_platform.agents import AgentFailure, AgentProcess, WorkResult
from reference_platform.gateway.execution.routing import Router
from reference_platform.registry.agent import Agent
from reference_platform.registry.jobs import Job
from reference_platform.registry.session import Session

#: What the agent's process says while it works, and the event that its user receives.
EVENTS = {
    "thinking": "agent_thinking",
    "tool_executing": "tool_executing",
    "tool_completed": "tool_completed",
    "progress": "progress",
}
#: An agent that is ahead of its rate by less than this is not made to wait yet: one long wait is cheaper than many short.
WORTH_WAITING_SECONDS = 0.02
EVENT_FIELDS = ("tool", "number", "text")


@dataclass(frozen=True, slots=True)
class WorkRules:
    """What holds for all work.

    Attributes:
        router: Where its events go.
        timeout_seconds: How long it may run.
        on_timeout: Told of work that ran too long.
        on_finished: Told of every end, with whether it was a success and how long it took (seconds).
    """

    router: Router
    timeout_seconds: float
    on_timeout: Callable[[SessionWork], None]
    on_finished: Callable[[SessionWork, bool, float], None]


class SessionWork(Job):
    """A job whose events go to the session that asked.

    Attributes:
        agent: Who works.
        correlation_id: The client's own id of the request.
        kind: What kind of work it is.
    """

    def __init__(self, agent: Agent, session: Session, correlation_id: str, rules: WorkRules, kind: str) -> None:
        """Make it and note it as unfinished in its session."""
        super().__init__(session)
        self.agent = agent
        self.correlation_id = correlation_id
        self.kind = kind
        self._rules = rules
        self._timer: asyncio.TimerHandle | None = None
        self._started_at = 0.0
        session.unfinished[correlation_id] = self

    def start_clock(self) -> None:
        """Say that it has started, and let the time-out run."""
        loop = asyncio.get_running_loop()
        self._started_at = loop.time()
        self._timer = loop.call_later(self._rules.timeout_seconds, self._time_out)
        self.publish("agent_started")

    def publish(self, event: str, **fields: Any) -> None:
        """Send one of its events; nothing is sent once it has ended."""
        if self.ended:
            return
        identity = self.agent.identity
        frame = {
            "event": event,
            "id": self.correlation_id,
            "agent_id": identity.agent_id,
            "agent_type": identity.agent_type,
            "thread": identity.thread,
            **fields,
        }
        self._rules.router.publish(self.session, self.agent, frame)

    def complete(self, result: dict[str, Any], service_milliseconds: float) -> None:
        """End it with a result; nothing happens when it has ended."""
        if self.ended:
            return
        self.publish("agent_completed", result=result, service_milliseconds=service_milliseconds)
        self._end(True)

    def fail(self, code: str, message: str) -> None:
        """End it with ``agent_error``; nothing happens when it has ended."""
        if self.ended:
            return
        self.publish("agent_error", code=code, message=message)
        self.session.user.failed_operations += 1
        self._end(False)

    def end_quietly(self) -> None:
        """End it without a word."""
        self._end(False)

    def _end(self, success: bool) -> None:
        self.ended = True
        if self._timer is not None:
            self._timer.cancel()
        if self.session.unfinished.get(self.correlation_id) is self:
            del self.session.unfinished[self.correlation_id]
        seconds = asyncio.get_running_loop().time() - self._started_at if self._started_at else 0.0
        self._rules.on_finished(self, success, seconds)

    def _time_out(self) -> None:
        self._rules.on_timeout(self)
        self.give_up("timeout")


class Execution(SessionWork):
    """Work of one kind by one agent."""

    def __init__(
        self, agent: Agent, session: Session, correlation_id: str, rules: WorkRules, work: dict[str, Any]
    ) -> None:
        """Make it.

        Args:
            agent: Who works.
            session: Who asked.
            correlation_id: The client's own id of the request.
            rules: What holds for all work.
            work: Kind and checked arguments.
        """
        super().__init__(agent, session, correlation_id, rules, work["kind"])
        self._work = work

    async def perform(self, process: AgentProcess) -> None:
        """Let the process work and pass on what it says."""
        self.start_clock()
        outcome = await run(process, self.run_id, self.session, self._work, self.on_event)
        self.complete(outcome.result, outcome.service_milliseconds)

    def on_event(self, event: dict[str, Any]) -> Awaitable[None] | None:
        """Pass on what the agent says.

        Args:
            event: The agent's own event.

        Returns:
            What to wait for before the agent is listened to again: its tenant's rate of progress events, or a client
            that does not read. None in the usual case.
        """
        name = EVENTS.get(event.get("event", ""))
        if name is None:
            return None
        self.publish(name, **{field: event[field] for field in EVENT_FIELDS if field in event})
        if name != "progress":
            return None
        delay = self.agent.user.tenant.progress.take()
        return self._wait(delay) if delay > WORTH_WAITING_SECONDS or self.session.is_slow else None

    async def _wait(self, delay: float) -> None:
        await asyncio.sleep(delay)
        if self.session.is_slow and not self.ended:
            await self.session.until_taken()


async def run(
    process: AgentProcess,
    run_id: str,
    session: Session,
    work: dict[str, Any],
    on_event: Callable[[dict[str, Any]], Awaitable[None] | None],
) -> WorkResult:
    """Let an agent's process do a piece of work.

    Args:
        process: Whose.
        run_id: The gateway's own name of it.
        session: Who asked.
        work: Kind and checked arguments.
        on_event: Told of each event.

    Returns:
        What came out.

    Raises:
        AgentFailure: If nothing came out.
    """
    return await process.run(run_id, session.session_id, work, on_event)


__all__ = ["AgentFailure", "Execution", "SessionWork", "WorkRules", "run"]
