"""The page that a reviewer signs."""

from __future__ import annotations

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from isolation.show.evidence import Evidence, evidence_text
from isolation.show.history import History, RunLine, append_run, load_history, run_line
from isolation.show.overall import overall
from isolation.show.signoff import kind, render_sign_off, sign_off, write_sign_off
from isolation.show.sparkline import sparkline
from isolation.show.verdicts import PromiseVerdict, promise_results
from run_samples import CATALOGUE, Cases, bad_run, dead_run, earlier, good_run, mixed_run, run


def page(evidence: Evidence, history: History | None = None) -> str:
    return render_sign_off(sign_off(evidence, CATALOGUE, history or History()))


def row(html: str, promise: str) -> str:
    return html[html.index(f'<tr id="{promise}">') :].split('<tr id="', 2)[1]


def line_of(evidence: Evidence) -> RunLine:
    results = promise_results(evidence, CATALOGUE)
    return run_line(evidence, results, overall(evidence, results))


class Resources(HTMLParser):
    """Collects whatever a browser would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loaded += [
            value or "" for name, value in attrs if name in ("src", "srcset", "data") or (name == "href" and tag != "a")
        ]


@pytest.mark.parametrize("evidence", [good_run(), mixed_run(), bad_run(), dead_run()])
def test_the_page_stands_alone(evidence: Evidence) -> None:
    html = page(evidence)
    seen = Resources()
    seen.feed(html)
    assert seen.loaded == []
    assert not {"script", "link", "iframe", "img", "object"} & set(seen.tags)
    assert "@import" not in html and "url(" not in html


def test_every_promise_of_the_catalogue_has_a_row_even_when_nothing_ran() -> None:
    html = page(run(Cases()))
    for promise in CATALOGUE:
        assert "! NOT PROVEN" in row(html, promise.id)
        assert 'class="badge pass"' not in row(html, promise.id)


def test_only_pass_is_green() -> None:
    assert [verdict for verdict in (*PromiseVerdict, "NOT RUN", "SKIP") if kind(verdict) == "pass"] == [
        PromiseVerdict.PASS
    ]
    html = page(mixed_run())
    assert "? INCONCLUSIVE" in row(html, "RI-4") and "badge pass" not in row(html, "RI-4")
    assert "– NOT APPLICABLE" in row(html, "CS-3") and "badge pass" not in row(html, "CS-3")


def test_what_the_run_does_not_prove_is_listed() -> None:
    html = page(mixed_run())
    section = html[html.index("What this run does not prove") : html.index("<h2>The machine")]
    for words in (
        "shortened to 2 minutes",
        "RI-4",
        "RI-7",
        "CS-3",
        "only in the soak profile",
        "only watched, not limited",
    ):
        assert words in section


def test_controls_stand_apart_from_results() -> None:
    html = page(good_run())
    controls = html[html.index("How we know that the checks can fail") : html.index("What this run does not prove")]
    assert "planted secret found by the same scan" in controls
    assert "planted secret found by the same scan" not in row(html, "CS-2")
    without = page(dead_run())
    assert "This run made no control" in without


def test_a_row_shows_number_limit_samples_and_links_to_the_log() -> None:
    cell = row(page(good_run()), "CS-3")
    assert "1.998 s" in cell and "limit &lt; 2 s" in cell and ">400<" in cell
    assert re.search(r'href="log\.html#s1-s1-t\d+"', cell)


def test_hostile_text_is_shown_as_text() -> None:
    html = page(bad_run())
    assert "<script" not in html and "\u202e" not in html
    assert "&lt;script&gt;" in html


def test_no_secret_is_on_the_page() -> None:
    html = page(bad_run())
    assert "hunter2" not in html and "correct-horse-battery" not in html


def test_the_diagnosis_of_a_dead_target_comes_first() -> None:
    body = page(dead_run()).split("<body>")[1]
    assert body.index("0 of 100 answered") < body.index("Tenant isolation of")


def test_the_signature_names_the_evidence_file() -> None:
    digest = hashlib.sha256(evidence_text(good_run()).encode()).hexdigest()
    assert digest in page(good_run()).split("<h2>Signature")[1]


def test_history_survives_a_damaged_line_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    append_run(path, line_of(earlier(good_run(), "run-1", "2026-11-01T09:00:00+00:00")))
    with path.open("a", encoding="utf-8") as file:
        file.write('{"run_id": "half a li')
    append_run(path, line_of(earlier(bad_run(), "run-2", "2026-11-02T09:00:00+00:00")))
    path.open("ab").write(b"\xff\xfe\n[]\n")
    history = load_history(path)
    assert [entry.run_id for entry in history.runs] == ["run-1", "run-2"]
    assert len(history.damage) == 3 and "line 2" in history.damage[0]
    html = page(good_run(), history)
    assert "history.jsonl line 2 is left out" in html and "run-2" in html and "this run" in html


def test_a_missing_history_is_empty(tmp_path: Path) -> None:
    assert load_history(tmp_path / "none.jsonl") == History()


def test_runs_of_another_profile_are_not_compared(tmp_path: Path) -> None:
    other = line_of(earlier(good_run(), "other", "2026-11-01T09:00:00+00:00")).model_copy(update={"profile": "quick"})
    assert "other" not in [entry.run_id for entry in sign_off(good_run(), CATALOGUE, History((other,))).runs]


def test_this_run_is_counted_once_when_it_is_already_in_the_history() -> None:
    shown = sign_off(good_run(), CATALOGUE, History((line_of(good_run()),)))
    assert len(shown.runs) == 1


def test_a_trend_needs_three_values() -> None:
    assert sparkline([1, 2], "s") == ""
    assert "1, 2, 3 s" in sparkline([1, 2, 3], "s")


def test_the_page_is_written_whole(tmp_path: Path) -> None:
    write_sign_off(tmp_path / "signoff.html", good_run(), CATALOGUE, History())
    assert (tmp_path / "signoff.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
