"""Logging in to the cache as the tenants themselves, to see what their logins reach.

Reading is really tried. Whether a login *may* change something, listen to everybody or administer is asked of the server
(``ACL DRYRUN``, by the operator's login), so nothing is ever changed; a server that cannot say leaves it undecided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import redis
from redis.exceptions import NoPermissionError

from isolation.drive.platform.known_ids import KnownIds
from isolation.record.access.database_looks import CacheLook, RoleAttempt

_TIMEOUT_S: Final = 5.0
_MOST_KEYS: Final = 200_000
_READS: Final = {
    "string": "GET",
    "hash": "HGETALL",
    "list": "LRANGE",
    "set": "SMEMBERS",
    "zset": "ZRANGE",
    "stream": "XRANGE",
}
_MORE: Final = {"LRANGE": ("0", "-1"), "ZRANGE": ("0", "-1"), "XRANGE": ("-", "+")}
_WRITES: Final = (("SET", "x"), ("DEL",), ("EXPIRE", "1"), ("PERSIST",))
_OF_EVERYBODY: Final = (
    ("KEYS", "*"),
    ("SCAN", "0"),
    ("RANDOMKEY",),
    ("DBSIZE",),
    ("MONITOR",),
    ("PSUBSCRIBE", "*"),
    ("CLIENT", "LIST"),
    ("CONFIG", "GET", "*"),
    ("CONFIG", "SET", "timeout", "0"),
    ("ACL", "LIST"),
    ("ACL", "SETUSER", "nobody"),
    ("FLUSHALL",),
    ("FLUSHDB",),
    ("SHUTDOWN",),
    ("REPLICAOF", "NO", "ONE"),
    ("SLOWLOG", "GET"),
)
"""What shows, changes or ends what is everybody's."""


@dataclass(frozen=True, slots=True)
class CacheLogin:
    """How one tenant gets into the cache.

    Attributes:
        tenant: How the scenario calls it.
        tenant_id: Its id on the platform.
        user: Its login.
        password: The login's password; never shown.
    """

    tenant: str
    tenant_id: str
    user: str
    password: str = field(repr=False)


def look_as_cache_logins(
    address: str, run_id: str, owners: Mapping[str, str], logins: Sequence[CacheLogin]
) -> tuple[CacheLook, ...]:
    """Log in as each tenant and try what it must not be able to do.

    Args:
        address: Redis as the operator reaches it, for reading only.
        run_id: Id of the run, which every id begins with.
        owners: Ids of tenants and users to the names of their tenants.
        logins: The logins; each one's foreign tenant is the next that has a key.

    Raises:
        redis.RedisError: The cache is not there, or refuses the operator's login.
    """
    ids = KnownIds(owners, run_id)
    with _client(address) as operator:
        keys: dict[str, str] = {}
        for number, key in enumerate(operator.scan_iter(count=1000)):
            named = {owners[found] for found in ids.named(_text(key)) if found in owners}
            if len(named) == 1:
                keys.setdefault(named.pop(), _text(key))
            if number > _MOST_KEYS:
                break
        return tuple(
            _look(operator, address, login, _foreign(logins, place, keys), keys) for place, login in enumerate(logins)
        )


def _foreign(logins: Sequence[CacheLogin], place: int, keys: Mapping[str, str]) -> str:
    """The next tenant after this one that has a key; empty when there is none."""
    others = [*logins[place + 1 :], *logins[:place]]
    return next((login.tenant for login in others if login.tenant in keys), "")


def _look(operator: Any, address: str, login: CacheLogin, other: str, keys: Mapping[str, str]) -> CacheLook:
    own, foreign = keys.get(login.tenant, ""), keys.get(other, "")
    try:
        with _client(address, username=login.user, password=login.password) as client:
            client.ping()
            control = bool(own) and _reads(operator, client, own)
            attempts = []
            if foreign:
                attempts.append(RoleAttempt(other, "reading a key", _reads(operator, client, foreign), control))
    except NoPermissionError:
        control, attempts = False, []
    except redis.RedisError as error:
        return CacheLook(login.tenant, reason=f"{type(error).__name__}: the login was refused or lost")
    for command, *more in _WRITES:
        if foreign:
            may = _may(operator, login.user, command, foreign, *more)
            could = bool(own) and bool(_may(operator, login.user, command, own, *more))
            attempts.append(RoleAttempt(other, f"{command} on a key", may, could or control))
    for words in _OF_EVERYBODY:
        name = " ".join(word for word in words if word.isalpha())
        attempts.append(RoleAttempt("everybody", name, _may(operator, login.user, *words), control))
    return CacheLook(login.tenant, tuple(attempts))


def _reads(operator: Any, client: Any, key: str) -> bool:
    """Whether a login really reads a key; the operator says of which type it is."""
    command = _READS.get(_text(operator.type(key)), "GET")
    try:
        return bool(client.execute_command(command, key, *_MORE.get(command, ())))
    except NoPermissionError:
        return False


def _may(operator: Any, user: str, *words: str) -> bool | None:
    """Whether the server would let a login do something; None when it cannot say."""
    try:
        return _text(operator.execute_command("ACL", "DRYRUN", user, *words)) == "OK"
    except redis.ResponseError:
        return None  # an older server, an unknown command, or an operator's login that may not ask


def _client(address: str, **login: str) -> Any:
    """A client; a login takes the place of the one in the address, which would go before it otherwise."""
    pool = redis.ConnectionPool.from_url(address, socket_timeout=_TIMEOUT_S, protocol=2)
    pool.connection_kwargs.update(login)
    return redis.Redis.from_pool(pool)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
