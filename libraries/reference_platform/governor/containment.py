"""Mitigation: noisy tenants go into the penalty box together and stay there until they have been quiet for a while."""

from __future__ import annotations

from dataclasses import dataclass, field

from reference_platform.governor.detection.detector import Detection
from reference_platform.governor.detection.noise_rules import NoiseRule
from reference_platform.governor.enforcement.enforcer import Enforcer
from reference_platform.governor.journal import Journal, Send
from reference_platform.governor.messages import Contain, Release
from reference_platform.governor.observation import Observation, TenantSeen
from reference_platform.governor.settings import GovernorSettings

_MUCH = 0.75
"""Which part of its share of the box shows that a tenant would take more."""
_ORDINARY_PERCENT = 3.0
"""What everyday requests take at most (percent of one core); it never keeps anybody in the box."""
_LONG_SECONDS = 0.4
"""Everyday requests usually end sooner, even in the box."""


@dataclass(slots=True)
class _Stay:
    since: float
    last_excess: float
    resources: set[str] = field(default_factory=set)
    wanted_before: bool = True


class Containment:
    """Puts noisy tenants into the box and lets quiet ones out.

    In the box nobody can take much any more, so an excess there is a tenant that takes nearly all of its part of the
    box, still wants the processor in two looks in a row, works on one thing for long (which also shows bursts between two looks),
    uses half of the box's storage traffic or fresh memory, or is above one of the noise rules.

    Args:
        settings: ``hold_seconds``, ``contain_factor``, ``box_percent`` and the other limits of the box are used.
        enforcer: Keeps the box.
        rules: The noise rules.
        journal: Gets an entry for every step.
        send: Sends one message to the gateway.
    """

    def __init__(
        self, settings: GovernorSettings, enforcer: Enforcer, rules: list[NoiseRule], journal: Journal, send: Send
    ) -> None:
        self._settings = settings
        self._enforcer = enforcer
        self._rules = rules
        self._journal = journal
        self._send = send
        self._stays: dict[str, _Stay] = {}

    @property
    def contained(self) -> frozenset[str]:
        """Tenants in the box."""
        return frozenset(self._stays)

    def contain(self, found: Detection, at: float) -> None:
        """Put a noisy tenant into the box, or note one more reason for its stay.

        Args:
            found: What it took too much of.
            at: Now (seconds, monotonic clock).
        """
        new = found.tenant not in self._stays
        stay = self._stays.setdefault(found.tenant, _Stay(at, at))
        stay.last_excess = at
        if found.resource in stay.resources:
            return
        stay.resources.add(found.resource)
        if new:
            self._enforcer.box(set(self._stays))
        self._send(Contain(found.tenant, found.resource, self._settings.contain_factor))
        detail = {**found.detail, "box_percent": self._settings.box_percent, "factor": self._settings.contain_factor}
        self._journal.audit("contained", found.tenant, resource=found.resource, detail=detail)

    def review(self, seen: Observation) -> None:
        """Let out whoever has been quiet for the hold time.

        Args:
            seen: The latest observation.
        """
        for name, stay in list(self._stays.items()):
            tenant = seen.tenants.get(name)
            if tenant is None:
                self.release(name, seen.at)
                continue
            if self.still_noisy(stay.wanted_before, tenant, seen):
                stay.last_excess = seen.at
            stay.wanted_before = tenant.wants_cpu
            if seen.at - stay.last_excess >= self._settings.hold_seconds:
                self.release(name, seen.at)

    def still_noisy(self, wanted_before: bool, tenant: TenantSeen, seen: Observation) -> bool:
        """Whether a boxed tenant would still take too much if it could.

        Args:
            wanted_before: Whether it wanted the processor in the observation before.
            tenant: The tenant in this observation.
            seen: Everybody in this observation.
        """
        part = self._settings.box_percent / max(1, len(self._stays))
        takes = tenant.cpu_percent >= max(_MUCH * part, _ORDINARY_PERCENT)
        wants = wanted_before and tenant.wants_cpu
        works_long = tenant.longest_operation_seconds >= _LONG_SECONDS
        stores = tenant.io_bytes_per_second >= self._settings.box_io_bytes_per_second / 2
        fills = tenant.churn_bytes_per_second >= self._settings.box_memory_bytes_per_second / 2
        return (
            takes
            or wants
            or works_long
            or stores
            or fills
            or any(rule.excess(tenant, seen) >= 1 for rule in self._rules)
        )

    def release(self, name: str, at: float) -> None:
        """Let a tenant out of the box; nothing happens when it is not there.

        Args:
            at: Now (seconds, monotonic clock).
        """
        stay = self._stays.pop(name, None)
        if stay is None:
            return
        self._enforcer.box(set(self._stays))
        self._send(Release(name))
        detail: dict[str, object] = {
            "seconds": round(at - stay.since, 1),
            "quiet_seconds": round(at - stay.last_excess, 1),
            "resources": sorted(stay.resources),
        }
        self._journal.audit("released", name, detail=detail)
