"""The sign-off page: one self-contained file for the person who puts a name under the run."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment as Templates
from jinja2 import FileSystemLoader, StrictUndefined
from markupsafe import Markup

from isolation.record.numbers import number, with_unit
from isolation.settings.catalogue import Catalogue
from isolation.settings.controls import Framework
from isolation.settings.coverage import Coverage
from isolation.show.evidence.decided import DecidedEvidence
from isolation.show.evidence.run import CaseEvidence
from isolation.show.history.runs import History, RunLine, run_line
from isolation.show.numbers import found, interval_words, limit_words, spoken
from isolation.show.overall import verdict_counts
from isolation.show.page.annex import Annex, annex, check_words
from isolation.show.page.by_control import FrameworkView, by_control, control_anchor
from isolation.show.page.compared import Compared, compared
from isolation.show.page.coverage_view import CoverageLine, coverage_lines
from isolation.show.page.decision import Supported, supported_decision
from isolation.show.page.front import FrontPage, front_page, limits_of_run
from isolation.show.page.sources import SOURCES, anchor_of
from isolation.show.page.words import moment, reason_in_short, unbroken
from isolation.show.verdicts import PromiseResult, PromiseVerdict, skip_reason

TEMPLATES = Path(__file__).resolve().parents[4] / "resources" / "report"
_LAST_RUNS = 10
_GROUPS = {
    "RI": "Resource isolation",
    "CS": "Concurrent start-up",
    "AR": "Agent registry",
    "TM": "Tenant agent management",
    "OP": "Operating the suite",
}
SIGNS = {
    "PASS": "✓", "FAIL": "✕", "INCONCLUSIVE": "?", "NOT APPLICABLE": "–", "NOT PROVEN": "!", "NOT EXAMINED": "⊘", "NOT RUN": "–",
}  # fmt: skip
"""A verdict is told by its sign and its word, never by its colour alone."""


@dataclass(frozen=True, slots=True)
class PageInput:
    """What the page is made of.

    Attributes:
        evidence: The run with its verdicts.
        results: The verdict of every promise with what it rests on.
        catalogue: All promises.
        frameworks: The public controls.
        charts: Inline SVG of each test, by the id of the test.
        log: The runner's log as seen from the page, or empty when there is none.
        baseline: The run that this one is compared with, if any.
        coverage: What can cross, and where the tests look.
    """

    evidence: DecidedEvidence
    results: Sequence[PromiseResult]
    catalogue: Catalogue
    frameworks: Sequence[Framework]
    earlier: History
    charts: Mapping[str, Sequence[str]]
    log: str = "log.html"
    baseline: DecidedEvidence | None = None
    coverage: Coverage | None = None


@dataclass(frozen=True, slots=True)
class AnnexGroup:
    """The promises that share a prefix."""

    title: str
    annexes: tuple[Annex, ...]

    @property
    def kept(self) -> int:
        """How many of them are PASS."""
        return sum(entry.result.verdict is PromiseVerdict.PASS for entry in self.annexes)


@dataclass(frozen=True, slots=True)
class SignOff:
    """Everything that the page shows, ready for the template, which decides nothing."""

    evidence: DecidedEvidence
    front: FrontPage
    groups: tuple[AnnexGroup, ...]
    counts: tuple[tuple[PromiseVerdict, int], ...]
    without_promise: tuple[CaseEvidence, ...]
    limits_of_run: tuple[str, ...]
    runs: tuple[RunLine, ...]
    left_out_runs: int
    damage: tuple[str, ...]
    frameworks: tuple[FrameworkView, ...]
    known_controls: frozenset[str]
    coverage: tuple[CoverageLine, ...]
    catalogue: Catalogue
    fingerprint: str
    supported: Supported
    compared: Compared | None


def sign_off(page: PageInput) -> SignOff:
    """Gather what the page shows."""
    this_run = run_line(page.evidence, page.results)
    comparable = page.earlier.comparable(this_run)
    annexes = [annex(result, page.charts, [*comparable, this_run]) for result in page.results]
    return SignOff(
        evidence=page.evidence,
        front=front_page(page.evidence, annexes),
        groups=_groups(annexes),
        counts=tuple(verdict_counts(page.results)),
        without_promise=tuple(c for c in page.evidence.cases if not c.promises and not c.measurements),
        limits_of_run=tuple(limits_of_run(page.evidence)),
        runs=tuple(reversed([*comparable, this_run][-_LAST_RUNS:])),
        left_out_runs=sum(run.run_id != this_run.run_id for run in page.earlier.runs) - len(comparable),
        damage=page.earlier.damage,
        frameworks=by_control(page.frameworks, page.results, page.catalogue.of_the_suite),
        known_controls=frozenset(control for framework in page.frameworks for control in framework.controls),
        coverage=coverage_lines(page.coverage) if page.coverage is not None else (),
        catalogue=page.catalogue,
        fingerprint=page.evidence.fingerprint(),
        supported=supported_decision(page.evidence, page.results),
        compared=compared(page.baseline, page.evidence) if page.baseline is not None else None,
    )


def render_page(page: PageInput) -> str:
    """The page as HTML without any external resource."""
    templates = Templates(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(
        found=found, spoken=spoken, limit_words=limit_words, number=number, with_unit=with_unit, interval_words=interval_words,
        duration=duration, kind=kind, skip_reason=skip_reason, check_words=check_words, source_anchor=anchor_of,
        control_anchor=control_anchor, drawing=Markup, unbroken=unbroken, moment=moment, in_short=reason_in_short,
    )  # fmt: skip
    style, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("signoff.css", "signoff.js"))
    return templates.get_template("signoff.html.j2").render(
        page=sign_off(page),
        style=Markup(style),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        log=quote(page.log, safe="/.-_~"),
        signs=SIGNS,
        sources=SOURCES,
        verdicts=list(reversed(PromiseVerdict)),
    )


def duration(seconds: float) -> str:
    """Such as ``45 s`` or ``12 min 5 s``."""
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{number(round(seconds, 1))} s"


def kind(verdict: str) -> str:
    """The style class of a verdict. Only PASS has the green one."""
    known = {"PASS": "pass", "FAIL": "fail", "NOT PROVEN": "unproven", "NOT EXAMINED": "unseen", "INCONCLUSIVE": "open"}
    return known.get(verdict, "none")


def _groups(annexes: Sequence[Annex]) -> tuple[AnnexGroup, ...]:
    prefixes = dict.fromkeys(entry.result.id.partition("-")[0] for entry in annexes)
    return tuple(
        AnnexGroup(_GROUPS.get(prefix, "Other"), tuple(a for a in annexes if a.result.id.partition("-")[0] == prefix))
        for prefix in prefixes
    )
