"""A part of the suite in a process of its own, commanded from Robot's process over a private socket.

Robot writes logs and waits; measuring beside that costs hundreds of milliseconds (engineering notes, 1 and 2). So the
load engine and the resource monitor each live in a child process. The child ends with its parent, however that ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import uvloop

from process_control.open_files import allow_many_open_files
from process_control.signals import die_with_parent

_LENGTH = struct.Struct("!Q")
_SHORT_S = 30.0
"""A call that may not even take so long says nothing about a worker that does not answer it."""
_TO_BE_SEEN_DEAD_S = 2.0
"""How long a process may take to end after its socket has closed."""
_PING_S = 5.0
"""How often a worker that is waited for is asked whether it still listens."""
_LIBRARIES = Path(__file__).resolve().parents[2]


class WorkerError(Exception):
    """A call failed in the worker process; the message is the worker's own sentence."""


class WorkerEnded(WorkerError):
    """The worker's process is gone, and with it everything that it held open."""


class PendingCall(Future[Any]):
    """A call that is under way.

    Attributes:
        number: Its number in the channel.
    """

    def __init__(self, number: int) -> None:
        """Nothing is known yet."""
        super().__init__()
        self.number = number


class Worker:
    """The parent's side: starts the process, sends calls, waits for answers.

    Args:
        service: ``package.module:Class`` of what the process hosts; its ``async`` methods can be called.
        progress: Receives sentences that the service says while it works.
        name: How people call it.
        hangs_after_s: Who does not even answer that it listens for so long hangs, and is ended, so that nobody waits for it a second
            time; None for one that calculates for long without listening.
    """

    def __init__(
        self,
        service: str,
        progress: Callable[[str], None] | None = None,
        name: str = "",
        hangs_after_s: float | None = None,
    ) -> None:
        """Start the process."""
        ours, theirs = socket.socketpair()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(_LIBRARIES), os.environ.get("PYTHONPATH", "")])}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "isolation.drive.worker", service, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=environment,
            stdin=subprocess.DEVNULL,
            process_group=0,
        )
        theirs.close()
        self._socket = ours
        self._progress = progress
        self._name = name or service
        self._waiting: dict[int, PendingCall] = {}
        self._number = 0
        self._heard_at = time.monotonic()
        self._hung = False
        self._hangs_after_s = hangs_after_s
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True, name=f"worker {service}")
        self._reader.start()

    @property
    def pid(self) -> int:
        """Process id of the worker."""
        return self._process.pid

    @property
    def pids(self) -> tuple[int, ...]:
        """Processes on this machine that belong to it."""
        return (self.pid,)

    @property
    def has_ended(self) -> bool:
        """Whether the process has ended, without having been told to."""
        if self._process.poll() is None and not self._reader.is_alive():
            # Its end of the socket is closed: it is on its way out.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_TO_BE_SEEN_DEAD_S)
        return self._process.poll() is not None

    @property
    def hung(self) -> bool:
        """Whether the process was ended here, because it had not answered for too long."""
        return self._hung

    def call(self, method: str, *arguments: object, timeout: float = 60.0, **options: object) -> Any:
        """Call a method of the service and wait for its answer.

        Args:
            method: Name of an ``async`` method.
            *arguments: Positional arguments (plain data).
            timeout: Seconds to wait.
            **options: Named arguments (plain data).

        Raises:
            WorkerError: When the method raised, the worker died, or no answer came in time.
        """
        pending = self.submit(method, *arguments, **options)
        try:
            return self._result(pending, timeout)
        except FutureTimeout:
            self.abandon(pending)
            raise WorkerError(f"'{method}' gave no answer within {timeout:g} s") from None
        except BaseException:
            # Robot's time-outs and Ctrl-C end the waiting, so they must end the work too.
            self.abandon(pending)
            raise

    def submit(self, method: str, *arguments: object, **options: object) -> PendingCall:
        """Call a method of the service and do not wait.

        Raises:
            WorkerError: When the worker has ended.
        """
        with self._lock:
            self._number += 1
            pending = PendingCall(self._number)
            self._waiting[pending.number] = pending
        try:
            self._send(("call", pending.number, method, arguments, options))
        except BaseException:
            self._waiting.pop(pending.number, None)
            raise
        return pending

    def abandon(self, pending: Future[Any]) -> None:
        """End a call that nobody waits for any more; one that has ended is left alone."""
        if isinstance(pending, PendingCall) and self._waiting.pop(pending.number, None) is not None:
            try:
                self._send(("cancel", pending.number))
            except WorkerError:
                return

    def stop(self, timeout: float = 5.0) -> None:
        """End the process: politely, then not; may be called any number of times."""
        with contextlib.suppress(OSError):  # the child has ended already, or this is not the first call
            # Closing alone would not reach the child: the reading thread still holds the socket.
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(timeout)

    def _result(self, future: Future[Any], timeout: float) -> Any:
        """Wait for an answer, and meanwhile for a sign that there still is somebody to answer."""
        until = time.monotonic() + timeout
        listening_since = time.monotonic()
        while (rest := until - time.monotonic()) > 0:
            try:
                return future.result(min(rest, _PING_S))
            except FutureTimeout:
                silent_s = time.monotonic() - max(self._heard_at, listening_since)
                if self._hangs_after_s is not None and silent_s > min(
                    self._hangs_after_s, max(timeout, _SHORT_S) - 2 * _PING_S
                ):
                    self._hung = True
                    self._process.kill()
                    raise WorkerEnded(f"the suite's own {self._name} did not answer for {silent_s:.0f} s") from None
                self._send(("ping", 0))
        return future.result(0)

    def _send(self, message: object) -> None:
        data = pickle.dumps(message)
        try:
            with self._lock:
                self._socket.sendall(_LENGTH.pack(len(data)) + data)
        except OSError as error:
            raise WorkerEnded(f"the suite's own {self._name} has ended ({error})") from None

    def _read(self) -> None:
        try:
            self._read_messages()
        except (OSError, EOFError, ValueError, struct.error):
            pass  # the child is gone; whoever waits is told below
        finally:
            for future in list(self._waiting.values()):
                if not future.done():
                    future.set_exception(WorkerEnded(f"the suite's own {self._name} has ended"))

    def _read_messages(self) -> None:
        with self._socket.makefile("rb") as stream:
            while header := stream.read(_LENGTH.size):
                kind, number, value = pickle.loads(stream.read(_LENGTH.unpack(header)[0]))
                self._heard_at = time.monotonic()
                if kind == "progress":
                    if self._progress is not None:
                        self._progress(value)
                elif kind == "pong":
                    continue
                elif (future := self._waiting.pop(number, None)) is not None:
                    future.set_exception(WorkerError(value)) if kind == "error" else future.set_result(value)


class Host:
    """The child's side: runs the service's methods as they are called."""

    def __init__(self, channel: socket.socket) -> None:
        """Take the channel to the parent."""
        self._channel = channel
        self._writer: asyncio.StreamWriter | None = None
        self._running: dict[int, asyncio.Task[None]] = {}

    def progress(self, sentence: str) -> None:
        """Tell the parent how far the work is."""
        self._send(("progress", 0, sentence))

    async def serve(self, service: Any) -> None:
        """Answer calls until the parent closes the channel, then close the service."""
        reader, self._writer = await asyncio.open_connection(sock=self._channel)
        try:
            while True:
                header = await reader.readexactly(_LENGTH.size)
                message = pickle.loads(await reader.readexactly(_LENGTH.unpack(header)[0]))
                if message[0] == "ping":
                    self._send(("pong", 0, None))
                elif message[0] == "cancel":
                    if (task := self._running.get(message[1])) is not None:
                        task.cancel()
                else:
                    _, number, method, arguments, options = message
                    task = asyncio.create_task(self._run(service, number, method, arguments, options))
                    self._running[number] = task
                    task.add_done_callback(partial(self._forget, number))
        except asyncio.IncompleteReadError:
            pass  # the parent has closed its end: time to go
        finally:
            await service.close()
            self._writer.close()

    def _forget(self, number: int, task: asyncio.Task[None]) -> None:
        del self._running[number]

    async def _run(self, service: Any, number: int, method: str, arguments: Any, options: Any) -> None:
        try:
            self._send(("result", number, await getattr(service, method)(*arguments, **options)))
        except asyncio.CancelledError:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller is told
            if os.environ.get("ISOLATION_DEBUG"):
                traceback.print_exc()
            self._send(("error", number, f"{error}" or type(error).__name__))

    def _send(self, message: object) -> None:
        data = pickle.dumps(message)
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(_LENGTH.pack(len(data)) + data)


def main() -> None:
    """Run one service in this process: ``python -m isolation.drive.worker package.module:Class FD``."""
    die_with_parent()
    allow_many_open_files()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to Robot, which then closes the channel
    module, _, name = sys.argv[1].partition(":")
    channel = socket.socket(fileno=int(sys.argv[2]))
    host = Host(channel)
    service = getattr(import_module(module), name)(host.progress)
    uvloop.run(host.serve(service))


if __name__ == "__main__":
    main()
