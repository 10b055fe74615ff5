"""Real processes for the tests of process_control: started here, gone afterwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from component.process_control.process_programs import Start


@pytest.fixture
def start() -> Iterator[Start]:
    """Start Python programs; the first line that one prints has been read when the call returns."""
    started: list[subprocess.Popen[bytes]] = []

    def run(program: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-S", "-c", f"print('ready', flush=True)\n{program}"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
