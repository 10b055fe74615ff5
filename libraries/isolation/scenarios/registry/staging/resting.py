"""Counting what the platform holds, again and again, and waiting until what was taken has been given back."""

from __future__ import annotations

import time
from collections.abc import Iterable

from isolation.drive.platform.tenants import TenantAgent
from isolation.record.usage.holdings import Holdings
from isolation.scenarios.registry.staging.stage import Stage
from isolation.target.needs import Needs
from isolation.target.words import OperatorOperation

COUNTED = Needs(operator=(OperatorOperation.INVENTORY, OperatorOperation.RESIDUE), processes=True)
"""What a target must offer so that it can be counted."""
_SECOND_LOOK_S = 4.0
"""How long is waited once something was not given back in the promised time: it only shows how much more is left."""
_KEYS = "keys"


class Rests:
    """Counts of one experiment; each waits for what there was after the first one.

    Args:
        stage: The experiment.
        of: Whose rows, keys and files are counted; everybody's when not given.
    """

    def __init__(self, stage: Stage, of: Iterable[TenantAgent] = ()) -> None:
        self._stage = stage
        self._of = list(of)
        self._first: Holdings | None = None
        self._patience_s = stage.api.limits["gone"].value if "gone" in stage.api.limits else _SECOND_LOOK_S

    @property
    def tenants(self) -> list[str]:
        """Whose things are counted."""
        return sorted({user.tenant_id for user in self._of or self._stage.api.users})

    def now(self) -> Holdings:
        """Count at once."""
        return self._stage.api.monitor.holdings(self.tenants)

    def at_rest(self) -> Holdings:
        """Count when everything has been given back, or when the promised time for it is over."""
        first = self._first
        within_s = self._patience_s if first is not None else _SECOND_LOOK_S
        began = time.monotonic()
        found = self._stage.api.monitor.holdings_at_rest(self.tenants, first, within_s)
        if first is not None and _more(first, found) == {_KEYS}:
            # Cached answers may end by themselves, where the target says so; nothing else may take as long.
            rest_s = (self._stage.api.target.limits.answers_kept or 0.0) + _SECOND_LOOK_S - (time.monotonic() - began)
            found = self._stage.api.monitor.holdings_at_rest(self.tenants, first, max(0.0, rest_s))
        if first is None:
            self._first = found
        elif _more(first, found):
            self._patience_s = min(self._patience_s, _SECOND_LOOK_S)
        return found


def _more(first: Holdings, found: Holdings) -> set[str]:
    """Kinds of which there is more than at first."""
    return {kind for kind, number in found.given_back().items() if number > first.given_back()[kind]}
