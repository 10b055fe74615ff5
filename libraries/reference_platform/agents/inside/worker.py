"""The one thread that works: one thing at a time, in the order of arrival."""

from __future__ import annotations

import queue
import threading
import time

from reference_platform.agents.inside.channel import Channel
from reference_platform.agents.inside.work import Cancelled, Work, WorkFailure
from reference_platform.agents.inside.workloads import WORKLOADS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Worker:
    """A queue of work and the thread that does it.

    Args:
        channel: Where events and results go.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._accepted: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._unfinished: dict[int, Work] = {}
        self._current: Work | None = None
        self._changing = threading.Lock()
        threading.Thread(target=self._serve, name="worker", daemon=True).start()

    def accept(self, work: Work) -> None:
        """Put work at the end of the queue."""
        self._unfinished[work.run] = work
        self._accepted.put(work)

    def cancel(self, run: int) -> None:
        """Cancel work, whether it is being done or still waits; nothing happens when it has ended.

        Args:
            run: Its number.
        """
        with self._changing:
            work = self._unfinished.get(run)
            if work is None:
                return
            if work is self._current:
                work.cancel()
                return
            del self._unfinished[run]
        self._channel.send(_failure(work, "cancelled", "cancelled by its owner"))

    def _serve(self) -> None:
        while True:
            work = self._accepted.get()
            with self._changing:
                if work.run not in self._unfinished:
                    continue
                self._current = work
            last_words = self._perform(work)
            with self._changing:
                self._current = None
                del self._unfinished[work.run]
            self._channel.send(*last_words)

    def _perform(self, work: Work) -> list[dict[str, Any]]:
        if work.kind not in WORKLOADS:
            return [_failure(work, "bad_request", f"there is no kind of work called '{work.kind}'")]
        tool, workload = WORKLOADS[work.kind]
        self._channel.send(_event(work, "thinking"), _event(work, "tool_executing", tool))
        started = time.monotonic()
        try:
            added = workload(work)
        except Cancelled:
            return [_failure(work, "cancelled", "cancelled by its owner")]
        except WorkFailure as failure:
            return [_failure(work, failure.code, failure.message)]
        except MemoryError:
            return [_failure(work, "quota_exceeded", "the tenant's memory quota does not allow it")]
        except Exception as error:  # noqa: BLE001 - reported, and the worker has to go on
            # Only the type: the text of an exception may quote what a user sent.
            return [_failure(work, "internal", type(error).__name__)]
        milliseconds = (time.monotonic() - started) * 1000
        return [_event(work, "tool_completed", tool), _result(work, added, milliseconds)]


def _event(work: Work, event: str, tool: str | None = None) -> dict[str, Any]:
    message = {"type": "event", "run": work.run, "event": event}
    return message if tool is None else {**message, "tool": tool}


def _failure(work: Work, code: str, text: str) -> dict[str, Any]:
    return {"type": "failure", "run": work.run, "code": code, "message": text}


def _result(work: Work, added: dict[str, Any], milliseconds: float) -> dict[str, Any]:
    identity = work.agent.identity
    own = {"session_id": work.session_id, "user": identity["user"], "tenant": identity["tenant"], "kind": work.kind}
    result = {**own, **added}
    return {"type": "result", "run": work.run, "result": result, "service_milliseconds": round(milliseconds, 3)}
