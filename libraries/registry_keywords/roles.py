"""What each role may and may not do, as attempts: every refusal has a twin by somebody who may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record.probes import Expected
from registry_keywords.attempts import Attempt, allowed
from registry_keywords.histories import agent_id
from registry_keywords.scene import ask

_OF_A_STANDARD_USER: tuple[tuple[str, dict[str, object]], ...] = (
    ("agent_create", {"agent_type": "data"}),
    ("state_put", {"scope": "preference", "key": "colour", "value": "green"}),
    ("history_append", {"thread": "main", "entry": "hello"}),
    ("subscribe", {"topic": "thread:main"}),
    ("cpu", {"milliseconds": 1}),
    ("remember", {"text": "a note"}),
    ("orchestrate", {"text": "everything"}),
)
"""Allowed for a standard user, forbidden for a restricted one."""
_OF_EVERYBODY: tuple[tuple[str, dict[str, object]], ...] = (
    ("noop", {}),
    ("typical", {"milliseconds": 1}),
    ("agent_list", {}),
    ("agent_health", {}),
    ("session_info", {}),
    ("history_read", {"thread": "main"}),
)
_CLAIM = {"as_role": "admin"}


def role_attempts(people: Mapping[str, TenantAgent]) -> list[Attempt]:
    """The matrix.

    Args:
        people: An ``admin``, a ``standard`` and a ``restricted`` user of one tenant, and a ``foreign admin``.
    """
    admin, standard, restricted = people["admin"], people["standard"], people["restricted"]
    shown, own = map(agent_id, ask([Request(standard.name, "agent_create", {"agent_type": "data"})] * 2))
    owner = {"of": standard.user_id}
    reading: list[tuple[str, dict[str, object]]] = [
        ("agent_get", {"agent": shown, **owner}),
        ("agent_list", dict(owner)),
        ("agent_health", dict(owner)),
    ]
    tries = [allowed(person, kind, **plain) for person in (standard, restricted) for kind, plain in _OF_EVERYBODY]
    tries += [Attempt(admin, standard, kind, plain, Expected.ALLOW) for kind, plain in reading]
    for stranger in (people["foreign admin"], restricted):
        tries += [Attempt(stranger, standard, kind, plain) for kind, plain in reading]
    tries += [Attempt(restricted, standard, kind, {**plain, **_CLAIM}) for kind, plain in reading]
    for kind, plain in _OF_A_STANDARD_USER:
        tries += [allowed(standard, kind, **plain), Attempt(restricted, restricted, kind, dict(plain))]
    tries.append(Attempt(restricted, restricted, "agent_create", {"agent_type": "data", **_CLAIM}))
    tries.append(allowed(standard, "execute", work="database"))
    tries += [replace(one, arguments={**one.arguments, **_CLAIM}) for one in _with_claim(restricted)]
    # Nobody may change somebody else's agent, not even an admin of the same tenant.
    for kind in ("agent_stop", "agent_reset", "agent_remove"):
        tries.append(Attempt(admin, standard, kind, {"agent": shown}))
    tries += [allowed(standard, kind, agent=own) for kind in ("agent_stop", "agent_reset", "agent_remove")]
    return tries


def _with_claim(restricted: TenantAgent) -> list[Attempt]:
    """Requests that can carry a claim, each forbidden for a restricted user."""
    return [
        Attempt(restricted, restricted, "state_put", {"scope": "preference", "key": "colour", "value": "red"}),
        Attempt(restricted, restricted, "execute", {"work": "database"}),
    ]
