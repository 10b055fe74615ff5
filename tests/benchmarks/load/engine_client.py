"""The engine as a load client of the echo server: prints one JSON line. ``python -m benchmarks.load.engine_client PORT SESSIONS SECONDS``."""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "libraries"))

from isolation.drive.load.engine import ConnectOptions, Engine, Request
from isolation.drive.load.plans import Stream
from isolation.drive.platform.tenants import TenantAgent, words_of
from isolation.drive.session.pending import PendingRequest
from isolation.drive.session.session import Session
from isolation.target.reading.file import parse_target

TARGET = """
version: 2
name: echo server
doors: {ws: "ws://127.0.0.1:1"}
secrets: {key: KEY}
tenants: {make: [{jwt: {algorithm: HS256, key: "{key}", claims: {sub: "{user}"}}}]}
credential: {kind: jwt, bad: {http: 401}}
session: {connect: {websocket: "{ws}", headers: {Authorization: "Bearer {token}"}}, ready: frame}
correlation: {by: echoed, read: id}
frames:
  - {when: {event: welcome}, means: ready, keep: {session: session}}
  - {when: {event: done}, means: answered, keep: {event: event}}
request_base: {id: "{id}"}
requests: {noop: {do: work, event: done}}
"""
_OPEN_LOOP = 5_000


def percentiles(values: list[float], *ranks: int) -> list[float]:
    """In milliseconds."""
    return [round(float(np.percentile(np.array(values) * 1e3, rank)), 3) for rank in ranks]


def resident() -> int:
    """Bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


async def measure(port: int, count: int, seconds: float) -> dict[str, object]:
    """Connect, first answer of all at once, closed loop, open loop."""
    engine = Engine(lambda sentence: None)
    await engine.prepare(parse_target(TARGET), {"ws": f"ws://127.0.0.1:{port}"}, {"key": "k" * 32})
    agents = [
        TenantAgent(
            f"tenant-{n:05d}", f"t{n}", f"u{n}", "standard", {**words_of(f"t{n}", f"u{n}", "x"), "token": "token" * 40}
        )
        for n in range(count)
    ]
    gc.collect()
    before, began = resident(), time.monotonic()
    with engine._at_rest():
        opened = await engine.connect(agents, ConnectOptions(at_once=200, timeout_s=60))
    found: dict[str, object] = {"client": "engine", "sessions": count, "connect_s": round(time.monotonic() - began, 3)}
    assert all(one.opening for one in opened), opened[0].reason
    found["kb_per_session"] = round((resident() - before) / count / 1024, 1)
    await engine.ask([Request(agent.name, "noop") for agent in agents[:100]], 10)
    operations = await engine.ask([Request(agent.name, "noop") for agent in agents], 30)
    start = min(one.sent_at or 0.0 for one in operations)
    found["first_ms"] = percentiles([(one.completed_at or 0.0) - start for one in operations], 50, 95)
    found |= await closed_loop(engine, list(engine._sessions.values()), seconds)
    await engine.start_load("open", [Stream(agent.name, "noop", _OPEN_LOOP / count) for agent in agents], seconds, 5)
    await asyncio.sleep(seconds + 0.5)
    operations = await engine.end_load("open", at_once=False)
    found["lateness_ms"] = percentiles([one.lateness or 0.0 for one in operations], 50, 99, 100)
    found["open_ms"] = percentiles([one.latency or 0.0 for one in operations], 50, 99, 100)
    await engine.close()
    return found


async def closed_loop(engine: Engine, sessions: list[Session], seconds: float) -> dict[str, object]:
    """Every session asks again as soon as it is answered."""
    ended, end = asyncio.Event(), time.monotonic() + seconds
    counts = [0, len(sessions)]

    def again(session: Session) -> None:
        def on_end(request: PendingRequest) -> None:
            counts[0] += 1
            if request.completed_at is not None and request.completed_at < end:
                session.send("noop", {}, on_end=on_end)
                return
            counts[1] -= 1
            if not counts[1]:
                ended.set()

        session.send("noop", {}, on_end=on_end)

    with engine._at_rest():
        began, cpu = time.monotonic(), time.process_time()
        for session in sessions:
            again(session)
        await ended.wait()
        wall, cpu = time.monotonic() - began, time.process_time() - cpu
    return {"per_second": round(counts[0] / wall), "us_per_message": round(cpu / counts[0] * 1e6, 1)}


def main() -> None:
    """Measure and print."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port, count, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    print(json.dumps(uvloop.run(measure(port, count, seconds))))


if __name__ == "__main__":
    main()
