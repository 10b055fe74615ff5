"""The yes-man of ``tests/honesty`` with one door out of order: ``--operator MODE`` or ``--tenant MODE``."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

from websockets.asyncio.server import Server, ServerConnection
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from servers import yes_man
from servers.yes_man_processes import Names

DEEP = "[" * 10_000 + "]" * 10_000
PAGE = "<html><body>\x1b[31mBad \u202e gateway</body></html>"
HTTP_STATUS = {"429": 429, "500": 500, "503": 503, "200 page": 200, "404": 404}


def frames_of(mode: str, good: dict[str, Any]) -> list[str | bytes]:
    """What is sent in place of one good answer."""
    text = json.dumps(good)
    ways: dict[str, list[str | bytes]] = {
        "garbage": ["\u0000\ufffd{{{"],
        "cut": [text[: len(text) // 2]],
        "page": [PAGE],
        "binary": [b"\xff\xfe" + bytes(range(256))],
        "deep": [DEEP],
        "twice": [text, text],
        "wrong ids": [json.dumps({**good, "id": "somebody-elses"})],
        "other shape": [json.dumps([good])],
        "numbers": [
            json.dumps(
                {"id": good.get("id"), "ok": True, "result": 10**400, "event": 5, "service_milliseconds": 10**400}
            )
        ],
        "null": [json.dumps({**good, "result": None})],
        "lists": [json.dumps({**good, "result": [[[]]]})],
        "surrogate": [
            '{"event": "agent_error", "id": "'
            + str(good.get("id"))
            + '", "code": "\\ud800", "ok": false, "message": "\\u001b]0;x\\u0007"}'
        ],
        "errors": [
            json.dumps(
                {
                    "event": "agent_error",
                    "id": good.get("id"),
                    "ok": False,
                    "code": "internal",
                    "message": "x" * 100_000,
                }
            )
        ],
        "10 MB": [json.dumps({**good, "more": "x" * 10_000_000})],
        "flood": [text, *(json.dumps({"event": "progress", "id": "nobody"}) for _ in range(5_000))],
        "silent": [],
    }
    return ways[mode]


OPERATOR_MODES = ["absent", "401", "404", "hangs", "closes", "silent", "garbage", "cut", "page", "binary", "deep", "twice", "wrong ids", "other shape",
                  "numbers", "null", "lists", "surrogate", "errors", "10 MB", "flood"]  # fmt: skip
TENANT_MODES = ["hangs", "closes", "no welcome", "redirect", "redirect loop", *HTTP_STATUS, "silent", "garbage", "cut", "page", "binary", "deep", "twice",
                "wrong ids", "other shape", "numbers", "null", "lists", "surrogate", "errors", "10 MB", "flood"]  # fmt: skip


class _Answering:
    """A socket that sends something else in place of an answer."""

    def __init__(self, socket: ServerConnection, mode: str) -> None:
        self._socket, self._mode = socket, mode

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        async for text in self._socket:
            yield text

    async def send(self, text: str) -> None:
        good = json.loads(text)
        frames = [text] if good.get("event") == "welcome" else frames_of(self._mode, good)
        for frame in frames:
            await self._socket.send(frame)


class Broken(yes_man.YesMan):
    """A yes-man with one door that is out of order."""

    def __init__(self, names: Names, operator: str, tenant: str) -> None:
        super().__init__(names)
        self.modes = {"operator": operator, "tenant": tenant}

    def admit(self, socket: ServerConnection, request: Request) -> Response | None:
        return self._at_the_door("tenant", socket) or super().admit(socket, request)

    def admit_operator(self, socket: ServerConnection, request: Request) -> Response | None:
        return self._at_the_door("operator", socket) or super().admit_operator(socket, request)

    def _at_the_door(self, door: str, socket: ServerConnection) -> Response | None:
        mode = self.modes[door]
        if mode == "401":
            return socket.respond(401, "no")
        if mode in HTTP_STATUS:
            return socket.respond(HTTP_STATUS[mode], PAGE)
        if mode.startswith("redirect"):
            own = f"ws://127.0.0.1:{socket.local_address[1]}/agents"
            return Response(
                302, "Found", Headers(Location=own if "loop" in mode else "http://127.0.0.1:9/elsewhere"), b""
            )
        return None

    async def tenant_session(self, socket: ServerConnection) -> None:
        await self._session("tenant", socket, super().tenant_session)

    async def operator_session(self, socket: ServerConnection) -> None:
        await self._session("operator", socket, super().operator_session)

    async def _session(self, door: str, socket: ServerConnection, good: Callable[[Any], Awaitable[None]]) -> None:
        mode = self.modes[door]
        with suppress(ConnectionClosed):
            if mode in ("hangs", "no welcome"):
                async for _ in socket:
                    pass
            elif mode == "closes":
                await socket.close(1011, "\u202e gone")
            elif mode in ("", "401", "absent") or mode in HTTP_STATUS:
                await good(socket)
            else:
                await good(_Answering(socket, mode))

    async def doors(self) -> tuple[Server, Server]:
        tenants, operators = await super().doors()
        if self.modes["operator"] == "absent":
            asyncio.get_running_loop().call_later(0.02, operators.close)
        return tenants, operators


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--operator", default="", choices=["", *OPERATOR_MODES])
    parser.add_argument("--tenant", default="", choices=["", *TENANT_MODES])
    options = parser.parse_args()
    names = Names("sleep")
    asyncio.run(yes_man.run(names, Broken(names, options.operator, options.tenant)))


if __name__ == "__main__":
    main()
    sys.exit(0)
