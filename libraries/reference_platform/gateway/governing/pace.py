"""The rates of a tenant: what each starts with, and how they are lowered while it is contained."""

from __future__ import annotations

from reference_platform.registry.rates import DatabaseTurns, Rate
from reference_platform.registry.tenants import Quota, Tenant
from reference_platform.settings import PlatformSettings

#: Progress events of a tenant towards its users.
PROGRESS_RATE = 1000.0
PROGRESS_BURST = 2000.0
#: Seconds of database work per second of a tenant.
DATABASE_SHARE = 0.2
DATABASE_TURNS = 3


class Pace:
    """Gives tenants their rates.

    Attributes:
        default_quota: The quota of a tenant for whom the operator has set no other.
    """

    def __init__(self, settings: PlatformSettings) -> None:
        """Read the rates from the settings."""
        self._settings = settings
        self.default_quota = Quota(settings.governor.cpu_quota_percent, settings.governor.memory_quota_bytes)

    def new_tenant(self, name: str) -> Tenant:
        """A tenant with its full rates and the default quota."""
        return Tenant(
            name=name,
            messages=Rate(self._settings.message_rate, self._settings.message_burst),
            progress=Rate(PROGRESS_RATE, PROGRESS_BURST),
            database=DatabaseTurns(DATABASE_SHARE, DATABASE_TURNS),
            quota=self.default_quota,
        )

    def change(self, tenant: Tenant, factor: float) -> None:
        """Set which part of its usual rates a tenant has.

        Args:
            tenant: Which.
            factor: 0 to 1.
        """
        tenant.messages.change(self._settings.message_rate * factor, max(1.0, self._settings.message_burst * factor))
        tenant.progress.change(PROGRESS_RATE * factor, PROGRESS_BURST * factor)
        tenant.database.change(DATABASE_SHARE * factor)
