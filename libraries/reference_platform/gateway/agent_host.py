"""Starts agents' processes: forked, put under their tenant's quota, and only then allowed to work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_platform.agents import AgentFailure, AgentIdentity, AgentProcess
from reference_platform.gateway.agent_calls import AgentCalls
from reference_platform.governor.messages import AgentStarted, AgentStopped, AgentStopping
from reference_platform.registry.agents import Agent
from reference_platform.registry.jobs import Job

if TYPE_CHECKING:
    from reference_platform.gateway.platform import Platform


CRASH = "crash"


class AgentHost:
    """Makes processes for agents and tells governor, audit trail and log about them."""

    def __init__(self, platform: Platform) -> None:
        """Keep the platform."""
        self._platform = platform

    async def start(self, agent: Agent) -> AgentProcess:
        """Start a process for an agent.

        Args:
            agent: Whose; what the process may ask for is bound to its tenant and user here.

        Returns:
            A process that may work.

        Raises:
            AgentFailure: If it ended before it could work, or there is no new process to be had.
        """
        calls = AgentCalls(self._platform, agent)
        process = await self._platform.factory.spawn(agent.identity, calls.serve)
        process.exited.add_done_callback(lambda exited: self._note_end(agent, process, exited.result()))
        identity = agent.identity
        self._platform.governor_link.agent_starting(agent.user.tenant)
        started = AgentStarted(
            agent=identity.agent_id,
            tenant=identity.tenant,
            user=identity.user,
            pid=process.pid,
            started_ticks=process.started_ticks,
        )
        if not await self._platform.governor.attach(started):
            await process.stop("crash")
            raise AgentFailure("agent_stopped", "crash")
        await process.go()
        detail = {"user": identity.user, "pid": process.pid, "agent_type": identity.agent_type}
        self._platform.audit.add("agent_started", identity.tenant, identity.agent_id, detail=detail)
        self._platform.books.agent_saved(agent, "running")
        return process

    async def explain(self, process: AgentProcess, reason: str) -> str:
        """Why a process has really ended."""
        return await self._platform.governor_link.explain(process.pid) if reason == CRASH else reason

    async def _write_end(self, identity: AgentIdentity, pid: int, reason: str) -> None:
        if reason == CRASH:
            reason = await self._platform.governor_link.explain(pid)
        detail = {"reason": reason, "user": identity.user, "pid": pid}
        self._platform.audit.add("agent_stopped", identity.tenant, identity.agent_id, detail=detail)

    def stopping(self, agent: Agent, process: AgentProcess) -> None:
        """Let the governor take its hands off a process that is about to be ended."""
        self._platform.governor_link.send(AgentStopping(agent.identity.agent_id, process.pid))

    def began(self, job: Job) -> None:
        """Tell the governor that an agent works."""
        self._platform.governor_link.activity.started(job)

    def done(self, job: Job, finished: bool) -> None:
        """Tell the governor that an agent is free again."""
        self._platform.governor_link.activity.ended(job, finished)

    def fault(self, where: str, error: BaseException) -> None:
        """Write down a fault of the platform."""
        self._platform.fault(where, error)

    def _note_end(self, agent: Agent, process: AgentProcess, reason: str) -> None:
        identity = agent.identity
        self._platform.governor_link.send(AgentStopped(identity.agent_id, process.pid))
        self._platform.start(self._write_end(identity, process.pid, reason))
        self._platform.leases.return_soon(identity)
        if not agent.removed:
            self._platform.books.agent_saved(agent, "stopped")
