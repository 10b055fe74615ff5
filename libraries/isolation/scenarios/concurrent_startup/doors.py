"""Every door is tried by its owner, by others and by nobody (CS-2)."""

from __future__ import annotations

from isolation.drive.platform.tenants import TenantAgent
from isolation.record.concurrent_startup.doors import DoorTrialsRecord
from isolation.scenarios.api import Api
from isolation.target.model import Target
from isolation.target.needs import Needs

NEEDS = Needs(any_thing=("make",), tenants=2)
_OWNERS = 2
_STRANGERS = 4
_FEWEST_STRANGERS = 1
_FOREIGN_ADMINISTRATORS = 2
_MORE_THAN_ENOUGH = 1.2
"""Times the refusals that a comparison of times needs: some may get no reply."""
_LONGEST_S = 60.0
"""How long one door may be tried where a user may not ask often."""
_ADMINISTRATOR = "admin"


def run(api: Api) -> DoorTrialsRecord:
    """Each owner's tenant has further users, one of them an administrator; some strangers are administrators too."""
    target = api.target
    most = target.tenants.most
    plenty = most is None or most >= 3 * _OWNERS + _STRANGERS + _FOREIGN_ADMINISTRATORS
    owners = api.make(_OWNERS if plenty and target.limits.requests_per_minute is None else 1)
    left = None if most is None else most - len(owners) - _FEWEST_STRANGERS
    neighbours = _neighbours(api, owners)[:left]
    left = None if left is None else left - len(neighbours) + _FEWEST_STRANGERS
    strangers = api.make(_STRANGERS if left is None else min(left, _STRANGERS))
    if left is None and has_administrators(target):
        strangers += api.make(_FOREIGN_ADMINISTRATORS, _ADMINISTRATOR)
    return api.prober.try_doors(owners, neighbours, strangers, _repeats(api, len(strangers)))


def has_administrators(target: Target) -> bool:
    """Whether the platform has a role that may do more."""
    return _ADMINISTRATOR in (target.tenants.roles or {})


def _neighbours(api: Api, owners: list[TenantAgent]) -> list[TenantAgent]:
    roles = ["standard", _ADMINISTRATOR] if has_administrators(api.target) else ["standard"]
    return [colleague for owner in owners for colleague in api.colleagues(owner, roles)]


def _repeats(api: Api, strangers: int) -> int:
    """How often a door is tried: enough to compare times, unless that takes too long at the rate that is allowed."""
    wanted = int(api.limits["timing samples"].value * _MORE_THAN_ENOUGH)
    allowed = api.target.limits.requests_per_minute
    if allowed is None:
        return wanted
    possible = int(strangers * allowed * _LONGEST_S / 60.0 / 2)
    if possible < wanted:
        api.reduce("The target allows too few requests a minute to compare the times of refusals.")
        return 1  # a few more would not decide anything either
    return wanted
