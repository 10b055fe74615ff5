"""A running platform, and what is needed to talk to it."""

from __future__ import annotations

from dataclasses import dataclass

from isolation.drive.platform.doors import Doors
from isolation.drive.platform.tenants import TenantAgent, words_of
from isolation.drive.probe.probing import Prober
from isolation.drive.session.access import Access
from isolation.drive.steps.tokens import TokenMint
from isolation.target.model import JwtStep, Target


@dataclass(frozen=True)
class Stage:
    """A platform that runs, and what is needed to talk to it."""

    target: Target
    doors: Doors

    @property
    def access(self) -> Access:
        return Access(self.target, self.doors.addresses, self.doors.secrets)

    def person(self, tenant: str, user: str, role: str = "standard") -> TenantAgent:
        words = words_of(tenant, user, role)
        (step,) = self.target.tenants.make
        assert isinstance(step, JwtStep)
        token = TokenMint(step.jwt, self.doors.secrets).mint(words)
        return TenantAgent(f"{tenant}-{user}", tenant, user, role, {**words, "token": token})

    async def prober(self) -> Prober:
        prober = Prober(lambda _: None)
        await prober.prepare(self.target, dict(self.doors.addresses), dict(self.doors.secrets))
        return prober
