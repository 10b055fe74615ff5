"""What the tests of resource records share: limits of the catalogue, events in the suite's words."""

from __future__ import annotations

from pathlib import Path

from isolation.record import PlatformEvent
from isolation.record.limits import Limits
from isolation.settings.catalogue import Catalogue

_PROMISES = Path(__file__).resolve().parents[3] / "resources" / "promises.yaml"


def limits_of(promise: str) -> Limits:
    """The contract's limits."""
    found = Catalogue.load(_PROMISES)[promise]
    return Limits({name: found.limit(name) for name in found.limits}, promise)


def told(stream: str, word: str, tenant: str, at: float, resource: str = "") -> PlatformEvent:
    """An entry whose own kind nobody knows: judges read the suite's word."""
    return PlatformEvent(1, at, stream, "own-kind", tenant, resource=resource, word=word)
