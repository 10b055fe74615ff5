"""Whether the processes that a target names for a tenant did the tenant's work: a cross-check against dummies.

Principle: whoever names `sleep`, a thread or somebody else's process for an agent looks sound in every count of processes.
But work takes processor time, and the suite knows how much it asked for and was answered. The processes of a tenant that
worked must have used a good part of it; those that did not are not the ones that work.

This accuses nobody: work may be done elsewhere by design. It says that what was measured on these processes proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from isolation.judge.rules.series import cpu_curve
from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, no_evidence, plural
from isolation.record import Limit, Measurement, Sample

METRIC = "control: the processes that are named do the work"


def judge_burn(promise: str, samples: Sequence[Sample], worked: Mapping[str, float], limit: Limit) -> Measurement:
    """The processes of every tenant that worked used processor time.

    Args:
        samples: Samples of the time in which the tenants worked, and a little more.
        worked: Processor seconds that were asked for and answered, by tenant.
        limit: Smallest part of it that must show up, such as at least 0.5.

    Returns:
        The part of the tenant with the least; INCONCLUSIVE, naming them, when the processes of some tenants did not work.
    """
    asked = {tenant: seconds for tenant, seconds in worked.items() if seconds > 0}
    if not asked:
        return no_evidence(promise, METRIC, limit, "Nobody worked, so the processes could not be seen to")
    parts = {}
    for tenant, seconds in asked.items():
        curve = cpu_curve(samples, tenant)
        used = float(curve.values[-1] - curve.values[0]) if len(curve.values) else 0.0
        parts[tenant] = used / seconds
    idle = sorted(name for name, part in parts.items() if not limit.comparison.holds(part, limit.value))
    least = min(parts, key=lambda tenant: parts[tenant])
    claim = (
        f"The processes of {len(parts) - len(idle)} of {plural(len(parts), 'tenant')} that worked used processor time for it; "
        f"least those of '{least}', {amount(parts[least], 'x')} of {amount(asked[least], 's')}"
    )
    if idle:
        claim += f"; the processes named for {names(idle)} did not do their work, so nothing measured on them counts"
        return inconclusive(
            promise, METRIC, limit, claim, value=parts[least], samples=len(parts), tenants=idle, control=True
        )
    return judged(promise, METRIC, parts[least], limit, len(parts), claim, control=True)
