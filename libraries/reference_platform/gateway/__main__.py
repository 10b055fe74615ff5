"""The gateway's process: ``python -m reference_platform.gateway [--defect NAME]``, started by the supervisor.

It reads its handover from standard input and says on standard output when both endpoints are open. It ends by SIGTERM
with exit code 0, and with 75 when the operator wants a restart.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import signal
import sys
from collections.abc import Mapping

import uvloop

from reference_platform import defects, look_alikes
from reference_platform.agents import AgentFactory
from reference_platform.gateway.gateway import Gateway
from reference_platform.governor.client import GovernorClient, GovernorLost
from reference_platform.handover import LEFT_BEHIND, START_FAILED_EXIT_CODE, Handover, Ready
from reference_platform.state import Residue, Store, StoreError
from reference_platform.state.metrics import MetricsStore


def main() -> int:
    """Be the gateway.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="python -m reference_platform.gateway")
    parser.add_argument("--defect", action="append", default=[], help="carry a seeded defect")
    parser.add_argument("--look-alike", action="append", default=[], help="look different, and be as good")
    options = parser.parse_args()
    for name in options.look_alike:
        look_alikes.apply(name)
    for name in options.defect:
        defects.apply(name)
    handover = Handover.from_secret_line(sys.stdin.readline())
    # Both are children of the main thread and start before anything else runs: they end with it.
    factory = AgentFactory.start(handover.settings)
    governor = GovernorClient.start(handover.settings.governor, options.defect[0] if options.defect else None)
    try:
        return uvloop.run(serve(handover, factory, governor))
    except (StoreError, GovernorLost, OSError) as error:
        print(error, file=sys.stderr)
        return START_FAILED_EXIT_CODE


async def serve(handover: Handover, factory: AgentFactory, governor: GovernorClient) -> int:
    """Open both endpoints and serve until the gateway shall end.

    Args:
        handover: From the supervisor.
        factory: Started.
        governor: Started.

    Returns:
        The exit code.
    """
    store = await Store.open(handover.addresses, handover.run)
    metrics, reason = None, "switched off"
    if handover.settings.clickhouse:
        metrics, reason = await MetricsStore.open(handover.addresses)
    gateway = Gateway(handover, store, factory, governor, await store.known_users(), metrics)
    gateway.log.write("analytics", reason=reason)
    loop = asyncio.get_running_loop()
    # What the standard handler prints may quote what users sent.
    loop.set_exception_handler(lambda _, context: gateway.log.fault("loop", context.get("exception") or RuntimeError()))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, gateway.ending.end, 0)
    await gateway.open()
    port = await gateway.tenant_endpoint.open(handover.settings.port)
    operator_port = await gateway.operator_api.open(handover.settings.operator_port)
    # Collections in the middle of a burst are the largest cost of all: what is there now stays.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    print(Ready(port, operator_port, governor.mechanism).to_line(), flush=True)
    exit_code = await gateway.ending.exit_code
    # Stores that go on living after the platform are left as they were; those of our own go with their folder.
    left = await gateway.close(leave_stores=exit_code == 0 and not handover.addresses.own_servers)
    if left:
        print(left_behind(left), file=sys.stderr)
    return exit_code


def left_behind(left: Mapping[str, Residue]) -> str:
    """What could not be removed from given stores, in one sentence."""
    each = ", ".join(
        f"'{tenant}' ({sum(found.rows.values())} rows, {found.keys} keys, {found.roles} roles, "
        f"{found.connections} connections)"
        for tenant, found in left.items()
    )
    return f"{LEFT_BEHIND} {each}."


if __name__ == "__main__":
    sys.exit(main())
