"""Which ids of a run a text names, where some begin with others."""

from __future__ import annotations

import re
from collections.abc import Iterable


class KnownIds:
    """Finds the ids of users and tenants in keys, rows and paths.

    Of several that begin at the same place the longest counts: who owns ``t:run-t001-x:`` is not ``run-t001``.

    Args:
        ids: Those that are known.
        run_id: Whatever holds it like an id, and is none of them, is found as well; empty for known ones only.
    """

    def __init__(self, ids: Iterable[str], run_id: str = "") -> None:
        """Prepare the search."""
        known = sorted(set(ids), key=len, reverse=True)
        parts = [re.escape(one) for one in known]
        if run_id:
            parts.append(re.escape(run_id) + r"-[a-zA-Z]\d+[a-zA-Z0-9]*")
        self._pattern = re.compile(rf"(?:{'|'.join(parts)})(?![a-zA-Z0-9])" if parts else r"(?!)")

    def named(self, text: str) -> list[str]:
        """All ids in a text, in order."""
        return self._pattern.findall(text)

    def replaced(self, text: str, others: dict[str, str]) -> str:
        """The text with ids replaced by others, all at once."""
        return self._pattern.sub(lambda found: others.get(found[0], found[0]), text)
