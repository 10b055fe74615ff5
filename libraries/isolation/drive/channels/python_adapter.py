"""A platform that no description fits: a Python class of the target's own carries its sessions.

The class stands in a file beside the target file (``adapter: my_platform.py:MyPlatform``) and has the methods of ``Adapter``.
"""

from __future__ import annotations

import asyncio
import importlib.util
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Protocol

from isolation.drive.channels.channel import CLOSED_WITHOUT_A_WORD, Refused
from isolation.settings.errors import SettingsError
from isolation.target.interpreter import ReadFrame
from isolation.target.model import Target


class AdapterChannel(Protocol):
    """One session of one user."""

    async def ask(self, kind: str, id: str, arguments: Mapping[str, object]) -> None:
        """Send a request; whatever comes back is told by ``heard`` with the same id."""
        ...

    def heard(self) -> AsyncIterator[tuple[bytes, ReadFrame]]:
        """Everything that is received, as its bytes and as what it means; ends when the session has ended."""
        ...

    async def close(self, gracefully: bool) -> None:
        """End the session, with or without a farewell."""
        ...


class Adapter(Protocol):
    """Made once with the target, the addresses by name and the secrets by word."""

    async def open(self, person: Mapping[str, object]) -> AdapterChannel:
        """Connect and prove who it is (``person``: the user's words); raises ``Refused`` when it is not let in."""
        ...


def load_adapter(target: Target, doors: Mapping[str, str], secrets: Mapping[str, str]) -> Adapter:
    """The adapter that a target file names.

    Raises:
        SettingsError: When it cannot be loaded.
    """
    assert target.adapter is not None
    name, _, class_name = target.adapter.rpartition(":")
    path = Path(target.source).parent / name
    try:
        spec = importlib.util.spec_from_file_location(f"adapter_{path.stem}", path)
        if spec is None or spec.loader is None:
            raise SettingsError(f"the adapter {path} is no Python file")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        adapter: Adapter = getattr(module, class_name)(target, doors, secrets)
    except SettingsError:
        raise
    except Exception as error:  # noqa: BLE001 - it is somebody else's code
        raise SettingsError(
            f"the adapter {path}:{class_name} cannot be loaded: {type(error).__name__}: {error}"
        ) from None
    return adapter


class AdapterListener(Protocol):
    """Who is told what an adapter hears."""

    def understood(self, frame: ReadFrame, data: bytes, at: float) -> None:
        """Something arrived; the adapter says what it means."""
        ...

    def failed(self, stream: str, reason: str) -> None:
        """The request will get no answer."""
        ...

    def ended(self, code: int, reason: str) -> None:
        """The session has ended."""
        ...


class AdapterSession:
    """Carries one session over an adapter's channel."""

    def __init__(self, listener: AdapterListener, channel: AdapterChannel) -> None:
        """Listen from now on."""
        self._listener = listener
        self._channel = channel
        self._ended = self._leaving = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._reader = asyncio.create_task(self._hear())

    def send(self, kind: str, request: str, arguments: Mapping[str, object]) -> None:
        """Send a request now."""
        task = asyncio.create_task(self._ask(kind, request, arguments))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self, gracefully: bool) -> None:
        """End the session."""
        self._leaving = gracefully
        try:
            await asyncio.wait_for(self._channel.close(gracefully), 5)
        except Exception as error:  # noqa: BLE001 - it is somebody else's code
            self._end(CLOSED_WITHOUT_A_WORD, f"{type(error).__name__}: {error}")
        self._reader.cancel()
        await asyncio.wait([self._reader], timeout=3)
        self._end(1000 if gracefully else CLOSED_WITHOUT_A_WORD, "")

    async def _ask(self, kind: str, request: str, arguments: Mapping[str, object]) -> None:
        try:
            await self._channel.ask(kind, request, arguments)
        except Refused as error:
            self._listener.failed(request, str(error))
        except Exception as error:  # noqa: BLE001 - it is somebody else's code
            self._listener.failed(request, f"the adapter failed: {type(error).__name__}: {error}")

    async def _hear(self) -> None:
        reason = ""
        try:
            async for data, frame in self._channel.heard():
                self._listener.understood(frame, data, time.monotonic())
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - it is somebody else's code
            reason = f"the adapter failed: {type(error).__name__}: {error}"
        self._end(1000 if self._leaving and not reason else CLOSED_WITHOUT_A_WORD, reason)

    def _end(self, code: int, reason: str) -> None:
        if not self._ended:
            self._ended = True
            self._listener.ended(code, reason)
