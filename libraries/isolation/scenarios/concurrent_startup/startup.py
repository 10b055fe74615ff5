"""Many users connect and send their first message at the same instant (CS-1, CS-3).

A user has started when its own first message has been answered. No try is repeated: a connection that fails once has failed.
Where the platform keeps a profile, each user first saves a budget that nobody else has, a region and a tier, and the first message
asks for it; everywhere, the message carries a text of its own, which no other user's answer may hold. When all that is over, everybody
asks for a little processor time: a process that is named for an agent and does not use it is not the one that works.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

from isolation.drive.load.engine import Connected, ConnectOptions, Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record import Operation, Outcome, ProcessRef
from isolation.record.concurrent_startup.startup import AGENTS, PROCESSES, SESSIONS, Startup, StartupRecord
from isolation.scenarios.api import Api, NotExamined
from isolation.scenarios.concurrent_startup.given_back import given_back, marked
from isolation.target.model import JwtStep, Target
from isolation.target.needs import Needs, keeps, keeps_of_answers, missing
from isolation.target.words import Kept, RequestKind

NEEDS = Needs(requests=(RequestKind.REPORT,))
CONTEXTS = Needs(any_kept=(Kept.ECHO, Kept.ANSWER, Kept.PROFILE))
"""What an answer has to keep, so that it can be seen whose context it carries."""
WATCH_S = 1.0
"""The busiest second of the start decides about the processor, and a start may be shorter than that."""
_WATCH_EVERY_S = 0.2
_BURN_S = 0.05
"""Processor time of each agent: five ticks of the kernel's clock, and some seconds of the machine for a hundred users."""
_SAYS_NOTHING = {Kept.EVENT}
_REGIONS = ("eu-north", "eu-south", "us-east", "us-west", "asia-east")
_TIERS = ("free", "business", "enterprise")


def run(api: Api) -> StartupRecord:
    """Start as many users as the profile says, or ``CONCURRENT_TEST_USERS``."""
    return start(api, api.make(api.user_count(), prefix="user"))


def run_colleagues(api: Api, *, users: int) -> StartupRecord:
    """Start users of one tenant.

    Args:
        api: The experiment.
        users: How many.
    """
    first = api.make(1, prefix="user")
    colleagues = api.colleagues(first[0], ("standard",) * (users - 1))
    if len(colleagues) < users - 1:
        raise NotExamined(f"the target has {len(colleagues) + 1} users of one tenant, not {users}")
    return start(api, [*first, *colleagues])


def start(api: Api, users: list[TenantAgent]) -> StartupRecord:
    """Start users at the same instant."""
    _let_one_in(api, users[0])
    if api.doors.pid:
        api.monitor.watch_platform(api.doors.pid, api.stores.get("postgresql", ""), _WATCH_EVERY_S)
    burst_at = time.monotonic()
    openings = api.connect(users, ConnectOptions(at_once=len(users), attempts=1, timeout_s=api.limits["connect"].value))
    connected = [user for user, one in zip(users, openings, strict=True) if one.opening is not None]
    profiles = _save_profiles(api, users, connected)
    texts = {user.name: marked(user.user_id, uuid.uuid4().hex) for user in users}
    requests = [Request(user.name, RequestKind.REPORT, {"text": texts[user.name]}) for user in connected]
    first = _telling(api, api.engine.ask(requests, api.answer_within_s, at_one_moment=True))
    ended_at = time.monotonic()
    lacks = not_told_of(api.target)
    processes = api.monitor.processes() if PROCESSES not in lacks else []
    agents = api.monitor.sample_now() if PROCESSES not in lacks else []
    api.rest(max(0.0, burst_at + WATCH_S + _WATCH_EVERY_S - time.monotonic()))
    platform = api.monitor.platform_samples() if api.doors.pid else []  # before the suite's own work
    # Processes are told apart by tenant only: whose of several users of one tenant has worked cannot be seen.
    alone = len({user.tenant_id for user in users}) == len(users)
    worked = _burn(api, connected) if agents and alone else {}
    if api.target.adapter is not None:
        lacks |= _not_told_by_adapter(first, openings)
    ends = [one.completed_at for one in first.values() if one.answered and one.completed_at is not None]
    own = {user.name for user in users}
    return StartupRecord(
        burst_at=burst_at,
        ended_at=ended_at,
        took_s=max(ends) - burst_at if ends else None,
        cores=len(os.sched_getaffinity(0)),
        starts=starts_of(users, openings, profiles, texts, first, processes, keeps(api.target, Kept.ECHO)),
        not_told=lacks,
        platform=platform,
        agents=[sample for sample in agents if sample.tenant in own],
        worked=worked,
        after_work=[sample for sample in api.monitor.sample_now() if sample.tenant in own] if worked else [],
    )


def not_told_of(target: Target) -> dict[str, str]:
    """What of its own a user's start cannot show, because nothing in the target file tells it; by what judges call it."""
    found: dict[str, str] = {}
    if target.adapter is None and not keeps(target, Kept.AGENT):
        found[AGENTS] = "no frame of the target file keeps 'agent' (section 'frames', 'keep')"
    opened = target.session.open if target.session is not None else []
    kept = {word for step in opened if not isinstance(step, JwtStep) for word in step.keep}
    if target.adapter is None and not keeps(target, Kept.SESSION) and Kept.SESSION not in kept:
        found[SESSIONS] = "nothing in the target file keeps 'session' (sections 'frames' and 'session', 'keep')"
    if lacks := missing(target, Needs(processes=True)):
        found[PROCESSES] = "; ".join(lacks)
    return found


def _not_told_by_adapter(first: Mapping[str, Operation], openings: Sequence[Connected]) -> dict[str, str]:
    """What an adapter keeps is known by what it has kept."""
    found: dict[str, str] = {}
    if not any(one.agent for one in first.values()):
        found[AGENTS] = "the target's adapter keeps no 'agent' of any answer"
    if not any(one.opening is not None and one.opening.session_id for one in openings):
        found[SESSIONS] = "the target's adapter keeps no 'session'"
    return found


def _telling(api: Api, first: Sequence[Operation]) -> dict[str, Operation]:
    """The first messages by tenant; an answer that holds nothing of what the target file keeps of it does not count as one."""
    empty_counts = not keeps_of_answers(api.target, RequestKind.REPORT)
    return {one.tenant: one if empty_counts else _not_empty(one) for one in first}


def _not_empty(operation: Operation) -> Operation:
    if not operation.answered or set(operation.kept) - _SAYS_NOTHING:
        return operation
    return replace(operation, outcome=Outcome.TIMED_OUT, code="the answer was empty")


def _let_one_in(api: Api, user: TenantAgent) -> None:
    """One user alone, before everybody comes: where nobody is let in, the start of many accuses nobody.

    Raises:
        NotExamined: The description, the key or the way to the platform is wrong.
    """
    opened = api.connect([user])[0]
    api.manager.disconnect([user])
    if opened.opening is None:
        raise NotExamined(f"not even one user alone could be connected: {opened.reason}")


def _burn(api: Api, connected: Sequence[TenantAgent]) -> dict[str, float]:
    """Everybody's agent uses some processor time; how much was answered, by tenant. Nothing where no request does that."""
    if RequestKind.CPU not in api.target.requests:
        return {}
    done = api.ask(
        list(connected), RequestKind.CPU, api.answer_within_s + _BURN_S * len(connected), milliseconds=1000 * _BURN_S
    )
    return {one.tenant: _BURN_S for one in done if one.answered}


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


def _save_profiles(
    api: Api, users: Sequence[TenantAgent], connected: Sequence[TenantAgent]
) -> dict[str, dict[str, object]]:
    """The profiles by name of the user; none where the platform keeps none."""
    if RequestKind.STATE_PUT not in api.target.requests:
        return {}
    profiles = {user.name: profile_of(number) for number, user in enumerate(users, 1)}
    place = {"scope": "profile", "key": "me"}
    requests = [
        Request(user.name, RequestKind.STATE_PUT, {**place, "value": profiles[user.name]}) for user in connected
    ]
    api.engine.ask(requests, api.crowd_patience_s)
    return profiles


def starts_of(
    users: Sequence[TenantAgent],
    openings: Sequence[Connected],
    profiles: Mapping[str, Mapping[str, object]],
    texts: Mapping[str, str],
    first: Mapping[str, Operation],
    processes: Sequence[ProcessRef],
    keeps_echo: bool = True,
) -> list[Startup]:
    """How each user's start went.

    Args:
        users: The users, in order.
        openings: What became of connecting them, in the same order.
        profiles: What each of them saved, by name; none where the platform keeps no profile.
        texts: What each of them said in its first message, by name.
        first: The first message, by name.
        processes: Which process runs which agent, or which user's, as the target file says.
        keeps_echo: Whether the target file says where an answer gives back the text of its request.
    """
    begins = [one.opening.started_at for one in openings if one.opening is not None]
    burst = min(begins, default=0.0)
    pids = {ref.agent or ref.user: ref.pid for ref in processes}
    owners = {text: name for name, text in texts.items()}
    return [
        _start(
            user, one, burst, profiles.get(user.name), texts[user.name], first.get(user.name), pids, owners, keeps_echo
        )
        for user, one in zip(users, openings, strict=True)
    ]


def _start(
    user: TenantAgent,
    connected: Connected,
    burst: float,
    profile: Mapping[str, object] | None,
    text: str,
    first: Operation | None,
    pids: Mapping[str, int],
    owners: Mapping[str, str],
    keeps_echo: bool,
) -> Startup:
    opening = connected.opening
    connect = opening.started_at - burst + opening.connected_s if opening is not None else None
    authenticate = opening.authenticated_s if opening is not None else None
    answered = first is not None and first.answered
    initialise = response = total = None
    if first is not None and first.accepted_at is not None:
        initialise = first.accepted_at - first.intended_at
    if first is not None and answered and first.completed_at is not None:
        response = first.completed_at - (first.accepted_at or first.intended_at)
        # The users wait for one another before the first message; that waiting is the suite's and does not count.
        total = (connect or 0.0) + (authenticate or 0.0) + first.completed_at - first.intended_at
    agent = first.agent if first is not None else ""
    heard = given_back(first.kept, text) if first is not None else None
    own = dict(profile or {}) | ({Kept.ECHO: text} if keeps_echo or heard is not None else {})
    return Startup(
        user=user.name,
        tenant=user.name,
        connect_s=connect,
        authenticate_s=authenticate,
        initialise_s=initialise,
        first_response_s=response,
        total_s=total,
        agent=agent,
        session_id=opening.session_id if opening is not None else "",
        pid=pids.get(agent) or pids.get(user.user_id),
        expected=own,
        answered=_context(first, profile is not None, heard),
        succeeded=answered,
        broke_at="" if answered else _broke_at(connected, first),
        foreign_owner=_foreign_owner(first, text, owners),
    )


def _context(first: Operation | None, with_profile: bool, heard: str | None) -> dict[str, object] | None:
    if first is None or not first.answered:
        return None
    profile = first.kept.get(Kept.PROFILE) if with_profile else {}
    return {**(profile if isinstance(profile, dict) else {}), Kept.ECHO: heard}


def _foreign_owner(first: Operation | None, text: str, owners: Mapping[str, str]) -> str:
    """Whose text an answer holds, when it is another user's: anywhere in it."""
    if first is None or not first.kept:
        return ""
    answer = json.dumps(first.kept, default=str)
    return next((name for other, name in owners.items() if other != text and other in answer), "")


def _broke_at(connected: Connected, first: Operation | None) -> str:
    """The step at which the chain broke: connected, authenticated, first message accepted, answered."""
    if connected.opening is None:
        return connected.broke_at or "connect"
    if first is None or first.sent_at is None:
        return "first message"
    step = "start of the agent" if first.accepted_at is None else "first response"
    return f"{step}: {first.code or first.outcome}"
