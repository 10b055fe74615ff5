"""Whether two sets of durations differ so much that somebody could use it.

Principle: Mann-Whitney's two-sided test at a level fixed beforehand, *and* an effect (probability that the one is slower
than the other, 0.5 meaning no difference), *and* a shift of the medians. The floors keep a difference that nobody can use
from failing with thousands of probes. Too few durations on a side do not decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from isolation.judge.rules.verdicts import amount
from isolation.record.limits import Limits


@dataclass(frozen=True, slots=True)
class TimingRule:
    """When two sets of durations differ.

    Attributes:
        level: Level of significance of the test.
        effect: Least probability that the one is slower than the other.
        shift_s: Least difference of the medians, in seconds.
        enough: Fewest durations on each side.
    """

    level: float
    effect: float
    shift_s: float
    enough: int

    def for_tests(self, count: int) -> TimingRule:
        """The same rule for each of several tests together (Bonferroni)."""
        return replace(self, level=self.level / count)

    def difference(self, first: Sequence[float], second: Sequence[float]) -> str:
        """How two sets of durations (s) differ, in words such as ``12 ms faster (p 1e-09)``; empty when they do not."""
        test = stats.mannwhitneyu(first, second, alternative="two-sided")
        statistic, p_value = float(test.statistic), float(test.pvalue)
        likelier = statistic / (len(first) * len(second))
        shift = float(np.median(first) - np.median(second))
        if p_value >= self.level or max(likelier, 1 - likelier) < self.effect or abs(shift) < self.shift_s:
            return ""
        return f"{amount(1000 * abs(shift), 'ms')} {'slower' if shift > 0 else 'faster'} (p {p_value:.1g})"


def timing_rule(limits: Limits) -> TimingRule:
    """The rule in the limits of a promise."""
    return TimingRule(
        level=limits["timing significance"].value,
        effect=limits["timing effect"].value,
        shift_s=limits["timing shift"].value / 1000,
        enough=int(limits["timing samples"].value),
    )
