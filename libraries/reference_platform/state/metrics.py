"""Request metrics by tenant in ClickHouse: embedded (chDB) or an external server. The platform runs without it too."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, fields
from importlib import import_module
from typing import Any, TypeVar

from reference_platform.services.addresses import ServiceAddresses
from reference_platform.state.records import Owner

_TABLE = "tenant_isolation_requests"
_FLUSH_SECONDS = 1.0
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class RequestMetric:
    """One answered request.

    Attributes:
        tenant: Whose request.
        at: Seconds since 1970 (UTC).
        kind: The operation or the kind of work.
        milliseconds: How long it took.
        note: Free text.
    """

    tenant: str
    user: str
    at: float
    kind: str
    milliseconds: float
    note: str


_COLUMNS = [field.name for field in fields(RequestMetric)]


class MetricsStore:
    """Writes and reads metrics, in a thread of its own, because the driver blocks.

    The embedded store has no users: the caller names the tenant, which has to come from the session's token. Every
    statement binds it as a parameter.
    """

    def __init__(self, client: Any, executor: ThreadPoolExecutor) -> None:
        """Use ``open``; this only keeps what it made."""
        self._client = client
        self._executor = executor
        self._waiting: list[RequestMetric] = []
        self._writer = asyncio.create_task(self._write_now_and_then(), name="metrics writer")

    @classmethod
    async def open(cls, addresses: ServiceAddresses) -> tuple[MetricsStore | None, str]:
        """Connect and make the table.

        chDB must be loaded after every fork, and one process only may use a folder: call this in the gateway alone.

        Returns:
            The store and "", or None and the reason in one sentence.
        """
        if addresses.clickhouse_url is None and addresses.clickhouse_path is None:
            return None, "no analytics store is configured"
        executor = ThreadPoolExecutor(1, thread_name_prefix="metrics")
        try:
            client = await asyncio.get_running_loop().run_in_executor(executor, _connect, addresses)
        except Exception as error:  # noqa: BLE001 - see below
            # Whatever the optional package throws, the platform goes on without it and says why.
            executor.shutdown(wait=False)
            return None, _reason(error)
        return cls(client, executor), ""

    def record(self, owner: Owner, kind: str, milliseconds: float, note: str = "") -> None:
        """Note one answered request; it is written within a second."""
        self._waiting.append(RequestMetric(owner.tenant, owner.user, time.time(), kind, milliseconds, note))

    async def totals(self, owner: Owner) -> tuple[int, float]:
        """Number of requests and sum of their milliseconds, of one user."""
        rows = await self._read(
            f"SELECT count(), sum(milliseconds) FROM {_TABLE} "
            "WHERE tenant = {tenant:String} AND user = {user:String}",
            {"tenant": owner.tenant, "user": owner.user},
        )
        return int(rows[0][0]), float(rows[0][1])

    async def query(self, tenant: str) -> list[RequestMetric]:
        """Every metric of a tenant, oldest first."""
        rows = await self._read(
            f"SELECT {', '.join(_COLUMNS)} FROM {_TABLE} WHERE tenant = {{tenant:String}} ORDER BY at",
            {"tenant": tenant},
        )
        return [RequestMetric(*row) for row in rows]

    async def remove_tenant(self, tenant: str) -> int:
        """Remove the metrics of a tenant; returns how many are left."""
        await self.flush()
        parameters = {"tenant": tenant}
        statement = f"ALTER TABLE {_TABLE} DELETE WHERE tenant = {{tenant:String}} SETTINGS mutations_sync = 2"
        await self._in_thread(lambda: self._client.command(statement, parameters=parameters))
        return len(await self.query(tenant))

    async def remove_user(self, owner: Owner) -> int:
        """Remove the metrics of a user; returns how many are left."""
        await self.flush()
        parameters = {"tenant": owner.tenant, "user": owner.user}
        where = "tenant = {tenant:String} AND user = {user:String}"
        statement = f"ALTER TABLE {_TABLE} DELETE WHERE {where} SETTINGS mutations_sync = 2"
        await self._in_thread(lambda: self._client.command(statement, parameters=parameters))
        return (await self.totals(owner))[0]

    async def remove_table(self) -> None:
        """Remove everything from a server that goes on living."""
        await self._in_thread(lambda: self._client.command(f"DROP TABLE IF EXISTS {_TABLE}"))

    async def flush(self) -> None:
        """Write what is waiting."""
        rows, self._waiting = [astuple(metric) for metric in self._waiting], []
        if rows:
            await self._in_thread(lambda: self._client.insert(_TABLE, rows, column_names=_COLUMNS))

    async def close(self) -> None:
        """Write what is waiting and close."""
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)
        await self.flush()
        await self._in_thread(self._client.close)
        self._executor.shutdown()

    async def _read(self, statement: str, parameters: dict[str, str]) -> list[tuple[Any, ...]]:
        await self.flush()
        result = await self._in_thread(lambda: self._client.query(statement, parameters=parameters))
        return list(result.result_rows)

    async def _write_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            await self.flush()

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


def _connect(addresses: ServiceAddresses) -> Any:
    driver = import_module("clickhouse_connect")
    if addresses.clickhouse_url is not None:
        client = driver.get_client(dsn=addresses.clickhouse_url)
    else:
        client = driver.get_client(interface="chdb", path=addresses.clickhouse_path)
        client.command("CREATE DATABASE IF NOT EXISTS platform_test")
        client.command("USE platform_test")
    client.command(
        f"CREATE TABLE IF NOT EXISTS {_TABLE} (tenant String, user String, at Float64, kind String, "
        "milliseconds Float64, note String) ENGINE = MergeTree ORDER BY (tenant, user, at)"
    )
    return client


def _reason(error: Exception) -> str:
    if isinstance(error, ImportError):
        return f"the analytics store is not installed ({error}): pip install clickhouse-connect chdb-core-lite"
    # The driver's own texts can repeat the address with its password.
    return f"the analytics store cannot be used: {type(error).__name__}"
