"""Robot listener that does one thing at one moment: ``--listener fault_injector.py:MOMENT:ACTION``.

Moments: ``before SERVICE.METHOD`` (the first such call of a worker), ``during SERVICE.METHOD`` (a moment after it began),
``start`` (before the first suite), ``judging`` (the first test), ``between`` (after the first test), ``end`` (after the last suite), ``closing``.
Actions: ``kill WHOM SIGNAL`` with engine, monitor, prober, platform or robot; ``twice`` (SIGINT, a pause, SIGINT); ``remove FOLDER``;
``clock SECONDS``; ``calls`` (only lists the calls).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

_NAMES = {"load engine": "engine"}
_A_MOMENT_S = 0.05


class fault_injector:
    """Waits for its moment, acts once, and writes down that it did."""

    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self, moment: str, action: str, note: str) -> None:
        self._moment, self._action, self._note = moment, action, Path(note)
        self._pids: dict[str, int] = {"robot": os.getpid()}
        self._seen: list[str] = []
        self._done = False
        self._patch()

    def start_suite(self, data: Any, result: Any) -> None:
        self._at("start")

    def start_test(self, data: Any, result: Any) -> None:
        self._at("judging")

    def end_test(self, data: Any, result: Any) -> None:
        self._at("between")

    def end_suite(self, data: Any, result: Any) -> None:
        if data.parent is None:
            self._at("end")

    def _patch(self) -> None:
        sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "libraries"))
        from isolation.drive.platform.launch import Platform
        from isolation.drive.worker import Worker

        init, call, start, close = Worker.__init__, Worker.call, Platform._start, Platform.close

        def new_init(worker: Worker, service: str, *arguments: Any) -> None:
            init(worker, service, *arguments)
            self._pids[_NAMES.get(worker._name, worker._name)] = worker.pid

        def new_call(worker: Worker, method: str, *arguments: Any, **options: Any) -> Any:
            name = f"{_NAMES.get(worker._name, worker._name)}.{method}"
            self._seen.append(name)
            if self._action == "calls":
                self._note.write_text("\n".join(self._seen))
            self._at(f"before {name}")
            if self._moment == f"during {name}" and not self._done:
                threading.Timer(_A_MOMENT_S, self._at, [self._moment]).start()
            return call(worker, method, *arguments, **options)

        def new_start(platform: Platform, launch: Any) -> None:
            start(platform, launch)
            if platform._process is not None:
                self._pids["platform"] = platform._process.pid
            self._at("launching")

        def new_close(platform: Platform, *arguments: Any) -> str:
            self._at("closing")
            return close(platform, *arguments)

        Worker.__init__, Worker.call = new_init, new_call  # type: ignore[method-assign,assignment]
        Platform._start, Platform.close = new_start, new_close  # type: ignore[method-assign]

    def _at(self, moment: str) -> None:
        if moment != self._moment or self._done or self._action == "calls":
            return
        self._done = True
        self._note.write_text(f"{self._action} {moment}")
        what, *words = self._action.split()
        if what == "kill":
            whom, number = words
            if whom in self._pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._pids[whom], signal.Signals[number])
                time.sleep(_A_MOMENT_S)
        elif what == "twice":
            os.kill(os.getpid(), signal.SIGINT)
            threading.Timer(0.4, os.kill, [os.getpid(), signal.SIGINT]).start()
        elif what == "remove":
            shutil.rmtree(words[0], ignore_errors=True)
        elif what == "clock":
            _move_clock(float(words[0]))


def _move_clock(seconds: float) -> None:
    """The wall clock of this process jumps, as if somebody had set it."""
    real = time.time
    time.time = lambda: real() + seconds
