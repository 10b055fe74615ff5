"""The record of incidents that happened elsewhere and were staged here (CS-2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from isolation.record.experiments import experiment_record
from isolation.record.secrets.searches import Search
from isolation.record.tenants import TenantNames
from isolation.record.traffic.exchanges import Exchange, LateFrame, Return


class Incident(StrEnum):
    """Whose frames were searched."""

    CANCELLATION = "frames around cancellations"
    NEWCOMERS = "frames of newcomers"
    ANNOUNCEMENT = "frames around an announcement"
    STORM = "frames of the storm"


@experiment_record
@dataclass(slots=True)
class IncidentsRecord:
    """What staging the incidents showed; a part that the target does not offer is empty.

    Attributes:
        tenants: Everybody who took part.
        announced_to: How often each session heard the announcement, by its name.
        cancelled: Requests that were to be cancelled.
        after_cancelling: What was asked over the same sessions right after.
        late: Frames of cancelled requests after their cancellation.
        cached: The same questions by their first askers and by strangers.
        left: Requests whose users left while they were worked on.
        newcomers: What those asked who connected right after.
        returns: How everybody came back after all connections had been cut.
        after_storm: What everybody asked then.
        searches: What the frames of each incident held.
    """

    tenants: TenantNames
    announced_to: dict[str, int] = field(default_factory=dict)
    cancelled: list[Exchange] = field(default_factory=list)
    after_cancelling: list[Exchange] = field(default_factory=list)
    late: list[LateFrame] = field(default_factory=list)
    cached: list[Exchange] = field(default_factory=list)
    left: list[Exchange] = field(default_factory=list)
    newcomers: list[Exchange] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    after_storm: list[Exchange] = field(default_factory=list)
    searches: list[Search] = field(default_factory=list)

    def search(self, kind: str) -> Search | None:
        """The search of that kind, or None when it was not made."""
        return next((one for one in self.searches if one.kind == kind), None)
