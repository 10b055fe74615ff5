"""What an experiment needs of a target, and what of it a target does not offer: NOT APPLICABLE by needs."""

from __future__ import annotations

from dataclasses import dataclass

from isolation.target.target import Target


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be there.

    Attributes:
        requests: Requests (``RequestKind``), all of them.
        operator: Operations of the operator API (``OperatorOperation``).
        alerts: What the target must be able to report (``Alert``).
        audit: What the target must write down (``Audit``).
        codes: Refusals that must be known by their code (``Code``).
        stores: Stores that can be read: ``postgresql``, ``redis``, ``clickhouse``, ``logs``.
        processes: Whether the tenants' processes must be known.
    """

    requests: tuple[str, ...] = ()
    operator: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    audit: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()
    processes: bool = False

    def __add__(self, other: Needs) -> Needs:
        """What both need."""
        return Needs(
            requests=_both(self.requests, other.requests),
            operator=_both(self.operator, other.operator),
            alerts=_both(self.alerts, other.alerts),
            audit=_both(self.audit, other.audit),
            codes=_both(self.codes, other.codes),
            stores=_both(self.stores, other.stores),
            processes=self.processes or other.processes,
        )


def missing(target: Target, needs: Needs) -> tuple[str, ...]:
    """What the target does not offer, one phrase for each kind; empty when all is there."""
    words = target.words
    stores = {name for name, value in target.stores.model_dump().items() if value}
    lacks = [
        ("request", [r for r in needs.requests if r not in target.requests]),
        ("operation of an operator API", list(needs.operator) if target.operator is None else []),
        ("alert for", [a for a in needs.alerts if a not in words.alerts]),
        ("audit entry for", [a for a in needs.audit if a not in words.audit]),
        ("code of a refusal as", [c for c in needs.codes if c not in words.codes]),
        ("store", [s for s in needs.stores if s not in stores]),
        ("way to find the tenants' processes", [""] if needs.processes and target.operator is None else []),
    ]
    return tuple(f"{what} {_listed(names)}".rstrip() for what, names in lacks if names)


def not_offered(target: Target, needs: Needs) -> str:
    """One sentence about what the target does not offer; empty when all is there."""
    lacks = missing(target, needs)
    return f"The target file names no {'; no '.join(lacks)}." if lacks else ""


def _both(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*first, *second]))


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names if name)
