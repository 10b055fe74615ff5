"""Did the host of a virtual machine disturb the noisy slices more often than the others?

Slices from which the host took processor time are measured again, whatever their condition, for nobody inside the machine is
the cause. There is one exception: a host that gives a machine a limited share takes time away from whoever uses it up. Noise
that exhausts this share harms its neighbours just in those slices that would be set aside. It then shows in the counts.

Principle: one-sided exact test of Fisher over the first tries, noisy slices against all others; the order of slices is random, so
bursts from outside meet both alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from isolation.record import Block, Condition, Measurement, Verdict

HOST_CONTROL = "control: disturbed by the host"


def explained(found: Measurement, blocks: Sequence[Block]) -> Measurement:
    """Add to what a campaign did not decide how much of it the host disturbed.

    Args:
        found: A measurement of the campaign.
    """
    left, slices = sum(block.left_disturbed for block in blocks), sum(block.slices for block in blocks)
    if found.verdict is not Verdict.INCONCLUSIVE or not left:
        return found
    reason = f"{found.reason} The machine's host disturbed {left} of the {slices} slices that were compared."
    return found.model_copy(update={"reason": reason})


def judge_host(promise: str, blocks: Sequence[Block], rare: float) -> Measurement:
    """Compare how often the host disturbed noisy slices and others.

    Args:
        rare: Probability, if the host meets all slices alike, below which the noise is suspected.

    Returns:
        PASS, or INCONCLUSIVE when noisy slices were disturbed so much more often that the noise may be the reason.
    """
    noisy = [block for block in blocks if block.condition is Condition.NOISY]
    others = [block for block in blocks if block.condition is not Condition.NOISY]
    hit, hit_others = (sum(block.disturbed for block in own) for own in (noisy, others))
    slices, slices_others = (sum(block.slices for block in own) for own in (noisy, others))
    table = np.array([[hit, slices - hit], [hit_others, slices_others - hit_others]])
    p_value = float(stats.fisher_exact(table, "greater").pvalue)
    left = sum(block.left_disturbed for block in blocks)
    claim = f"The machine's host disturbed {hit} of {slices} noisy slices and {hit_others} of {slices_others} others"
    if hit + hit_others:
        claim += f"; {left} of these count as they are, the others were measured again"
    total = slices + slices_others
    suspected = p_value < rare
    if suspected:
        claim += (
            f". That is hardly chance (p {p_value:.2g}): the noise may be using up what the host gives to this machine"
        )
    return Measurement(
        promise=promise,
        metric=HOST_CONTROL,
        value=100 * (hit + hit_others) / total if total else None,
        unit="% of the slices",
        samples=total,
        verdict=Verdict.INCONCLUSIVE if suspected or not total else Verdict.PASS,
        reason=f"{claim}.",
        control=True,
        details={"p": p_value, "left disturbed": left},
    )
