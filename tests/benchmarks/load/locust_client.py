"""Locust with websocket-client, as its users would: ``python -m benchmarks.load.locust_client PORT SESSIONS SECONDS``."""

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402
import resource  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
import websocket  # noqa: E402
from locust import User, constant, task  # noqa: E402
from locust.env import Environment  # noqa: E402

from benchmarks.load.peers import REQUEST, kilobytes, percentiles, resident  # noqa: E402

PORT, SESSIONS, SECONDS = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
STATE: dict[str, Any] = {"connected": 0, "go": False, "loop": False, "count": 0, "first": [], "start": 0.0}


class EchoUser(User):
    """One session."""

    wait_time = constant(0)

    def on_start(self) -> None:
        """Connect, and be ready for the first answer of all."""
        self.socket = websocket.create_connection(f"ws://127.0.0.1:{PORT}/", timeout=120)
        self.socket.recv()
        STATE["connected"] += 1
        while not STATE["go"]:
            gevent.sleep(0.01)
        self.socket.send(REQUEST)
        self.socket.recv()
        STATE["first"].append(time.monotonic() - STATE["start"])
        while not STATE["loop"]:
            gevent.sleep(0.01)

    @task
    def ask(self) -> None:
        """One request."""
        self.socket.send(REQUEST)
        self.socket.recv()
        STATE["count"] += 1


def main() -> None:
    """Measure and print."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    runner = Environment(user_classes=[EchoUser]).create_local_runner()
    before, began = resident(), time.monotonic()
    runner.start(SESSIONS, spawn_rate=SESSIONS)
    while STATE["connected"] < SESSIONS:
        gevent.sleep(0.01)
    found: dict[str, Any] = {
        "connect_s": round(time.monotonic() - began, 3),
        "kb_per_session": kilobytes(before, SESSIONS),
    }
    STATE["start"], STATE["go"] = time.monotonic(), True
    while len(STATE["first"]) < SESSIONS:
        gevent.sleep(0.01)
    found["first_ms"] = percentiles(STATE["first"])
    STATE["loop"], began = True, time.monotonic()
    gevent.sleep(SECONDS)
    found["per_second"] = round(STATE["count"] / (time.monotonic() - began))
    print(json.dumps({"client": "Locust", "sessions": SESSIONS, **found}), flush=True)
    runner.quit()


if __name__ == "__main__":
    main()
