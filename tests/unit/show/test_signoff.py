"""The page that a reviewer signs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser

import pytest

from isolation.record import Verdict
from isolation.settings.controls import Framework
from isolation.show.evidence import Ending, EndingKind, Evidence, Identity
from isolation.show.evidence.decided import decide
from isolation.show.history import History, RunLine, run_line
from isolation.show.page.annex import check_words
from isolation.show.page.signoff import PageInput, kind, render_page
from isolation.show.page.sources import SOURCES, anchor_of
from isolation.show.verdicts import PromiseVerdict
from unit.show.run_samples import (
    CATALOGUE,
    SAMPLE_CATALOGUE,
    Cases,
    bad_run,
    dead_run,
    earlier,
    good_run,
    limit,
    measured,
    mixed_run,
    run,
)

FRAMEWORKS = (
    Framework(
        framework="CWE",
        title="Common Weakness Enumeration",
        edition="4.18",
        address="https://cwe.example/",
        controls={"CWE-639": "Authorization Bypass", "CWE-999": "Nothing is evidence for it"},
    ),
)


def page(
    evidence: Evidence,
    history: History | None = None,
    charts: Mapping[str, Sequence[str]] | None = None,
    log: str = "log.html",
) -> str:
    shown, results = decide(evidence, CATALOGUE)
    return render_page(PageInput(shown, results, SAMPLE_CATALOGUE, FRAMEWORKS, history or History(), charts or {}, log))


def line_of(evidence: Evidence) -> RunLine:
    return run_line(*decide(evidence, CATALOGUE))


def annex(html: str, promise: str) -> str:
    return html[html.index(f'id="{promise}"') :].split("</details>", 1)[0]


class Tags(HTMLParser):
    """Collects what a browser would load from elsewhere, where links go, and the ids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "srcset", "data") or (name == "href" and tag != "a"):
                self.loaded.append(value or "")
            if name == "href" and tag == "a":
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")
            assert not name.startswith("on")


ALL = [good_run(), mixed_run(), bad_run(), dead_run(), run(Cases())]


@pytest.mark.parametrize("evidence", ALL)
def test_the_page_stands_alone_and_every_link_inside_it_lands(evidence: Evidence) -> None:
    html = page(evidence)
    seen = Tags(html)
    assert seen.loaded == []
    assert not {"link", "iframe", "img", "object", "form"} & set(seen.tags)
    assert seen.tags.count("script") == 1, "the page's own, whose hash the policy names"
    assert "@import" not in html and "url(" not in html
    assert len(seen.ids) == len(set(seen.ids))
    assert {link[1:] for link in seen.links if link.startswith("#")} <= set(seen.ids)
    assert all(link.startswith(("#", "log.html#", "https://cwe.example/")) for link in seen.links)


def test_every_promise_of_the_catalogue_has_an_annex_even_when_nothing_ran() -> None:
    html = page(run(Cases()))
    for promise in CATALOGUE:
        assert 'data-verdict="NOT PROVEN"' in html[: html.index(f'id="{promise.id}"')].rpartition("<details")[2]


def test_only_pass_is_green() -> None:
    words = (*PromiseVerdict, "NOT RUN", "SKIP")
    assert [verdict for verdict in words if kind(verdict) == "pass"] == [PromiseVerdict.PASS]


def test_the_first_part_says_what_a_reviewer_decides_by_the_worst_first() -> None:
    html = page(bad_run())
    first = html[html.index('id="exceptions"') : html.index("Deviations from the contract")]
    order = [first.index(f'href="#{promise}"') for promise in ("CS-2", "AR-1", "RI-2", "RI-7", "RI-4", "CS-3")]
    assert order == sorted(order)
    assert "For the customer" in html and "For the provider" in html and "Valid until" in html


def test_the_headline_stands_with_limit_interval_and_count() -> None:
    said = page(good_run()).replace("\u00a0", " ")
    assert "1.05 [1.02, 1.08], limit &lt; 1.1, 4,120 samples" in said


def test_a_headline_that_was_not_measured_is_said() -> None:
    cases = Cases()
    cases.add("a test", measured("CS-2", "another number", 0, limit(0)))
    assert "&#39;foreign secrets*&#39;, is not among what was measured" in annex(page(run(cases)), "CS-2")
    assert "is not among what was measured" not in annex(page(good_run()), "CS-2")


def test_controls_say_what_was_expected_and_what_was_found() -> None:
    injected = measured("RI-4", "injected delay", 1.204, limit(1.1), control=True, verdict=Verdict.PASS)
    assert check_words(injected) == ("must break ≤ 1.1", "1.2")
    planted = measured("CS-2", "planted", 3, limit(3), control=True)
    assert check_words(planted) == ("≤ 3", "3")
    section = annex(page(good_run()), "CS-2")
    assert "how we know that these checks can fail" in section and "planted secret found by the same scan" in section


def test_an_undecided_control_is_not_said_to_have_to_break() -> None:
    """Seen: "quiet against quiet: must break < 10 %" beside "not decided"."""
    quiet = measured(
        "RI-4", "control: quiet against quiet", 0.92, limit(1.1), verdict=Verdict.INCONCLUSIVE, control=True
    )
    delay = measured("RI-4", "control: injected delay", 1.27, limit(1.1), verdict=Verdict.PASS, control=True)
    assert not check_words(quiet)[0].startswith("must break")
    assert check_words(delay)[0].startswith("must break")


@pytest.mark.parametrize(
    ("evidence", "decision"),
    [
        (good_run(), "accepting"),
        (good_run().model_copy(update={"overhead": None}), "accepting with conditions"),
        (mixed_run(), "no decision yet"),
        (bad_run(), "rejecting"),
        (dead_run(), "no decision yet"),
        (good_run().model_copy(update={"ending": Ending(kind=EndingKind.INTERRUPTED)}), "no decision yet"),
        (bad_run().model_copy(update={"identity": Identity(defect="quota_off")}), "no decision yet"),
    ],
    ids=["green", "amber", "partial", "red", "dead", "interrupted", "seeded"],
)
def test_the_page_says_what_the_evidence_supports(evidence: Evidence, decision: str) -> None:
    assert f"The evidence supports <strong>{decision}</strong>" in page(evidence)


def test_every_source_of_a_limit_leads_to_its_explanation() -> None:
    anchors = {source.anchor for source in SOURCES}
    assert anchor_of("document 004") == "source-004"
    assert anchor_of("the plan's maximum of 25 %") == "source-004"
    assert anchor_of("contract RI-6") == anchor_of("promise AR-1: exactly so") == "source-contract"
    assert anchor_of("anything else") == "source-suite" and "source-suite" in anchors
    assert 'href="#source-004"' in annex(page(good_run()), "CS-3")


def test_the_view_by_control_says_the_worst_verdict_and_where() -> None:
    html = page(bad_run())
    row = html[html.index('id="control-CWE-639"') :].split("</tr>", 1)[0]
    assert "FAIL" in row and 'href="#CS-2"' in row
    nothing = html[html.index('id="control-CWE-999"') :].split("</tr>", 1)[0]
    assert "not decided by a run" in nothing


def test_weaker_limits_are_on_the_first_part_with_both_numbers() -> None:
    cases = Cases()
    cases.add("a trial", measured("RI-3", "time", 3, limit(36_000, "s").model_copy(update={"contract": 60.0})))
    html = page(run(cases))
    first = html[html.index("Deviations from the contract") : html.index('id="cannot"')]
    assert "36,000 s" in first and "60 s" in first and "never green as the promise" in first


def test_hostile_text_is_shown_as_text() -> None:
    html = page(bad_run())
    assert html.count("<script") == 1 and "\u202e" not in html
    assert "&lt;script&gt;" in html


def test_only_drawings_are_put_in_as_they_are() -> None:
    good, bad = (
        '<svg xmlns="http://www.w3.org/2000/svg"><title>fine</title></svg>',
        "<svg><script>alert(1)</script></svg>",
    )
    html = page(good_run(), charts={"s1-s1-t1": [good, bad, "<p>x</p>"]})
    assert html.count(good) == 1 and bad not in html and "<p>x</p>" not in html


def test_no_secret_is_on_the_page() -> None:
    html = page(bad_run())
    assert "hunter2" not in html and "correct-horse-battery" not in html


@pytest.mark.parametrize("ending", [kind for kind in EndingKind if kind is not EndingKind.FINISHED])
def test_every_ending_is_said_before_the_verdict(ending: EndingKind) -> None:
    cut = good_run().model_copy(update={"ending": Ending(kind=ending, cause="Signal SIGKILL (9)")})
    body = page(cut).split("<body>")[1]
    assert body.index("Signal SIGKILL (9)") < body.index("<h1>")


def test_a_seeded_defect_and_a_dead_target_are_said_before_the_verdict() -> None:
    seeded = page(good_run().model_copy(update={"identity": Identity(defect="quota_off")})).split("<body>")[1]
    assert seeded.index("quota_off") < seeded.index("<h1>")
    dead = page(dead_run()).split("<body>")[1]
    assert dead.index("0 of 100 answered") < dead.index("<h1>")


def test_the_signature_names_the_evidence_file() -> None:
    shown, _ = decide(good_run(), CATALOGUE)
    assert shown.fingerprint() in page(good_run())


def test_without_a_log_there_are_no_dead_links() -> None:
    assert "log.html" not in page(good_run(), log="")
    assert re.search(r'href="log%20of%20today\.html#s1-', page(good_run(), log="log of today.html"))
    assert "javascript:" not in page(good_run(), log="javascript:alert(1)//")


def test_the_trend_needs_comparable_runs_and_says_what_changed() -> None:
    before = line_of(earlier(good_run(), "before", "2026-11-01T09:00:00+00:00"))
    alone = annex(page(good_run()), "RI-4")
    assert "No earlier run is comparable" in alone
    beside = annex(page(good_run(), History((before,))), "RI-4")
    assert "Unchanged since the last comparable run (before," in beside and 'class="trend"' in beside
    for other in ({"host": "elsewhere"}, {"defect": "quota_off"}, {"left_out": 3}, {"profile": "quick"}):
        foreign = History((before.model_copy(update=other),))
        assert "No earlier run is comparable" in annex(page(good_run(), foreign), "RI-4")
