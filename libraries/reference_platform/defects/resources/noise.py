"""Defects of how noise is named, mitigated and kept away from victims."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

from reference_platform.defects.surgery import gateway, leave_out_alerts, replace, replace_everywhere, watch_gateway

_LOUD_CPU_PERCENT = 25.0
_SLOWER_BY = 0.15
_ON_THE_WAY_SECONDS = 0.0015
"""What a user waits besides the work itself, on an idle machine."""
_HOLD_SECONDS = 0.6


def governor_names_wrong_tenant() -> None:
    """The alert names an innocent tenant, who is contained."""
    from reference_platform.governor.detection.noise import NoiseDetector
    from reference_platform.governor.observation import Observation, TenantSeen

    observe = NoiseDetector.observe
    present: list[str] = []

    def remember(self: NoiseDetector, seen: Observation) -> Any:
        present[:] = sorted(name for name, tenant in seen.tenants.items() if tenant.agents)
        return observe(self, seen)

    def name_another(self: NoiseDetector, tenant: TenantSeen) -> str:
        others = [name for name in present if name != tenant.tenant]
        return others[-1] if others else tenant.tenant  # scenarios make the first ones noisy

    replace(NoiseDetector, "observe", remember)
    replace(NoiseDetector, "name", name_another)


def noise_never_mitigated() -> None:
    """Nobody is ever contained."""
    from reference_platform.governor.containment import Containment

    replace(Containment, "contain", lambda self, found, at: None)


def noise_never_reported() -> None:
    """Noise is contained in silence; that it is a runaway, or beyond a quota, is not told either."""
    for kind in ("noisy_tenant", "runaway", "quota_exceeded"):
        leave_out_alerts(kind)


def containment_never_ends() -> None:
    """Nobody is ever let out of the box."""
    from reference_platform.governor.containment import Containment

    replace(Containment, "release", lambda self, name, at: None)


def victims_slowed_15_percent() -> None:
    """Answers take 15 % longer, as users see it, while a noisy tenant is at work."""
    from reference_platform.agents import WorkResult
    from reference_platform.gateway.execution import session_work

    watch_gateway()
    run = session_work.run

    async def slower(process: Any, run_id: str, session: Any, what: Any, on_event: Any) -> WorkResult:
        started = time.monotonic()
        outcome = await run(process, run_id, session, what, on_event)
        if not _somebody_else_is_loud(session.user.tenant.name):
            return outcome
        await asyncio.sleep((time.monotonic() - started + _ON_THE_WAY_SECONDS) * _SLOWER_BY)
        return WorkResult(outcome.result, outcome.service_milliseconds * (1 + _SLOWER_BY))

    replace_everywhere(run, slower)


def unfair_scheduling() -> None:
    """The agents of every second tenant rest twice as long as they work, and half a second at least."""
    from reference_platform.agents import WorkResult
    from reference_platform.gateway.execution import session_work

    run = session_work.run
    tenants: dict[str, int] = {}

    async def unfair(process: Any, run_id: str, session: Any, what: Any, on_event: Any) -> WorkResult:
        started = time.monotonic()
        outcome = await run(process, run_id, session, what, on_event)
        if tenants.setdefault(session.user.tenant.name, len(tenants)) % 2:
            await asyncio.sleep(max(2 * (time.monotonic() - started), _HOLD_SECONDS))
        return outcome

    replace_everywhere(run, unfair)


def _somebody_else_is_loud(tenant: str) -> bool:
    others = (other for name, other in gateway().registry.tenants.items() if name != tenant)
    return any(
        _at_work(other) and (other.contained or _cpu_percent(other.name) > _LOUD_CPU_PERCENT) for other in others
    )


def _at_work(tenant: Any) -> bool:
    agents = [agent for agent in gateway().registry.agents.values() if agent.identity.tenant == tenant.name]
    return any(agent.current is not None and not agent.current.ended for agent in agents)


def _cpu_percent(tenant: str) -> float:
    used = gateway().orders.usage.get(tenant)
    return used.cpu_percent if used else 0.0


def odd_text_stalls_everybody() -> None:
    """Blanks at the end of a text are looked for at every place of it, by the process that serves all."""
    from reference_platform.gateway.endpoint import dispatch

    parse = dispatch.parse

    def tidy(value: Any) -> None:
        if isinstance(value, dict):
            for entry in value.values():
                tidy(entry)
        elif isinstance(value, str):
            re.sub(r"\s+$", "", value)

    def parse_and_tidy(message: str | bytes) -> dict[str, Any]:
        frame = parse(message)
        tidy(frame)
        return frame

    replace_everywhere(parse, parse_and_tidy)
