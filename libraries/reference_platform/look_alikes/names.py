"""Other ids, and lists in another order."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from typing import Any

from reference_platform.defects.surgery import replace, replace_everywhere


def other_ids() -> None:
    """UUIDs in capitals."""
    from reference_platform.registry import registry, session

    for made in (registry.new_agent_id, session.new_session_id):
        replace_everywhere(made, lambda: str(uuid.uuid4()).upper())


def lists_reordered() -> None:
    """Keys, and what the operator is shown, in a new order each time."""
    from reference_platform.gateway.operator_api.inspection import Inspection
    from reference_platform.state.store import Store

    for name in ("tenants", "sessions", "agents", "usage", "counters"):
        replace(Inspection, name, _shuffled(getattr(Inspection, name)))
    replace(Store, "list_keys", _shuffled(Store.list_keys))


def _shuffled(method: Callable[..., Any]) -> Callable[..., Any]:
    async def shuffled(*arguments: Any, **options: Any) -> Any:
        found = list(await method(*arguments, **options))
        random.shuffle(found)
        return found

    return shuffled
