"""The monitor's numbers as OpenMetrics text.

Source: OpenMetrics 1.0. Names begin with ``tenant_isolation``, as those of a finished run do (``show/machine/openmetrics``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from isolation.drive.watch.live.totals import LiveTotals

_PREFIX = "tenant_isolation"
Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Watching:
    """What watching costs, and how busy others keep the machine.

    Attributes:
        cpu_seconds: CPU time of the monitor so far.
        foreign_percent: Per cent of the machine that others use; None when nobody watched.
        enforced: How often a tenant was throttled and ended for memory, where the operator API counts it.
    """

    cpu_seconds: float
    foreign_percent: float | None
    enforced: Mapping[str, tuple[int, int]]


def exposition(totals: LiveTotals, watching: Watching, living_since: float) -> str:
    """The text of one scrape.

    Args:
        totals: What was seen.
        watching: What watching costs.
        living_since: A process that was not sampled since then (seconds, monotonic clock) has ended.
    """
    tenants = totals.tenants()
    used = {tenant: totals.used(tenant) for tenant in tenants}
    alive = {tenant: totals.living(tenant, living_since) for tenant in tenants}
    lines: list[str] = []

    def family(name: str, kind: str, words: str, values: Iterable[tuple[Labels, float]]) -> None:
        lines.extend([f"# TYPE {_PREFIX}_{name} {kind}", f"# HELP {_PREFIX}_{name} {words}"])
        suffix = "_total" if kind == "counter" else ""
        lines.extend(f"{_PREFIX}_{name}{suffix}{_labels(labels)} {value!r}" for labels, value in values)

    def each(values: Mapping[str, float]) -> list[tuple[Labels, float]]:
        return [({"tenant": tenant}, value) for tenant, value in values.items()]

    family(
        "tenant_cpu_seconds", "counter", "CPU time of a tenant's processes.", each({t: u[0] for t, u in used.items()})
    )
    family("tenant_read_bytes", "counter", "Read from storage.", each({t: float(u[1]) for t, u in used.items()}))
    family("tenant_written_bytes", "counter", "Written to storage.", each({t: float(u[2]) for t, u in used.items()}))
    family("tenant_processes", "gauge", "Living processes.", each({t: float(len(s)) for t, s in alive.items()}))
    family(
        "tenant_memory_bytes", "gauge", "Resident memory of a tenant's processes.",
        each({t: float(sum(one.rss_bytes for one in s)) for t, s in alive.items()}),
    )  # fmt: skip
    family(
        "tenant_file_descriptors", "gauge", "Open file descriptors.",
        each({t: float(sum(one.handles or 0 for one in s)) for t, s in alive.items()}),
    )  # fmt: skip
    told = totals.usage
    family(
        "tenant_database_connections", "gauge", "As the operator API says.",
        each({t: float(one.database_connections) for t, one in told.items()}),
    )  # fmt: skip
    family(
        "tenant_contained",
        "gauge",
        "Whether the platform holds a tenant back.",
        each({t: float(o.contained) for t, o in told.items()}),
    )
    family(
        "tenant_messages", "counter", "As the operator API says.", each({t: float(o.messages) for t, o in told.items()})
    )
    family(
        "tenant_throttled",
        "counter",
        "How often a tenant was throttled.",
        each({t: float(e[0]) for t, e in watching.enforced.items()}),
    )
    family(
        "tenant_out_of_memory",
        "counter",
        "How often a tenant was ended for memory.",
        each({t: float(e[1]) for t, e in watching.enforced.items()}),
    )
    family(
        "events", "counter", "Alerts and audit entries of the platform.",
        [({"stream": s, "kind": k, "tenant": t}, float(count)) for (s, k, t), count in sorted(totals.events.items())],
    )  # fmt: skip
    family("watching_cpu_seconds", "counter", "CPU time of the monitor itself.", [({}, watching.cpu_seconds)])
    if watching.foreign_percent is not None:
        family(
            "foreign_load_percent", "gauge", "Share of the machine that others use.", [({}, watching.foreign_percent)]
        )
    return "\n".join([*lines, "# EOF"]) + "\n"


def _labels(labels: Labels) -> str:
    inner = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inner}}}" if inner else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
