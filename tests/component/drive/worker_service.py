"""A small service for the tests of the worker."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path


class Service:
    """Does a few simple things in a process of its own."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self._progress = progress
        self._cancelled: list[str] = []
        self._farewell: Path | None = None

    async def add(self, *numbers: int, more: int = 0) -> int:
        return sum(numbers) + more

    async def fail(self, sentence: str) -> None:
        raise RuntimeError(sentence)

    async def echo(self, data: bytes) -> bytes:
        return data

    async def unsendable(self) -> object:
        return lambda: None

    async def talk(self, *sentences: str) -> None:
        for sentence in sentences:
            self._progress(sentence)

    async def wait(self, name: str, seconds: float) -> str:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self._cancelled.append(name)
            raise
        return name

    async def cancelled(self) -> list[str]:
        return self._cancelled

    async def block(self, seconds: float) -> None:
        time.sleep(seconds)

    async def die(self) -> None:
        os._exit(3)

    async def say_farewell_to(self, file: str) -> None:
        self._farewell = Path(file)

    async def close(self) -> None:
        if self._farewell is not None:
            self._farewell.write_text("closed")
