"""A stateless MCP server in Node."""

from __future__ import annotations

from stage import Stage, free_port, listens


def start(stage: Stage) -> dict[str, object]:
    """Start it; its address."""
    port = free_port()
    stage.start("node", str(stage.source / "echo.mjs"), str(port), str(stage.environment))
    stage.until(lambda: listens(port))
    return {"door": f"http://127.0.0.1:{port}/mcp"}
