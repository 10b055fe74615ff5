"""Accepts operators and serves their requests."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from websockets.asyncio.server import Server, ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as Handshake
from websockets.http11 import Response

from reference_platform.authentication import token_of_handshake
from reference_platform.gateway.bookkeeping.audit_log import AuditLog
from reference_platform.gateway.bookkeeping.log_file import LogFile
from reference_platform.gateway.endpoint.dispatch import NotAnObject, parse
from reference_platform.gateway.endpoint.requests import Request, RequestError, bad_request
from reference_platform.transport.frames import encode
from reference_platform.transport.listening import listen

Operation = Callable[[Request], Awaitable[Any]]
PATH = "/operator"
#: What an operator's error may say; every other code of the tenant endpoint is a fault here.
CODES = ("bad_request", "not_found")


class OperatorApi:
    """One more WebSocket server; requests of one connection are served side by side."""

    def __init__(self, operations: Mapping[str, Operation], credential: str, audit: AuditLog, log: LogFile) -> None:
        """Keep what may be asked for.

        Args:
            operations: By name.
            credential: The operator's own.
            audit: Where refusals are written.
        """
        self._operations = operations
        self._audit = audit
        self._log = log
        self._credential = credential.encode()
        self._server: Server | None = None

    async def open(self, port: int) -> int:
        """Listen at a port, or at any for 0; returns the port."""
        self._server, own = await listen(self._serve, port, process_request=self._check)
        return own

    async def close(self) -> None:
        """Close every connection with 1001."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _check(self, connection: ServerConnection, request: Handshake) -> Response | None:
        if request.path.partition("?")[0] != PATH:
            return connection.respond(404, "")
        headers = request.headers.get_all("Authorization")
        presented = token_of_handshake(headers[0], []) if len(headers) == 1 else None
        if presented is None or not hmac.compare_digest(presented.encode(), self._credential):
            self._audit.add("login_refused", detail={"reason": "operator_credential"})
            return connection.respond(401, "")
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        under_way: set[asyncio.Task[None]] = set()
        try:
            async for message in connection:
                task = asyncio.get_running_loop().create_task(self._answer(connection, message))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
        except ConnectionClosed:
            pass

    async def _answer(self, connection: ServerConnection, message: str | bytes) -> None:
        frame: dict[str, Any] = {}
        try:
            frame = parse(message)
            answer = {"id": frame.get("id"), "ok": True, "result": await self._perform(frame)}
        except NotAnObject:
            answer = {"id": None, "ok": False, "code": "bad_request", "message": "a message must be one JSON object"}
        except RequestError as error:
            code = error.code if error.code in CODES else "internal"
            answer = {"id": frame.get("id"), "ok": False, "code": code, "message": error.message}
        except Exception as error:  # noqa: BLE001 - written down, and the operator has to be answered
            self._log.fault(f"operator {frame.get('op')}", error)
            answer = {"id": frame.get("id"), "ok": False, "code": "internal", "message": ""}
        with contextlib.suppress(ConnectionClosed):
            await connection.send(encode(answer).decode("ascii"))

    async def _perform(self, frame: dict[str, Any]) -> Any:
        operation = self._operations.get(str(frame.get("op")))
        if operation is None:
            raise bad_request("'op' is not an operation of this protocol")
        return await operation(Request(str(frame.get("op")), str(frame.get("id")), frame))
