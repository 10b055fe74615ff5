"""The gateway's way to the zygote: starts it, asks it for processes, hears of their ends."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import reference_platform
from reference_platform.agents.zygote import LARGEST_MESSAGE_BYTES

_PATIENCE_SECONDS = 2.0


class ZygoteControl:
    """A running zygote. It ends with the thread that made this object: make it on the main thread.

    Attributes:
        on_exit: Told of the process id of each agent that has ended and was collected.
        on_lost: Told when the zygote has ended without having been asked to; its agents have ended with it.
    """

    def __init__(self) -> None:
        self.on_exit: Callable[[int], None] = lambda pid: None
        self.on_lost: Callable[[], None] = lambda: None
        self._socket, far_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.setblocking(False)
        self._numbers = count(1)
        self._waiting: dict[int, Callable[[dict[str, Any]], None]] = {}
        with far_end:
            self._zygote = subprocess.Popen(
                [
                    sys.executable,
                    "-S",
                    "-m",
                    "reference_platform.agents.zygote",
                    str(far_end.fileno()),
                    str(os.getpid()),
                ],
                pass_fds=[far_end.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
                env=_clean_environment(),
            )

    @property
    def pid(self) -> int:
        """The zygote's process id."""
        return self._zygote.pid

    def listen(self) -> None:
        """Hear the zygote from now on; needs the running event loop."""
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._read)

    async def fork(
        self, agent: dict[str, str], folder: Path, descriptor: int, on_answer: Callable[[dict[str, Any]], None]
    ) -> None:
        """Ask for a process.

        Args:
            agent: The fields of ``AgentIdentity``.
            folder: Its private folder.
            descriptor: Its end of a socket pair.
            on_answer: Told of the answer, before anything that happens to the process later: ``pid`` and
                ``started_ticks``, or ``error``.

        Raises:
            OSError: The zygote has ended.
        """
        number = next(self._numbers)
        data = json.dumps({"request": number, "agent": agent, "folder": str(folder)}).encode("ascii")
        self._waiting[number] = on_answer
        try:
            while not self._sent(data, descriptor):
                await asyncio.sleep(0.002)
        except BaseException:
            self._waiting.pop(number, None)
            raise

    async def close(self) -> None:
        """End the zygote and with it all agents; may be called any number of times."""
        self._hang_up()
        clock = asyncio.get_running_loop().time
        end = clock() + _PATIENCE_SECONDS
        while self._zygote.poll() is None and clock() < end:
            await asyncio.sleep(0.01)
        self._zygote.kill()
        self._zygote.wait()

    def _sent(self, data: bytes, descriptor: int) -> bool:
        try:
            socket.send_fds(self._socket, [data], [descriptor])
        except BlockingIOError:
            return False
        return True

    def _read(self) -> None:
        while self._socket.fileno() != -1:
            try:
                data = self._socket.recv(LARGEST_MESSAGE_BYTES)
            except BlockingIOError:
                return
            except ConnectionError:
                data = b""
            if data:
                self._handle(json.loads(data))
            else:
                self._lose()

    def _handle(self, message: dict[str, Any]) -> None:
        if "request" in message:
            self._waiting.pop(message["request"])(message)
        else:
            self.on_exit(message["exited"])

    def _lose(self) -> None:
        self._hang_up()
        self._zygote.wait()
        for on_answer in self._waiting.values():
            on_answer({"error": "the zygote has ended"})
        self._waiting.clear()
        self.on_lost()

    def _hang_up(self) -> None:
        if self._socket.fileno() != -1:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()


def _clean_environment() -> dict[str, str]:
    """What the zygote and all agents may know: where the code is, and how memory is to be handled."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(Path(reference_platform.__file__).resolve().parents[1]),
        "PYTHONUTF8": "1",
        # Large blocks go back to the kernel when they are freed, and threads do not reserve 64 MB each.
        "MALLOC_MMAP_THRESHOLD_": "131072",
        "MALLOC_ARENA_MAX": "1",
    }
