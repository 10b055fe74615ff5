"""``noisy_tenant``: a tenant takes too much of something while others are there to be disturbed."""

from __future__ import annotations

from reference_platform.governor.detection.detector import Detection, Episodes, Windows
from reference_platform.governor.detection.noise_rules import NoiseRule, all_rules
from reference_platform.governor.observation import Observation, TenantSeen
from reference_platform.governor.settings import GovernorSettings

_NEVER_BELOW = 0.5
"""Each sample must reach this part of the limit: a burst with a pause is no noise."""


class NoiseDetector:
    """Applies all rules to all tenants; the excess of the last few seconds decides: its mean, and no sample without.

    Args:
        settings: The limits; ``noisy_seconds`` is the window.
        rules: The rules; all of them when not given.
    """

    def __init__(self, settings: GovernorSettings, rules: list[NoiseRule] | None = None) -> None:
        self._rules = all_rules(settings) if rules is None else rules
        self._windows = Windows(settings.noisy_seconds)
        self._episodes = Episodes(settings.hold_seconds)

    def observe(self, seen: Observation) -> list[Detection]:
        """Tell which tenants became noisy, once per tenant, resource and episode."""
        found = []
        for tenant in seen.tenants.values():
            for rule in self._rules:
                found += self._apply(rule, tenant, seen)
        self._windows.keep({(name, rule.resource) for name in seen.tenants for rule in self._rules})
        return found

    def name(self, tenant: TenantSeen) -> str:
        """Whom an alert names: the tenant whose own numbers were too high."""
        return tenant.tenant

    def _apply(self, rule: NoiseRule, tenant: TenantSeen, seen: Observation) -> list[Detection]:
        key = (tenant.tenant, rule.resource)
        # A single huge sample must not carry the whole window: twice the limit is as bad as it gets.
        window = self._windows.add(key, seen.at, min(2.0, rule.excess(tenant, seen)))
        if not window:
            return []
        # The first entry only marks the window's beginning.
        multiples = [value for _, value in window[1:]]
        mean = sum(multiples) / len(multiples)
        noisy = mean >= 1 and min(multiples) >= _NEVER_BELOW and _anybody_else(tenant, seen)
        if not noisy or not self._episodes.begins(key, seen.at):
            return []
        detail: dict[str, object] = {
            "times_the_limit": round(mean, 2),
            "cpu_percent": round(tenant.cpu_percent, 1),
            "memory_bytes": tenant.memory_bytes,
            "io_bytes_per_second": round(tenant.io_bytes_per_second),
        }
        return [Detection("noisy_tenant", self.name(tenant), resource=rule.resource, detail=detail)]


def _anybody_else(tenant: TenantSeen, seen: Observation) -> bool:
    return any(other.active for other in seen.tenants.values() if other.tenant != tenant.tenant)
