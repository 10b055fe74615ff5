"""Every user stores private data in every scope that the platform has, and reads it back (AR-3).

What was stored and what came back are compared by a keyed fingerprint: a record may be shown to anybody.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record.facts import Fact
from isolation.record.traffic.asked import RequestRecord
from isolation.scenarios.registry.acts.customer_data import profile_with_secrets
from isolation.scenarios.registry.staging.facts import fact
from isolation.scenarios.registry.staging.stage import Stage
from isolation.target.agent_terms import kept
from isolation.target.needs import Needs, missing
from isolation.target.words import Kept, RequestKind

STATES = Needs(requests=(RequestKind.STATE_PUT, RequestKind.STATE_GET, RequestKind.REPORT), scopes=2)
_CACHED = Needs(requests=(RequestKind.ASK,), kept=(Kept.CACHED,))
_QUESTION = "What does everybody ask?"
_KEY, _THREAD = "note", "main"
_HISTORY, _MEMORY = 90, 91
_DIGITS = 12


class Fingerprints:
    """Keyed digests of values: equal for equal values, and nobody can tell the value without the key."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)

    def of(self, value: object) -> str | None:
        """The fingerprint of a value; None for nothing."""
        if value is None:
            return None
        text = json.dumps(value, sort_keys=True, default=str)
        return "#" + hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:_DIGITS]


@dataclass(slots=True)
class States:
    """What users read back, and how many got their own second answer from the cache (None: answers do not say)."""

    facts: list[Fact] = field(default_factory=list)
    own_cached: int | None = None


def store_and_read_back(stage: Stage) -> States:
    """Store secrets everywhere, read everything back, and ask what everybody asks."""
    stage.api.secrets.plant(stage.users)
    _store(stage)
    prints, found = Fingerprints(), States()
    found.facts = [*_profiles(stage, prints), *_texts(stage, prints)]
    if not missing(stage.api.target, _CACHED):
        _ask_the_same(stage, found)
    return found


def _secret(stage: Stage, user: TenantAgent, number: int) -> str:
    return f"note {number} {stage.api.secrets.extra(user, number)}"


def _scopes(stage: Stage) -> list[tuple[int, str]]:
    """The scopes that hold notes, numbered; the first one holds the profile."""
    return list(enumerate(stage.terms.scopes))[1:]


def _store(stage: Stage) -> None:
    requests: list[Request] = []
    for user in stage.users:
        place: dict[str, object] = {"scope": stage.terms.scopes[0], "key": "me"}
        profile = {**place, "value": profile_with_secrets(stage, user)}
        requests.append(Request(user.name, RequestKind.STATE_PUT, profile))
        requests += [
            Request(user.name, RequestKind.STATE_PUT, {"scope": s, "key": _KEY, "value": _secret(stage, user, n)})
            for n, s in _scopes(stage)
        ]
        entry = {Kept.THREAD.value: _THREAD, "entry": _secret(stage, user, _HISTORY)}
        requests.append(Request(user.name, RequestKind.HISTORY_APPEND, dict(entry)))
        requests.append(Request(user.name, RequestKind.REMEMBER, {"text": _secret(stage, user, _MEMORY)}))
    stage.ask([one for one in requests if one.kind in stage.api.target.requests], "state")


def _profiles(stage: Stage, prints: Fingerprints) -> list[Fact]:
    """The profile that a report shows, field by field, so that the field that differs is named."""
    facts: list[Fact] = []
    for one in stage.everybody(RequestKind.REPORT, "state", text="my report"):
        user, shown = _user(stage, one), kept(one.operation).get(Kept.PROFILE)
        fields = shown if isinstance(shown, dict) else {}
        expected = profile_with_secrets(stage, user)
        names = sorted(set(fields) - set(expected))
        facts += [
            fact(user.name, f"the {name} in the profile of the report", prints.of(value), prints.of(fields.get(name)))
            for name, value in expected.items()
        ]
        facts.append(fact(user.name, "what else is in the profile of the report", [], names))
    return facts


def _texts(stage: Stage, prints: Fingerprints) -> list[Fact]:
    """The notes in every scope, the history, and the memory of an agent."""
    facts: list[Fact] = []
    for number, scope in _scopes(stage):
        for one in stage.everybody(RequestKind.STATE_GET, "state", scope=scope, key=_KEY):
            user, shown = _user(stage, one), kept(one.operation).get(Kept.VALUE)
            expected = prints.of(_secret(stage, user, number))
            facts.append(fact(user.name, f"the note in '{scope}'", expected, prints.of(shown)))
    if stage.offers(RequestKind.REMEMBER, RequestKind.RECALL):
        for one in stage.everybody(RequestKind.RECALL, "state"):
            user, shown = _user(stage, one), kept(one.operation).get(Kept.MEMORIES)
            expected = prints.of([_secret(stage, user, _MEMORY)])
            facts.append(fact(user.name, "the memory of the agent", expected, prints.of(shown)))
    if stage.offers(RequestKind.HISTORY_APPEND, RequestKind.HISTORY_READ):
        for one in stage.everybody(RequestKind.HISTORY_READ, "state", thread=_THREAD):
            user, shown = _user(stage, one), kept(one.operation).get(Kept.ENTRIES)
            expected = prints.of([_secret(stage, user, _HISTORY)])
            facts.append(fact(user.name, "the history", expected, prints.of(shown)))
    return facts


def _ask_the_same(stage: Stage, found: States) -> None:
    """What is kept for one user may serve it again, and nobody else: neither strangers nor colleagues.

    One asks after the other: an answer that was kept for anybody would serve whoever is taken for the same later.
    """
    asked = [Request(user.name, RequestKind.ASK, {"question": _QUESTION}) for user in stage.users]
    first = [one for request in asked for one in stage.ask([request], "state")]
    again = stage.ask(asked, "state")
    for one in first:
        cached = kept(one.operation).get(Kept.CACHED)
        found.facts.append(fact(one.operation.tenant, "whether the first answer was cached", False, cached))
    found.own_cached = sum(kept(one.operation).get(Kept.CACHED) is True for one in again)


def _user(stage: Stage, request: RequestRecord) -> TenantAgent:
    return stage.sessions[request.operation.tenant]
