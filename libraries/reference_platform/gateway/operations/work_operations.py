"""Work by one agent, or by several that a supervisor leads."""

from __future__ import annotations

from reference_platform.gateway.endpoint import permissions
from reference_platform.gateway.endpoint.addressing import Addressing
from reference_platform.gateway.endpoint.requests import DEFAULT_THREAD, Request, not_found
from reference_platform.gateway.execution.light_work import TOOLS, LightAnswers, LightWork
from reference_platform.gateway.execution.orchestration import LONGEST_REQUEST, Orchestration
from reference_platform.gateway.execution.session_work import Execution, WorkRules
from reference_platform.gateway.execution.work_kinds import checked_work
from reference_platform.registry import Agent, Registry, Session


class WorkOperations:
    """Puts work into the queues of agents."""

    def __init__(
        self, registry: Registry, addressing: Addressing, rules: WorkRules, light: LightAnswers | None = None
    ) -> None:
        """Keep who works.

        Args:
            registry: All agents.
            addressing: Whose are meant.
            rules: What holds for all work.
            light: Answers work that needs no process, in light mode.
        """
        self._light = light
        self._registry = registry
        self._addressing = addressing
        self._rules = rules

    def execute(self, session: Session, request: Request) -> None:
        """Put work into the queue of an agent; its events follow."""
        work = checked_work(request.arguments.get("work"))
        permissions.check_work(session, request, work["kind"])
        agent = self.agent_for(session, request)
        if self._light is not None and work["kind"] in TOOLS and agent.process is None and not agent.stopped:
            self._light.start(LightWork(agent, session, request.correlation_id, self._rules, work))
            return
        agent.submit(Execution(agent, session, request.correlation_id, self._rules, work))

    def orchestrate(self, session: Session, request: Request) -> None:
        """Put work into the queue of the thread's supervisor; its events follow."""
        text = request.text("request")[:LONGEST_REQUEST]
        thread = request.identifier("thread", DEFAULT_THREAD)
        supervisor = self._registry.get_or_create(session.user, "supervisor", thread)
        supervisor.submit(Orchestration(self._registry, supervisor, session, request.correlation_id, self._rules, text))

    def agent_for(self, session: Session, request: Request) -> Agent:
        """The agent that shall work.

        Raises:
            RequestError: ``not_found`` when it is not the user's own, or not of the thread that the request names.
            AgentLimitReached: If a new one is needed and the tenant has too many.
        """
        if request.arguments.get("agent_id") is None:
            return self._registry.default_agent(session.user, request.identifier("thread", DEFAULT_THREAD))
        agent = self._addressing.own_agent(session, request)
        thread = request.optional_identifier("thread")
        if thread is not None and thread != agent.identity.thread:
            raise not_found()
        return agent
