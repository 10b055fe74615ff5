"""Getting hold of a platform, and its operator's door: what is there is used, what is not is said in one sentence."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from component.drive.small_platform import SMALL
from isolation.drive.platform.launch import LaunchError, Platform
from isolation.drive.platform.removal import remove_tenants
from isolation.drive.watch.operator import OperatorApi, OperatorError
from isolation.settings.errors import SettingsError
from isolation.target.reading.file import parse_target

READY = """
import json, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(json.dumps({"door": "ws://127.0.0.1:7", "ops": "ws://127.0.0.1:8", "file": sys.argv[1], "pid": 42}), flush=True)
"""
FOR_EVER = "time.sleep(60)\n"


def launched(program: str, *arguments: str, ready_within: float = 20, ready: str = "{line: json}") -> Platform:
    command = json.dumps(["python", "-c", program, *arguments])
    pid = "{line: pid}" if ready == "{line: json}" else "started"
    launch = f"launch: {{command: {command}, ready: {ready}, within: {ready_within} s, pid: {pid}}}\n"
    text = SMALL.replace('doors: {ws: "ws://127.0.0.1:1"}\n', "")
    if ready == "{line: json}":
        launch += 'doors: {ws: "{line.door}"}\ncredentials_file: "{line.file}"\n'
    else:
        launch += 'doors: {ws: "ws://127.0.0.1:7"}\n'
    return Platform(parse_target(text.replace("secrets:", launch + "secrets:", 1)))


@pytest.fixture
def credentials(tmp_path: Path) -> str:
    file = tmp_path / "credentials.json"
    file.write_text(json.dumps({"SMALL_KEY": "hunter2", "nothing": None}))
    return str(file)


def test_a_platform_that_is_started_says_where_it_is_and_ends_when_told(credentials: str) -> None:
    platform = launched(READY + FOR_EVER, credentials)
    doors = platform.open()
    assert (doors.addresses, doors.pid) == ({"ws": "ws://127.0.0.1:7"}, 42)
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
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "credentials.json"
    file.write_text(json.dumps({"another": "x"}))
    with pytest.raises(SettingsError, match="needs 'SMALL_KEY'"):
        launched(READY + FOR_EVER, str(file)).open()
    monkeypatch.setenv("SMALL_KEY", "something")
    platform = launched(READY + FOR_EVER, str(file))
    assert platform.open().secret("key") == "something"
    platform.close()


@pytest.mark.parametrize("content", ["", "[1]", "no json"])
def test_a_broken_credentials_file_is_said_in_one_sentence(tmp_path: Path, content: str) -> None:
    file = tmp_path / "credentials.json"
    file.write_text(content)
    with pytest.raises(SettingsError, match="is no JSON object"):
        launched(READY + FOR_EVER, str(file)).open()


SERVE = """
import http.server, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_):
        pass
time.sleep(0.2)
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Health)
print("listening", flush=True)
server.serve_forever()
"""


@pytest.mark.parametrize(
    "ready", ['{{http: "http://127.0.0.1:{port}/", status: 204}}', "{{port: {port}}}", "{{line: '^listening'}}"]
)
def test_a_platform_may_show_by_an_answer_a_port_or_a_line_that_it_is_ready(
    ready: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMALL_KEY", "x")
    port = free_port()
    platform = launched(SERVE, str(port), ready=ready.format(port=port))
    doors = platform.open()
    assert doors.pid > 1
    assert platform.ended() == ""
    assert platform.close() == ""


def test_a_platform_that_ends_by_itself_is_noticed_with_how(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMALL_KEY", "x")
    program = "import os, signal, time; print('up', flush=True); time.sleep(0.2); os.kill(os.getpid(), signal.SIGSEGV)"
    platform = launched(program, ready="{line: '^up'}")
    platform.open()
    for _ in range(100):
        if platform.ended():
            break
        time.sleep(0.05)
    assert "signal 11 (SIGSEGV)" in platform.ended()
    assert "signal 11" in platform.close()


def test_what_a_platform_leaves_of_its_group_is_killed_and_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SMALL_KEY", "x")
    note = tmp_path / "child"
    program = (
        "import subprocess, sys, time; child = subprocess.Popen(['sleep', '60']); "
        "open(sys.argv[1], 'w').write(str(child.pid)); print('up', flush=True); time.sleep(60)"
    )
    platform = launched(program, str(note), ready="{line: '^up'}")
    platform.open()
    assert "left processes behind" in platform.close()
    time.sleep(0.2)
    state = Path(f"/proc/{note.read_text()}/stat")
    assert not state.exists() or ") Z " in state.read_text(), "the child is gone"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import sys; sys.exit('no room on the disk')", "did not start .exit code 1.: no room on the disk"),
        ("print('hello')", "did not say that it is ready, but 'hello'"),
        ("print('{}')", "has no process id in its field 'pid'"),
        ("import time; time.sleep(60)", "was not ready within"),
    ],
)
def test_a_platform_that_does_not_start_is_an_error_with_its_own_last_words(program: str, words: str) -> None:
    with pytest.raises(LaunchError, match=words):
        launched(program, ready_within=1.0 if "60" in program else 20).open()


def test_a_platform_that_talks_and_dies_before_its_port_listens_is_not_waited_for() -> None:
    program = ["python", "-c", "import sys; print('hello', flush=True); sys.exit('no room on the disk')"]
    launch = f"launch: {{command: {json.dumps(program)}, ready: {{port: {free_port()}}}, within: 20 s}}\nsecrets:"
    with pytest.raises(LaunchError, match=r"did not start .exit code 1.: no room on the disk"):
        Platform(parse_target(SMALL.replace("secrets:", launch, 1))).open()


def test_a_platform_that_will_not_end_is_killed_and_that_is_said(credentials: str) -> None:
    deaf = READY.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN") + FOR_EVER
    platform = launched(deaf, credentials)
    platform.open()
    assert "was killed" in platform.close(patience_s=0.3)


def test_a_program_that_is_not_there_is_named() -> None:
    text = SMALL.replace(
        "secrets:", "launch: {command: [/no/such/program], ready: {port: 9}, within: 5 s}\nsecrets:", 1
    )
    with pytest.raises(LaunchError, match="'/no/such/program' cannot be started"):
        Platform(parse_target(text)).open()


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


OPERATOR = """
operator_base:
  {websocket: "{ops}", headers: {Authorization: "Bearer {operator_key}"}, send: {id: "{id}"}, answer: {id: "{id}"}, expect: {ok: true}}
operator:
  inventory: {send: {op: usage}, keep: {tasks: result.op}}
  remove: {send: {op: remove_tenant, tenant: "{tenant}"}, keep: {files: result.tenant}}
  capabilities: {send: {op: refuse}}
  restart_agent: {send: {op: hang, agent: "{agent}"}}
  restart: {send: {op: drop}}
"""


def operator_api(port: int, credential: str = "hunter2") -> OperatorApi:
    text = SMALL.replace("secrets: {key: SMALL_KEY}", "secrets: {key: SMALL_KEY, operator_key: OPERATOR_KEY}").replace(
        'doors: {ws: "ws://127.0.0.1:1"}', f'doors: {{ws: "ws://127.0.0.1:1", ops: "ws://127.0.0.1:{port}"}}'
    )
    target = parse_target(text + OPERATOR)
    return OperatorApi(target, dict(target.doors), {"operator_key": credential})


@contextlib.asynccontextmanager
async def door(credential: str = "hunter2") -> AsyncIterator[OperatorApi]:
    def check(connection: ServerConnection, request: Any) -> Any:
        return None if request.headers["Authorization"] == "Bearer hunter2" else connection.respond(401, "no\n")

    async with serve(operate, "127.0.0.1", 0, process_request=check) as server:
        one = operator_api(next(iter(server.sockets)).getsockname()[1], credential)
        try:
            yield one
        finally:
            await one.close()


def test_the_operator_is_answered_by_id_in_the_suites_words() -> None:
    async def run() -> None:
        async with door() as operator:
            assert await operator.ask("inventory", 5.0) == {"tasks": "usage"}

    asyncio.run(run())


def test_every_tenant_is_removed_once_and_one_that_is_refused_hinders_no_other() -> None:
    async def run() -> dict[str, Any]:
        async with door() as operator:
            return await remove_tenants(operator, [*(f"t-{number}" for number in range(9)), "refuse"])

    answers = asyncio.run(run())
    assert "operator.remove" in answers.pop("refuse")
    assert {name: answer["files"] for name, answer in answers.items()} == {f"t-{n}": f"t-{n}" for n in range(9)}


def test_removing_nobody_asks_nothing() -> None:
    assert asyncio.run(remove_tenants(operator_api(1), [])) == {}


def test_what_the_operator_is_refused_is_named() -> None:
    async def run() -> None:
        async with door() as operator:
            with pytest.raises(OperatorError, match="operator.capabilities"):
                await operator.ask("capabilities")
            with pytest.raises(OperatorError, match="describes no operator operation 'usage'"):
                await operator.ask("usage")

    asyncio.run(run())


def test_a_wrong_credential_is_said_and_not_shown() -> None:
    async def run() -> None:
        async with door("wrong-credential") as operator:
            with pytest.raises(OperatorError, match="HTTP 401") as caught:
                await operator.ask("inventory")
            assert "wrong-credential" not in str(caught.value)

    asyncio.run(run())


def test_after_silence_or_a_lost_connection_the_connection_is_opened_again() -> None:
    async def run() -> None:
        async with door() as operator:
            for operation, words in (
                ("restart_agent", "no answer within 0.3 s"),
                ("restart", "closed before the answer"),
            ):
                before = operator.openings
                with pytest.raises(OperatorError, match=words):
                    await operator.ask(operation, 0.3 if operation == "restart_agent" else 5.0, agent="a")
                assert await operator.ask("inventory") == {"tasks": "usage"}
                assert operator.openings > before

    asyncio.run(run())


def test_an_interface_that_hangs_is_waited_for_once_only() -> None:
    async def run() -> None:
        async with door() as operator:
            for at_least, at_most in ((1.9, 4.0), (0.9, 1.6), (0.9, 1.6)):
                began = time.monotonic()
                with pytest.raises(OperatorError, match="no answer"):
                    await operator.ask("restart_agent", 2.0, agent="a")
                assert at_least <= time.monotonic() - began <= at_most
            assert await operator.ask("inventory") == {"tasks": "usage"}

    asyncio.run(run())


@pytest.mark.parametrize("listens", [False, True], ids=["nobody listens", "hangs up before the handshake"])
def test_an_api_that_is_not_there_is_an_operator_error(listens: bool) -> None:
    """A platform that restarts accepts a connection and hangs up: whoever asks again and again must not die of it."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        if not listens:
            server.close()
        with pytest.raises(OperatorError, match="nobody answers|closed before"):
            await operator_api(port).ask("inventory")
        server.close()

    asyncio.run(run())
