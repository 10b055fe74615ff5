"""A real platform, with or without a seeded defect, and people who can knock at its door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from isolation.drive.adapter import JsonAdapter
from isolation.drive.launch import Doors, Platform
from isolation.drive.probing import Prober
from isolation.drive.target import Target
from isolation.drive.tenants import TenantAgent, TokenMint

TARGETS = Path(__file__).resolve().parents[3] / "resources" / "targets"


@dataclass(frozen=True)
class Stage:
    """A platform that runs, and what is needed to talk to it."""

    target: Target
    doors: Doors

    @property
    def adapter(self) -> JsonAdapter:
        return JsonAdapter(self.target)

    @property
    def secret(self) -> str:
        return self.doors.secret(self.target.token.secret)

    def person(self, tenant: str, user: str, role: str = "standard") -> TenantAgent:
        token = TokenMint(self.target.token, self.secret).mint(tenant, user, role)
        return TenantAgent(f"{tenant}-{user}", tenant, user, role, self.doors.tenant_door, token)

    async def prober(self) -> Prober:
        prober = Prober(lambda _: None)
        await prober.prepare(self.target)
        return prober


@pytest.fixture(scope="module")
def defect() -> str:
    """The defect that the platform of a module carries; a module may say otherwise."""
    return ""


@pytest.fixture(scope="module")
def stage(defect: str) -> Iterator[Stage]:
    target = Target.load(TARGETS, "reference_platform")
    assert target.launch is not None
    plain = target.launch.model_copy(update={"command": ["python", "-m", "reference_platform", "--end-with-parent"]})
    target = target.model_copy(update={"launch": plain})
    platform = Platform(target, ["--defect", defect] if defect else [])
    try:
        yield Stage(target, platform.open())
    finally:
        assert platform.close() == ""
