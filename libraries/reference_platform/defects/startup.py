"""Defects that show when many users come at once."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import time
from typing import Any

from reference_platform.defects.surgery import gateway, replace, replace_everywhere, watch_gateway

_CUT_AFTER_SECONDS = 1.5
_MOST_BESIDE = 30
_MOST_UNFINISHED = 60
_COLLAPSE_SECONDS = 3.0


def never_answers() -> None:
    """Everything is accepted and read; nothing is answered."""
    from reference_platform.gateway.endpoint.dispatch import Dispatcher

    replace(Dispatcher, "receive", lambda self, session, message: True)


def never_answers_4_percent() -> None:
    """The same for one user in 25."""
    _ignore_one_in(25)


def never_answers_10_percent() -> None:
    """The same for one user in ten."""
    _ignore_one_in(10)


def session_id_collision() -> None:
    """There are only 20 session ids."""
    from reference_platform.registry import session

    replace_everywhere(session.new_session_id, lambda: f"ses_{random.randrange(20):024x}")


def connections_beside_pool() -> None:
    """Each of the first 30 users costs a database connection beside the pool."""
    from reference_platform.gateway.endpoint.admission import Admission
    from reference_platform.state.relational.database import connect

    watch_gateway()
    prepare = Admission.prepare
    numbers = itertools.count(1)
    held: list[Any] = []

    async def prepare_dearly(self: Admission, claims: Any) -> None:
        await prepare(self, claims)
        if next(numbers) <= _MOST_BESIDE:
            stores = gateway().handover.addresses
            held.append(await connect(stores, stores.postgres_admin_user, stores.postgres_admin_password))

    replace(Admission, "prepare", prepare_dearly)


def some_are_never_greeted() -> None:
    """Every session of one user in ten is accepted and gets no welcome."""
    from reference_platform.registry.session import Session

    welcome = Session.welcome
    ungreeted: dict[str, bool] = {}

    def greet_most(self: Session) -> None:
        if not ungreeted.setdefault(self.user.name, len(ungreeted) % 10 == 7):
            welcome(self)

    replace(Session, "welcome", greet_most)


def closed_sockets_stay() -> None:
    """The gateway never ends a connection itself and keeps a handle of each, so that the kernel keeps what clients close."""
    from reference_platform.gateway.endpoint.tenant_endpoint import TenantEndpoint
    from reference_platform.transport.connection import GatewayConnection

    read = TenantEndpoint._read
    kept: list[int] = []

    async def read_and_keep(self: TenantEndpoint, connection: Any, session: Any) -> None:
        kept.append(os.dup(connection.transport.get_extra_info("socket").fileno()))
        await read(self, connection, session)

    def send_no_end(self: GatewayConnection) -> None:
        for data in filter(None, self.protocol.data_to_send()):
            self.transport.write(data)

    replace(TenantEndpoint, "_read", read_and_keep)
    replace(GatewayConnection, "send_data", send_no_end)


def collapses_beyond_load() -> None:
    """As soon as 60 requests are unfinished, everything is refused for three seconds."""
    from reference_platform.gateway.endpoint.dispatch import Dispatcher
    from reference_platform.gateway.endpoint.requests import RequestError

    watch_gateway()
    handle = Dispatcher._handle
    until = [0.0]

    def give_up(self: Dispatcher, session: Any, request: Any) -> None:
        now = time.monotonic()
        if sum(len(one.unfinished) for one in gateway().registry.sessions.values()) > _MOST_UNFINISHED:
            until[0] = now + _COLLAPSE_SECONDS
        if now < until[0]:
            raise RequestError("busy", "the platform has too much to do")
        handle(self, session, request)

    replace(Dispatcher, "_handle", give_up)


def drops_1_percent_of_connections() -> None:
    """One connection in a hundred is cut without a close frame."""
    from reference_platform.gateway.endpoint.tenant_endpoint import TenantEndpoint

    read = TenantEndpoint._read
    numbers = itertools.count(1)

    async def cut_some(self: TenantEndpoint, connection: Any, session: Any) -> None:
        if next(numbers) % 100 == 37:
            asyncio.get_running_loop().call_later(_CUT_AFTER_SECONDS, connection.transport.abort)
        await read(self, connection, session)

    replace(TenantEndpoint, "_read", cut_some)


def _ignore_one_in(users: int) -> None:
    """Read what one user in so many sends, and answer nothing of it."""
    from reference_platform.gateway.endpoint.dispatch import Dispatcher

    receive = Dispatcher.receive
    unheard: dict[str, bool] = {}

    def receive_most(self: Dispatcher, session: Any, message: Any) -> bool:
        if unheard.setdefault(session.user.name, len(unheard) % users == users // 2):
            return True
        return receive(self, session, message)

    replace(Dispatcher, "receive", receive_most)
