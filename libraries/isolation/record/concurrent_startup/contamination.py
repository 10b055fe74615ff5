"""The record of many users with secrets who worked side by side, and of the search for these secrets everywhere (CS-2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.experiments import experiment_record
from isolation.record.secrets.searches import Search
from isolation.record.tenants import TenantNames
from isolation.record.traffic.operations import Operation


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """What an answer says of its asker.

    Attributes:
        tenant: Who asked.
        kind: What was asked for.
        compared: What of the answer could be compared with the asker: user, tenant, session, the text of the request.
        wrong: What of it belonged to somebody else.
    """

    tenant: str
    kind: str
    compared: tuple[str, ...]
    wrong: tuple[str, ...]


@experiment_record
@dataclass(slots=True)
class ContaminationRecord:
    """What was searched and seen; secrets are masked everywhere.

    Attributes:
        tenants: Everybody who has secrets.
        announced_to: How many sessions were shown a public text.
        announces: Whether the operator of the target can announce anything.
        encodings: In how many ways users sent themselves their own secrets.
        harmless: What a search saw when nobody was shown anything but own secrets and a public text.
        not_offered: What is not there that a search of a place needs, by its kind.
        not_searched: Why a place could not be searched, by its kind.
        searches: What was seen, one for each kind of place.
        operations: What the users asked for, with their secrets in it.
        answers: What every answer said of its asker, also of the cheapest requests.
    """

    tenants: TenantNames
    announced_to: int = 0
    announces: bool = True
    encodings: int = 0
    harmless: Search | None = None
    not_offered: dict[str, str] = field(default_factory=dict)
    not_searched: dict[str, str] = field(default_factory=dict)
    searches: list[Search] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    answers: list[AnswerCheck] = field(default_factory=list)

    def search(self, kind: str) -> Search | None:
        """The search of a kind of place, or None when it was not made."""
        return next((one for one in self.searches if one.kind == kind), None)
