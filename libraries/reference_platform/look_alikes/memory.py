"""Memory of the gateway that grows and is no leak."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from reference_platform.defects.surgery import replace, replace_everywhere

_WARM_UP_BYTES = 30_000_000
_ENTRY_BYTES, _ENTRIES = 50_000, 400
_TOOTH_BYTES, _TOOTH_SECONDS = 20_000_000, 2.0
_STEPS = 8


def warm_up() -> None:
    """A model is loaded with the first request and stays."""
    loaded: list[bytearray] = []

    def load() -> None:
        if not loaded:
            loaded.append(_touched(_WARM_UP_BYTES))

    _with_each_request(load)


def cache_fills() -> None:
    """The latest answers are kept, 20 MB of them and no more."""
    kept: deque[bytearray] = deque(maxlen=_ENTRIES)
    _with_each_request(lambda: kept.append(_touched(_ENTRY_BYTES)))


def saw_tooth() -> None:
    """Garbage gathers and is collected."""
    from reference_platform.gateway.gateway import Gateway

    begin = Gateway.open
    running: list[asyncio.Task[None]] = []

    async def rise_and_fall() -> None:
        while True:
            held = []
            for _ in range(_STEPS):
                held.append(_touched(_TOOTH_BYTES // _STEPS))
                await asyncio.sleep(_TOOTH_SECONDS / _STEPS)
            held.clear()

    async def open_and_breathe(self: Gateway) -> None:
        await begin(self)
        running.append(asyncio.get_running_loop().create_task(rise_and_fall()))

    replace(Gateway, "open", open_and_breathe)


def _touched(size: int) -> bytearray:
    """Not zeros: those would take no memory."""
    return bytearray(b"x") * size


def _with_each_request(act: Callable[[], None]) -> None:
    from reference_platform.gateway.execution import session_work

    run = session_work.run

    async def acting(*arguments: Any, **options: Any) -> Any:
        act()
        return await run(*arguments, **options)

    replace_everywhere(run, acting)
