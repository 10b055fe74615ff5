"""Makes the governor out of its parts: the one place where they are chosen, so each can be replaced from outside."""

from __future__ import annotations

import time

from process_control import BudgetLimiter, CgroupUnavailable, Holds, fresh_memory_bytes, open_tree, storage_bytes
from reference_platform.governor.census import Census
from reference_platform.governor.containment import Containment
from reference_platform.governor.detection.connection_leak import ConnectionLeakDetector
from reference_platform.governor.detection.cpu_quota import CpuQuotaDetector
from reference_platform.governor.detection.detector import Detector
from reference_platform.governor.detection.handle_leak import HandleLeakDetector
from reference_platform.governor.detection.memory_leak import MemoryLeakDetector
from reference_platform.governor.detection.memory_quota import MemoryQuotaDetector
from reference_platform.governor.detection.noise import NoiseDetector
from reference_platform.governor.detection.noise_rules import NoiseRule, all_rules
from reference_platform.governor.detection.runaway import RunawayDetector
from reference_platform.governor.detection.sustained_cpu import SustainedCpuDetector
from reference_platform.governor.enforcement.brake import Brake
from reference_platform.governor.enforcement.by_cgroups import CgroupEnforcer
from reference_platform.governor.enforcement.by_signals import SignalEnforcer
from reference_platform.governor.enforcement.enforcer import Enforcer
from reference_platform.governor.enforcement.memory_watch import MemoryWatch
from reference_platform.governor.enforcement.penalty import Penalty
from reference_platform.governor.governor import Governor
from reference_platform.governor.journal import Journal, Send
from reference_platform.governor.reactions import Reactions
from reference_platform.governor.settings import EnforcementChoice, GovernorSettings


def build(settings: GovernorSettings, send: Send) -> Governor:
    """Make a governor.

    Args:
        send: Sends one message to the gateway; must not block.

    Raises:
        CgroupUnavailable: The settings demand control groups, and they may not be made here.
    """
    journal = make_journal(send)
    enforcer = make_enforcer(settings)
    memory_quota = make_memory_quota_detector()
    containment = make_containment(settings, enforcer, all_rules(settings), journal, send)
    return Governor(
        settings=settings,
        send=send,
        clock=time.monotonic,
        enforcer=enforcer,
        census=make_census(enforcer),
        detectors=[memory_quota, *make_detectors(settings)],
        memory_quota=memory_quota,
        containment=containment,
        reactions=make_reactions(containment, journal, send),
        journal=journal,
    )


def make_journal(send: Send) -> Journal:
    """Alerts and audit log."""
    return Journal(send)


def make_enforcer(settings: GovernorSettings) -> Enforcer:
    """Control groups where they may be made, else signals; or what the settings demand."""
    if settings.enforcement is not EnforcementChoice.SIGNALS:
        try:
            return CgroupEnforcer(open_tree(), settings.box_percent, make_penalty(settings, Holds()))
        except CgroupUnavailable:
            if settings.enforcement is EnforcementChoice.CGROUPS:
                raise
    holds = Holds()
    limiter, watch = BudgetLimiter(holds=holds), MemoryWatch(settings.memory_watch_seconds)
    return SignalEnforcer(limiter, watch, settings.box_percent, make_penalty(settings, holds))


def make_penalty(settings: GovernorSettings, holds: Holds) -> Penalty:
    """What boxed processes get besides the small budget."""
    storage = Brake(storage_bytes, settings.box_io_bytes_per_second, holds)
    memory = Brake(fresh_memory_bytes, settings.box_memory_bytes_per_second, holds)
    return Penalty([storage, memory])


def make_census(enforcer: Enforcer) -> Census:
    """Who is there and what everybody uses."""
    return Census(enforcer)


def make_memory_quota_detector() -> MemoryQuotaDetector:
    """The detector that is also asked between two samples."""
    return MemoryQuotaDetector()


def make_detectors(settings: GovernorSettings) -> list[Detector]:
    """All other detectors."""
    return [
        CpuQuotaDetector(settings),
        MemoryLeakDetector(settings),
        HandleLeakDetector(settings),
        ConnectionLeakDetector(settings),
        RunawayDetector(settings),
        SustainedCpuDetector(settings),
        NoiseDetector(settings),
    ]


def make_containment(
    settings: GovernorSettings, enforcer: Enforcer, rules: list[NoiseRule], journal: Journal, send: Send
) -> Containment:
    """The penalty box."""
    return Containment(settings, enforcer, rules, journal, send)


def make_reactions(containment: Containment, journal: Journal, send: Send) -> Reactions:
    """What follows from a detection."""
    return Reactions(containment, journal, send)
