"""Load engines on the workers of a Dask ``distributed`` cluster (optional extra ``cluster``).

Imported only when ``-v CLUSTER:...`` asks for it. Who is trusted, and how connections are encrypted, is said in the cluster's own
configuration (``tls://`` addresses, ``distributed.comm.tls`` by file or environment).
"""

from __future__ import annotations

import asyncio
import logging
import pickle
import uuid
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from distributed import Client

from isolation.drive.shards.cluster_host import ClusterHost
from isolation.drive.shards.shard import Carrier
from isolation.drive.worker import PendingCall, WorkerEnded, WorkerError
from isolation.settings.errors import SettingsError
from isolation.settings.profile import ShardLimits

_ENGINE = "isolation.drive.load.engine:Engine"
_CONNECT_S = 15.0
_START_S = 60.0


class _Connection:
    """The connection to a cluster, which the last of its users closes."""

    def __init__(self, client: Client, users: int) -> None:
        self.loop: asyncio.AbstractEventLoop = client.loop.asyncio_loop
        self._client, self._users = client, users

    def leave(self) -> None:
        """One user less."""
        self._users -= 1
        if self._users == 0:
            self._client.close()


class ClusterCarrier:
    """Passes calls on to one engine on a worker of the cluster.

    Args:
        connection: The connection to the cluster.
        actor: The host of the engine.
        address: The worker's address.
    """

    def __init__(self, connection: _Connection, actor: Any, address: str) -> None:
        """Nothing has been called yet."""
        self._connection, self._actor, self._address = connection, actor, address
        self._number = 0
        self._over = False

    @property
    def pids(self) -> tuple[int, ...]:
        """None that this machine has to know of: the workers belong to the cluster."""
        return ()

    def call(self, method: str, *arguments: object, timeout: float = 60.0, **options: object) -> Any:
        """Call a method of the engine and wait for its answer; see ``Worker.call``."""
        pending = self.submit(method, *arguments, **options)
        try:
            return pending.result(timeout)
        except FutureTimeout:
            self.abandon(pending)
            raise WorkerError(f"'{method}' gave no answer within {timeout:g} s") from None
        except BaseException:
            self.abandon(pending)
            raise

    def submit(self, method: str, *arguments: object, **options: object) -> PendingCall:
        """Call a method of the engine and do not wait."""
        if self._over:
            raise WorkerEnded("the engine has been ended")
        self._number += 1
        pending = PendingCall(self._number)
        message = pickle.dumps((method, arguments, options))
        asyncio.run_coroutine_threadsafe(self._run(pending, message), self._connection.loop)
        return pending

    def abandon(self, pending: Future[Any]) -> None:
        """End a call that nobody waits for any more."""
        if isinstance(pending, PendingCall) and not pending.done() and not self._over:
            pending.cancel()
            with suppress(RuntimeError):  # the cluster has forgotten the engine
                self._actor.cancel(pending.number)

    def stop(self, timeout: float = 5.0) -> None:
        """End the engine; what cannot be reached ends by itself when its lease is over."""
        if self._over:
            return
        self._over = True
        with suppress(RuntimeError, OSError, TimeoutError, FutureTimeout):
            self._actor.end().result(timeout)
        del self._actor
        self._connection.leave()

    async def _run(self, pending: PendingCall, message: bytes) -> None:
        try:
            value, error = pickle.loads(await self._actor.call(pending.number, message))
        except Exception as broken:  # noqa: BLE001 - whatever it is, whoever waits is told
            value, error = None, WorkerEnded(f"the worker {self._address} cannot be reached ({type(broken).__name__})")
        if pending.set_running_or_notify_cancel():
            pending.set_exception(error) if error is not None else pending.set_result(value)


def open_carriers(cluster: str, count: int, limits: ShardLimits) -> tuple[list[tuple[Carrier, str]], list[str]]:
    """Start one engine on each of some workers.

    Args:
        cluster: Address of the scheduler, or its file.
        count: How many; 0 for all workers.
        limits: How long an engine goes on without its client.

    Returns:
        The carriers, with the names of their places; and what a reader of the report has to know.

    Raises:
        SettingsError: There is no such cluster, or it has too few workers.
        WorkerError: A worker could not start an engine.
    """
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what goes wrong is said by us, once
    client = _client(cluster)
    workers = sorted(client.scheduler_info(n_workers=-1)["workers"])
    if len(workers) < max(count, 1):
        client.close()
        raise SettingsError(f"the cluster {cluster} has {len(workers)} workers; {max(count, 1)} are needed")
    connection = _Connection(client, count or len(workers))
    starting = [(address, _start(client, address, limits)) for address in workers[: count or len(workers)]]
    carriers: list[tuple[Carrier, str]] = []
    try:
        for address, future in starting:
            actor = future.result(_START_S)
            carriers.append(
                (ClusterCarrier(connection, actor, address), f"{actor.where().result(_START_S)}, {address}")
            )
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        client.close()
        raise WorkerError(f"the worker {address} cannot host a load engine: {type(error).__name__}: {error}") from None
    return carriers, notes_on(client.scheduler.address)


def notes_on(scheduler: str) -> list[str]:
    """What passes over a network in clear is told.

    Args:
        scheduler: Its address.
    """
    parts = urlsplit(scheduler)
    if parts.scheme == "tls" or _is_loopback(parts.hostname or ""):
        return []
    return [f"The connections of the cluster {scheduler} are not encrypted: tokens of users passed over them in clear."]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _start(client: Client, address: str, limits: ShardLimits) -> Any:
    """Pinned to its worker; the key says nothing but that it is an engine."""
    place = {"workers": [address], "allow_other_workers": False, "key": f"load-engine-{uuid.uuid4().hex}"}
    return client.submit(ClusterHost, _ENGINE, limits.lease, actor=True, **place)


def _client(cluster: str) -> Client:
    is_file = Path(cluster).is_file()
    try:
        return Client(
            None if is_file else cluster,
            scheduler_file=cluster if is_file else None,
            timeout=_CONNECT_S,
            name="isolation",
        )
    except (OSError, TimeoutError, ValueError) as error:
        raise SettingsError(f"the cluster '{cluster}' cannot be reached: {error}") from None
