"""Work that the gateway answers itself, without any agent's process (setting ``light``; PROTOCOL.md, Light mode)."""

from __future__ import annotations

import time
from typing import Any

from reference_platform.agents import AgentProcess
from reference_platform.gateway.background import BackgroundTasks
from reference_platform.gateway.bookkeeping.log_file import LogFile
from reference_platform.gateway.execution.agent_calls import AgentCalls
from reference_platform.gateway.execution.session_work import SessionWork, WorkRules
from reference_platform.gateway.lease_keeper import LeaseKeeper
from reference_platform.registry import Agent, Session
from reference_platform.state import Store

#: Kinds of work that are answered so, and the tool that each names.
TOOLS = {"noop": "nothing", "report": "profile"}


class LightWork(SessionWork):
    """A piece of such work: its events and its end are those of the agent in whose name it is done."""

    def __init__(
        self, agent: Agent, session: Session, correlation_id: str, rules: WorkRules, work: dict[str, Any]
    ) -> None:
        """Make it.

        Args:
            agent: In whose name it is answered; it gets no process.
            session: Who asked.
            correlation_id: The client's own id of the request.
            rules: What holds for all work.
            work: Kind and checked arguments.
        """
        super().__init__(agent, session, correlation_id, rules, work["kind"])
        self._text = work.get("text", "")

    async def perform(self, process: AgentProcess) -> None:
        """Never called: it is in no agent's queue."""
        raise NotImplementedError

    async def answer(self, calls: AgentCalls) -> None:
        """Do it.

        Args:
            calls: What the agent may ask of the platform.
        """
        self.start_clock()
        began, tool = time.monotonic(), TOOLS[self.kind]
        self.publish("agent_thinking")
        self.publish("tool_executing", tool=tool)
        added: dict[str, Any] = {}
        if self.kind == "report":
            added = {"profile": await calls.profile({}), "echo": self._text}
        self.publish("tool_completed", tool=tool)
        identity = self.agent.identity
        own = {"session_id": self.session.session_id, "user": identity.user, "tenant": identity.tenant}
        milliseconds = round(1000 * (time.monotonic() - began), 3)
        self.complete({**own, "kind": self.kind, **added}, milliseconds)


class LightAnswers:
    """Takes work that needs no process."""

    def __init__(self, store: Store, leases: LeaseKeeper, tasks: BackgroundTasks, log: LogFile) -> None:
        """Keep what answers are made of."""
        self._store, self._leases, self._tasks, self._log = store, leases, tasks, log

    def start(self, work: LightWork) -> None:
        """Answer it, beside everything else."""
        self._tasks.start(self._answer(work))

    async def _answer(self, work: LightWork) -> None:
        try:
            await work.answer(AgentCalls(self._store, self._leases, work.agent))
        except Exception as error:  # noqa: BLE001 - written down, and the request has to be answered
            self._log.fault("light work", error)
            work.fail("internal", "")
