"""The frames of a session that can be sent again when it was cut."""

from __future__ import annotations

from collections import deque

KEPT_FRAMES = 256
KEPT_BYTES = 1024 * 1024


class ReplayBuffer:
    """The last frames of a session: at most ``KEPT_FRAMES`` and ``KEPT_BYTES``."""

    def __init__(self) -> None:
        """Start empty."""
        self._frames: deque[tuple[int, bytes]] = deque()
        self._bytes = 0

    def add(self, number: int, payload: bytes) -> None:
        """Keep a frame, and let go of the oldest ones."""
        self._frames.append((number, payload))
        self._bytes += len(payload)
        while len(self._frames) > KEPT_FRAMES or self._bytes > KEPT_BYTES:
            self._bytes -= len(self._frames.popleft()[1])

    def after(self, number: int) -> list[bytes]:
        """The frames with a higher number, oldest first."""
        return [payload for kept, payload in self._frames if kept > number]

    def clear(self) -> None:
        """Let go of everything."""
        self._frames.clear()
        self._bytes = 0
