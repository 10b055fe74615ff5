"""Getting hold of a platform, and its operator's door: what is there is used, what is not is said in one sentence."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from isolation.drive.platform.launch import LaunchError, Platform
from isolation.drive.platform.removal import remove_tenants
from isolation.drive.watch.operator import OperatorDoor, OperatorError
from isolation.settings.errors import SettingsError
from isolation.target.target import Target
from small_platform import small_target

READY = """
import json, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(json.dumps({"door": "ws://127.0.0.1:7", "ops": "ws://127.0.0.1:8", "file": sys.argv[1], "pid": 42}), flush=True)
"""
FOR_EVER = "time.sleep(60)\n"


def launched(program: str, *arguments: str, ready_within: float = 20) -> Platform:
    description: dict[str, Any] = small_target().model_dump(exclude={"doors", "token"})
    description["token"] = {"algorithm": "HS256", "secret": "key", "lifetime": "60 s", "claims": {}}
    description["launch"] = {
        "command": ["python", "-c", program, *arguments],
        "ready_within": f"{ready_within} s",
        "tenant_door": "door",
        "operator_door": "ops",
        "credentials_file": "file",
        "process": "pid",
    }
    return Platform(Target.model_validate(description))


@pytest.fixture
def credentials(tmp_path: Path) -> str:
    file = tmp_path / "credentials.json"
    file.write_text(json.dumps({"key": "hunter2", "nothing": None}))
    return str(file)


def test_a_platform_that_is_started_says_where_it_is_and_ends_when_told(credentials: str) -> None:
    platform = launched(READY + FOR_EVER, credentials)
    doors = platform.open()
    assert (doors.tenant_door, doors.operator_door, doors.pid) == ("ws://127.0.0.1:7", "ws://127.0.0.1:8", 42)
    assert doors.secret("key") == "hunter2"
    assert "hunter2" not in repr(doors)
    assert platform.close() == ""
    assert platform.close() == ""


def test_a_platform_that_goes_on_talking_is_not_held_up(credentials: str) -> None:
    talk = "for _ in range(20_000): print('x' * 100)\nopen(sys.argv[1] + '.said', 'w').close()\n"
    platform = launched(READY + talk + FOR_EVER, credentials)
    platform.open()
    said = Path(credentials + ".said")
    asyncio.run(_wait_for(said))
    assert said.exists()
    platform.close()


async def _wait_for(file: Path) -> None:
    for _ in range(500):
        if file.exists():
            return
        await asyncio.sleep(0.01)


def test_a_missing_secret_is_named_and_may_come_from_the_environment(
    credentials: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = launched(READY + FOR_EVER, credentials)
    doors = platform.open()
    with pytest.raises(SettingsError, match="needs 'nothing'"):
        doors.secret("nothing")
    monkeypatch.setenv("nothing", "something")
    assert doors.secret("nothing") == "something"
    platform.close()


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import sys; sys.exit('no room on the disk')", "did not start: no room on the disk"),
        ("print('hello')", "did not say that it is ready, but 'hello'"),
        ("print('{}')", "did not say that it is ready"),
        ("import time; time.sleep(60)", "was not ready within"),
    ],
)
def test_a_platform_that_does_not_start_is_an_error_with_its_own_last_words(program: str, words: str) -> None:
    with pytest.raises(LaunchError, match=words):
        launched(program, ready_within=1.0 if "60" in program else 20).open()


def test_a_platform_that_will_not_end_is_killed_and_that_is_said(credentials: str) -> None:
    deaf = READY.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN") + FOR_EVER
    platform = launched(deaf, credentials)
    platform.open()
    assert "was killed" in platform.close(patience_s=0.3)


def test_a_program_that_is_not_there_is_named(credentials: str) -> None:
    target = small_target().model_dump(exclude={"doors"})
    target["token"]["lifetime"] = "60 s"
    target["launch"] = {
        "command": ["/no/such/program"],
        "ready_within": "5 s",
        "tenant_door": "door",
        "operator_door": "ops",
        "credentials_file": "file",
        "process": "pid",
    }
    with pytest.raises(LaunchError, match="'/no/such/program' cannot be started"):
        Platform(Target.model_validate(target)).open()


# the operator's door


async def operate(connection: ServerConnection) -> None:
    """An operator's door that refuses one thing, is silent about another, and drops the connection on a third."""
    async for text in connection:
        frame = json.loads(text)
        if frame["op"] == "hang":
            continue
        if frame["op"] == "drop":
            connection.transport.abort()
            return
        await connection.send(json.dumps({"id": "another", "ok": True, "result": "not for you"}))
        if "refuse" in (frame["op"], frame.get("tenant")):
            await connection.send(json.dumps({"id": frame["id"], "ok": False, "code": "not_found", "message": "no"}))
        else:
            await connection.send(json.dumps({"id": frame["id"], "ok": True, "result": frame}))


@contextlib.asynccontextmanager
async def door(credential: str = "hunter2") -> AsyncIterator[OperatorDoor]:
    def check(connection: ServerConnection, request: Any) -> Any:
        return None if request.headers["Authorization"] == "Bearer hunter2" else connection.respond(401, "no\n")

    async with serve(operate, "127.0.0.1", 0, process_request=check) as server:
        one = OperatorDoor(f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}", credential)
        try:
            yield one
        finally:
            await one.close()


def test_the_operator_is_answered_by_id_with_every_argument() -> None:
    async def run() -> None:
        async with door() as operator:
            answer = await operator.ask("usage", 5.0, tenant="t-1", timeout_s=3)
            assert (answer["op"], answer["tenant"], answer["timeout_s"]) == ("usage", "t-1", 3)

    asyncio.run(run())


def test_every_tenant_is_removed_once_and_one_that_is_refused_hinders_no_other() -> None:
    async def run() -> dict[str, Any]:
        async with door() as operator:
            return await remove_tenants(operator, [*(f"t-{number}" for number in range(9)), "refuse"])

    answers = asyncio.run(run())
    assert "refused 'remove_tenant': not_found" in answers.pop("refuse")
    assert {name: answer["tenant"] for name, answer in answers.items()} == {f"t-{n}": f"t-{n}" for n in range(9)}


def test_removing_nobody_asks_nothing() -> None:
    assert asyncio.run(remove_tenants(OperatorDoor("ws://127.0.0.1:1", "x"), [])) == {}


def test_what_the_operator_is_refused_is_named() -> None:
    async def run() -> None:
        async with door() as operator:
            with pytest.raises(OperatorError, match="refused 'refuse': not_found: no"):
                await operator.ask("refuse")

    asyncio.run(run())


def test_a_wrong_credential_is_said_and_not_shown() -> None:
    async def run() -> None:
        async with door("wrong-credential") as operator:
            with pytest.raises(OperatorError, match="refused the credential") as caught:
                await operator.ask("usage")
            assert "wrong-credential" not in str(caught.value)

    asyncio.run(run())


def test_after_silence_or_a_lost_connection_the_door_is_opened_again() -> None:
    async def run() -> None:
        async with door() as operator:
            for op, words in (("hang", "no answer to 'hang' within 0.3 s"), ("drop", "is not there for 'drop'")):
                with pytest.raises(OperatorError, match=words):
                    await operator.ask(op, 0.3 if op == "hang" else 5.0)
                assert (await operator.ask("usage"))["op"] == "usage"

    asyncio.run(run())


@pytest.mark.parametrize("listens", [False, True], ids=["nobody listens", "hangs up before the handshake"])
def test_a_door_that_is_not_there_is_an_operator_error(listens: bool) -> None:
    """A platform that restarts accepts a connection and hangs up: whoever asks again and again must not die of it."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        if not listens:
            server.close()
        with pytest.raises(OperatorError, match="is not there"):
            await OperatorDoor(f"ws://127.0.0.1:{port}", "x").ask("usage")
        server.close()

    asyncio.run(run())


def test_this_python_runs_the_platform(credentials: str) -> None:
    program = READY.replace('"pid": 42', '"pid": 1, "quota_mechanism": sys.executable') + FOR_EVER
    platform = launched(program, credentials)
    assert platform.open().quota_mechanism == sys.executable
    platform.close()
