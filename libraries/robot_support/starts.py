"""From what was driven to what is judged: one record per user of how its start went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from isolation.drive.load.engine import Connected
from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.traffic.startup import Startup
from isolation.record import Operation, ProcessRef

ECHO = "echo"
_REGIONS = ("eu-north", "eu-south", "us-east", "us-west", "asia-east")
_TIERS = ("free", "business", "enterprise")


def profile_of(number: int) -> dict[str, object]:
    """The private profile of a user: a budget that nobody else has, a region and a tier.

    Args:
        number: Number of the user, from 1.
    """
    return {
        "budget": 50_000 + 1_000 * number,
        "region": _REGIONS[number % len(_REGIONS)],
        "tier": _TIERS[number % len(_TIERS)],
    }


def startups_of(
    agents: Sequence[TenantAgent],
    texts: Sequence[str],
    openings: Sequence[Connected],
    saved: Mapping[str, Operation],
    first: Mapping[str, Operation],
    processes: Sequence[ProcessRef],
) -> list[Startup]:
    """How each user's start went.

    Args:
        agents: The users, in order.
        texts: What each of them said in its first message.
        openings: What became of connecting them, in the same order.
        saved: The saving of the profile, by name of the user.
        first: The first message, by name of the user.
        processes: Which process runs which agent, from the operator's door.
    """
    begins = [found.opening.started_at for found in openings if found.opening is not None]
    burst = min(begins, default=0.0)
    pids = {ref.agent: ref.pid for ref in processes}
    return [
        _startup(number, agent, text, found, burst, saved.get(agent.name), first.get(agent.name), pids)
        for number, (agent, text, found) in enumerate(zip(agents, texts, openings, strict=True), 1)
    ]


def _startup(
    number: int,
    agent: TenantAgent,
    text: str,
    found: Connected,
    burst: float,
    saved: Operation | None,
    first: Operation | None,
    pids: Mapping[str, int],
) -> Startup:
    opening = found.opening
    connect = opening.started_at - burst + opening.connected_s if opening is not None else None
    authenticate = opening.authenticated_s if opening is not None else None
    initialise = first.accepted_at - first.intended_at if first is not None and first.accepted_at is not None else None
    answered = first is not None and first.answered
    response = total = None
    if first is not None and answered and first.completed_at is not None:
        response = first.completed_at - (first.accepted_at or first.intended_at)
        # The users wait for one another before the first message; that waiting is the suite's and does not count.
        total = (connect or 0.0) + (authenticate or 0.0) + first.completed_at - first.intended_at
    name = first.agent if first is not None else ""
    return Startup(
        user=agent.user_id,
        tenant=agent.name,
        connect_s=connect,
        authenticate_s=authenticate,
        initialise_s=initialise,
        first_response_s=response,
        total_s=total,
        agent=name,
        session_id=opening.session_id if opening is not None else "",
        pid=pids.get(name),
        expected={**profile_of(number), ECHO: text},
        answered=_context(first),
        succeeded=answered,
        broke_at="" if answered else _broke_at(found, saved, first),
    )


def _context(first: Operation | None) -> dict[str, object] | None:
    if first is None or not first.answered or first.result is None:
        return None
    profile = first.result.get("profile")
    return {**(profile if isinstance(profile, dict) else {}), ECHO: first.result.get(ECHO)}


def _broke_at(found: Connected, saved: Operation | None, first: Operation | None) -> str:
    """The step at which the chain broke: connected, authenticated, first message accepted, answered."""
    if found.opening is None:
        return found.broke_at or "connect"
    if first is None or first.sent_at is None:
        return "first message"
    step = "start of the agent" if first.accepted_at is None else "first response"
    unsaved = "" if saved is None or saved.answered else "; the profile was not saved either"
    return f"{step}: {first.code or first.outcome}{unsaved}"
