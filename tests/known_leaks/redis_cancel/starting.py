"""A gateway for agents and a Redis of its own."""

from __future__ import annotations

from stage import Stage, free_port, listens


def start(stage: Stage) -> dict[str, object]:
    """Start both; the address of the gateway."""
    store, door = free_port(), free_port()
    stage.start("redis-server", "--port", str(store), "--bind", "127.0.0.1", "--save", "", "--dir", str(stage.folder))
    stage.until(lambda: listens(store))
    stage.start(stage.python, str(stage.source / "gateway.py"), str(door), str(store))
    stage.until(lambda: listens(door))
    return {"door": f"ws://127.0.0.1:{door}/agent"}
