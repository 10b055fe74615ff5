"""Several engines that act as one: child processes of this machine, and workers of a cluster."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil
import pytest

from component.drive.frame_count import FrameCount
from component.drive.small_platform import SECRET, SmallPlatform, small_agent, small_target, wait_until
from isolation.drive.load.client import EngineClient
from isolation.drive.load.engine import ConnectOptions, Request
from isolation.drive.load.plans import Stream, schedule
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.shards.opening import open_engine
from isolation.drive.shards.shard import ShardLost
from isolation.drive.shards.sharded_engine import ShardedEngine
from isolation.drive.worker import Worker, WorkerError
from isolation.record import Outcome
from isolation.settings.errors import SettingsError
from isolation.settings.profile import ShardLimits

LIBRARIES = Path(__file__).resolve().parents[3] / "libraries"
LIMITS = ShardLimits.model_construct(clock=0.05, late=2.0, silent=6.0, lease=8.0)
OPTIONS = ConnectOptions(attempts=1, timeout_s=10)
NAMES = [f"t{number}" for number in range(6)]


def quiet(sentence: str) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module", autouse=True)
def findable() -> Iterator[None]:
    """Engines find this module, wherever they run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(LIBRARIES), str(Path(__file__).parents[2])]))
        yield


@pytest.fixture(scope="module")
def cluster(findable: None) -> Iterator[Any]:
    """A scheduler and two workers, each a process of its own."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as made:
        yield made


EVERYWHERE = pytest.mark.parametrize("opened", ["processes", "cluster"], indirect=True)
HERE = pytest.mark.parametrize("opened", ["processes"], indirect=True)


@pytest.fixture
def opened(request: pytest.FixtureRequest) -> Iterator[ShardedEngine]:
    """Two shards."""
    address = request.getfixturevalue("cluster").scheduler_address if request.param == "cluster" else ""
    engine = open_engine(2, address, LIMITS, quiet)
    assert isinstance(engine, ShardedEngine)
    yield engine
    engine.stop()


def connected(engine: ShardedEngine | Worker, platform: SmallPlatform) -> list[TenantAgent]:
    engine.call("prepare", small_target(), {"ws": platform.address}, {"key": SECRET})
    agents = [small_agent(name, name, name) for name in NAMES]
    results = EngineClient(engine).connect(agents, OPTIONS, 20)
    assert [result.name for result in results] == NAMES
    assert all(result.opening is not None for result in results), results
    return agents


def engines_of(platform: SmallPlatform) -> set[int]:
    """The processes that hold connections to the platform."""
    port = int(platform.address.rpartition(":")[2].partition("/")[0])
    return {
        one.pid or 0
        for one in psutil.net_connections("tcp4")
        if one.raddr and one.raddr.port == port and one.status == psutil.CONN_ESTABLISHED and one.pid != os.getpid()
    }


@EVERYWHERE
def test_both_hold_sessions_and_answer_as_one_in_the_order_of_asking(opened: ShardedEngine) -> None:
    with SmallPlatform() as platform:
        client = EngineClient(opened)
        client.record_frames(True)
        connected(opened, platform)
        assert len(engines_of(platform)) == 2
        requests = [Request(name, "report", {"text": str(number)}) for number, name in enumerate([*NAMES, *NAMES])]
        operations = client.ask(requests, 10, at_one_moment=True)
        assert [one.tenant for one in operations] == [*NAMES, *NAMES]
        assert {one.outcome for one in operations} == {Outcome.ANSWERED}
        assert max(one.intended_at for one in operations) - min(one.intended_at for one in operations) < 0.3
        streams = [Stream(name, "report", 20) for name in NAMES]
        client.start_load("steady", streams, 0.5, 5)
        load = client.end_load("steady", 10, at_once=False)
        assert [one.tenant for one in load] == [due.stream.tenant for due in schedule(streams, 0.5, seed=0)]
        assert {one.tenant for one in load} == set(NAMES)
        assert [one.intended_at for one in load] == sorted(one.intended_at for one in load)
        counts = client.read_frames(FrameCount())
        assert len(counts) == 2 and min(counts) > 0
        assert client.take_frames() == [], "they were read, and are forgotten"
        assert [state.name for state in client.disconnect(NAMES)] == NAMES
        assert client.sessions() == []
        assert client.memory_bytes() > 2 * 20e6


@HERE
def test_what_is_compared_closely_is_held_by_one(opened: ShardedEngine) -> None:
    with SmallPlatform() as platform:
        opened.call("prepare", small_target(), {"ws": platform.address}, {"key": SECRET})
        agents = [small_agent(name, name, name) for name in NAMES]
        EngineClient(opened).connect(agents, ConnectOptions(together=True), 20)
        assert len(engines_of(platform)) == 1


def test_a_plan_is_the_same_whoever_makes_it() -> None:
    plans: list[list[str]] = []
    for count in (1, 2):
        engine = open_engine(count, "", LIMITS, quiet)
        with SmallPlatform() as platform:
            connected(engine, platform)
            client = EngineClient(engine)
            client.start_load("steady", [Stream(name, "report", 10) for name in NAMES], 1.0, 5)
            plans.append([one.tenant for one in client.end_load("steady", 10, at_once=False)])
        engine.stop()
    assert plans[0] == plans[1]


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def pause(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


@pytest.mark.parametrize(
    ("opened", "end"),
    [("processes", kill), ("processes", pause), ("cluster", kill)],
    indirect=["opened"],
    ids=["killed here", "silent here", "killed in the cluster"],
)
def test_a_lost_shard_is_named_and_nothing_that_it_carried_is_told(
    opened: ShardedEngine, end: Callable[[int], None]
) -> None:
    with SmallPlatform() as platform:
        client = EngineClient(opened)
        connected(opened, platform)
        engines = engines_of(platform)
        client.start_load("steady", [Stream(name, "report", 20) for name in NAMES], 10, 5)
        victim = min(engines)
        end(victim)
        with pytest.raises(
            ShardLost, match=rf"shard \d \(process {victim} on .* was lost: .* \(3 sessions\) could not"
        ):
            client.end_load("steady", 60, at_once=False)
        for each in (client.sessions, client.take_frames, lambda: client.read_frames(FrameCount())):
            with pytest.raises(ShardLost):
                each()
        (sentence,) = client.leave()
        assert f"process {victim} " in sentence
        assert client.disconnect(NAMES)
        assert wait_until(lambda: not psutil.pid_exists(victim) or psutil.Process(victim).status() == "zombie")
        connected(opened, platform)
        assert engines_of(platform) == engines - {victim}, "the next experiment does without it"
        opened.stop()
        assert wait_until(lambda: engines_of(platform) == set())


def test_without_any_shard_left_nothing_can_be_asked() -> None:
    engine = open_engine(2, "", LIMITS, quiet)
    assert isinstance(engine, ShardedEngine)
    for pid in engine.pids:
        kill(pid)
    with SmallPlatform() as platform, pytest.raises(WorkerError, match="was lost"):
        connected(engine, platform)
    assert wait_until(lambda: engine.has_ended)
    engine.stop()


@HERE
def test_a_shard_that_cannot_reach_the_platform_is_no_fault_of_the_platform(opened: ShardedEngine) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"ws://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(WorkerError, match=r"shard 1 \(.*cannot reach the platform's tenant endpoint"):
            opened.call("prepare", small_target(), {"ws": address}, {"key": SECRET})


@EVERYWHERE
def test_a_call_that_nobody_waits_for_any_more_is_ended(opened: ShardedEngine) -> None:
    async def never(*_: object) -> None:
        return

    with SmallPlatform(never) as platform:
        connected(opened, platform)
        began = time.monotonic()
        with pytest.raises(ShardLost, match="gave no answer to 'ask' within"):
            opened.call("ask", [Request("t0", "report")], 60.0, timeout=0.5)
        assert time.monotonic() - began < 5


def test_a_cluster_that_is_not_there_is_a_setting_that_cannot_be_used(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(SettingsError, match="cannot be reached"):
            open_engine(0, f"tcp://127.0.0.1:{nobody.getsockname()[1]}", LIMITS, quiet)


def test_what_passes_in_clear_is_told(cluster: Any) -> None:
    notes = import_module("isolation.drive.shards.cluster").notes_on
    assert notes(cluster.scheduler_address) == notes("tls://10.0.0.1:8786") == notes("tcp://[::1]:8786") == []
    (sentence,) = notes("tcp://head:8786")
    assert "tcp://head:8786 are not encrypted" in sentence


def test_too_small_a_cluster_is_refused(cluster: Any) -> None:
    with pytest.raises(SettingsError, match="has 2 workers; 3 are needed"):
        open_engine(3, cluster.scheduler_address, LIMITS, quiet)


def test_the_cluster_sees_no_secret(cluster: Any, capfd: pytest.CaptureFixture[str]) -> None:
    engine = open_engine(2, cluster.scheduler_address, LIMITS, quiet)
    with SmallPlatform() as platform:
        agents = connected(engine, platform)
        tokens = [agent.token for agent in agents] + [SECRET]
        with pytest.raises(WorkerError):
            engine.call("ask", [Request("t0", "no such request", {"secret": SECRET})], 5.0)
        scheduler = cluster.scheduler
        seen = repr(
            [
                [
                    (key, task.run_spec, task.exception_text, task.traceback_text)
                    for key, task in scheduler.tasks.items()
                ],
                scheduler.get_logs(),
                scheduler.get_events(),
                scheduler.transition_log,
                capfd.readouterr(),
            ]
        )
        assert "load-engine-" in seen, "the tasks of the engines are among what was looked at"
        assert not [token for token in tokens if token in seen]
    engine.stop()


CLIENT = """
import sys, time
from isolation.drive.shards.opening import open_engine
from component.drive.test_engine_shards import LIMITS, connected, quiet
from component.drive.small_platform import SmallPlatform
with SmallPlatform() as platform:
    engine = open_engine(2, sys.argv[1], LIMITS, quiet)
    connected(engine, platform)
    from component.drive.test_engine_shards import engines_of
    print(*engines_of(platform), flush=True)
    time.sleep(60)
"""


def test_engines_in_a_cluster_end_when_their_client_dies(cluster: Any) -> None:
    folders = [str(LIBRARIES), str(Path(__file__).parents[2])]
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, cluster.scheduler_address],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
    )
    assert client.stdout is not None
    with client:
        engines = [int(pid) for pid in client.stdout.readline().split()]
        assert len(engines) == 2 and all(psutil.pid_exists(pid) for pid in engines)
        client.kill()
        client.wait(10)
    assert wait_until(lambda: not any(psutil.pid_exists(pid) for pid in engines), within_s=20)


def test_an_engine_ends_with_its_worker(cluster: Any) -> None:
    engine = open_engine(2, cluster.scheduler_address, LIMITS, quiet)
    with SmallPlatform() as platform:
        connected(engine, platform)
        engines = engines_of(platform)
        victim = min(engines)
        worker = psutil.Process(victim).parent()
        assert worker is not None
        worker.kill()
        assert wait_until(lambda: engines_of(platform) == engines - {victim})
        with ThreadPoolExecutor(1) as pool, pytest.raises(ShardLost, match=f"process {victim} "):
            pool.submit(EngineClient(engine).ask, [Request(name, "report") for name in NAMES], 30.0).result(60)
    engine.stop()
