"""One tenant leaks beside others that only work; for scenarios that people write themselves (RI-3)."""

from __future__ import annotations

import time

from isolation.drive.load.engine import Request
from isolation.record.resource_isolation.leak_detection import LeakDetectionRecord, Misbehaviour
from isolation.record.tenants import TenantNames
from isolation.scenarios.api import Api, NotExamined
from isolation.scenarios.resource_isolation import leak_detection
from isolation.settings.profile import Profile
from isolation.target.needs import Needs
from isolation.target.words import RequestKind

_LEAK_S = 120


def needs(kind: RequestKind) -> Needs:
    """What the target has to offer."""
    return leak_detection.needs_of(kind)


def numbered(profile: Profile, *, others: int, **_: object) -> range:
    """The numbers of the tenants that a sentence may name."""
    return range(1, others + 2)


def run(api: Api, *, tenant: int, kind: RequestKind, others: int, rest_s: float) -> LeakDetectionRecord:
    """Let one tenant leak, and watch until the leak is named and cleaned up, or the time for that is over.

    Args:
        api: The experiment.
        tenant: Number of the tenant that leaks.
        kind: What it leaks: one of the three requests for leaks.
        others: How many tenants are there beside it.
        rest_s: How long nobody does anything before.
    """
    there = numbered(api.profile, others=others)
    if tenant not in there:
        raise NotExamined(f"tenant {tenant} cannot leak: there are tenants 1 to {there[-1]}")
    tenants = api.tenants(len(there))
    if len(tenants) < len(there):
        raise NotExamined(f"only {len(tenants)} of {len(there)} users could be connected")
    api.ask(tenants, RequestKind.NOOP)
    api.rest(rest_s)
    api.monitor.sample_now()
    name = tenants[tenant - 1].name
    request = Request(name, kind, leak_detection.arguments_of(kind, api.profile.leaks, _LEAK_S))
    began = [Misbehaviour(name, kind, api.engine.begin([request])[0])]
    if kind is RequestKind.HANDLE_LEAK:
        api.monitor.sample_now(leak_detection.LOOKS_AT_DESCRIPTORS)
    leak_detection.watch(api, tenants, began, {kind: tenant})
    record = LeakDetectionRecord(
        tenants=TenantNames(tuple(one.name for one in tenants)),
        began=tuple(began),
        began_at=api.began_at,
        ended_at=time.monotonic(),
        sampling_s=api.profile.sampling,
        sustained_s=api.profile.leaks.sustained,
        gone=leak_detection.gone(api, tenants),
        samples=api.samples(),
        events=api.events(),
        usage=api.usage(),
        endless=[],
    )
    record.afterwards += api.ask(tenants, RequestKind.TYPICAL, milliseconds=3)
    return record
