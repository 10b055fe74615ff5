"""Makes observations for detectors: one sample per second."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reference_platform.governor.detection.detector import Detection, Detector
from reference_platform.governor.observation import AgentSeen, Observation, TenantSeen


def observation(at: float, *tenants: TenantSeen, busy: float = 0.5) -> Observation:
    """Everybody at one moment, one second after the one before."""
    return Observation(at, 1.0, busy, {tenant.tenant: tenant for tenant in tenants})


def watch(
    detector: Detector, moments: Sequence[tuple[TenantSeen, ...]], busy: float = 0.5
) -> list[tuple[float, Detection]]:
    """Show one moment per second to a detector, on a machine that is so busy (0 to 1); when (s) it told what."""
    told = []
    for second, tenants in enumerate(moments, start=1):
        told += [(float(second), found) for found in detector.observe(observation(float(second), *tenants, busy=busy))]
    return told


def memory(curve: Callable[[float], float], seconds: int, tenant: str = "acme") -> list[tuple[TenantSeen, ...]]:
    """One agent whose memory (bytes) follows a curve over time (s)."""
    return [
        (TenantSeen(tenant, agents=(AgentSeen("a", tenant, 7, memory_bytes=int(curve(second)), handles=5),)),)
        for second in range(1, seconds + 1)
    ]
