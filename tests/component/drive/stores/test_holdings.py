"""What a platform holds is counted on its own processes and by its operator's word, and what has ended is not counted."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from isolation.drive.watch.holdings import count_holdings
from isolation.record import ProcessRef
from isolation.record.usage.holdings import Holdings
from process_control.family import started_ticks

_FILES = 7
_PROGRAM = """
import sys
kept = [open('/dev/null') for _ in range(int(sys.argv[1]))]
looks = [open('/proc/self/stat') for _ in range(int(sys.argv[2]))]
print('ready', flush=True)
sys.stdin.read()
"""


@contextmanager
def program(files: int = 0, looks: int = 0) -> Iterator[int]:
    """A process that holds files and looks at itself."""
    command = [sys.executable, "-c", _PROGRAM, str(files), str(looks)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdin is not None
        process.stdout.readline()
        yield process.pid
        process.stdin.close()
        process.wait(10)


def holdings(gateway: int, tenants: list[str], agents: list[ProcessRef]) -> Holdings:
    async def ask(op: str, arguments: dict[str, object]) -> Any:
        if op == "inventory":
            return {"processes": {"gateway": gateway}, "tasks": 5, "subscriptions": 2, "temp_folders": []}
        number = 1 if arguments["tenant"] == "one" else 10
        return {"rows": {"agents": number}, "keys": number, "files": 0}

    return asyncio.run(count_holdings(ask, tenants, agents))


def agent(pid: int, ticks: int) -> ProcessRef:
    return ProcessRef("one", "ann", f"agent {pid}", pid, ticks, "operator")


def test_handles_and_memory_of_the_platforms_own_processes_are_counted() -> None:
    with program() as few, program(_FILES) as many:
        first, second = holdings(few, [], []), holdings(many, [], [])
    assert second.handles["gateway"] - first.handles["gateway"] == _FILES
    assert first.memory["gateway"] > 100_000


def test_a_process_that_watches_its_own_threads_holds_no_more_for_that() -> None:
    with program() as plain, program(looks=_FILES) as watching:
        assert holdings(watching, [], []).handles == holdings(plain, [], []).handles


def test_only_living_agents_are_counted() -> None:
    with program() as gateway, program() as living:
        with program() as ending:
            both = [agent(living, started_ticks(living)), agent(ending, started_ticks(ending))]
            before = holdings(gateway, [], both)
        after = holdings(gateway, [], both)
    assert (before.agent_processes, after.agent_processes) == (2, 1)
    assert before.agent_memory is not None and after.agent_memory is not None
    assert after.agent_memory < before.agent_memory


def test_a_process_with_another_start_time_is_not_the_agent() -> None:
    with program() as gateway, program() as stranger:
        assert holdings(gateway, [], [agent(stranger, started_ticks(stranger) - 1)]).agent_processes == 0


def test_rows_and_keys_of_all_tenants_are_summed_beside_what_the_operator_counts() -> None:
    with program() as gateway:
        found = holdings(gateway, ["one", "two"], [])
    assert (found.rows, found.keys) == ({"agents": 11}, 11)
    assert found.everything()["subscriptions"] == 2
    assert found.everything()["rows of agents"] == 11
