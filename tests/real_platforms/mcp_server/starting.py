"""The MCP server with its toolbox."""

from __future__ import annotations

from stage import Stage, free_port, listens


def start(stage: Stage) -> dict[str, object]:
    """Start it; its address."""
    port = free_port()
    process = stage.start(stage.python, str(stage.source / "toolbox.py"), str(port))
    stage.until(lambda: listens(port))
    return {"door": f"http://127.0.0.1:{port}/mcp", "pid": process.pid}
