"""Looking twice: a campaign that did not decide may be as long again, without promising less.

Who looks at 90 % intervals twice errs more often than promised. With the same wider interval at both looks (Pocock 1977, two
equal looks) it does not. Simulated, 40,000 campaigns of 7, then 14 pairs, s_d 0.1 between pairs, limit 10 %:

| true slowdown | 90 % once | 90 % twice | 94 % twice |
|---|---|---|---|
| 10 %: passed (promised: at most 5 %) | 5.0 | 8.0 | 4.9 |
| 10 %: failed (promised: at most 5 %) | 5.0 | 8.5 | 5.1 |
| none: passed | 58 | 92 | 87 |
| 15 %: failed | 30 | 53 | 42 |

O'Brien and Fleming's boundaries hold the level as well, but decide less at the first look, which is what saves time.
The width is planned before the first look: whoever may look twice uses it at the first look, too.
"""

from __future__ import annotations

from collections.abc import Iterable

from isolation.judge.slowdown.degradation import MEAN, P95, WORST
from isolation.record import Measurement, Verdict
from isolation.record.limits import Limits

DECIDED_BY = (MEAN, P95, WORST)
ONE_LOOK, TWO_LOOKS = "confidence", "confidence of two looks"
"""Names of the limits that say how wide the intervals are."""


def confidence_of(limits: Limits, *, two_looks: bool) -> float:
    """How wide the intervals of a campaign have to be.

    Args:
        limits: Those of the promise.
        two_looks: Whether a second look is planned, should the first not decide.
    """
    return limits[TWO_LOOKS if two_looks else ONE_LOOK].value


def needs_second_look(first: Iterable[Measurement]) -> bool:
    """Whether more pairs may decide what the first look did not: something undecided, and nothing failed.

    Args:
        first: What `judge_degradation` found at the first look.
    """
    main = [measurement for measurement in first if measurement.metric in DECIDED_BY]
    verdicts = {measurement.verdict for measurement in main}
    return Verdict.INCONCLUSIVE in verdicts and Verdict.FAIL not in verdicts
