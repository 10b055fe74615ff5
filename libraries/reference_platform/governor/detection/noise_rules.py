"""When a tenant takes too much of one resource: one rule per resource, each about the tenant's own doing.

Nothing here looks at delays: whoever is slowed by others uses less, not more, and can never be named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from reference_platform.governor.observation import Observation, TenantSeen
from reference_platform.governor.settings import GovernorSettings

_SATURATED = 0.9
"""Which part of all processors is in use on a saturated machine."""


class NoiseRule(Protocol):
    """Says how far a tenant is above what is too much of one resource."""

    resource: str

    def excess(self, tenant: TenantSeen, seen: Observation) -> float:
        """How much it takes, as a multiple of what is too much; 1 and above is noise.

        Args:
            tenant: The tenant in this observation.
            seen: Everybody in this observation.
        """


@dataclass(slots=True)
class CpuNoise:
    """Processor time: near its quota; or far above everybody else on a saturated machine, where nobody gets that near.

    A tenant without a quota is not judged: the operator has allowed it to take all.
    """

    settings: GovernorSettings
    resource: str = "cpu"

    def excess(self, tenant: TenantSeen, seen: Observation) -> float:
        """The larger of both multiples, see the class."""
        if tenant.cpu_quota_percent is None:
            return 0.0
        alone = tenant.cpu_percent / (self.settings.noisy_share * tenant.cpu_quota_percent)
        return max(alone, self._in_a_crowd(tenant, seen, tenant.cpu_quota_percent))

    def _in_a_crowd(self, tenant: TenantSeen, seen: Observation, quota_percent: float) -> float:
        of_its_quota = tenant.cpu_percent / (self.settings.crowd_share * quota_percent)
        if of_its_quota < 0.5 or seen.machine_busy < _SATURATED:
            return 0.0
        used = sorted(other.cpu_percent for other in seen.tenants.values() if other.active)
        # The lower quartile, and not the median: the noisy may be more than half.
        modest = used[(len(used) - 1) // 4] if used else 0.0
        return min(of_its_quota, tenant.cpu_percent / max(self.settings.crowd_factor * modest, 0.01))


@dataclass(slots=True)
class MemoryNoise:
    """Memory: it takes fresh memory very quickly, or sits near its quota."""

    settings: GovernorSettings
    resource: str = "memory"

    def excess(self, tenant: TenantSeen, seen: Observation) -> float:
        """The larger of both multiples, see the class."""
        churn = tenant.churn_bytes_per_second / self.settings.memory_churn_bytes_per_second
        if tenant.memory_quota_bytes is None:
            return churn
        return max(churn, tenant.memory_bytes / (self.settings.noisy_share * tenant.memory_quota_bytes))


@dataclass(slots=True)
class IoNoise:
    """Storage traffic above the limit."""

    settings: GovernorSettings
    resource: str = "io"

    def excess(self, tenant: TenantSeen, seen: Observation) -> float:
        """Traffic as a multiple of the limit."""
        return tenant.io_bytes_per_second / self.settings.io_bytes_per_second


@dataclass(slots=True)
class DemandNoise:
    """A tenant keeps asking for more than its own rate at one of the gateway's doors."""

    settings: GovernorSettings
    resource: str

    def excess(self, tenant: TenantSeen, seen: Observation) -> float:
        """The refused or delayed part of its demand as a multiple of the limit."""
        return tenant.refused_share.get(self.resource, 0.0) / self.settings.refused_share


def all_rules(settings: GovernorSettings) -> list[NoiseRule]:
    """The rules for all five resources."""
    return [
        DemandNoise(settings, "messages"),
        DemandNoise(settings, "database"),
        IoNoise(settings),
        MemoryNoise(settings),
        CpuNoise(settings),
    ]
