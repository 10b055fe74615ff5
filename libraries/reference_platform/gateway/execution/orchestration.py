"""A supervisor agent leads four others of the same user and thread."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from reference_platform.agents import AgentFailure, AgentProcess, WorkResult
from reference_platform.gateway.execution.session_work import SessionWork, WorkRules, run
from reference_platform.registry.agent import Agent
from reference_platform.registry.jobs import Job
from reference_platform.registry.registry import AgentLimitReached, Registry
from reference_platform.registry.session import Session

LONGEST_REQUEST = 4096
PLANNING = {"kind": "typical", "milliseconds": 2}


class Step(Job):
    """What one of the led agents contributes.

    Attributes:
        outcome: Set when it has ended.
    """

    def __init__(self, session: Session, work: dict[str, Any]) -> None:
        """Make it."""
        super().__init__(session)
        self.outcome: asyncio.Future[WorkResult] = asyncio.get_running_loop().create_future()
        self._work = work

    async def perform(self, process: AgentProcess) -> None:
        """Let the process work; its events are not for the user."""
        result = await run(process, self.run_id, self.session, self._work, lambda _: None)
        if not self.ended:
            self.ended = True
            self.outcome.set_result(result)

    def fail(self, code: str, message: str) -> None:
        """End it with an error."""
        if not self.ended:
            self.ended = True
            self.outcome.set_exception(AgentFailure(code, message))
            self.outcome.exception()

    def end_quietly(self) -> None:
        """End it; whoever waits for it is told all the same."""
        self.fail("cancelled", "the orchestration has ended")


class Orchestration(SessionWork):
    """The flow: triage, then data and optimisation side by side, then the report."""

    def __init__(
        self,
        registry: Registry,
        supervisor: Agent,
        session: Session,
        correlation_id: str,
        rules: WorkRules,
        text: str,
    ) -> None:
        """Make it.

        Args:
            registry: Where the led agents come from.
            supervisor: The agent that leads.
            session: Who asked.
            correlation_id: The client's own id of the request.
            rules: What holds for all work.
            text: What was asked.
        """
        super().__init__(supervisor, session, correlation_id, rules, "orchestrate")
        self._registry = registry
        self._text = text
        self._steps: list[Step] = []
        self._records: list[dict[str, Any]] = []
        self._is_planning = False

    async def perform(self, process: AgentProcess) -> None:
        """Plan, lead the four agents and put the report together."""
        self.start_clock()
        self._is_planning = True
        plan = await run(process, self.run_id, self.session, PLANNING, lambda _: None)
        self._is_planning = False
        triage = await self._step("triage", {"kind": "report", "text": self._text})
        await asyncio.gather(
            self._step("data", {"kind": "database", "rows": 20}),
            self._step("optimisation", {"kind": "typical", "milliseconds": 5}),
        )
        last = await self._step("report", {"kind": "report", "text": self._text})
        company = (last.result.get("profile") or triage.result.get("profile") or {}).get("company", "")
        result = {
            "session_id": self.session.session_id,
            "user": self.agent.identity.user,
            "tenant": self.agent.identity.tenant,
            "kind": "orchestrate",
            "steps": sorted(self._records, key=lambda record: float(record["started_at"])),
            "report": f"Report for {company}: {self._text}. {len(self._records)} steps completed.",
        }
        self.complete(result, plan.service_milliseconds)

    def release(self) -> None:
        """Free the supervisor if it works itself; the steps are freed with them."""
        if self._is_planning:
            super().release()

    def _end(self, success: bool) -> None:
        super()._end(success)
        for step in self._steps:
            step.give_up(None)
        self._steps.clear()

    async def _step(self, name: str, work: dict[str, Any]) -> WorkResult:
        agent = self._led_agent(name)
        step = Step(self.session, work)
        self._steps.append(step)
        self._tell("step_started", name, agent)
        started_at = time.time()
        agent.submit(step)
        outcome = await step.outcome
        self._records.append(
            {
                "step": name,
                "agent_id": agent.identity.agent_id,
                "agent_type": agent.identity.agent_type,
                "started_at": started_at,
                "ended_at": time.time(),
                "output": output_of(name, outcome),
            }
        )
        self._tell("step_completed", name, agent)
        return outcome

    def _led_agent(self, name: str) -> Agent:
        try:
            return self._registry.get_or_create(self.session.user, name, self.agent.identity.thread)
        except AgentLimitReached as error:
            raise AgentFailure("quota_exceeded", "the tenant has as many agents as its quota allows") from error

    def _tell(self, event: str, name: str, agent: Agent) -> None:
        if self.ended:
            return
        frame = {
            "event": event,
            "id": self.correlation_id,
            "agent_id": agent.identity.agent_id,
            "agent_type": agent.identity.agent_type,
            "thread": agent.identity.thread,
            "step": name,
            "parent": self.agent.identity.agent_id,
        }
        self._rules.router.publish(self.session, agent, frame)


def output_of(step: str, outcome: WorkResult) -> str:
    """What a step contributes, in words."""
    if step == "data":
        return f"{outcome.result.get('rows', 0)} rows looked at"
    if step == "optimisation":
        return f"looked for savings for {outcome.service_milliseconds:.1f} ms"
    return f"{step}: {outcome.result.get('echo') or ''}"
