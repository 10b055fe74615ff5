"""The yes-man: one process that speaks the reference platform's protocol, keeps everybody's data in dictionaries and agrees with all.

It checks tokens for real and keeps users apart as far as a dictionary does. Everything else is said, not done: agents are
processes that only sleep (or others, see ``--agents``), work costs nothing, alerts, audit, usage and counts are invented,
a removal removes nothing, a restart cuts sessions and names another process. Whatever the suite passes on it, it has believed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import jwt
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from servers.yes_man_operator import Operator
from servers.yes_man_processes import AGENT_PROCESSES, Names
from servers.yes_man_requests import answer
from servers.yes_man_state import Session, State

REQUIRED = ["iss", "aud", "sub", "tenant", "role", "iat", "nbf", "exp", "jti"]


class YesMan:
    """Both doors and what is kept behind them."""

    def __init__(self, names: Names) -> None:
        self.key = secrets.token_hex(32)
        self.credential = secrets.token_hex(24)
        self.state = State(names)
        self.operator = Operator(self.state)
        self.ports = [0, 0]
        self._tasks: set[asyncio.Task[None]] = set()

    def claims(self, request: Request) -> dict[str, Any]:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        header = jwt.get_unverified_header(token)
        if set(header) & {"kid", "jku", "jwk", "x5u", "x5c", "crit", "b64"}:
            raise jwt.InvalidTokenError("key in header")
        found: dict[str, Any] = jwt.decode(
            token,
            self.key,
            ["HS256"],
            audience="agent-platform",
            issuer="reference-platform-auth",
            options={"require": REQUIRED},
        )
        user, tenant = found["sub"], found["tenant"]
        known = self.state.tenant_of.get(user, tenant)
        if known != tenant or found["role"] not in {"admin", "standard", "restricted"} or not user or not tenant:
            raise jwt.InvalidTokenError("claims")
        if found["jti"] in self.state.logged_out or found["exp"] - found["iat"] > 86_400:
            raise jwt.InvalidTokenError("ended")
        return found

    def admit(self, socket: ServerConnection, request: Request) -> Response | None:
        try:
            socket.claims = self.claims(request)  # type: ignore[attr-defined]
        except (jwt.PyJWTError, ValueError, KeyError, TypeError):
            return self.refuse(socket)
        return None

    def refuse(self, socket: ServerConnection) -> Response:
        self.state.audit("login_refused", "", reason="signature")
        return socket.respond(401, '{"code": "unauthenticated"}')

    def admit_operator(self, socket: ServerConnection, request: Request) -> Response | None:
        given = request.headers.get("Authorization", "")
        return None if secrets.compare_digest(given, f"Bearer {self.credential}") else self.refuse(socket)

    async def tenant_session(self, socket: ServerConnection) -> None:
        claims = socket.claims  # type: ignore[attr-defined]
        session = Session(secrets.token_hex(8), claims["tenant"], claims["sub"], claims["role"], claims["jti"], socket)
        self.state.enter(session)
        expiry = asyncio.get_running_loop().call_later(max(0.0, claims["exp"] - time.time()), session.end, 4401)
        try:
            await session.send(
                event="welcome",
                session_id=session.id,
                tenant=session.tenant,
                user=session.user,
                role=session.role,
                protocol="agents.v1",
                expires_at=claims["exp"],
            )
            async for text in socket:
                await self.serve_one(session, text)
        except ConnectionClosed:
            pass
        finally:
            expiry.cancel()
            self.state.leave(session)

    async def serve_one(self, session: Session, text: str | bytes) -> None:
        try:
            request = json.loads(text)
            correlation = request["id"]
        except (ValueError, TypeError, KeyError, RecursionError):
            await session.send(event="agent_error", code="bad_request", message="no request")
            return
        self.state.messages[session.tenant] += 1
        task = asyncio.create_task(answer(self.state, session, str(correlation), request))
        session.working[str(correlation)] = task
        self._tasks.add(task)
        task.add_done_callback(lambda done: (self._tasks.discard(done), session.working.pop(str(correlation), None)))
        await asyncio.sleep(0)

    async def operator_session(self, socket: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            async for text in socket:
                request = json.loads(text)
                result = await self.operator.answer(request)
                await socket.send(json.dumps({"id": request["id"], "ok": True, "result": result}))

    async def doors(self) -> tuple[Server, Server]:
        tenants = await serve(
            self.tenant_session, "127.0.0.1", 0, process_request=self.admit, max_size=262_144, max_queue=4096
        )
        operators = await serve(
            self.operator_session, "127.0.0.1", 0, process_request=self.admit_operator, max_size=None
        )
        return tenants, operators


def _port(server: Server) -> int:
    return int(next(iter(server.sockets)).getsockname()[1])


async def run(names: Names, man: YesMan | None = None) -> None:
    """Serve until a signal comes."""
    man = man or YesMan(names)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    with tempfile.TemporaryDirectory(prefix="yes-man-") as folder:
        tenants, operators = await man.doors()
        credentials = Path(folder) / "credentials.json"
        credentials.touch(mode=0o600)
        credentials.write_text(json.dumps({"jwt_secret": man.key, "operator_credential": man.credential}))
        ready = {
            "ready": True,
            "tenant_endpoint": f"ws://127.0.0.1:{_port(tenants)}/agents",
            "operator_api": f"ws://127.0.0.1:{_port(operators)}/operator",
            "credentials_file": str(credentials),
            "pid": os.getpid(),
        }
        print(json.dumps(ready), flush=True)
        await stopping.wait()
        tenants.close()
        operators.close()
    names.close()


def main() -> None:
    """Start it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--agents", choices=AGENT_PROCESSES, default="sleep", help="which processes it names for agents"
    )
    asyncio.run(run(Names(parser.parse_args().agents)))


if __name__ == "__main__":
    main()
    sys.exit(0)
