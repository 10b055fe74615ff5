"""The tenant endpoint: handshakes, and reading the frames of sessions at their tenant's rate."""

from __future__ import annotations

import asyncio

from websockets.asyncio.server import Server, ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from reference_platform.authentication import Claims, TokenRefused, TokenVerifier, token_of_handshake
from reference_platform.gateway.bookkeeping.audit_log import AuditLog
from reference_platform.gateway.bookkeeping.log_file import LogFile
from reference_platform.gateway.endpoint.admission import Admission
from reference_platform.gateway.endpoint.dispatch import Dispatcher
from reference_platform.gateway.sessions.lifecycle import Lifecycle
from reference_platform.registry import Registry
from reference_platform.registry.session import PROTOCOL_NAME, Session
from reference_platform.registry.tenants import User
from reference_platform.transport.connection import GatewayConnection
from reference_platform.transport.frames import LARGEST_FRAME_BYTES
from reference_platform.transport.listening import listen

PATH = "/agents"
NOT_AN_OBJECT = 4400
FAULT = 1011
RIGHTS_ENDED = 4403
BACKLOG = 1024
#: Frames of one session that may wait in the gateway before its socket is not read any more.
WAITING_FRAMES = 8


class TenantConnection(GatewayConnection):
    """A connection of the tenant endpoint.

    Attributes:
        claims: Set when the handshake's token has been accepted.
        token: That token, until there is a session: a right may end meanwhile.
        changes: How often rights had ended when it was verified.
    """

    claims: Claims | None = None
    token: str | None = None
    changes: int = 0


class TenantEndpoint:
    """Accepts users."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        verifier: TokenVerifier,
        registry: Registry,
        admission: Admission,
        lifecycle: Lifecycle,
        audit: AuditLog,
        log: LogFile,
        sessions_of_a_user: int,
    ) -> None:
        """Keep what a handshake and its session need.

        Args:
            dispatcher: Serves the frames.
            verifier: Checks tokens.
            registry: Who is there.
            admission: Makes newcomers known to the stores.
            lifecycle: Opens and ends sessions.
            audit: Where refusals are written.
            sessions_of_a_user: How many sessions a user may have.
        """
        self._dispatcher = dispatcher
        self._verifier = verifier
        self._registry = registry
        self._admission = admission
        self._lifecycle = lifecycle
        self._audit = audit
        self._log = log
        self._sessions_of_a_user = sessions_of_a_user
        self._server: Server | None = None
        self._stopping = False

    async def open(self, port: int) -> int:
        """Listen at a port, or at any for 0; returns the port."""
        self._server, own = await listen(
            self._serve,
            port,
            process_request=self._check,
            select_subprotocol=select_subprotocol,
            ping_interval=20,
            ping_timeout=30,
            open_timeout=30,
            max_size=LARGEST_FRAME_BYTES,
            max_queue=WAITING_FRAMES,
            create_connection=TenantConnection,
            backlog=BACKLOG,
        )
        return own

    async def close(self) -> None:
        """Refuse newcomers and close every session with 1001."""
        self._stopping = True
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _check(self, connection: ServerConnection, request: Request) -> Response | None:
        assert isinstance(connection, TenantConnection)
        if request.path.partition("?")[0] != PATH:
            return json_response(connection, 404, "not_found")
        if self._stopping:
            return json_response(connection, 503, "stopping")
        connection.changes, connection.token = self._verifier.changes, token_of_request(request)
        try:
            claims = self._verifier.verify(connection.token)
        except TokenRefused as refusal:
            self._audit.add("login_refused", detail={"reason": refusal.reason})
            return json_response(connection, 401, "unauthenticated")
        user = self._registry.user(claims.tenant, claims.user)
        if len(self._registry.sessions_of(user)) + user.reserved >= self._sessions_of_a_user:
            self._registry.drop_if_gone(user)
            return json_response(connection, 429, "too_many_sessions")
        self._reserve(connection, claims, user)
        return None

    def _reserve(self, connection: TenantConnection, claims: Claims, user: User) -> None:
        """Count the handshake as a session until there is one or the connection is gone."""
        user.reserved += 1
        connection.claims = claims
        connection.on_lost = lambda: self._release(connection, user)

    def _release(self, connection: TenantConnection, user: User) -> None:
        connection.on_lost = None
        user.reserved -= 1
        self._registry.drop_if_gone(user)

    async def _serve(self, connection: ServerConnection) -> None:
        assert isinstance(connection, TenantConnection) and connection.claims is not None
        claims = connection.claims
        try:
            await self._admission.prepare(claims)
        except Exception as error:  # noqa: BLE001 - written down, and the connection has to be closed
            self._log.fault("prepare", error)
            await connection.close(FAULT)
            return
        if connection.on_lost is None:
            return
        if not self._is_still_right(connection):
            await connection.close(RIGHTS_ENDED)
            return
        session = self._lifecycle.open(connection, claims)
        connection.on_lost()
        session.welcome()
        try:
            await self._read(connection, session)
        except ConnectionClosed:
            pass
        finally:
            self._lifecycle.lost(session, connection.close_code or 1006)

    def _is_still_right(self, connection: TenantConnection) -> bool:
        """Whether the token is still good after the stores were prepared: rights may have ended meanwhile."""
        token, connection.token = connection.token, None
        if connection.changes == self._verifier.changes:
            return True
        try:
            self._verifier.verify(token)
        except TokenRefused as refusal:
            self._audit.add("login_refused", detail={"reason": refusal.reason})
            return False
        return True

    async def _read(self, connection: TenantConnection, session: Session) -> None:
        tenant = session.user.tenant
        while True:
            message = await connection.recv()
            delay = tenant.messages.take()
            if delay > 0:
                await asyncio.sleep(delay)
            if session.is_slow:
                await session.until_taken()
            if session.connection is None:
                return  # it has ended: what its client had sent on the way is not served any more
            if not self._dispatcher.receive(session, message):
                self._lifecycle.close(session, NOT_AN_OBJECT, for_good=True)


def token_of_request(request: Request) -> str | None:
    """The token of a handshake; several ``Authorization`` headers count as none."""
    headers = request.headers.get_all("Authorization")
    offered = [name.strip() for line in request.headers.get_all("Sec-WebSocket-Protocol") for name in line.split(",")]
    if len(headers) > 1:
        return None
    return token_of_handshake(headers[0] if headers else None, offered)


def select_subprotocol(connection: ServerConnection, offered: object) -> Subprotocol | None:
    """Select ``agents.v1`` when it is offered; a token is never echoed."""
    names = offered if isinstance(offered, (list, tuple)) else ()
    return Subprotocol(PROTOCOL_NAME) if PROTOCOL_NAME in names else None


def json_response(connection: ServerConnection, status: int, code: str) -> Response:
    """A refusal of a handshake."""
    response = connection.respond(status, f'{{"code": "{code}"}}')
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = "application/json"
    return response
