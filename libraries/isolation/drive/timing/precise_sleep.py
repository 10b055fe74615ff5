"""Waiting until a moment more exactly than an event loop's own timers can.

libuv counts whole milliseconds, and a request that leaves a millisecond late is a millisecond of false latency. A timer of the
Linux kernel (``timerfd``) that the loop watches like a socket is exact to some tens of microseconds and costs no spinning.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import time
from types import TracebackType

_CLOCK_MONOTONIC, _NONBLOCK, _CLOEXEC = 1, 0o4000, 0o2000000
_SHORTEST_S = 0.000_02


class _Spec(ctypes.Structure):
    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("value_s", ctypes.c_long),
        ("value_ns", ctypes.c_long),
    )


class PreciseSleep:
    """A timer of one task; use it as a context manager. Where the kernel has none, the loop's own timers serve."""

    def __enter__(self) -> PreciseSleep:
        """Make the timer."""
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Future[None] | None = None
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = -1
        if hasattr(self._libc, "timerfd_create"):
            self._fd = self._libc.timerfd_create(_CLOCK_MONOTONIC, _NONBLOCK | _CLOEXEC)
        if self._fd >= 0:
            self._loop.add_reader(self._fd, self._due)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take it away."""
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    async def until(self, moment: float) -> None:
        """Wait until then (seconds, monotonic clock); gives way to others at least once."""
        seconds = moment - time.monotonic()
        if seconds < _SHORTEST_S:
            await asyncio.sleep(0)
            return
        if self._fd < 0:
            await asyncio.sleep(seconds)
            return
        self._waiting = self._loop.create_future()
        whole = int(seconds)
        spec = _Spec(0, 0, whole, max(1, int((seconds - whole) * 1e9)))
        self._libc.timerfd_settime(self._fd, 0, ctypes.byref(spec), None)
        await self._waiting

    def wake(self) -> None:
        """End the waiting now."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _due(self) -> None:
        try:
            os.read(self._fd, 8)
        except BlockingIOError:
            return  # set anew in the meantime
        self.wake()
