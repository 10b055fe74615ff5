"""Part two: one annex per promise, with everything that its verdict rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

from isolation.record import Comparison, Measurement, Verdict
from isolation.settings.catalogue import PromiseLimit
from isolation.show.evidence.run import CaseEvidence, CaseStatus
from isolation.show.history.runs import RunLine
from isolation.show.numbers import found, in_words, limit_words, spoken
from isolation.show.page.sources import OWN, anchor_of
from isolation.show.page.trend import Trend, trend
from isolation.show.text import clean, listed
from isolation.show.verdicts import PromiseResult, PromiseVerdict, skip_is_not_applicable

_MOST_CHARTS = 6
_UNSAFE = ("javascript:", "<!doctype", "<!entity", "@import", "url(")
_DRAWN = frozenset(
    [
        "svg",
        "g",
        "title",
        "desc",
        "style",
        "defs",
        "path",
        "rect",
        "line",
        "circle",
        "ellipse",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "pattern",
    ]
)
"""Elements of which drawings consist."""


@dataclass(frozen=True, slots=True)
class TestLine:
    """One test of a promise: its name, how it ended in a word, and the place in the log."""

    case: CaseEvidence
    word: str


@dataclass(frozen=True, slots=True)
class Annex:
    """Everything about one promise, ready for the template, which decides nothing.

    Attributes:
        result: The promise and its verdict.
        headline: Its first number with limit, interval and count, in words; or why there is none.
        nearest: The number that came closest to its limit, where it is another one; else empty.
        decisive: The number behind the verdict with its name; else the headline with its name; else empty.
        limits: The contract's limits, by name.
        own_limits: The conditions under which the method itself can be trusted, by name.
        missing: Said when the number that a reader wants to see first was not among what was measured; else empty.
        worst: The tenants that stand behind the worst numbers, in words; else empty.
        charts: Inline SVG.
        trend: Over comparable runs.
    """

    result: PromiseResult
    headline: str
    nearest: str
    decisive: str
    limits: dict[str, PromiseLimit]
    own_limits: dict[str, PromiseLimit]
    missing: str
    worst: str
    tests: tuple[TestLine, ...]
    charts: tuple[str, ...]
    trend: Trend


def annex(result: PromiseResult, charts: Mapping[str, Sequence[str]], runs: Sequence[RunLine]) -> Annex:
    """Gather the annex of a promise.

    Args:
        result: The promise and its verdict.
        charts: Inline SVG of each test, by the id of the test.
        runs: Comparable runs, oldest first, this one last.
    """
    cleaned = (clean(svg) for case in result.cases for svg in charts.get(case.id, ()))
    drawn = dict.fromkeys(svg for svg in cleaned if _is_drawing(svg))
    own = {name for name, limit in result.promise.limits.items() if anchor_of(limit.source) == OWN.anchor}
    return Annex(
        result=result,
        headline=_headline(result),
        nearest=_nearest(result),
        decisive=_decisive(result),
        limits={name: limit for name, limit in result.promise.limits.items() if name not in own},
        own_limits={name: limit for name, limit in result.promise.limits.items() if name in own},
        missing=_missing(result),
        worst=_worst(result),
        tests=tuple(TestLine(case, _word(case)) for case in result.cases),
        charts=tuple(drawn)[:_MOST_CHARTS],
        trend=trend(result.id, runs),
    )


def check_words(m: Measurement) -> tuple[str, str]:
    """What a control of the method was expected to show, and what it showed."""
    said = spoken(m)
    if said.limit is None:
        return "reported only", found(said)
    held = limit_words(said.limit)
    return f"must break {held}" if _must_break(m) else held, found(said)


def _must_break(m: Measurement) -> bool:
    """Whether a control was expected to break its limit: it is right when it does, or wrong when it does not.

    One that is undecided says neither; it is taken for one that has to hold.
    """
    if m.value is None or m.limit is None or m.limit.comparison is Comparison.EXACTLY:
        return False
    if m.verdict not in (Verdict.PASS, Verdict.FAIL):
        return False
    return m.limit.comparison.holds(m.value, m.limit.value) != (m.verdict is Verdict.PASS)


def _headline(result: PromiseResult) -> str:
    if result.headline is not None:
        headline = result.promise.headline
        return in_words(
            result.headline, headline.shown_as if headline else "", headline.counted if headline else "samples"
        )
    if result.key is not None:
        return _as_people_say(result, result.key)
    return "no number decided"


def _as_people_say(result: PromiseResult, m: Measurement) -> str:
    """Another number than the headline: a ratio to quiet time is said in the headline's way."""
    headline = result.promise.headline
    return in_words(m, headline.shown_as if headline else "")


def _decisive(result: PromiseResult) -> str:
    kept = result.verdict is PromiseVerdict.PASS and result.headline is not None
    if result.key is not None and not kept:
        own = result.key == result.headline
        return f"{result.key.metric}: {_headline(result) if own else _as_people_say(result, result.key)}"
    return f"{result.headline.metric}: {_headline(result)}" if result.headline is not None else ""


def _missing(result: PromiseResult) -> str:
    headline = result.promise.headline
    if headline is None or result.headline is not None or not result.measurements:
        return ""
    return f"The headline of this promise, '{headline.metric[0]}', is not among what was measured."


def _nearest(result: PromiseResult) -> str:
    if result.key is None or result.headline is None or result.key == result.headline:
        return ""
    return f"{result.key.metric}: {_as_people_say(result, result.key)}"


def _worst(result: PromiseResult) -> str:
    ranked = sorted(result.measurements, key=lambda m: -m.verdict.severity)
    names = dict.fromkeys(str(m.details["worst victim"]) for m in ranked if "worst victim" in m.details)
    names |= dict.fromkeys(tenant for m in ranked for tenant in m.tenants[:1])
    return listed(list(names), 4) if names else ""


def _word(case: CaseEvidence) -> str:
    """How a test ended, in a word that is also a verdict."""
    if case.undone:
        return "NOT EXAMINED"
    if case.status is CaseStatus.SKIP:
        undecided = any(m.verdict is Verdict.INCONCLUSIVE for m in case.measurements)
        return "NOT APPLICABLE" if skip_is_not_applicable(case) else "INCONCLUSIVE" if undecided else "NOT RUN"
    if case.status is CaseStatus.FAIL and not any(m.verdict is Verdict.FAIL for m in case.measurements):
        return "INCONCLUSIVE"
    return case.status.value


def _is_drawing(svg: str) -> bool:
    """Whether a chart is a drawing and nothing else. Charts are made by this suite; this is the second lock on the door."""
    if any(word in svg.lower() for word in _UNSAFE):
        return False
    try:
        elements = list(Xml.fromstring(svg.strip()).iter())
    except Xml.ParseError:
        return False
    drawn = all(element.tag.rpartition("}")[2] in _DRAWN for element in elements)
    return drawn and not any(name.startswith("on") or "href" in name for element in elements for name in element.attrib)
