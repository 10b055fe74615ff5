"""Do a tenant's numbers belong to that tenant?

Principle: two witnesses. The process ids of all tenants differ and none is the suite's own. And while one tenant works
alone, its own CPU is the highest of all and nobody else's leaves the idle limit: work that shows up in another's
numbers was measured at the wrong process.

Assumption: in its window the working tenant uses clearly more than a resting one. When it does not, the experiment
proves nothing and the verdict is INCONCLUSIVE.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from isolation.judge.resources.usage import Window, usage
from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, no_evidence, zero
from isolation.record import Limit, Measurement, ProcessRef, Sample


def judge_distinct_processes(
    processes: Sequence[ProcessRef], own_pids: Collection[int], promise: str, tenants: Sequence[str]
) -> Measurement:
    """Every tenant has a process, no process serves two tenants, none is the suite's own; value: offending tenants."""
    metric, limit = "distinct processes", zero("contract RI-1")
    if not processes:
        return no_evidence(
            promise, metric, limit, f"No process of any of {len(tenants)} tenants was found", tenants=tenants
        )
    owners: dict[tuple[int, int], set[str]] = defaultdict(set)
    for process in processes:
        owners[process.pid, process.started_ticks].add(process.tenant)
    without = [tenant for tenant in tenants if all(process.tenant != tenant for process in processes)]
    sharing = sorted({tenant for group in owners.values() if len(group) > 1 for tenant in group})
    suite = sorted({process.tenant for process in processes if process.pid in own_pids})
    faults = {"no process": without, "a process shared with another tenant": sharing, "a process of the suite": suite}
    offenders = sorted({tenant for group in faults.values() for tenant in group})
    words = "; ".join(f"{names(group)} with {fault}" for fault, group in faults.items() if group)
    claim = f"{len(owners)} processes of {len(tenants)} tenants" + (f": {words}" if words else " all differ")
    return judged(promise, metric, len(offenders), limit, len(processes), claim, tenants=offenders)


def judge_independence(
    samples: Sequence[Sample], promise: str, tenants: Sequence[str], alone: Mapping[str, Window], idle_cpu: Limit
) -> Measurement:
    """While one tenant worked alone, did the others rest?

    Args:
        samples: Samples of all tenants.
        alone: Per working tenant, when only it worked.
        idle_cpu: Largest CPU that a resting tenant may show, per cent of one core.

    Returns:
        The measurement ``independence``: the highest CPU of a tenant that should have rested, and in whose window.
    """
    metric = "independence"
    highest = ("", "", -1.0)
    showing: set[str] = set()
    unseen: list[str] = []
    count = 0
    for worker, window in alone.items():
        cpu = {tenant: found for tenant in tenants if (found := usage(samples, tenant, *window)) is not None}
        count += sum(found.samples for found in cpu.values())
        others = {tenant: found.cpu_percent for tenant, found in cpu.items() if tenant != worker}
        worked = worker in cpu and not idle_cpu.comparison.holds(cpu[worker].cpu_percent, idle_cpu.value)
        if not worked or len(cpu) < len(tenants) or cpu[worker].cpu_percent <= max(others.values(), default=0.0):
            unseen.append(worker)
        showing |= {t for t, percent in others.items() if not idle_cpu.comparison.holds(percent, idle_cpu.value)}
        highest = max([highest, *((t, worker, percent) for t, percent in others.items())], key=lambda entry: entry[2])
    rester, worker, value = highest
    if not rester:
        return no_evidence(
            promise, metric, idle_cpu, "No tenant was measured while another worked alone", samples=count
        )
    claim = f"While tenant '{worker}' worked alone, tenant '{rester}' showed {amount(value, idle_cpu.unit)}"
    if showing:
        return judged(promise, metric, value, idle_cpu, count, claim, tenants=sorted(showing))
    if unseen:
        claim += f"; but the own work of {names(unseen)} did not show, or somebody was not measured"
        return inconclusive(promise, metric, idle_cpu, claim, value=value, samples=count, tenants=unseen)
    claim += f", the most of any resting tenant in {len(alone)} windows"
    return judged(promise, metric, value, idle_cpu, count, claim)
