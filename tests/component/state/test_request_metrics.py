"""Metrics of one tenant are read by that tenant alone. In a process of its own: chDB does not like company."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("chdb", reason="the optional analytics store is not installed")

_LIBRARIES = Path(__file__).parents[3] / "libraries"
_CHILD = """
import asyncio, sys
from reference_platform.services import ServiceAddresses
from reference_platform.state import Owner
from reference_platform.state.metrics import MetricsStore

async def main() -> None:
    addresses = ServiceAddresses("", 0, "", "", "", "", 0, "", "", clickhouse_path=sys.argv[1])
    store, reason = await MetricsStore.open(addresses)
    assert store is not None, reason
    ann, bob, eve = Owner("t1", "ann"), Owner("t1", "bob"), Owner("t2", "eve")
    store.record(ann, "noop", 1.5, "it's 'quoted'")
    store.record(bob, "noop", 2.0)
    store.record(eve, "cpu", 4.0, "hers")
    found = [(m.user, m.milliseconds, m.note) for m in await store.query("t1")]
    assert found == [("ann", 1.5, "it's 'quoted'"), ("bob", 2.0, "")]
    assert await store.query("t1' OR tenant != '") == []
    assert await store.totals(ann) == (1, 1.5)
    assert await store.totals(Owner("t1", "eve")) == (0, 0.0)
    assert await store.remove_tenant("t1") == 0
    assert [m.note for m in await store.query("t2")] == ["hers"]
    store.record(eve, "cpu", 1.0)
    await store.close()
    again, _ = await MetricsStore.open(addresses)
    assert await again.totals(eve) == (2, 5.0)
    await again.close()
    print("all claims hold")

asyncio.run(main())
"""


def test_metrics_are_separated_by_tenant_and_user_removed_and_kept_over_a_restart(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(_LIBRARIES)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "all claims hold", done.stderr
