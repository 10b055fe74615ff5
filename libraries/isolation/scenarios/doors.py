"""Every door is tried by its owner, by others and by nobody (CS-2)."""

from __future__ import annotations

from isolation.record.door_trials import DoorTrialsRecord
from isolation.scenarios.api import Api
from isolation.target.needs import Needs
from isolation.target.words import RequestKind

NEEDS = Needs(requests=(RequestKind.AGENT_CREATE, RequestKind.STATE_PUT))
_OWNERS = 2
_STRANGERS = 4
_FOREIGN_ADMINISTRATORS = 2
_MORE_THAN_ENOUGH = 1.2
"""Times the refusals that a comparison of times needs: some may get no reply."""


def run(api: Api) -> DoorTrialsRecord:
    """Each owner's tenant has two further users, one of them an administrator; some strangers are administrators too."""
    owners = api.make(_OWNERS)
    neighbours = [api.add_user(owner, role) for owner in owners for role in ("standard", "admin")]
    strangers = api.make(_STRANGERS) + api.make(_FOREIGN_ADMINISTRATORS, "admin")
    repeats = int(api.limits["timing samples"].value * _MORE_THAN_ENOUGH)
    return api.prober.try_doors(owners, neighbours, strangers, repeats)
