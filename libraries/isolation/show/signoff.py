"""The sign-off page: one self-contained file for the person who puts a name under the run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment as Templates
from jinja2 import FileSystemLoader, StrictUndefined
from markupsafe import Markup

from isolation.record import Limit, Measurement, Verdict
from isolation.show.evidence import CaseEvidence, CaseStatus, Evidence, evidence_text, write_whole
from isolation.show.history import History, RunLine, run_line
from isolation.show.numbers import found, interval_words, limit_words, number
from isolation.show.overall import Overall, overall, verdict_counts
from isolation.show.sparkline import sparkline
from isolation.show.verdicts import (
    PromiseLike,
    PromiseResult,
    PromiseVerdict,
    ShownElsewhere,
    promise_results,
    skip_is_not_applicable,
    skip_reason,
)

TEMPLATES = Path(__file__).resolve().parents[3] / "resources" / "report"
_LAST_RUNS = 10
_GROUPS = {
    "RI": "Resource isolation",
    "CS": "Concurrent start-up",
    "AR": "Agent registry",
    "TM": "Tenant agent management",
    "OP": "Operating the suite",
}
_SIGNS = {"PASS": "✓", "FAIL": "✕", "INCONCLUSIVE": "?", "NOT APPLICABLE": "–", "NOT PROVEN": "!", "NOT RUN": "–"}


@dataclass(frozen=True, slots=True)
class PromiseGroup:
    """The promises that share a prefix."""

    title: str
    results: tuple[PromiseResult, ...]

    @property
    def kept(self) -> int:
        """How many of them are PASS."""
        return sum(result.verdict is PromiseVerdict.PASS for result in self.results)


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A limit as it was applied, and who says so."""

    promise: str
    metric: str
    limit: Limit


@dataclass(frozen=True, slots=True)
class SignOff:
    """Everything that the page shows, ready for the template, which decides nothing."""

    evidence: Evidence
    overall: Overall
    groups: tuple[PromiseGroup, ...]
    counts: tuple[tuple[PromiseVerdict, int], ...]
    controls: tuple[Measurement, ...]
    limits: tuple[LimitRow, ...]
    not_proven: tuple[PromiseResult, ...]
    skipped: tuple[tuple[str, CaseEvidence], ...]
    without_promise: tuple[CaseEvidence, ...]
    runs: tuple[RunLine, ...]
    damage: tuple[str, ...]
    trends: dict[str, str]
    fingerprint: str
    elsewhere: tuple[ShownElsewhere, ...]


def sign_off(
    evidence: Evidence,
    catalogue: Sequence[PromiseLike],
    history: History,
    elsewhere: Sequence[ShownElsewhere] = (),
) -> SignOff:
    """Gather what the page shows; every text is free of secrets afterwards.

    Args:
        evidence: The run.
        catalogue: All promises that a run decides; one without a test is shown as NOT PROVEN.
        history: Earlier runs, with or without this one.
        elsewhere: Promises about the suite itself that no single run decides.
    """
    shown = evidence.cleaned()
    results = promise_results(shown, catalogue)
    verdict = overall(shown, results)
    this_run = run_line(shown, results, verdict)
    earlier = history.comparable(this_run)
    measurements = [m for case in shown.cases for m in case.measurements]
    return SignOff(
        evidence=shown,
        overall=verdict,
        groups=_groups(results),
        counts=tuple(verdict_counts(results)),
        controls=tuple(sorted((m for m in measurements if m.control), key=lambda m: -m.verdict.severity)),
        limits=_limits(results, measurements),
        not_proven=tuple(r for r in results if r.verdict not in (PromiseVerdict.PASS, PromiseVerdict.FAIL)),
        skipped=tuple((_skip_word(case), case) for case in shown.cases if case.status is CaseStatus.SKIP),
        without_promise=tuple(c for c in shown.cases if not c.promises and not c.measurements),
        runs=tuple(reversed([*earlier, this_run][-_LAST_RUNS:])),
        damage=history.damage,
        trends={result.id: _trend(result, [*earlier, this_run]) for result in results},
        fingerprint=hashlib.sha256(evidence_text(evidence).encode()).hexdigest(),
        elsewhere=tuple(elsewhere),
    )


def render_sign_off(page: SignOff, log: str = "log.html") -> str:
    """The page as HTML without any external resource.

    Args:
        page: What to show.
        log: Where the runner's log is, as seen from the page.
    """
    templates = Templates(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(
        found=found,
        limit_words=limit_words,
        number=number,
        interval_words=interval_words,
        duration=duration,
        kind=kind,
        skip_reason=skip_reason,
    )
    style = Markup((TEMPLATES / "signoff.css").read_text(encoding="utf-8"))
    trends = {name: Markup(svg) for name, svg in page.trends.items()}
    return templates.get_template("signoff.html.j2").render(
        page=page, style=style, log=log, trends=trends, signs=_SIGNS, verdicts=list(reversed(PromiseVerdict))
    )


def write_sign_off(
    path: Path,
    evidence: Evidence,
    catalogue: Sequence[PromiseLike],
    history: History,
    elsewhere: Sequence[ShownElsewhere] = (),
    log: str = "log.html",
) -> None:
    """Write the sign-off page in one step."""
    write_whole(path, render_sign_off(sign_off(evidence, catalogue, history, elsewhere), log))


def duration(seconds: float) -> str:
    """Such as ``45 s`` or ``12 min 5 s``."""
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{number(round(seconds, 1))} s"


def kind(verdict: str) -> str:
    """The style class of a verdict. Only PASS has the green one."""
    return {"PASS": "pass", "FAIL": "fail", "NOT PROVEN": "unproven", "INCONCLUSIVE": "open"}.get(verdict, "none")


def _groups(results: Sequence[PromiseResult]) -> tuple[PromiseGroup, ...]:
    prefixes = dict.fromkeys(result.id.partition("-")[0] for result in results)
    return tuple(
        PromiseGroup(_GROUPS.get(prefix, "Other"), tuple(r for r in results if r.id.partition("-")[0] == prefix))
        for prefix in prefixes
    )


def _limits(results: Sequence[PromiseResult], measurements: Sequence[Measurement]) -> tuple[LimitRow, ...]:
    """Each limit once, in the order of the promises."""
    rows = [LimitRow(r.id, m.metric, m.limit) for r in results for m in measurements if m.promise == r.id and m.limit]
    return tuple({(row.promise, row.metric, str(row.limit)): row for row in rows}.values())


def _skip_word(case: CaseEvidence) -> str:
    return str(Verdict.NOT_APPLICABLE) if skip_is_not_applicable(case) else "NOT RUN"


def _trend(result: PromiseResult, runs: Sequence[RunLine]) -> str:
    """The key number over the runs in which the same number was the key."""
    if result.key is None:
        return ""
    same = [run.values[result.id] for run in runs if result.id in run.values]
    values = [v.value for v in same if (v.metric, v.unit) == (result.key.metric, result.key.unit)]
    return sparkline(values[-_LAST_RUNS:], result.key.unit)
