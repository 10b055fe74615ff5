"""Removing many tenants from the target: some at a time, for each takes several steps in every store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from isolation.drive.watch.operator import OperatorApi, OperatorError
from isolation.target.words import OperatorOperation

_AT_ONCE = 8
_ANSWER_WITHIN = 10.0


async def remove_tenants(operator: OperatorApi, tenants: Sequence[str]) -> dict[str, dict[str, object] | str]:
    """Remove tenants with everything that is theirs.

    Args:
        operator: The operator API; further connections to it are opened and closed again.
        tenants: Ids of the tenants.

    Returns:
        For each tenant what the target says is left of it, or in words why it could not be removed.
    """
    waiting, answers = iter(tenants), dict[str, dict[str, object] | str]()

    async def remove_one_after_the_other() -> None:
        own = operator.another()
        try:
            for tenant in waiting:
                try:
                    answers[tenant] = await own.fields(OperatorOperation.REMOVE, _ANSWER_WITHIN, tenant=tenant)
                except OperatorError as error:
                    answers[tenant] = str(error)
        finally:
            await own.close()

    await asyncio.gather(*(remove_one_after_the_other() for _ in range(min(_AT_ONCE, len(tenants)))))
    return answers
