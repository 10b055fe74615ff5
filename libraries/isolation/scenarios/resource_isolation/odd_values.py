"""One user sends odd and large values in every field and header, while users of other tenants are served (RI-4)."""

from __future__ import annotations

from isolation.record.resource_isolation.odd_values import OddValuesRecord
from isolation.scenarios.api import Api, NotOffered
from isolation.target.needs import Needs
from isolation.target.words import RequestKind

NEEDS = Needs(any_of=(RequestKind.PING, RequestKind.NOOP), tenants=2)
_OTHERS = 2
_SECONDS = 8.0
"""How long values are tried; a value that holds others up is waited for beyond."""


def run(api: Api) -> OddValuesRecord:
    """The caller is alone in its tenant: what is slow for its colleagues may be its own quota."""
    allowed, needed = api.target.limits.requests_per_minute, api.limits["answers of others"].value
    if allowed is not None and allowed / 60 * _SECONDS * _OTHERS < needed:
        raise NotOffered(
            f"The target allows {allowed} requests a minute of a user: too few to see whether others are held up for a moment."
        )
    caller, *others = api.make(1 + _OTHERS)
    return api.prober.try_odd_values(caller, others, _SECONDS)
