"""The tenants of a scenario by their numbers: "tenant 3" in a sentence is the third, ``tenant-03`` everywhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


class NoSuchTenant(ValueError):
    """A sentence names a tenant that its scenario does not have; that accuses nobody."""

    ROBOT_SUPPRESS_NAME = True


@dataclass(frozen=True, slots=True)
class TenantNames:
    """Names in the order of the numbers, from 1."""

    names: tuple[str, ...]

    def __iter__(self) -> Iterator[str]:
        """All names in order."""
        return iter(self.names)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.names)

    def number(self, number: int) -> str:
        """The name of a tenant.

        Raises:
            NoSuchTenant: There is none of that number.
        """
        if not 1 <= number <= len(self.names):
            raise NoSuchTenant(f"There is no tenant {number}: this scenario has tenants 1 to {len(self.names)}.")
        return self.names[number - 1]

    def numbers(self, numbers: Iterable[int]) -> list[str]:
        """The names of several tenants; see ``number``."""
        return [self.number(number) for number in numbers]
