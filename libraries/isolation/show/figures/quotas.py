"""Figure of a tenant that tries to exceed its quota: what it used, and the quota."""

from __future__ import annotations

from isolation.judge.resources.quota_attempts import attempt_of
from isolation.record import Comparison, Limit
from isolation.record.resource_isolation.quotas import QuotasRecord
from isolation.show.figures.usage import cpu_chart, memory_chart
from isolation.target.words import ResourceKind

_MEGABYTE = 1024 * 1024


def attempt(record: QuotasRecord, *, tenant: int, resource: str, **subject: object) -> str:
    """Usage of everybody during one attempt, with the quota of the one that tries."""
    tried = attempt_of(record, tenant, resource)
    memory = tried.resource == ResourceKind.MEMORY
    quota = Limit(
        value=tried.quota / _MEGABYTE if memory else tried.quota,
        unit="MB" if memory else "%",
        comparison=Comparison.AT_MOST,
        source="its quota",
    )
    samples = [sample for sample in record.samples if tried.started_at <= sample.at <= tried.ended_at + 1]
    events = [event for event in record.events if tried.started_at <= event.seen_at <= tried.ended_at + 1]
    title = f"{tried.tenant} tries to exceed its {tried.resource} quota"
    return (memory_chart if memory else cpu_chart)(samples, events, [tried.tenant], quota, title)
