"""Stores that others run: taken as they are, refused by name where they cannot serve, and left as they were found."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import jwt
import psutil
import pytest
import redis
from websockets.asyncio.client import connect as connect_websocket

from component.services.own_servers import (
    DEBIAN_POSTGRES,
    NO_POSTGRES,
    OwnServer,
    debian_postgres,
    debian_redis,
    make_certificate,
)
from component.services.service_watching import within
from reference_platform.services import EmbeddedServices, ServiceAddresses, external_addresses
from reference_platform.state import Owner, StoreError
from reference_platform.state.cache import Cache
from reference_platform.state.relational.database import Database, connect

LIBRARIES = Path(__file__).parents[3] / "libraries"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that another user may enter."""
    path = Path(tempfile.mkdtemp(prefix="stores-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def given() -> Iterator[ServiceAddresses]:
    """A PostgreSQL that is new enough; used as if somebody else had started it."""
    with EmbeddedServices() as services:
        yield services.addresses


@pytest.fixture
def given_redis(folder: Path) -> Iterator[OwnServer]:
    with debian_redis(folder) as server:
        yield server


def addresses(database: str, cache: str) -> ServiceAddresses:
    found = external_addresses({"TEST_DATABASE_URL": database, "TEST_REDIS_URL": cache})
    assert found is not None
    return found


def redis_url(server: OwnServer) -> str:
    return f"redis://:hush@127.0.0.1:{server.port}/0"


# What is there: compared before and after.


async def things_in_postgres(given: ServiceAddresses) -> dict[str, Any]:
    connection = await asyncpg.connect(given.postgres_url)
    try:
        rows = {
            "roles": "SELECT rolname FROM pg_roles ORDER BY 1",
            "schemas": "SELECT nspname, nspacl::text FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp' ORDER BY 1",
            # No rights written down means the usual ones: a GRANT and its REVOKE write those down.
            "rights": "SELECT datname, (SELECT array_agg(r::text ORDER BY r::text) FROM "
            "unnest(coalesce(datacl, acldefault('d', datdba))) r) FROM pg_database ORDER BY 1",
            "functions": "SELECT proname, proacl::text FROM pg_proc WHERE proacl IS NOT NULL ORDER BY 1, 2",
            "settings": "SELECT setdatabase::text, setrole::text, setconfig::text FROM pg_db_role_setting ORDER BY 1, 2",
        }
        return {name: [tuple(row) for row in await connection.fetch(query)] for name, query in rows.items()}
    finally:
        await connection.close()


def things_in_redis(server: OwnServer) -> tuple[set[str], set[bytes]]:
    client = redis.Redis(port=server.port, password="hush")
    try:
        users = {user.decode() if isinstance(user, bytes) else user for user in client.acl_users()}
        return users, {key.encode() if isinstance(key, str) else key for key in client.keys("*")}
    finally:
        client.close()


# A platform on given stores.


class Platform:
    """A platform that was started on given stores."""

    def __init__(self, database: str, cache: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(LIBRARIES), "PYTHONDONTWRITEBYTECODE": "1"}
        environment |= {
            "TEST_DATABASE_URL": database,
            "TEST_REDIS_URL": cache,
            "PGSSLMODE": "require",
            "PGSERVICE": "x",
        }
        command = [sys.executable, "-m", "reference_platform", "--setting", "clickhouse=false"]
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.ready = json.loads(line) if line else {}
        self.folder = Path(self.ready["folder"]) if line else Path("/nonexistent")

    async def serve(self, tenants: int) -> None:
        """Let a few tenants leave things in both stores."""
        secret = json.loads(Path(self.ready["credentials_file"]).read_text())["jwt_secret"]
        for number in range(tenants):
            token = jwt.encode(_claims(f"shop-{number}", f"ann-{number}"), secret, algorithm="HS256")
            headers = {"Authorization": f"Bearer {token}"}
            async with connect_websocket(
                self.ready["tenant_endpoint"], additional_headers=headers, proxy=None
            ) as session:
                await session.recv()
                await _ask(session, {"type": "state_put", "scope": "profile", "key": "me", "value": number})
                await _ask(session, {"type": "execute", "work": {"kind": "ask", "question": "how much?"}})

    def stop(self) -> str:
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=60)
        return str(errors)

    def kill(self) -> None:
        """End all of it at once, as a power failure would."""
        family = [self.process.pid, *(child.pid for child in psutil.Process(self.process.pid).children(recursive=True))]
        for pid in family:
            os.kill(pid, signal.SIGKILL)
        self.process.communicate(timeout=10)


def _claims(tenant: str, user: str) -> dict[str, Any]:
    now = int(time.time())
    times = {"iat": now, "nbf": now, "exp": now + 60}
    who = {"sub": user, "tenant": tenant, "role": "standard", "jti": f"token-{user}"}
    return {"iss": "reference-platform-auth", "aud": "agent-platform", **who, **times}


async def _ask(session: Any, request: dict[str, Any]) -> None:
    await session.send(json.dumps({"id": "1", **request}))
    while True:
        frame = json.loads(await asyncio.wait_for(session.recv(), 20))
        if frame.get("id") == "1" and frame["event"] in ("operation_completed", "agent_completed"):
            return
        assert frame["event"] != "agent_error", frame


def test_a_run_leaves_given_stores_as_it_found_them(given: ServiceAddresses, given_redis: OwnServer) -> None:
    before = asyncio.run(things_in_postgres(given)), things_in_redis(given_redis)
    platform = Platform(given.postgres_url, redis_url(given_redis))
    asyncio.run(platform.serve(3))
    while_it_runs = asyncio.run(things_in_postgres(given)), things_in_redis(given_redis)
    assert len(while_it_runs[0]["roles"]) == len(before[0]["roles"]) + 3 + 3
    assert len(while_it_runs[1][0]) == len(before[1][0]) + 3
    assert platform.stop() == ""
    assert (asyncio.run(things_in_postgres(given)), things_in_redis(given_redis)) == before
    assert not platform.folder.exists()


def test_what_a_killed_run_has_left_is_removed_by_the_next(given: ServiceAddresses, given_redis: OwnServer) -> None:
    before = asyncio.run(things_in_postgres(given)), things_in_redis(given_redis)
    killed = Platform(given.postgres_url, redis_url(given_redis))
    asyncio.run(killed.serve(3))
    killed.kill()
    left = asyncio.run(things_in_postgres(given)), things_in_redis(given_redis)
    assert len(left[0]["roles"]) == len(before[0]["roles"]) + 6 and len(left[1][0]) == len(before[1][0]) + 3
    later = Platform(given.postgres_url, redis_url(given_redis))
    assert len(asyncio.run(things_in_postgres(given))["roles"]) == len(before[0]["roles"]) + 3
    assert things_in_redis(given_redis) == before[1]
    assert later.stop() == ""
    assert asyncio.run(things_in_postgres(given)) == before[0]


def test_things_of_strangers_are_left_alone(given: ServiceAddresses, given_redis: OwnServer) -> None:
    async def change(statement: str) -> None:
        connection = await asyncpg.connect(given.postgres_url)
        await connection.execute(statement)
        await connection.close()

    asyncio.run(change("CREATE SCHEMA platform; CREATE TABLE platform.agents (theirs text)"))
    try:
        platform = Platform(given.postgres_url, redis_url(given_redis))
        _, errors = platform.process.communicate(timeout=30)
        assert platform.process.returncode == 2
        assert "schema 'platform' that this platform has not made" in errors and errors.count("\n") == 1
        asyncio.run(change("SELECT theirs FROM platform.agents"))
    finally:
        asyncio.run(change("DROP SCHEMA platform CASCADE"))


def test_a_database_that_is_no_test_database_is_refused_until_it_is_marked(given: ServiceAddresses) -> None:
    async def tried() -> str:
        try:
            database = await Database.open(replace(given, postgres_database="contest_prod", needs_mark=True))
        except StoreError as error:
            return str(error)
        await database.close()
        return ""

    async def all_of_it() -> None:
        connection = await asyncpg.connect(given.postgres_url)
        await connection.execute("CREATE DATABASE contest_prod")
        refused = await tried()
        assert "'contest_prod' does not look like a test database" in refused and "ALTER DATABASE" in refused
        await connection.execute("ALTER DATABASE contest_prod SET tenant_isolation.test_database = 'yes'")
        assert await tried() == ""
        await connection.execute("DROP DATABASE contest_prod WITH (FORCE)")
        await connection.execute("DROP OWNED BY platform_gateway, platform_tenants, platform_owner")
        await connection.execute("DROP ROLE platform_gateway, platform_tenants, platform_owner")
        await connection.close()

    asyncio.run(all_of_it())


@pytest.mark.skipif(not DEBIAN_POSTGRES, reason=NO_POSTGRES)
@pytest.mark.parametrize(
    "place",
    [
        "boss:hush@127.0.0.1:{port}/postgres?sslmode=disable",
        "boss:hush@127.0.0.1:{port}/postgres?sslmode=require",
        "boss:hush@localhost:{port}/postgres?sslmode=verify-full&sslrootcert={folder}/server.crt",
        "boss:hush@/postgres?host={folder}&port={port}",
    ],
)
def test_debians_postgresql_is_reached_by_tcp_tls_and_socket(folder: Path, place: str) -> None:
    with debian_postgres(folder) as server:
        url = "postgresql://" + place.format(port=server.port, folder=server.folder)
        found = addresses(url, "redis://cache")

        async def encrypted() -> bool:
            connection = await connect(found, found.postgres_admin_user, found.postgres_admin_password)
            try:
                return bool(await connection.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
            finally:
                await connection.close()

        assert asyncio.run(encrypted()) is ("require" in url or "verify-full" in url)


@pytest.mark.skipif(not DEBIAN_POSTGRES, reason=NO_POSTGRES)
def test_a_certificate_that_is_not_trusted_is_refused_in_one_sentence(folder: Path) -> None:
    with debian_postgres(folder) as server:
        (folder / "other").mkdir()
        make_certificate(folder / "other")
        url = f"postgresql://boss:hush@localhost:{server.port}/postgres?sslmode=verify-full"
        found = addresses(f"{url}&sslrootcert={folder}/other/server.crt", "redis://cache")
        with pytest.raises(StoreError, match="cannot be reached: .*certificate"):
            asyncio.run(_close(connect(found, "boss", "hush")))
        with pytest.raises(StoreError, match="does not let 'boss' in"):
            asyncio.run(_close(connect(replace(found, postgres_options={"sslmode": "require"}), "boss", "wrong")))


async def _close(opening: Any) -> None:
    await (await opening).close()


@pytest.mark.skipif(not DEBIAN_POSTGRES, reason=NO_POSTGRES)
def test_a_postgresql_that_is_too_old_is_refused_by_its_version(folder: Path) -> None:
    with debian_postgres(folder) as server:
        if server.major >= 16:
            pytest.skip(f"Debian's PostgreSQL is new enough here: {server.major}")
        url = f"postgresql://boss:hush@127.0.0.1:{server.port}/postgres"
        with pytest.raises(StoreError, match=rf"PostgreSQL 16 or newer is needed, .* is version {server.major}\."):
            asyncio.run(_close(Database.open(addresses(url, "redis://cache"))))


def test_a_redis_that_is_not_there_is_not_said_to_refuse_a_login() -> None:
    found = addresses("postgresql://boss@db/test", "redis://:hush@127.0.0.1:1/0")
    with pytest.raises(StoreError, match=r"Redis at 127.0.0.1:1 cannot be reached"):
        asyncio.run(_connected(found))


async def _connected(found: ServiceAddresses) -> None:
    cache = Cache(found)
    try:
        await cache.connect()
        await cache.admit("acme", "a password of acme")
        await cache.put(Owner("acme", "ann"), "answer", 42, 60)
        assert await cache.get(Owner("acme", "ann"), "answer") == 42
        await cache.expel("acme")
    finally:
        await cache.close()


@pytest.mark.parametrize("kind", ["tcp", "socket", "tls"])
def test_debians_redis_serves_by_tcp_tls_and_socket(folder: Path, kind: str) -> None:
    options: tuple[str, ...] = ()
    if kind == "tls":
        make_certificate(folder)
        files = {"cert": "server.crt", "key": "server.key", "ca-cert": "server.crt"}
        options = tuple(word for name, file in files.items() for word in (f"--tls-{name}-file", str(folder / file)))
        options += ("--tls-auth-clients", "no")
    with debian_redis(folder, *options) as server:
        url = redis_url(server)
        if kind == "socket":
            url = f"unix://:hush@{folder}/redis.sock"
        if kind == "tls":
            client = redis.Redis(port=server.port, password="hush")
            client.config_set("tls-port", server.port + 1 if server.port < 65535 else server.port - 1)
            client.close()
            url = f"rediss://:hush@localhost:{server.port + 1}/0?ssl_ca_certs={folder}/server.crt"
        asyncio.run(_connected(addresses("postgresql://boss@db/test", url)))


def test_a_replica_and_a_wrong_password_are_named(folder: Path) -> None:
    (folder / "second").mkdir()
    with debian_redis(folder) as first, debian_redis(folder / "second") as second:
        wrong = f"redis://:wrong@127.0.0.1:{first.port}/0"
        with pytest.raises(StoreError, match="does not let 'default' in"):
            asyncio.run(_connected(addresses("postgresql://boss@db/test", wrong)))
        client = redis.Redis(port=second.port, password="hush")
        client.replicaof("127.0.0.1", first.port)
        assert within(5, lambda: client.info()["role"] == "slave")
        client.close()
        with pytest.raises(StoreError, match="is a replica"):
            asyncio.run(_connected(addresses("postgresql://boss@db/test", redis_url(second))))
