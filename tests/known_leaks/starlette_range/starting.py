"""A server of users' files."""

from __future__ import annotations

from stage import Stage, free_port, listens


def start(stage: Stage) -> dict[str, object]:
    """Start it; its address."""
    port = free_port()
    stage.start(stage.python, str(stage.source / "shelf.py"), str(port), str(stage.folder))
    stage.until(lambda: listens(port))
    return {"door": f"http://127.0.0.1:{port}"}
