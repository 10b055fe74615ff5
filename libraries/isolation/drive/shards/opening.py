"""Where the load engine runs: in one process, in several, or on the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from isolation.drive.shards.shard import Carrier
from isolation.drive.shards.sharded_engine import ShardedEngine
from isolation.drive.worker import Worker
from isolation.settings.errors import SettingsError
from isolation.settings.profile import ShardLimits

ENGINE = "isolation.drive.load.engine:Engine"


def open_engine(
    count: int, cluster: str, limits: ShardLimits, say: Callable[[str], None], hangs_after_s: float | None = None
) -> Worker | ShardedEngine:
    """Start the load engine.

    Args:
        count: How many shards; 0 for one, or with a cluster as many as it has workers.
        cluster: Address or scheduler file of a cluster; empty for this machine.
        limits: What is asked of shards.
        say: Told how far long work is, and of losses.
        hangs_after_s: After so many silent seconds a single engine counts as hung; shards have a limit of their own.

    Raises:
        SettingsError: The cluster cannot be used.
        WorkerError: A shard does not fit.
    """
    if not cluster and count < 2:
        return Worker(ENGINE, say, "load engine", hangs_after_s)
    carriers: list[tuple[Carrier, str]] = []
    notes: list[str] = []
    try:
        if cluster:
            if find_spec("distributed") is None:
                raise SettingsError('CLUSTER needs the extra "cluster": pip install -e .[cluster]')
            carriers, notes = import_module("isolation.drive.shards.cluster").open_carriers(cluster, count, limits)
        else:
            carriers = [(Worker(ENGINE, say, "load engine"), "") for _ in range(count)]
        return ShardedEngine(carriers, limits, say, notes)
    except BaseException:
        for carrier, _ in carriers:
            carrier.stop()
        raise
