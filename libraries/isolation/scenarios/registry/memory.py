"""Memory and resources of the platform: while many users work, after visits of new users, and in long sessions (AR-19 to AR-21)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record.registry.memory import RegistryMemoryRecord
from isolation.record.usage.holdings import Cycle, Holdings
from isolation.scenarios.api import Api
from isolation.scenarios.registry.acts.factory import make_and_use, remove_agents
from isolation.scenarios.registry.staging.resting import COUNTED, Rests
from isolation.scenarios.registry.staging.stage import Stage, stage
from isolation.target.needs import Needs
from isolation.target.words import Kept, RequestKind

NEEDS = COUNTED + Needs(requests=(RequestKind.AGENT_CREATE, RequestKind.AGENT_REMOVE, RequestKind.EXECUTE))
VISITS = Needs(requests=(RequestKind.SESSION_END,))
ROUNDS, LONG = "simultaneous rounds", "long sessions"
_VISITOR_AGENTS = 2
_ROUND_S = 1.0
"""How often everybody makes and removes an agent in a long session."""
_FEWEST_ROUNDS = 2


def run(api: Api) -> RegistryMemoryRecord:
    """Rounds of all users at once; visits; and at last long sessions."""
    scale = api.profile.registry
    with stage(api, scale.concurrent_users) as opened:
        rests = Rests(opened)
        _work(opened, 1, "warm-up")
        before = rests.at_rest()
        meanwhile = _watched(rests, lambda: _work(opened, scale.operations, ROUNDS))
        after = rests.at_rest()
        visits = _visits(opened) if opened.offers(RequestKind.SESSION_END) else []
        rounds = _long_sessions(opened, scale.long_session)
        return RegistryMemoryRecord(
            **opened.base(), before=before, after=after, meanwhile=meanwhile, visits=visits, rounds=rounds
        )


def _work(stage: Stage, rounds: int, part: str) -> None:
    """All users work at the same time: memory that is taken and freed, events, saved state, a little of everything."""
    scope = stage.terms.scopes[-1]
    for number in range(rounds):
        each: list[tuple[RequestKind, dict[str, object]]] = [
            (RequestKind.TYPICAL, {"milliseconds": 1}),
            (RequestKind.MEMORY, {"megabytes": 4, "seconds": 0}),
            (RequestKind.MESSAGES, {"count": 5, "bytes": 200}),
            (RequestKind.STATE_PUT, {"scope": scope, "key": "round", "value": number}),
            (RequestKind.EXECUTE, {"work": stage.terms.idle_work}),
        ]
        requests = [Request(u.name, kind, dict(args)) for u in stage.users for kind, args in each if stage.offers(kind)]
        stage.ask(requests, part)


def _watched(rests: Rests, work: Callable[[], None]) -> list[Holdings]:
    """Count again and again while something is done; at least once in the middle of it."""
    found: list[Holdings] = []
    with ThreadPoolExecutor(1) as pool:
        doing = pool.submit(work)
        while not doing.done():
            counted = rests.now()
            if not doing.done() or not found:
                found.append(counted)
        doing.result()
    return found


def _visits(stage: Stage) -> list[Cycle]:
    """New users of the same tenants come, take all they can, and end their sessions, again and again.

    The first visit only wakes up what the platform makes once for a tenant.
    """
    scale = stage.api.profile.registry
    hosts = stage.api.make(scale.operations, prefix="visitor")
    rests, found = Rests(stage, hosts), list[Cycle]()
    for number in range(scale.cycles + 1):
        visitors = stage.connect([stage.api.add_user(host) for host in hosts])
        _take(stage, visitors, number)
        height = rests.now()
        stage.ask([Request(one.name, RequestKind.SESSION_END) for one in visitors], "visits")
        stage.disconnect(visitors)
        found.append(Cycle(height, rests.at_rest()))
    return found


def _take(stage: Stage, visitors: Sequence[TenantAgent], number: int) -> None:
    """Agents, work, answers that are kept, a database connection, a subscription."""
    agent: dict[str, object] = {Kept.AGENT_TYPE: stage.terms.types[1]}
    stage.ask(
        [Request(one.name, RequestKind.AGENT_CREATE, dict(agent)) for one in visitors] * _VISITOR_AGENTS, "visits"
    )
    taken: list[tuple[RequestKind, dict[str, object]]] = [
        (RequestKind.TYPICAL, {"milliseconds": 1}),
        (RequestKind.ASK, {"question": f"question {number}"}),
        (RequestKind.CONNECTION_LEAK, {"count": 1}),
        (RequestKind.SUBSCRIBE, {Kept.TOPIC: stage.terms.topic_of_thread("main")}),
    ]
    for kind, arguments in taken:
        if stage.offers(kind):
            stage.ask([Request(one.name, kind, dict(arguments)) for one in visitors], "visits")


def _long_sessions(stage: Stage, seconds: float) -> list[Cycle]:
    """Every session works for long: makes an agent, uses it, saves, removes it, in rounds; counted after each."""
    rests, found, ends = Rests(stage), list[Cycle](), time.monotonic() + seconds
    while time.monotonic() < ends or len(found) < _FEWEST_ROUNDS:
        began = time.monotonic()
        made = make_and_use(stage, 1, LONG)
        height = rests.now()
        remove_agents(stage, made, LONG)
        _work(stage, 1, LONG)
        found.append(Cycle(height, rests.at_rest()))
        stage.api.rest(max(0.0, began + _ROUND_S - time.monotonic()))
    return found
