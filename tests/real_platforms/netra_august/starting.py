"""The small server of netra's August dialect, in a process of its own."""

from __future__ import annotations

from stage import Stage, free_port, listens

SERVER = "component/netra/netra_server.py"


def start(stage: Stage) -> dict[str, object]:
    """Start it; its address."""
    port = free_port()
    stage.start(stage.python, str(stage.source.parents[1] / SERVER), "august", str(port))
    stage.until(lambda: listens(port))
    return {"door": f"ws://127.0.0.1:{port}/ws"}
