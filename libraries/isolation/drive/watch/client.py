"""The resource monitor as scenarios call it: typed, and with one rule for time-outs."""

from __future__ import annotations

import time
from typing import Any, cast

from isolation.drive.stores.cache_logins import CacheLogin
from isolation.drive.stores.database.roles import RoleLogin
from isolation.drive.watch.conditions import Condition
from isolation.drive.watch.monitor import Overhead
from isolation.drive.watch.processes.finding import Sought
from isolation.drive.worker import Worker, WorkerError
from isolation.record import Inventory, OperatorUsage, PlatformEvent, ProcessRef, Sample, Thing
from isolation.record.access.database_looks import CacheLook, DatabaseLook
from isolation.record.usage.holdings import Holdings
from isolation.record.usage.platform_samples import PlatformSample
from isolation.record.usage.watch_notes import WatchNote

GRACE_S = 30.0
"""A call may take as long as its own arguments say, and this much more, before the monitor counts as dead."""
_REMOVE_S = 2.0
"""Seconds for removing one tenant."""


class _Said(dict[str, Any]):
    """The words of an operator's answer."""

    def __init__(self, op: str, words: dict[str, Any]) -> None:
        super().__init__(words)
        self._op = op

    def __missing__(self, word: str) -> Any:
        raise WorkerError(f"the operator's answer to '{self._op}' holds no '{word}'")


class MonitorClient:
    """Every method is one call; a dead or silent monitor raises ``WorkerError``, which never accuses the platform."""

    def __init__(self, worker: Worker) -> None:
        """Take the process that hosts the monitor."""
        self._worker = worker

    @property
    def pid(self) -> int:
        """Process of the monitor."""
        return self._worker.pid

    def operator(self, op: str, **arguments: object) -> Any:
        """Ask the operator API one thing; a word that its answer does not hold is told as such."""
        answer = self._worker.call("operator", op, arguments, timeout=GRACE_S)
        if isinstance(answer, list):
            return [_Said(op, entry) if isinstance(entry, dict) else entry for entry in answer]
        return _Said(op, answer) if isinstance(answer, dict) else answer

    def processes(self) -> list[ProcessRef]:
        """Which process is whose, now."""
        return cast(list[ProcessRef], self._worker.call("processes", timeout=GRACE_S))

    def samples(self, since: float) -> list[Sample]:
        """All samples from a moment on (seconds, monotonic clock)."""
        return cast(list[Sample], self._worker.call("samples", since, timeout=GRACE_S))

    def sample_now(self, times: int = 1, with_pss: bool = True) -> list[Sample]:
        """Sample every process now; several times, one right after the other, if wanted.

        Args:
            times: How often.
            with_pss: Whether proportional memory is read, too, which costs ten times as much.
        """
        taken: list[Sample] = []
        for _ in range(times):
            taken += self._worker.call("sample_now", with_pss, timeout=GRACE_S)
        return taken

    def events(self, since: float) -> list[PlatformEvent]:
        """Alerts and audit entries that were first seen from a moment on."""
        return cast(list[PlatformEvent], self._worker.call("events", since, timeout=GRACE_S))

    def operator_usage(self, since: float) -> list[OperatorUsage]:
        """What the operator API said about each tenant's usage from a moment on."""
        return cast(list[OperatorUsage], self._worker.call("operator_usage", since, timeout=GRACE_S))

    def notes(self, since: float) -> list[WatchNote]:
        """What happened to the watching itself from a moment on: skipped entries, gaps, refused processes, the platform's end."""
        return cast(list[WatchNote], self._worker.call("notes", since, timeout=GRACE_S))

    def seek_users(self, users: list[Sought]) -> None:
        """Say whose processes are sought where the operator API does not name them."""
        self._worker.call("seek_users", users, timeout=GRACE_S)

    def wait_for(self, condition: Condition, until: float) -> bool:
        """Wait until something is so, at most until a moment (seconds, monotonic clock); whether it came to be so."""
        within_s = max(0.0, until - time.monotonic())
        return cast(bool, self._worker.call("wait_for", condition, until, timeout=within_s + GRACE_S))

    def inventory(
        self, run_id: str, addresses: dict[str, str], pid: int, known: list[ProcessRef], expiring_s: float = 0.0
    ) -> Inventory:
        """Count what the tenants of the run have on the platform; cache keys that end within ``expiring_s`` are not counted."""
        arguments = (run_id, addresses, pid, known, expiring_s)
        return cast(Inventory, self._worker.call("inventory", *arguments, timeout=2 * GRACE_S))

    def control_groups(self, tenants: list[str]) -> list[Thing]:
        """Control groups of tenants, also empty ones, as the kernel shows them."""
        return cast(list[Thing], self._worker.call("control_groups", tenants, timeout=GRACE_S))

    def holdings(self, tenants: list[str]) -> Holdings:
        """Count what the platform holds."""
        return cast(Holdings, self._worker.call("holdings", tenants, timeout=2 * GRACE_S))

    def holdings_at_rest(self, tenants: list[str], at_most: Holdings | None, within_s: float) -> Holdings:
        """Count until what there was before is all that there is, at most ``within_s`` seconds; the last count."""
        call = "holdings_at_rest"
        found = self._worker.call(call, tenants, at_most, within_s, timeout=within_s + 2 * GRACE_S)
        return cast(Holdings, found)

    def remove_tenants(self, tenants: list[str]) -> dict[str, dict[str, object] | str]:
        """Remove tenants from the target; what was left of each, or why it could not be removed."""
        within_s = 2 * GRACE_S + _REMOVE_S * len(tenants)
        return cast(dict[str, dict[str, object] | str], self._worker.call("remove_tenants", tenants, timeout=within_s))

    def watch_platform(self, pid: int, database: str, every_s: float) -> None:
        """Begin to watch the platform as a whole."""
        self._worker.call("watch_platform", pid, database, every_s, timeout=GRACE_S)

    def platform_samples(self) -> list[PlatformSample]:
        """End the watch over the platform and return what it saw."""
        return cast(list[PlatformSample], self._worker.call("platform_samples", timeout=GRACE_S))

    def look_as_roles(self, address: str, run_id: str, owners: dict[str, str], logins: list[RoleLogin]) -> DatabaseLook:
        """What the tenants' database roles see and can do."""
        return cast(
            DatabaseLook, self._worker.call("look_as_roles", address, run_id, owners, logins, timeout=4 * GRACE_S)
        )

    def look_as_cache_logins(
        self, address: str, run_id: str, owners: dict[str, str], logins: list[CacheLogin]
    ) -> tuple[CacheLook, ...]:
        """What the tenants' cache logins reach."""
        return cast(
            tuple[CacheLook, ...],
            self._worker.call("look_as_cache_logins", address, run_id, owners, logins, timeout=4 * GRACE_S),
        )

    def foreign_load(self, since: float) -> float | None:
        """Per cent of the machine that others used since a moment; None when nobody watched."""
        return cast(float | None, self._worker.call("foreign_load", since, timeout=GRACE_S))

    def forget_overhead(self) -> None:
        """Count what watching costs anew, from now on."""
        self._worker.call("forget_overhead", timeout=GRACE_S)

    def overhead(self) -> Overhead:
        """What watching has cost so far."""
        return cast(Overhead, self._worker.call("overhead", timeout=GRACE_S))
