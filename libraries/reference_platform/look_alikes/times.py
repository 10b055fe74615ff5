"""Slow for everybody alike, or once."""

from __future__ import annotations

import asyncio
from typing import Any

from reference_platform.defects.surgery import replace_everywhere

_SLOWER_SECONDS = 0.03
_FIRST_SECONDS = 0.5


def equally_slow() -> None:
    """A long way to the agents."""
    from reference_platform.gateway.execution import session_work

    run = session_work.run

    async def slower(*arguments: Any, **options: Any) -> Any:
        await asyncio.sleep(_SLOWER_SECONDS)
        return await run(*arguments, **options)

    replace_everywhere(run, slower)


def first_is_slow() -> None:
    """Something is loaded with the first request."""
    from reference_platform.gateway.execution import session_work

    run = session_work.run
    waited: list[bool] = []

    async def once(*arguments: Any, **options: Any) -> Any:
        if not waited:
            waited.append(True)
            await asyncio.sleep(_FIRST_SECONDS)
        return await run(*arguments, **options)

    replace_everywhere(run, once)
