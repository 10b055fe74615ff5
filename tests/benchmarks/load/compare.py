"""All clients one after the other against one echo server, as a table."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TESTS = HERE.parents[1]
_PATIENCE_S = 170.0
CLIENTS = ("C (physical bound)", "python bound", "engine", "picows", "aiohttp", "websockets", "Locust")
_MOST = {"Locust": 1_000, "websockets": 10_000}


@contextmanager
def echo_server() -> Iterator[tuple[Path, int]]:
    """The echo server, compiled on the spot, and its port.

    Raises:
        FileNotFoundError: When there is no C compiler.
    """
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise FileNotFoundError("there is no C compiler here, and the echo server is written in C")
    with tempfile.TemporaryDirectory(prefix="isolation-benchmark-") as folder:
        program = Path(folder) / "echo"
        subprocess.run([compiler, "-O2", "-o", program, HERE / "echo.c"], check=True)
        with subprocess.Popen([program, "server"], stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            try:
                yield program, int(server.stdout.readline())
            finally:
                server.kill()


def run_client(name: str, program: Path, port: int, count: int, seconds: float) -> dict[str, Any]:
    """What one client shows; ``reason`` when it shows nothing."""
    numbers = [str(port), str(count), str(seconds)]
    commands: dict[str, list[str]] = {
        "C (physical bound)": [str(program), "client", *numbers],
        "engine": [sys.executable, "-m", "benchmarks.load.engine_client", *numbers],
        "Locust": [sys.executable, "-m", "benchmarks.load.locust_client", *numbers],
    }
    command = commands.get(name, [sys.executable, "-m", "benchmarks.load.peers", name, *numbers])
    if count > _MOST.get(name, count):
        return {"client": name, "reason": f"not tried with more than {_MOST[name]:,}"}
    try:
        done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        return {"client": name, "reason": f"not ready within {_PATIENCE_S:g} s"}
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        return {"client": name, "reason": last[:80]}
    found: dict[str, Any] = json.loads(lines[-1])
    if "first_p50_ms" in found:
        found["first_ms"] = [found.pop("first_p50_ms"), found.pop("first_p95_ms")]
    return {**found, "client": name}


def rows(counts: list[int], seconds: float) -> Iterator[list[str]]:
    """The table, row by row."""
    yield [
        "sessions",
        "client",
        "connect s",
        "first answer P50, P95 ms",
        "messages/s",
        "of the Python bound",
        "CPU us/message",
        "kB/session",
        "5,000/s: late P99 ms",
    ]
    with echo_server() as (program, port):
        for count in counts:
            bound = 0
            for name in CLIENTS:
                found = run_client(name, program, port, count, seconds)
                if name == "python bound":
                    bound = found.get("per_second", 0)
                yield _row(count, found, bound)


def _row(count: int, found: dict[str, Any], bound: int) -> list[str]:
    if "reason" in found:
        return [f"{count:,}", found["client"], found["reason"], "", "", "", "", "", ""]
    first = ", ".join(f"{one:g}" for one in found["first_ms"])
    share = f"{found['per_second'] / bound:.2f}" if bound else ""
    late = f"{found['lateness_ms'][1]:g}" if "lateness_ms" in found else ""
    size = str(found.get("kb_per_session", ""))
    return [
        f"{count:,}",
        found["client"],
        f"{found['connect_s']:g}",
        first,
        f"{found['per_second']:,}",
        share,
        str(found.get("us_per_message", "")),
        size,
        late,
    ]
