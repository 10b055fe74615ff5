"""An agent: a queue of jobs and the operating-system process that works through it."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Protocol

from reference_platform.agents import AgentFailure, AgentIdentity, AgentProcess
from reference_platform.registry.jobs import Job
from reference_platform.registry.tenants import User

AGENT_TYPES = ("assistant", "triage", "data", "optimisation", "report", "supervisor")
DEFAULT_TYPE = "assistant"
#: How long a process may take to come back from cancelled work before it is replaced; twice the 2 s for which the governor
#: may stop it at a stretch, for it has to clean up with a hundredth of a core.
CANCEL_SECONDS = 4.0


class Host(Protocol):
    """What an agent needs from the platform."""

    async def start(self, agent: Agent) -> AgentProcess:
        """Start a process for an agent; the agent may work when this returns."""

    async def explain(self, process: AgentProcess, reason: str) -> str:
        """Why a process has really ended; ``reason`` is what the gateway itself knows."""

    def stopping(self, agent: Agent, process: AgentProcess) -> None:
        """A process of the agent is about to be ended."""

    def began(self, agent: Agent, job: Job) -> None:
        """The agent works from now on."""

    def done(self, agent: Agent, job: Job, finished: bool) -> None:
        """The agent is free again; ``finished`` when it brought the job to an end itself."""

    def fault(self, where: str, error: BaseException) -> None:
        """Write down a fault of the platform."""


class Agent:
    """One agent of one user: it does one thing at a time, in order of arrival.

    Attributes:
        identity: Who it is.
        created_at: Seconds since 1970.
        process: Its process while there is one.
        current: What it is doing.
        stopped: Whether its user has stopped it.
        served: Ids of the sessions for which its present process has worked.
    """

    def __init__(self, identity: AgentIdentity, user: User, created_at: float, host: Host) -> None:
        """Make an idle agent without a process."""
        self.identity = identity
        self.user = user
        self.created_at = created_at
        self.process: AgentProcess | None = None
        self.current: Job | None = None
        self.stopped = False
        self.served: set[str] = set()
        self.removed = False
        self._host = host
        self._queue: deque[Job] = deque()
        self._wanted = asyncio.Event()
        self._start: asyncio.Task[AgentProcess] | None = None
        self._runner: asyncio.Task[None] | None = None
        self._freeing: set[asyncio.Task[None]] = set()

    def describe(self) -> dict[str, Any]:
        """The agent as PROTOCOL.md shows it."""
        return {
            "agent_id": self.identity.agent_id,
            "agent_type": self.identity.agent_type,
            "thread": self.identity.thread,
            "user": self.identity.user,
            "status": "stopped" if self.process is None else "running",
            "created_at": self.created_at,
        }

    def submit(self, job: Job) -> None:
        """Put a job at the end of the queue."""
        if self._runner is None:
            self._runner = asyncio.get_running_loop().create_task(self._run())
        job.free_worker = self.free
        self._queue.append(job)
        self._wanted.set()

    async def running_process(self) -> AgentProcess:
        """The agent's process; started when there is none.

        Raises:
            AgentFailure: ``agent_stopped`` when the agent was stopped or removed.
        """
        self._check_wanted()
        if self.process is not None and not self.process.exited.done():
            return self.process
        if self._start is None:
            self._start = asyncio.get_running_loop().create_task(self._start_process())
        # Whoever waits may be given up; the process that is being made must not be lost with it.
        return await asyncio.shield(self._start)

    async def stop_process(self, reason: str) -> None:
        """End the process, if there is one.

        Args:
            reason: Why; what is unfinished ends with ``agent_stopped`` and this reason.
        """
        if self._start is not None:
            await asyncio.wait({self._start})
        process = self.process
        if process is not None:
            self._forget(process)
            self._host.stopping(self, process)
            await process.stop(reason)

    def free(self, job: Job) -> None:
        """Bring the process back from a job that has ended from outside."""
        if self.current is not job or self.process is None:
            return
        task = asyncio.get_running_loop().create_task(self._bring_back(self.process, job))
        self._freeing.add(task)
        task.add_done_callback(self._freeing.discard)

    async def remove(self, reason: str) -> None:
        """End everything: jobs, queue and process."""
        self.removed = True
        for job in list(self._queue):
            job.fail("agent_stopped", reason)
        self._queue.clear()
        if self.current is not None:
            self.current.fail("agent_stopped", reason)
        await self.stop_process(reason)
        if self._runner is not None:
            self._runner.cancel()

    async def _start_process(self) -> AgentProcess:
        try:
            self.served.clear()
            process = await self._host.start(self)
            if self.removed or self.stopped:
                await process.stop("removed")
            self._check_wanted()
            self.process = process
            process.exited.add_done_callback(lambda _: self._forget(process))
            return process
        finally:
            self._start = None

    def _check_wanted(self) -> None:
        if self.removed:
            raise AgentFailure("agent_stopped", "removed")
        if self.stopped:
            raise AgentFailure("agent_stopped", "the agent is stopped")

    async def _run(self) -> None:
        while True:
            while not self._queue:
                self._wanted.clear()
                await self._wanted.wait()
            job = self._queue.popleft()
            if not job.ended:
                self.current = job
                await self._serve(job)
                self.current = None

    async def _serve(self, job: Job) -> None:
        process: AgentProcess | None = None
        try:
            process = await self.running_process()
            if not job.ended:
                await self._perform(job, process)
        except AgentFailure as failure:
            message = failure.message
            if process is not None and process.exited.done() and not job.ended:
                message = await self._host.explain(process, message)
            job.fail(failure.code, message)
        except Exception as error:  # noqa: BLE001 - written down, and the next job has to be done
            self._host.fault("job", error)
            job.fail("internal", "")

    async def _perform(self, job: Job, process: AgentProcess) -> None:
        finished = False
        self.served.add(job.session.session_id)
        self._host.began(self, job)
        try:
            await job.perform(process)
            finished = True
        finally:
            self._host.done(self, job, finished)

    async def _bring_back(self, process: AgentProcess, job: Job) -> None:
        try:
            async with asyncio.timeout(CANCEL_SECONDS):
                came_back = await process.cancel(job.run_id)
        except TimeoutError:
            came_back = False
        if not came_back and self.current is job and self.process is process:
            await self.stop_process("timeout")

    def _forget(self, process: AgentProcess) -> None:
        if self.process is process:
            self.process = None
