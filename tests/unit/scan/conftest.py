"""A run with two hundred users, and a scanner that knows its planted numbers."""

from __future__ import annotations

import pytest

from isolation.judge.scan import Scanner
from isolation.record.secrets.markers import MarkerMint, TenantSecrets


@pytest.fixture(scope="session")
def mint() -> MarkerMint:
    return MarkerMint("run-one", b"the key of this run")


@pytest.fixture(scope="session")
def plan(mint: MarkerMint) -> list[TenantSecrets]:
    return mint.secrets([(tenant, user) for tenant in range(50) for user in range(4)])


@pytest.fixture(scope="session")
def scanner(mint: MarkerMint, plan: list[TenantSecrets]) -> Scanner:
    return Scanner(mint, [number for secrets in plan for number in secrets.numbers])
