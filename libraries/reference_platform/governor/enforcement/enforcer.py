"""What every way of enforcing quotas offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EnforcementCounters:
    """What enforcement did to one tenant; the counters only grow.

    Attributes:
        throttled: How often its processor quota held it back.
        throttled_seconds: For how long, altogether (s).
        out_of_memory: Processes ended because of its memory quota.
    """

    throttled: int = 0
    throttled_seconds: float = 0.0
    out_of_memory: int = 0


class Enforcer(ABC):
    """Keeps tenants within their quotas, and noisy ones together in one small box."""

    @property
    @abstractmethod
    def mechanism(self) -> str:
        """A sentence: how quotas are enforced here, and what that cannot guarantee."""

    def folders(self, tenant: str) -> list[str]:
        """Control groups that a tenant may have, whether they are there or not."""
        return []

    @abstractmethod
    def set_quota(self, tenant: str, cpu_percent: float | None, memory_bytes: int | None) -> None:
        """Set a tenant's quotas; makes the tenant known.

        Args:
            cpu_percent: Percent of one core, or None for no quota.
            memory_bytes: Bytes, or None for no quota.
        """

    @abstractmethod
    def attach(self, tenant: str, pid: int, started_ticks: int) -> bool:
        """Put a process under the quotas of a known tenant, and into the box when the tenant is there.

        Args:
            started_ticks: Its start time (clock ticks since boot).

        Returns:
            False when the process has ended.
        """

    @abstractmethod
    def detach(self, tenant: str, pid: int) -> None:
        """Forget a process that has ended.

        Args:
            tenant: Whose it was.
        """

    def let_go(self, tenant: str, pid: int) -> None:  # noqa: B027 - where the kernel holds nobody, there is nothing to do
        """Free a process that is about to be ended from everything that would make its dying slow."""

    @abstractmethod
    def box(self, tenants: set[str]) -> None:
        """Let exactly these tenants share the box's small budget; all others go back to their own quotas.

        Args:
            tenants: Known tenants.
        """

    @abstractmethod
    def counters(self, tenant: str) -> EnforcementCounters:
        """What was done to a tenant so far."""

    @abstractmethod
    def remove(self, tenant: str) -> int:
        """Forget a tenant whose processes have ended.

        Args:
            tenant: The tenant; nothing happens when it is unknown.

        Returns:
            How many control groups were left because processes live in them.
        """

    @abstractmethod
    def tick(self) -> float:
        """Do what the kernel does not do.

        Returns:
            When to call again, at the latest (seconds from now).
        """

    @abstractmethod
    def close(self) -> None:
        """Let everybody go on, and leave nothing behind."""
