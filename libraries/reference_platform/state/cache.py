"""The answer cache in Redis, reached with each tenant's own ACL user."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

import redis.asyncio as redis
from redis.exceptions import NoPermissionError

from reference_platform.services.addresses import ServiceAddresses
from reference_platform.services.connecting import redis_options
from reference_platform.state.errors import StoreError
from reference_platform.state.names import redis_prefix, redis_user
from reference_platform.state.passwords import redis_fingerprint
from reference_platform.state.records import JSON, Owner
from reference_platform.state.relational.documents import to_text

_CONNECTIONS_PER_TENANT = 4
_COUNT_PER_SCAN = 500
OLDEST_MAJOR_VERSION = 7

# An ACL checks the keys that a command names. These name none and tell about everybody's keys, or are not checked
# although they name one (PFMERGE with a single key, Valkey 9.1): each is taken away.
_TELLTALES = [
    "scan",
    "clusterscan",
    "randomkey",
    "dbsize",
    "keys",
    "flushall",
    "flushdb",
    "swapdb",
    "pubsub",
    "script",
    "function",
    "move",
    "copy",
    "pfmerge",
    "lolwut",
]
# CLIENT TRACKING in broadcast mode names every key that anybody changes.
_RIGHTS = [
    "-@all",
    "+@read",
    "+@write",
    "+@connection",
    "+@pubsub",
    "+@transaction",
    "-@dangerous",
    "-@admin",
    "-@scripting",
    "-client",
    "+client|id",
    "+client|setinfo",
    "+client|setname",
    "+client|getname",
    "+client|info",
]


#: Rights to commands that earlier versions do not have, and in which none of our clients trusts.
_SINCE = {"+client|setinfo": (7, 2)}


class Cache:
    """Values with a time to live, by owner and key; and the ACL users that guard them."""

    def __init__(self, addresses: ServiceAddresses) -> None:
        """Describe the server; nothing is connected yet."""
        self._addresses = addresses
        self._admin = self._client(addresses.redis_admin_user, addresses.redis_admin_password)
        self._tenants: dict[str, redis.Redis] = {}
        self._denied: list[str] = []
        self._rights: list[str] = []

    async def connect(self) -> None:
        """Prove that the server is there and lets the operator in, and learn its commands.

        Raises:
            StoreError: When it does not.
        """
        where, user = self._addresses.redis_place, self._addresses.redis_admin_user
        try:
            server = await cast(Any, self._admin.info())
            version = _usable_version(server, where)
            known = {name.decode() for name in await cast(Any, self._admin.command_list())}
        except (redis.AuthenticationError, NoPermissionError) as error:
            raise StoreError(f"Redis at {where} does not let '{user}' in: {error}") from None
        except (redis.RedisError, OSError, ValueError) as error:
            raise StoreError(f"Redis at {where} cannot be reached: {error}") from None
        # A server refuses an ACL that names a command which it does not have.
        self._denied = [f"-{name}" for name in _TELLTALES if name in known]
        self._rights = [right for right in _RIGHTS if version >= _SINCE.get(right, (0, 0))]

    async def close(self) -> None:
        """Close every connection."""
        for client in (*self._tenants.values(), self._admin):
            await client.aclose()
        self._tenants.clear()

    async def admit(self, tenant: str, password: str) -> None:
        """Make a tenant's ACL user: its own keys and channels, no command that looks beyond them."""
        prefix = redis_prefix(tenant)
        login = ["reset", "on", f"#{redis_fingerprint(password)}"]
        reach = [f"~{prefix}*", "resetchannels", f"&{prefix}*"]
        await self._acl("SETUSER", redis_user(tenant), *login, *reach, *self._rights, *self._denied)
        await self._forget_client(tenant)
        self._tenants[tenant] = self._client(redis_user(tenant), password)

    async def expel(self, tenant: str) -> None:
        """Remove a tenant's ACL user (which cuts its connections) and then its keys."""
        await self._forget_client(tenant)
        await self._acl("DELUSER", redis_user(tenant))
        keys = await self.keys(tenant)
        for start in range(0, len(keys), _COUNT_PER_SCAN):
            await self._admin.unlink(*keys[start : start + _COUNT_PER_SCAN])

    async def put(self, owner: Owner, key: str, value: JSON, seconds: float) -> None:
        """Keep a value for that long."""
        await self._of(owner.tenant).set(self.full_key(owner, key), to_text(value), px=max(1, round(seconds * 1000)))

    async def get(self, owner: Owner, key: str) -> JSON:
        """A value that is still kept, or None."""
        text = await self._of(owner.tenant).get(self.full_key(owner, key))
        return None if text is None else cast(JSON, json.loads(text))

    async def drop(self, owner: Owner, keys: Iterable[str]) -> None:
        """Forget values before their time; unknown keys are no harm."""
        full_keys = [self.full_key(owner, key) for key in keys]
        if full_keys:
            await self._of(owner.tenant).unlink(*full_keys)

    async def keys(self, tenant: str) -> list[str]:
        """Every key of a tenant, read with the operator's login."""
        found = self._admin.scan_iter(f"{redis_prefix(tenant)}*", _COUNT_PER_SCAN)
        return sorted({key.decode() async for key in found})

    async def remove_user(self, owner: Owner) -> int:
        """Remove every key of a user, with the operator's login; returns how many are left."""
        pattern = self.full_key(owner, "*")
        if keys := [key async for key in self._admin.scan_iter(pattern, _COUNT_PER_SCAN)]:
            await self._admin.unlink(*keys)
        return len([key async for key in self._admin.scan_iter(pattern, _COUNT_PER_SCAN)])

    async def lock(self, tenant: str, locked: bool) -> None:
        """Let a tenant's own login in no more, and cut its connections; or let it in again."""
        if not await self.has_user(tenant):
            return
        await self._acl("SETUSER", redis_user(tenant), "off" if locked else "on")
        if locked:
            await cast(Any, self._admin).execute_command("CLIENT", "KILL", "USER", redis_user(tenant))

    async def has_user(self, tenant: str) -> bool:
        """Whether the tenant has an ACL user."""
        return await self._acl("GETUSER", redis_user(tenant)) is not None

    @staticmethod
    def full_key(owner: Owner, key: str) -> str:
        """Where a value is kept: tenant and user are part of the key."""
        return f"{redis_prefix(owner.tenant)}cache:{owner.user}:{key}"

    async def _acl(self, *words: str) -> object:
        return await cast(Any, self._admin).execute_command("ACL", *words)

    def _of(self, tenant: str) -> redis.Redis:
        client = self._tenants.get(tenant)
        if client is None:
            raise StoreError(f"The tenant '{tenant}' is not known to the store")
        return client

    async def _forget_client(self, tenant: str) -> None:
        client = self._tenants.pop(tenant, None)
        if client is not None:
            await client.aclose()

    def _client(self, user: str, password: str) -> redis.Redis:
        kind: dict[str, Any] = {}
        if self._addresses.redis_socket:
            kind = {"connection_class": redis.UnixDomainSocketConnection}
        elif self._addresses.redis_tls:
            kind = {"connection_class": redis.SSLConnection}
        pool = redis.BlockingConnectionPool(
            **redis_options(self._addresses),
            **kind,
            db=self._addresses.redis_database,
            username=user,
            password=password,
            max_connections=_CONNECTIONS_PER_TENANT,
            timeout=5,
            socket_timeout=5,
            protocol=2,
        )
        return redis.Redis(connection_pool=pool)


def _usable_version(server: Mapping[str, Any], where: str) -> tuple[int, int]:
    """The version of Redis that a server is, or says to be like: major and minor number.

    Raises:
        StoreError: It is too old, or a replica; one sentence says which.
    """
    version = str(server.get("redis_version", "0"))
    major, minor = (int(part) for part in f"{version}.0".split(".")[:2])
    if major < OLDEST_MAJOR_VERSION:
        raise StoreError(
            f"Redis {OLDEST_MAJOR_VERSION}.0 or newer (or Valkey) is needed, because earlier ones cannot say which commands "
            f"they have, but the server at {where} is version {version}"
        )
    if server.get("role") == "slave":
        raise StoreError(f"The Redis server at {where} is a replica: nothing can be written there")
    return major, minor
