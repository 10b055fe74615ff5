"""parse-server with LiveQuery and a PostgreSQL of its own. Also started by ``parse_revoked``, with other releases."""

from __future__ import annotations

import os

from stage import Stage, free_port, listens


def start(stage: Stage) -> dict[str, object]:
    """Start both; the addresses of REST and of LiveQuery."""
    port = free_port()
    database = stage.postgresql().replace("postgresql:", "postgres:")  # release 4 knows this scheme only
    app = stage.source.parent / "parse_livequery" / "notes.cjs"
    stage.start(
        "node", str(app), str(port), str(stage.environment),
        DATABASE=database, MASTER_KEY=os.environ["KNOWN_LEAK_KEY"], RULE=stage.source.name, LOGS=str(stage.folder / "logs"),
    )  # fmt: skip
    stage.until(lambda: listens(port))
    return {"rest": f"http://127.0.0.1:{port}/parse", "live": f"ws://127.0.0.1:{port}/parse"}
