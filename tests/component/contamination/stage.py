"""A running platform, and what is needed to talk to it."""

from __future__ import annotations

from dataclasses import dataclass

from isolation.drive.platform.launch import Doors
from isolation.drive.platform.tenants import TenantAgent, TokenMint
from isolation.drive.probe.probing import Prober
from isolation.target.adapter import JsonAdapter
from isolation.target.target import Target


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
