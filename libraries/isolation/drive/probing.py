"""The prober: tries doors and credentials and stages incidents, in a process of its own (see ``worker``)."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from dataclasses import dataclass

from isolation.drive.adapter import JsonAdapter
from isolation.drive.callers import open_callers
from isolation.drive.credential_abuse import CredentialAbuse
from isolation.drive.door_matrix import Cast, DoorMatrix
from isolation.drive.door_rules import DoorRules
from isolation.drive.doors import doors_of
from isolation.drive.forged_tokens import Forger
from isolation.drive.target import Target
from isolation.drive.tenants import TenantAgent, TokenMint
from isolation.record.probes import CredentialProbe, DoorProbe


@dataclass(frozen=True, slots=True)
class DoorTrials:
    """What trying the doors showed.

    Attributes:
        matrix: Every door, tried by its owner, by others and by nobody.
        rules: The four rules about things that are removed, failed, elsewhere or of the same name.
        forgotten: Requests of the target file that address things and were not tried.
    """

    matrix: list[DoorProbe]
    rules: list[DoorProbe]
    forgotten: list[str]


class Prober:
    """Every ``async`` method can be called through a ``Worker``; each closes what it opened."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        """Start empty."""
        gc.set_threshold(50_000, 20, 100)
        self._progress = progress
        self._target: Target
        self._adapter: JsonAdapter

    async def prepare(self, target: Target) -> None:
        """Take the description of the target."""
        self._target = target
        self._adapter = JsonAdapter(target)

    async def abuse_credentials(
        self, people: list[TenantAgent], secret: str
    ) -> tuple[list[CredentialProbe], dict[str, str]]:
        """Try every abused token of some people of different tenants.

        Returns:
            What was tried, and every way of abuse that had to be tried, with its group.
        """
        token, requests = self._target.token, self._target.requests
        forger = Forger(TokenMint(token, secret), secret, token.algorithm, token.claims)
        ping = "ping" if "ping" in requests else "noop"
        abuse = CredentialAbuse(forger, self._adapter, ping, "logout" if "logout" in requests else None)
        return await abuse.attempt(people), abuse.expected()

    async def try_doors(
        self, owners: list[TenantAgent], neighbours: list[TenantAgent], strangers: list[TenantAgent], repeats: int
    ) -> DoorTrials:
        """Try every door of the target; see ``door_matrix`` and ``door_rules``.

        Args:
            owners: Whose things it is about.
            neighbours: Other users of their tenants.
            strangers: Users of other tenants.
            repeats: How often strangers try each door.
        """
        doors, forgotten = doors_of(self._target.requests)
        callers = await open_callers([*owners, *neighbours, *strangers], self._adapter)
        first, second = len(owners), len(owners) + len(neighbours)
        cast = Cast(callers[:first], callers[first:second], callers[second:], repeats)
        try:
            matrix = await DoorMatrix(cast, doors, self._adapter, list(self._target.requests)).attempt()
            rules = await DoorRules(cast.owners[0], cast.strangers[0]).attempt()
        finally:
            await asyncio.gather(*(caller.close() for caller in callers))
        return DoorTrials(matrix, rules, forgotten)

    async def close(self) -> None:
        """Nothing is left open between two calls."""
