"""The limits of one promise, by name, as a judge reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from isolation.record.measurements import Limit


class UnknownLimit(KeyError):
    """A judge asked for a limit that the promise does not have."""

    ROBOT_SUPPRESS_NAME = True

    def __str__(self) -> str:
        """The sentence, without the quotes that ``KeyError`` puts around it."""
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Limits:
    """What decides.

    Attributes:
        by_name: The limits in force, such as ``leak named``: the contract's, or a stricter one that the sentence states.
        source: Where they stand, for the message about a name that is not there.
    """

    by_name: Mapping[str, Limit] = field(default_factory=dict)
    source: str = "the catalogue"

    def __getitem__(self, name: str) -> Limit:
        """The limit of that name.

        Raises:
            UnknownLimit: There is none.
        """
        try:
            return self.by_name[name]
        except KeyError:
            known = ", ".join(sorted(self.by_name)) or "none"
            raise UnknownLimit(f"{self.source} has no limit '{name}'; it has {known}") from None

    def __contains__(self, name: str) -> bool:
        """Whether there is a limit of that name."""
        return name in self.by_name
