"""An agent's process, as the gateway sees it."""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from process_control.signals import send
from reference_platform.agents.identity import AgentFailure, AgentIdentity, WorkResult
from reference_platform.agents.link import AgentLink
from reference_platform.agents.run import EventHandler, Run

CallHandler = Callable[[str, dict[str, Any]], Awaitable[Any]]


class AgentProcess:
    """One forked process. It waits for ``go``, then does one thing at a time in order of arrival.

    Args:
        identity: Whose process it is.
        pid: Its process id.
        started_ticks: Its start time (clock ticks since boot).
        folder: Its private folder, removed after its end.
        on_call: Serves what the agent asks for while it works.

    Attributes:
        exited: Done when the process has ended and was collected; why it ended.
    """

    def __init__(
        self, identity: AgentIdentity, pid: int, started_ticks: int, folder: Path, on_call: CallHandler
    ) -> None:
        self.identity = identity
        self.pid = pid
        self.started_ticks = started_ticks
        self.folder = folder
        self.exited: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.link = AgentLink(self._on_message)
        self._on_call = on_call
        self._reason: str | None = None
        self._numbers = itertools.count(1)
        self._runs: dict[int, Run] = {}
        self._names: dict[str, int] = {}

    async def go(self) -> None:
        """Let it work; called once, when the process is under its tenant's quota."""
        self.link.send({"type": "go"})

    async def run(
        self, correlation_id: str, session_id: str, work: dict[str, Any], on_event: EventHandler
    ) -> WorkResult:
        """Do a piece of work after everything that was asked for before.

        Args:
            correlation_id: A name for ``cancel``; free again once the work has ended.
            session_id: The session that asked; it appears in the result.
            work: Its kind and checked arguments.
            on_event: Told of ``thinking``, ``tool_executing``, ``tool_completed`` and ``progress``. When it returns
                something to wait for, the agent is not listened to until then.

        Returns:
            What came out.

        Raises:
            AgentFailure: Nothing came out: ``cancelled``, ``agent_stopped``, or what the work itself failed of.
            ValueError: Unfinished work has the same correlation id.
        """
        if self.exited.done():
            raise AgentFailure("agent_stopped", self.exited.result())
        if correlation_id in self._names:
            raise ValueError(f"work '{correlation_id}' is unfinished")
        run = Run(next(self._numbers), on_event)
        self._runs[run.number] = run
        self._names[correlation_id] = run.number
        self.link.send({"type": "work", "run": run.number, "session_id": session_id, "work": work})
        try:
            return await run.outcome()
        except asyncio.CancelledError:
            self._abandon(run)
            raise
        finally:
            self._names.pop(correlation_id, None)

    async def cancel(self, correlation_id: str) -> bool:
        """Cancel work and wait until the process has come back from it; events are dropped from now on.

        Returns:
            True when the process lives and is not doing that work (any more); False when it has ended.
        """
        run = self._runs.get(self._names.get(correlation_id, 0))
        if run is not None:
            self._abandon(run)
            await asyncio.wait({run.ended})
        return not self.exited.done()

    async def stop(self, reason: str) -> None:
        """End the process and wait until it was collected; may be called any number of times.

        Args:
            reason: Why; the first one counts.
        """
        self.explain(reason)
        send(self.pid, self.started_ticks, signal.SIGKILL)
        await asyncio.wait({self.exited})

    def explain(self, reason: str) -> None:
        """Say why the process is about to end by somebody else's hand, such as the governor's; the first one counts."""
        if self._reason is None:
            self._reason = reason

    def note_exit(self, reason: str) -> None:
        """The process was collected: everything unfinished ends with ``agent_stopped``.

        Args:
            reason: Why, if nobody has explained it before.
        """
        if self.exited.done():
            return
        self.link.close()
        self.exited.set_result(self._reason or reason)
        failure = AgentFailure("agent_stopped", self.exited.result())
        for run in list(self._runs.values()):
            run.fail(failure)
        self._runs.clear()

    def _abandon(self, run: Run) -> None:
        run.give_up()
        self.link.send({"type": "cancel", "run": run.number})

    def _on_message(self, message: dict[str, Any]) -> Awaitable[None] | None:
        run = self._runs.get(message["run"])
        if run is None:
            return None
        match message["type"]:
            case "event":
                return run.event(message)
            case "call":
                call = asyncio.ensure_future(self._serve_call(message))
                run.calls.add(call)
                call.add_done_callback(run.calls.discard)
            case "result":
                del self._runs[run.number]
                run.complete(WorkResult(message["result"], message["service_milliseconds"]))
            case "failure":
                del self._runs[run.number]
                run.fail(AgentFailure(message["code"], message["message"]))
        return None

    async def _serve_call(self, message: dict[str, Any]) -> None:
        reply: dict[str, Any] = {"type": "reply", "call": message["call"]}
        try:
            reply["value"] = await self._on_call(message["name"], message["arguments"])
        except AgentFailure as failure:
            reply |= {"code": failure.code, "message": failure.message}
        except Exception as error:  # noqa: BLE001 - reported, and the agent has to get an answer
            asyncio.get_running_loop().call_exception_handler({"message": "an agent's call failed", "exception": error})
            reply |= {"code": "internal", "message": "the platform could not serve a call"}
        self.link.send(reply)
