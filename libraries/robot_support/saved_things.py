"""What users save, how it is read back, and both as items that a judge can compare."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.data.persistence import SavedItem
from isolation.record import Operation

HISTORY, PREFERENCE, MEMORY, CONTEXT = "history", "preference", "memory", "context"
AGENT_MEMORY = "agent memory"
THREAD = "plans"
_DOCUMENTS = (PREFERENCE, MEMORY, CONTEXT)
_ENTRIES = 3
_UNEXPECTED = "not saved by the suite"


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing of a user.

    Attributes:
        scope: Where it is kept: history, preference, memory, context.
        key: Its name there; for history its number in the thread.
        value: Any JSON.
    """

    scope: str
    key: str
    value: object


def things_of(agent: TenantAgent) -> list[Thing]:
    """What a user saves: no value occurs twice in a run, and each holds all kinds of JSON."""
    entries = [Thing(HISTORY, str(number), _value(agent, number)) for number in range(1, _ENTRIES + 1)]
    keys = ((PREFERENCE, "theme"), (PREFERENCE, "language"), (MEMORY, "notes"), (CONTEXT, "last-session"))
    return entries + [
        Thing(scope, key, _value(agent, number)) for number, (scope, key) in enumerate(keys, _ENTRIES + 1)
    ]


def save_ask(agent: TenantAgent, thing: Thing) -> Request:
    """The request that saves a thing."""
    if thing.scope == HISTORY:
        return Request(agent.name, "history_append", {"thread": THREAD, "entry": thing.value})
    return Request(agent.name, "state_put", {"scope": thing.scope, "key": thing.key, "value": thing.value})


def item(agent: TenantAgent, scope: str, key: str, value: object) -> SavedItem:
    """A thing as the judge sees it: its place and the digest of its value."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return SavedItem(agent.name, agent.user_id, scope, key, hashlib.sha256(text.encode()).hexdigest())


def read_asks(agent: TenantAgent, things: Sequence[Thing], agent_id: str) -> list[Request]:
    """The requests that read everything of a user: each known thing, and lists that would show unknown ones."""
    requests = [Request(agent.name, "history_read", {"thread": THREAD})]
    requests += [Request(agent.name, "state_list", {"scope": scope}) for scope in _DOCUMENTS]
    requests += [
        Request(agent.name, "state_get", {"scope": thing.scope, "key": thing.key})
        for thing in things
        if thing.scope != HISTORY
    ]
    if agent_id:
        requests.append(Request(agent.name, "state_get", {"scope": MEMORY, "key": agent_id}))
    return requests


def read_items(
    agents: Mapping[str, TenantAgent],
    requests: Sequence[Request],
    operations: Sequence[Operation],
    agent_ids: Mapping[str, str],
) -> list[SavedItem]:
    """What came back, as items; what was not answered is not there."""
    found: list[SavedItem] = []
    known = {
        (ask.tenant, ask.arguments.get("scope"), ask.arguments.get("key"))
        for ask in requests
        if ask.kind == "state_get"
    }
    for ask, operation in zip(requests, operations, strict=True):
        if not operation.answered:
            continue
        agent, result = agents[ask.tenant], operation.kept
        scope, key = str(ask.arguments.get("scope", HISTORY)), str(ask.arguments.get("key", ""))
        if ask.kind == "history_read":
            found += [
                item(agent, HISTORY, str(number), entry) for number, entry in enumerate(_list(result, "entries"), 1)
            ]
        elif ask.kind == "state_get":
            of_agent = scope == MEMORY and key == agent_ids.get(agent.name)
            found.append(item(agent, AGENT_MEMORY if of_agent else scope, key, result.get("value")))
        else:
            strangers = [key for key in _list(result, "keys") if (agent.name, scope, key) not in known]
            found += [SavedItem(agent.name, agent.user_id, scope, str(key), _UNEXPECTED) for key in strangers]
    return found


def _list(result: Mapping[str, object], name: str) -> list[object]:
    value = result.get(name)
    return value if isinstance(value, list) else []


def _value(agent: TenantAgent, number: int) -> dict[str, object]:
    return {
        "of": agent.user_id,
        "secret": uuid.uuid4().hex,
        "amount": 1_000_000.25 + number,
        "words": "žluťoučký kůň \u2602 \\ \" '",
        "more": [True, None, {"deep": [number, -1, 0.1]}, ""],
    }
