"""Which rules about things a target file gives no chance to try, and why: one sentence each."""

from __future__ import annotations

from isolation.drive.probe.things.plan import parents, places
from isolation.record.access.probes import Rule
from isolation.target.model import Target, Thing
from isolation.target.words import OperatorOperation, RequestKind


def rules_not_offered(target: Target) -> dict[str, str]:
    """By rule: what no thing of the file has that the rule is about; only rules that cannot be tried."""
    reasons = {
        Rule.AFTER_REMOVAL: (_can_go, "no thing of the target file can be removed ('remove' in section 'things')"),
        Rule.AFTER_FAILURE: (
            _is_made_and_listed,
            "no thing of the target file is made and listed ('make' and 'list' in section 'things')",
        ),
        Rule.OTHER_PLACE: (_is_inside_another, "no thing of the target file is made inside of another one"),
        Rule.SAME_NAME: (
            _is_named_by_its_owner,
            "no thing of the target file is named by its owner ('make' sends no id of section 'things')",
        ),
        Rule.COUNTS: (
            _is_counted,
            "the target file has no list that needs no id ('list' in section 'things'), and no request 'metrics'",
        ),
        Rule.SUBSCRIPTIONS: (
            lambda _, thing: thing.subscribe is not None,
            "no thing of the target file can be subscribed to ('subscribe' in section 'things')",
        ),
    }
    lacking = {
        rule.value: reason
        for rule, (fits, reason) in reasons.items()
        if not any(fits(target, thing) for thing in target.things.values())
    }
    if not (OperatorOperation.REMOVE in target.operator or target.tenants.remove) or not target.tenants.make:
        lacking[Rule.OFF_BOARDING.value] = "no tenant can be removed and made again ('make' and 'remove')"
    return lacking


def _can_go(target: Target, thing: Thing) -> bool:
    if thing.made_by == "session.open" and RequestKind.SESSION_END in target.requests:
        return True
    return thing.remove not in (None, RequestKind.CANCEL)


def _is_made_and_listed(target: Target, thing: Thing) -> bool:
    return thing.make is not None and thing.listing is not None and thing.make != thing.listing


def _is_inside_another(target: Target, thing: Thing) -> bool:
    others = parents(target) - {thing.id}
    return thing.make is not None and bool(places(target, thing.make) & others)


def _is_named_by_its_owner(target: Target, thing: Thing) -> bool:
    return thing.look is not None and thing.make is not None and thing.id in places(target, thing.make)


def _is_counted(target: Target, thing: Thing) -> bool:
    kinds = [kind for kind in (thing.listing, *thing.administrators, RequestKind.METRICS) if kind in target.requests]
    return any(kind is not None and thing.id not in places(target, kind) for kind in kinds)
