"""Starts agents' processes: forked, put under their tenant's quota, and only then allowed to work."""

from __future__ import annotations

from reference_platform.agents import AgentFactory, AgentFailure, AgentIdentity, AgentProcess
from reference_platform.gateway.background import BackgroundTasks
from reference_platform.gateway.bookkeeping.audit_log import AuditLog
from reference_platform.gateway.bookkeeping.bookkeeper import Bookkeeper
from reference_platform.gateway.bookkeeping.log_file import LogFile
from reference_platform.gateway.execution.agent_calls import AgentCalls
from reference_platform.gateway.governing.explanations import CRASH
from reference_platform.gateway.governing.governor_reports import GovernorReports
from reference_platform.gateway.lease_keeper import LeaseKeeper
from reference_platform.governor.messages import AgentStarted, AgentStopped, AgentStopping
from reference_platform.registry import Agent, Job
from reference_platform.state import Store


class AgentHost:
    """Makes processes for agents and tells governor, audit log and log about them."""

    def __init__(
        self,
        factory: AgentFactory,
        store: Store,
        leases: LeaseKeeper,
        reports: GovernorReports,
        audit: AuditLog,
        books: Bookkeeper,
        log: LogFile,
        tasks: BackgroundTasks,
    ) -> None:
        """Keep what a process needs.

        Args:
            factory: Where processes come from.
            store: What agents may read and write.
            leases: Database connections that they may have.
            reports: The way to the governor.
            audit: Where starts and ends are written.
            books: Where their rows are written.
            tasks: Runs what nobody waits for.
        """
        self._factory = factory
        self._store = store
        self._leases = leases
        self._reports = reports
        self._audit = audit
        self._books = books
        self._log = log
        self._tasks = tasks

    async def start(self, agent: Agent) -> AgentProcess:
        """Start a process for an agent.

        Args:
            agent: Whose; what the process may ask for is bound to its tenant and user here.

        Returns:
            A process that may work.

        Raises:
            AgentFailure: If it ended before it could work, or there is no new process to be had.
        """
        calls = AgentCalls(self._store, self._leases, agent)
        process = await self._factory.spawn(agent.identity, calls.serve)
        process.exited.add_done_callback(lambda exited: self._note_end(agent, process, exited.result()))
        identity = agent.identity
        started = AgentStarted(
            agent=identity.agent_id,
            tenant=identity.tenant,
            user=identity.user,
            pid=process.pid,
            started_ticks=process.started_ticks,
        )
        if not await self._reports.attach(agent.user.tenant, started):
            await process.stop(CRASH)
            raise AgentFailure("agent_stopped", CRASH)
        await process.go()
        detail = {"user": identity.user, "pid": process.pid, "agent_type": identity.agent_type}
        self._audit.add("agent_started", identity.tenant, identity.agent_id, detail=detail)
        self._books.agent_saved(agent, "running")
        return process

    async def explain(self, process: AgentProcess, reason: str) -> str:
        """Why a process has really ended."""
        return await self._reports.explanations.ask(process.pid) if reason == CRASH else reason

    def stopping(self, agent: Agent, process: AgentProcess) -> None:
        """Let the governor take its hands off a process that is about to be ended."""
        self._reports.send(AgentStopping(agent.identity.agent_id, process.pid))

    def began(self, agent: Agent, job: Job) -> None:
        """Tell the governor that an agent works."""
        self._reports.activity.started(agent.identity, job)

    def done(self, agent: Agent, job: Job, finished: bool) -> None:
        """Tell the governor that an agent is free again."""
        self._reports.activity.ended(agent.identity, job, finished)

    def fault(self, where: str, error: BaseException) -> None:
        """Write down a fault of the platform."""
        self._log.fault(where, error)

    def _note_end(self, agent: Agent, process: AgentProcess, reason: str) -> None:
        identity = agent.identity
        self._reports.send(AgentStopped(identity.agent_id, process.pid))
        self._tasks.start(self._write_end(identity, process.pid, reason))
        self._leases.return_soon(identity)
        if not agent.removed:
            self._books.agent_saved(agent, "stopped")

    async def _write_end(self, identity: AgentIdentity, pid: int, reason: str) -> None:
        if reason == CRASH:
            reason = await self._reports.explanations.ask(pid)
        detail = {"reason": reason, "user": identity.user, "pid": pid}
        self._audit.add("agent_stopped", identity.tenant, identity.agent_id, detail=detail)
