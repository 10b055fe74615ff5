"""Aegra with a PostgreSQL of its own, a graph without a model, and tokens."""

from __future__ import annotations

import json

from stage import Stage, free_port


def start(stage: Stage) -> dict[str, object]:
    """Start both; the address."""
    port = free_port()
    graph, tokens = stage.source / "graph.py", stage.source / "tokens.py"
    config = stage.folder / "aegra.json"
    config.write_text(json.dumps({"graphs": {"diary": f"{graph}:graph"}, "auth": {"path": f"{tokens}:auth"}}))
    stage.start(
        str(stage.environment / "bin" / "uvicorn"), "aegra_api.main:app", "--host", "127.0.0.1", "--port", str(port),
        "--log-level", "warning", DATABASE_URL=stage.postgresql(), AEGRA_CONFIG=str(config), AUTH_TYPE="custom",
        HOST="127.0.0.1", PORT=str(port), ENV_MODE="PRODUCTION", LOG_LEVEL="WARNING", REDIS_BROKER_ENABLED="false",
        OTEL_SDK_DISABLED="true", PYTHONDONTWRITEBYTECODE="1",
    )  # fmt: skip
    stage.until(lambda: stage.answers(f"http://127.0.0.1:{port}/health"))
    return {"door": f"http://127.0.0.1:{port}"}
