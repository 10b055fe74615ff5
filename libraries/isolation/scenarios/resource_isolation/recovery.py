"""Many tenants work heavily; half of them crash and half leave, in the middle of it; as many new ones come (RI-7).

A tenant crashes when its process is killed and its connection dropped without a close frame. Only processes of the target's own
are ever killed.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from isolation.drive.load.engine import ConnectOptions, Request
from isolation.drive.platform.doors import tenant_endpoint
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.watch.conditions import AllOf, NoProcessLeft
from isolation.drive.watch.inventory import are_in_control_groups
from isolation.drive.watch.processes.admission import Admission
from isolation.drive.watch.processes.siblings import Siblings, look, parents_of
from isolation.record import Inventory, Operation, ProcessRef, Thing
from isolation.record.resource_isolation.recovery import Crash, RecoveryRecord
from isolation.record.tenants import TenantNames
from isolation.record.usage.inventories import residue
from isolation.scenarios.api import Api
from isolation.target.needs import Needs
from isolation.target.words import OperatorOperation, RequestKind
from process_control.family import descendants, started_ticks
from process_control.reading import ProcessGone
from process_control.signals import send

NEEDS = Needs(
    requests=(RequestKind.HEAVY, RequestKind.TYPICAL),
    operator=(OperatorOperation.AGENTS, OperatorOperation.INVENTORY),
    processes=True,
)
_SIGKILL = 9
_EVERY_S = 0.3
_WORK_S = 0.1
"""Processor time of one request before they leave."""
_UNDER_WAY_S = 0.3
"""After so long everybody is in the middle of the work that is broken off."""
_TAKING: dict[RequestKind, dict[str, object]] = {
    RequestKind.ASK: {"question": "What is left of me?"},
    RequestKind.CONNECTION_LEAK: {"count": 1},
}
"""Requests that leave something behind when the tenant goes: a cached answer, a database connection."""
_GROUPS = "cgroups"


@dataclass(slots=True)
class _Processes:
    """Every process that ever was a tenant's, and those beside the agents'."""

    names: frozenset[str]
    beside: Siblings
    known: dict[tuple[int, int], ProcessRef]

    def learn(self, processes: Iterable[ProcessRef]) -> None:
        """Whatever was theirs once must be gone in the end."""
        self.known.update({(ref.pid, ref.started_ticks): ref for ref in processes if ref.tenant in self.names})

    def all(self) -> list[ProcessRef]:
        """Theirs, and those of which the operator API does not know whose they are."""
        strange = [ref for ref in self.beside.surplus() if (ref.pid, ref.started_ticks) not in self.known]
        return [*self.known.values(), *strange]


def run(api: Api) -> RecoveryRecord:
    """Let them come, work, crash and leave; count what is left as long as the promise allows; let new ones come."""
    count = api.profile.recovery.agents
    parents = _come_and_go(api, count)
    before = _inventory(api, [])
    beside = look(parents)
    tenants = _arrive(api, count, "tenant")
    api.ask(_connected(api, tenants), RequestKind.TYPICAL, milliseconds=1)
    samples = api.monitor.sample_now()
    work = _work(api, tenants)
    samples += api.monitor.sample_now()
    processes = _Processes(frozenset(tenant.name for tenant in tenants), beside, {})
    processes.learn(api.monitor.processes())
    api.engine.begin([_unfinished(api, number, user.name) for number, user in enumerate(_connected(api, tenants))])
    api.rest(_UNDER_WAY_S)
    agents = [ref for ref in api.monitor.processes() if ref.tenant in processes.names]
    processes.learn([*agents, *_children_of(processes.known.values())])
    during = _inventory(api, list(processes.known.values()))
    seen_beside = look(beside.parents).seen_of(agents)
    not_made = () if are_in_control_groups(agents, api.run_id) else (_GROUPS,)
    departed_at = time.monotonic()
    crashes = _depart(api, tenants, list(processes.known.values()))
    afterwards = _watch(api, processes, before, departed_at, not_made)
    newcomers = _arrive(api, count, "newcomer")
    served = api.ask(_connected(api, newcomers), RequestKind.TYPICAL, milliseconds=3)
    groups_kept = None if not_made else _groups_of_the_removed(api, tenants)
    return RecoveryRecord(
        tenants=TenantNames(tuple(tenant.name for tenant in tenants)),
        newcomers=TenantNames(tuple(tenant.name for tenant in newcomers)),
        before=before,
        during=during,
        departed_at=departed_at,
        not_made=not_made,
        crashes=crashes,
        seen_beside=seen_beside,
        at_work=len(agents),
        afterwards=afterwards,
        work=work,
        served=served,
        worked=_worked(work),
        samples=[sample for sample in samples if sample.tenant in processes.names],
        groups_kept=groups_kept,
    )


def _groups_of_the_removed(api: Api, tenants: list[TenantAgent]) -> tuple[Thing, ...] | None:
    """An empty control group of a tenant that exists is nobody's loss; of one that is removed it is left over."""
    if OperatorOperation.REMOVE not in api.target.operator:
        return None
    ids = sorted({tenant.tenant_id for tenant in tenants})
    api.monitor.remove_tenants(ids)
    return tuple(api.monitor.control_groups(ids))


def _worked(work: list[Operation]) -> dict[str, float]:
    """Processor seconds that were asked for and answered, by tenant."""
    answered = Counter(one.tenant for one in work if one.answered and one.kind == RequestKind.HEAVY)
    return {tenant: times * _WORK_S for tenant, times in answered.items()}


def _arrive(api: Api, count: int, prefix: str) -> list[TenantAgent]:
    """Make tenants whose names count from 1, and connect them."""
    api.manager.begin_names()
    users = api.make(count, prefix=prefix)
    api.connect(users, ConnectOptions(at_once=25))
    return users


def _connected(api: Api, users: list[TenantAgent]) -> list[TenantAgent]:
    opened = {one.name for one in api.openings if one.opening is not None}
    return [user for user in users if user.name in opened]


def _come_and_go(api: Api, count: int) -> frozenset[int]:
    """The platform warms up: memory that it takes once and keeps is no residue. Who the parents of agents are is learnt."""
    visitors = _arrive(api, count, "visitor")
    api.ask(_connected(api, visitors), RequestKind.HEAVY, milliseconds=50, megabytes=16)
    names = {visitor.name for visitor in visitors}
    parents = parents_of(ref for ref in api.monitor.processes() if ref.tenant in names)
    api.manager.disconnect(visitors)
    api.monitor.wait_for(
        AllOf(tuple(NoProcessLeft(name) for name in names)), time.monotonic() + api.limits["clean"].value
    )
    return parents


def _work(api: Api, tenants: list[TenantAgent]) -> list[Operation]:
    """Everybody works, and takes of everything that it could leave behind and that the target can be asked for."""
    present = _connected(api, tenants)
    end = time.monotonic() + api.profile.recovery.work
    operations: list[Operation] = []
    while time.monotonic() < end:
        operations += api.ask(present, RequestKind.HEAVY, milliseconds=1000 * _WORK_S, megabytes=16)
    for kind, arguments in _TAKING.items():
        if kind in api.target.requests:
            api.ask(present, kind, api.crowd_patience_s, **arguments)
    return operations


def _unfinished(api: Api, number: int, name: str) -> Request:
    """Work that is broken off: of those who crash, as of those who leave, every second one calculates and the others write."""
    if number // 2 % 2 and RequestKind.DISK in api.target.requests:
        return Request(name, RequestKind.DISK, {"megabytes": 64})
    return Request(name, RequestKind.HEAVY, {"milliseconds": 2000, "megabytes": 16})


def _depart(api: Api, tenants: list[TenantAgent], known: list[ProcessRef]) -> tuple[Crash, ...]:
    """Every second tenant crashes, the others leave."""
    crashing = tenants[::2]
    names = {tenant.name for tenant in crashing}
    crashes = []
    admission = Admission(api.doors.pid, api.own_pids)
    for ref in known:
        if ref.tenant in names:
            spared = admission.may_signal(ref.pid, ref.started_ticks)
            if not spared:
                send(ref.pid, ref.started_ticks, _SIGKILL)
            crashes.append(Crash(ref.tenant, ref.pid, spared))
    api.manager.disconnect(crashing, gracefully=False)
    api.manager.disconnect([tenant for tenant in tenants if tenant.name not in names])
    return tuple(crashes)


def _watch(
    api: Api, processes: _Processes, before: Inventory, since: float, not_made: tuple[str, ...]
) -> list[Inventory]:
    """Count until nothing is left and memory is back, or the time for it is over."""
    inventories: list[Inventory] = []
    expiring_s = api.target.limits.answers_kept or 0.0
    most_memory = api.limits["memory"].value * (before.memory_bytes or 0)
    while not inventories or inventories[-1].at <= since + api.limits["clean"].value:
        # Who restarts a crashed agent of a tenant that is gone leaves a process that nobody knew before.
        processes.learn(api.monitor.processes())
        latest = _inventory(api, processes.all(), expiring_s)
        inventories.append(latest)
        left = [things for kind, things in residue(before, latest).items() if kind not in not_made]
        if not any(left) and (latest.memory_bytes or 0) <= most_memory:
            break
        api.rest(_EVERY_S)
    return inventories


def _inventory(api: Api, known: list[ProcessRef], expiring_s: float = 0.0) -> Inventory:
    addresses = {"tenant_door": tenant_endpoint(api.target, api.doors), **api.stores}
    return api.monitor.inventory(api.run_id, addresses, api.doors.pid, known, expiring_s)


def _children_of(processes: Iterable[ProcessRef]) -> list[ProcessRef]:
    """What the agents have started themselves; it would survive them as orphans."""
    found = []
    for ref in processes:
        for pid in descendants(ref.pid):
            try:
                found.append(replace(ref, pid=pid, started_ticks=started_ticks(pid)))
            except ProcessGone:
                continue
    return found
