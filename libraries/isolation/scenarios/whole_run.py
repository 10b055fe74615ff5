"""The run as a whole, after all other experiments: its output is searched for secrets, and its tenants are looked for (OP-3, OP-7)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil

from isolation.drive.stores.output_files import search_output
from isolation.drive.stores.traces import Traces, traces_of
from isolation.record.whole_run import WholeRunRecord
from isolation.scenarios.api import Api, residue_in_words
from isolation.scenarios.secrets.known_credentials import credentials_of_platform
from isolation.target.needs import Needs, missing
from isolation.target.words import OperatorOperation, RequestKind

NEEDS = Needs()
COUNTS = Needs(operator=(OperatorOperation.RESIDUE, OperatorOperation.REMOVE))
"""What a count of what is left needs."""
_TENANTS = 10
_SEARCHED = ("postgresql", "redis")
_NO_STORE = "the target file names no store that could be searched (section 'stores')"


@dataclass(frozen=True, slots=True)
class RunSoFar:
    """What the run knows about itself.

    Attributes:
        output: Its output folder.
        left: What could not be removed so far, in words.
        counted: Whether anybody could count.
        tenants: How many tenants were made so far.
        not_removed: Tenants that could not be removed so far, each with the reason.
    """

    output: Path
    left: tuple[str, ...]
    counted: bool
    tenants: int
    not_removed: tuple[str, ...] = ()


def run(api: Api, so_far: RunSoFar) -> WholeRunRecord:
    """Let ten tenants be answered, search the output, remove the tenants and look for what is left of all."""
    tenants = api.tenants(_TENANTS)
    if RequestKind.NOOP in api.target.requests:
        api.ask(tenants, RequestKind.NOOP)
    began = psutil.Process().create_time()
    output = search_output(so_far.output, began, _secrets(api), api.run_id)
    uncounted = "; ".join(missing(api.target, COUNTS))
    countable = not uncounted
    alive = [thing for user in tenants for thing in _residue(api, user.tenant_id)] if countable else []
    traces_alive = _traces(api)
    left = (*so_far.left, *api.leave())
    after = _traces(api)
    return WholeRunRecord(
        output=output,
        tenants=so_far.tenants + len(api.tenants_made),
        counted_alive=len(alive),
        left=left if countable or so_far.counted or left else None,
        traces_alive=len(traces_alive.found),
        traces_left=tuple(after.found),
        traces_missed=tuple(after.missed),
        searched=tuple(_stores(api)),
        not_countable=uncounted,
        not_searchable="" if any(name in _SEARCHED for name in _named(api)) else _NO_STORE,
        not_removed=(*so_far.not_removed, *api.not_removed),
    )


def _secrets(api: Api) -> dict[str, str]:
    known = [*credentials_of_platform(api.doors.secrets), *api.secrets.credentials]
    return {f"{one.name} ({number})": one.text for number, one in enumerate(known)}


def _residue(api: Api, tenant: str) -> list[str]:
    return residue_in_words(tenant, api.monitor.operator(OperatorOperation.RESIDUE, tenant=tenant))


def _named(api: Api) -> list[str]:
    return [name for name in _SEARCHED if getattr(api.target.stores, name) is not None]


def _stores(api: Api) -> dict[str, str]:
    return {name: address for name, address in api.stores.items() if name in _SEARCHED}


def _traces(api: Api) -> Traces:
    return traces_of(api.run_id, _stores(api))
