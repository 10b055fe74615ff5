"""Each seeded defect starts, and shows what it is there for."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from websockets.exceptions import ConnectionClosed

from component.gateway.platform_client import running_platform
from component.gateway.shows import SHOWN
from reference_platform.defects import NAMES

pytestmark = pytest.mark.slow
"""Two platforms for each defect: about 12 minutes. ``pytest -m slow`` runs it; the kill matrix tries them through the suites."""

SHORT = "operation_timeout_seconds=3"
LONG = "operation_timeout_seconds=30"
TAKE_LONG = (
    "governor_names_wrong_tenant",
    "noise_never_mitigated",
    "victims_slowed_15_percent",
    "growth_called_a_leak",
    "containment_never_ends",
)
TIMEOUT = dict.fromkeys(TAKE_LONG, LONG)


def test_every_defect_is_shown_somewhere() -> None:
    assert set(NAMES) == set(SHOWN)


@pytest.mark.asyncio
@pytest.mark.parametrize("name", SHOWN)
async def test_a_defect_shows(name: str) -> None:
    with running_platform("--defect", name, "--setting", TIMEOUT.get(name, SHORT)) as platform:
        ann, bob = await platform.open("acme", "ann"), await platform.open("globex", "bob")
        async with platform.operator() as operator:
            assert await SHOWN[name](platform, ann, bob, operator)


@pytest.mark.asyncio
@pytest.mark.parametrize("name", SHOWN)
async def test_nothing_of_the_kind_shows_without_a_defect(name: str) -> None:
    with running_platform("--setting", TIMEOUT.get(name, SHORT)) as platform:
        ann, bob = await platform.open("acme", "ann"), await platform.open("globex", "bob")
        async with platform.operator() as operator:
            try:
                async with asyncio.timeout(30):
                    shown = await SHOWN[name](platform, ann, bob, operator)
            except (TimeoutError, KeyError, IndexError, OSError, ConnectionClosed, asyncpg.PostgresError):
                shown = False
            assert not shown
