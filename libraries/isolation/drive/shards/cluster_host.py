"""What stands on a worker of a cluster: an actor that hosts one load engine in a process of its own.

The engine is a child process of the worker, so that neither the cluster's own messages nor its profiler sit in the loop that
measures. The cluster carries bytes only: neither its dashboard nor its logs or keys can show what is in them.
"""

from __future__ import annotations

import asyncio
import pickle
import socket
import threading
import time
from concurrent.futures import Future
from typing import Any

from isolation.drive.worker import Worker, WorkerError

SIGN_OF_LIFE = "clock"
"""What the client calls every second."""
_LOOK_S = 0.5
_START_S = 60.0


class ClusterHost:
    """Lives on the worker as long as its client calls.

    Args:
        service: What the process hosts, as of ``Worker``.
        lease_s: Seconds without a sign of life after which the client counts as gone, and the engine ends.
    """

    def __init__(self, service: str, lease_s: float) -> None:
        """Start the engine."""
        self._lease_s = lease_s
        self._heard_at = time.monotonic() + _START_S
        self._running: dict[int, Future[Any]] = {}
        self._over = threading.Event()
        self._started: Future[Worker] = Future()
        # The engine ends with the thread that has started it, so one that lives as long as it does starts it.
        threading.Thread(target=self._keep, args=[service], daemon=True, name="lease of a load engine").start()
        self._worker = self._started.result(_START_S)

    async def call(self, number: int, message: bytes) -> bytes:
        """Pass a call on to the engine.

        Args:
            number: The client's own number of the call.
            message: Method, arguments and options, pickled.

        Returns:
            The result and None, or None and the error, pickled.
        """
        method, arguments, options = pickle.loads(message)
        if method == SIGN_OF_LIFE:  # until the first one, other engines may still be starting
            self._heard_at = time.monotonic()
        try:
            pending = self._worker.submit(method, *arguments, **options)
            self._running[number] = pending
            try:
                return pickle.dumps((await asyncio.wrap_future(pending), None))
            finally:
                self._running.pop(number, None)
        except WorkerError as error:
            return pickle.dumps((None, error))
        except asyncio.CancelledError:
            return pickle.dumps((None, WorkerError("the call was given up")))

    async def cancel(self, number: int) -> None:
        """Nobody waits for a call any more."""
        pending = self._running.get(number)
        if pending is not None:
            self._worker.abandon(pending)
            pending.cancel()

    async def where(self) -> str:
        """The engine's process and machine, in words."""
        return f"process {self._worker.pid} on {socket.gethostname()}"

    async def end(self) -> None:
        """End the engine."""
        self._over.set()
        await asyncio.to_thread(self._worker.stop)

    def _keep(self, service: str) -> None:
        try:
            worker = Worker(service)
        except BaseException as error:  # noqa: BLE001 - whoever waits is told
            self._started.set_exception(error)
            return
        self._started.set_result(worker)
        while not self._over.wait(_LOOK_S) and not worker.has_ended:
            if time.monotonic() - self._heard_at > self._lease_s:
                break
        worker.stop()
