"""The development server of LangGraph, with a graph without a model, and tokens."""

from __future__ import annotations

import json
import os

from stage import Stage, free_port


def start(stage: Stage) -> dict[str, object]:
    """Start it; its address."""
    port = free_port()
    graph, tokens = stage.source / "graph.py", stage.source / "tokens.py"
    config = stage.folder / "langgraph.json"
    content = {"dependencies": ["."], "graphs": {"agent": f"{graph}:graph"}, "auth": {"path": f"{tokens}:auth"}}
    config.write_text(json.dumps(content))
    process = stage.start(
        str(stage.environment / "bin" / "langgraph"), "dev", "--no-browser", "--no-reload", "--host", "127.0.0.1",
        "--port", str(port), "--config", str(config), PYTHONDONTWRITEBYTECODE="1", LANGSMITH_TRACING="false",
        LANGGRAPH_NO_VERSION_CHECK="true", PATH=f"{stage.environment / 'bin'}:{os.environ['PATH']}",
    )  # fmt: skip
    stage.until(lambda: stage.answers(f"http://127.0.0.1:{port}/ok"))
    return {"door": f"http://127.0.0.1:{port}", "pid": process.pid}
