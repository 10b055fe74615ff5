"""Reads frames where they are; a module of its own, for engines import it."""

from __future__ import annotations

from dataclasses import dataclass

from isolation.record import Frame


@dataclass(frozen=True)
class FrameCount:
    """Counts messages."""

    def __call__(self, frames: list[Frame]) -> int:
        return sum(frame.kind == "message" for frame in frames)
