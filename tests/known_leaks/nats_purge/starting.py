"""nats-server with JetStream and an account for each of a few users."""

from __future__ import annotations

import hmac
import json
import os

from stage import Stage, free_port, listens


def start(stage: Stage) -> dict[str, object]:
    """Start it; its address."""
    port = free_port()
    names = [one["user"] for one in json.loads((stage.source / "users.json").read_text(encoding="utf-8"))]
    accounts = {
        name: {"jetstream": "enabled", "users": [{"user": name, "password": _password(name)}]} for name in names
    }
    config = {
        "listen": f"127.0.0.1:{port}",
        "jetstream": {"store_dir": str(stage.folder / "store"), "max_mem": 64 << 20, "max_file": 64 << 20},
        "accounts": accounts | {"SYS": {"users": [{"user": "sys", "password": _password("sys")}]}},
        "system_account": "SYS",
    }
    file = stage.folder / "nats.conf"
    file.write_text(json.dumps(config))
    stage.start(str(stage.environment / "bin" / "nats-server"), "-c", str(file))
    stage.until(lambda: listens(port))
    return {"door": f"nats://127.0.0.1:{port}"}


def _password(name: str) -> str:
    """A user's own; the adapter makes it of the user's token in the same way."""
    return hmac.digest(os.environ["KNOWN_LEAK_KEY"].encode(), name.encode(), "sha256").hex()
