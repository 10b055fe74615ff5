"""The whole platform, started by its command line, serves and ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from component.platform.platform_program import PlatformProgram, as_ordinary_user, ask, frames_of, shown
from process_control.family import is_running
from reference_platform.services import EmbeddedServices

Start = Callable[..., PlatformProgram]
EVENTS = ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]


async def work_once(program: PlatformProgram) -> None:
    """Let a user's agent do typical work and check what comes back."""
    async with program.session() as connection:
        assert json.loads(await connection.recv())["event"] == "welcome"
        frames = await frames_of(connection, "agent_completed", type="execute", id="work-1", work={"kind": "typical"})
        assert [frame["event"] for frame in frames] == EVENTS
        assert [frame["seq"] for frame in frames] == [2, 3, 4, 5, 6]
        assert frames[-1]["result"]["tenant"] == "acme"
        assert frames[-1]["result"]["user"] == "ann"
        program.look()


def test_it_serves_and_ends_cleanly(platform: Start) -> None:
    program = platform()
    program.wait_until_ready()
    asyncio.run(work_once(program))
    started = time.monotonic()
    assert program.end() == 0
    assert time.monotonic() - started < 5
    program.wait_until_nothing_left(0.5)


@pytest.mark.skipif(os.geteuid() != 0, reason="this is an ordinary user already")
def test_it_serves_and_ends_cleanly_under_an_ordinary_user(
    platform: Start, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("ordinary")
    for parent in [folder.parent, folder.parent.parent]:
        parent.chmod(0o711)
    program = platform(**as_ordinary_user(folder))
    program.wait_until_ready()
    assert Path(program.ready["folder"]).parent == folder
    asyncio.run(work_once(program))
    assert program.end() == 0
    program.wait_until_nothing_left(0.5)


def test_an_interrupt_ends_it_cleanly(platform: Start) -> None:
    program = platform()
    program.wait_until_ready()
    assert program.end(signal.SIGINT) == 0
    program.wait_until_nothing_left(0.5)


def test_credentials_are_private_and_stand_in_no_command_line_or_environment(platform: Start) -> None:
    program = platform()
    ready = program.wait_until_ready()
    asyncio.run(work_once(program))
    assert stat.S_IMODE(Path(ready["credentials_file"]).stat().st_mode) == 0o600
    credentials = program.credentials()
    assert set(credentials) == {
        "jwt_secret",
        "operator_credential",
        "database_url",
        "redis_url",
        "clickhouse",
        "log_folder",
    }
    assert len(program.seen) > 8
    secrets = [
        credentials[name].encode() for name in ("jwt_secret", "operator_credential", "database_url", "redis_url")
    ]
    for pid in program.look():
        for place in ("cmdline", "environ"):
            held = shown(pid, place)
            assert not any(secret in held for secret in secrets), f"{place} of {held[:80]!r}"


def test_settings_are_in_force(platform: Start) -> None:
    program = platform("--setting", "operation_timeout_seconds=0.3", "--setting", "heartbeat_seconds=0.2")
    program.wait_until_ready()

    async def hang() -> None:
        async with program.session() as connection:
            frames = await frames_of(connection, "agent_completed", type="execute", id="hang", work={"kind": "hang"})
            assert frames[-1]["code"] == "timeout"
            async with asyncio.timeout(5):
                while json.loads(await connection.recv())["event"] != "heartbeat":
                    continue

    asyncio.run(hang())


def test_the_operator_can_restart_it_at_the_same_doors(platform: Start) -> None:
    program = platform()
    program.wait_until_ready()
    before = set(program.look())

    async def restart() -> None:
        async with program.operator() as operator:
            assert (await ask(operator, op="restart", id="1"))["result"] == {"restarting": True}
            await operator.wait_closed()
        end = time.monotonic() + 15
        while True:
            try:
                await work_once(program)
                return
            except OSError:
                assert time.monotonic() < end, "the endpoints did not come back"
                await asyncio.sleep(0.05)

    asyncio.run(restart())
    assert program.process.poll() is None
    assert set(program.look()) - before
    assert program.end() == 0
    program.wait_until_nothing_left(0.5)


def test_it_uses_given_stores_and_leaves_them_running(platform: Start) -> None:
    with EmbeddedServices() as stores:
        addresses = stores.addresses
        program = platform("--database-url", addresses.postgres_url, "--redis-url", addresses.redis_url)
        program.wait_until_ready()
        asyncio.run(work_once(program))
        assert program.credentials()["database_url"] == addresses.postgres_url
        assert program.end() == 0
        program.wait_until_nothing_left(0.5)
        assert all(is_running(pid) for pid in stores.pids.values())


def test_it_uses_the_chosen_ports(platform: Start) -> None:
    ports = []
    for _ in range(2):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            ports.append(probe.getsockname()[1])
    program = platform("--port", str(ports[0]), "--operator-port", str(ports[1]))
    ready = program.wait_until_ready()
    assert ready["tenant_endpoint"] == f"ws://127.0.0.1:{ports[0]}/agents"
    assert ready["operator_api"] == f"ws://127.0.0.1:{ports[1]}/operator"
    asyncio.run(work_once(program))
