"""For each seeded defect a function that says whether it shows on a running platform."""

from component.gateway.shows import look_alikes, registry, resources, rights, secrets, sessions, state, tokens
from component.gateway.shows.common import Show

SHOWN: dict[str, Show] = {
    **tokens.SHOWN,
    **sessions.SHOWN,
    **state.SHOWN,
    **registry.SHOWN,
    **look_alikes.SHOWN,
    **secrets.SHOWN,
    **resources.SHOWN,
    **rights.SHOWN,
}

__all__ = ["SHOWN", "Show"]
