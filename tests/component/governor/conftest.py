"""A governor's process in each way of enforcement; nothing of it is left afterwards."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from component.governor.governor_harness import Gateway, settings
from component.governor.made_groups import groups_of
from process_control import CgroupUnavailable, open_tree
from reference_platform.governor.settings import EnforcementChoice

Start = Callable[..., Awaitable[Gateway]]


@pytest.fixture(params=["signals", "cgroups"])
def enforcement(request: pytest.FixtureRequest) -> EnforcementChoice:
    """Both ways; control groups only where they may be made."""
    if request.param == "cgroups":
        try:
            open_tree().close()
        except CgroupUnavailable as reason:
            pytest.skip(str(reason))
    return EnforcementChoice(request.param)


@pytest_asyncio.fixture
async def start(enforcement: EnforcementChoice) -> AsyncIterator[Start]:
    """Start a governor with short times and some changed settings."""
    started: list[Gateway] = []

    async def run(**changes: float) -> Gateway:
        gateway = Gateway(settings(enforcement, **changes))
        started.append(gateway)
        await gateway.open()
        return gateway

    yield run
    for gateway in started:
        await gateway.close()
        assert not os.path.exists(f"/proc/{gateway.client.pid}")
        assert not groups_of(gateway.client.pid)
