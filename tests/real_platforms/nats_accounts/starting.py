"""nats-server with JetStream, an account for each tenant with two users in it, over WebSocket."""

from __future__ import annotations

import json
import secrets

from stage import Stage, free_port, listens


def start(stage: Stage) -> dict[str, object]:
    """Start it; its address."""
    port, plain = free_port(), free_port()
    accounts: dict[str, dict[str, object]] = {}
    for one in json.loads((stage.source / "users.json").read_text(encoding="utf-8")):
        account = accounts.setdefault(one["tenant"], {"jetstream": "enabled", "users": []})
        users = account["users"]
        assert isinstance(users, list)
        users.append({"user": one["user"], "password": one["token"]})
    config = {
        "listen": f"127.0.0.1:{plain}",
        "websocket": {"listen": f"127.0.0.1:{port}", "no_tls": True},
        "jetstream": {"store_dir": str(stage.folder / "store"), "max_mem": 256 << 20, "max_file": 64 << 20},
        "accounts": accounts | {"SYS": {"users": [{"user": "sys", "password": secrets.token_hex(24)}]}},
        "system_account": "SYS",
    }
    file = stage.folder / "nats.conf"
    file.write_text(json.dumps(config))
    process = stage.start(str(stage.environment / "bin" / "nats-server"), "-c", str(file))
    stage.until(lambda: listens(port))
    return {"door": f"ws://127.0.0.1:{port}", "pid": process.pid}
