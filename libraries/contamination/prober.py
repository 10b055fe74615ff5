"""The prober's process: started when it is first needed, ended with the process of Robot."""

from __future__ import annotations

import atexit

from isolation.drive.worker import Worker
from robot_support import run as runs

_worker: Worker | None = None
_run_id = ""


def prober() -> Worker:
    """The prober of the run that is open."""
    global _worker, _run_id
    run = runs.current()
    if _worker is None or _run_id != run.run_id:
        stop_prober()
        _worker, _run_id = Worker("isolation.drive.probe.probing:Prober", runs.say), run.run_id
        _worker.call("prepare", run.target)
        atexit.register(stop_prober)
    return _worker


def stop_prober() -> None:
    """End the prober when there is one."""
    global _worker
    worker, _worker = _worker, None
    if worker is not None:
        worker.stop()
