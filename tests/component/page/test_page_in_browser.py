"""The page in a real browser: quiet, self-contained, every link lands, accessible, and on paper everything is there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from component.page.made_pages import KINDS
from isolation.show.evidence.decided import load_evidence
from isolation.show.numbers import found, spoken

VIEWS = {"desktop": (1280, 900, "light"), "phone": (390, 800, "light"), "dark": (1280, 900, "dark")}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Watched:
    """A page, and everything that it complained about or asked for."""

    def __init__(self, chromium: Any, path: Path, view: str = "desktop", script: bool = True) -> None:
        width, height, colours = VIEWS[view]
        self.context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=colours, java_script_enabled=script
        )
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("requestfailed", self._failed)
        self.page.goto(path.as_uri())

    def _failed(self, request: Any) -> None:
        if request.failure == "csp":
            self.asked.remove(request.url)

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


@pytest.mark.parametrize("kind", KINDS)
def test_no_complaint_and_no_request_to_anywhere(chromium: Any, pages: dict[str, Path], kind: str) -> None:
    with Watched(chromium, pages[kind]) as watched:
        for entry in watched.page.locator("details.annex:not([open]) > summary").all()[:3]:
            entry.click()
        assert watched.said == []
        assert watched.asked == [pages[kind].as_uri()]


def test_markup_that_slips_in_cannot_run(chromium: Any, pages: dict[str, Path], tmp_path: Path) -> None:
    """The second lock: even if a text of the target became markup, the page's policy would not let it do anything."""
    evil = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>'
    page = tmp_path / "page.html"
    page.write_text(pages["red"].read_text(encoding="utf-8").replace("<main", f"{evil}<main", 1), encoding="utf-8")
    with Watched(chromium, page) as watched:
        watched.page.wait_for_timeout(200)
        assert watched.page.title() != "owned"
        assert watched.asked == [page.as_uri()]


@pytest.mark.parametrize("kind", KINDS)
def test_every_link_lands(chromium: Any, pages: dict[str, Path], kind: str) -> None:
    with Watched(chromium, pages[kind]) as watched:
        links = watched.page.eval_on_selector_all("a", "all => all.map(a => a.getAttribute('href'))")
        ids = set(watched.page.eval_on_selector_all("[id]", "all => all.map(e => e.id)"))
        assert {link[1:] for link in links if link.startswith("#")} <= ids
        log = {link.partition("#")[2] for link in links if link.startswith("log.html")}
        in_log = pages[kind].with_name("log.html")
        known = set(re.findall(r'id="([^"]+)"', in_log.read_text(encoding="utf-8"))) if in_log.exists() else set()
        assert log <= known
        assert log or kind == "unfinished"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_link_to_a_promise_opens_its_annex(chromium: Any, pages: dict[str, Path], script: bool) -> None:
    with Watched(chromium, pages["green"], script=script) as watched:
        watched.page.click("table.overview a[href='#RI-2']")
        watched.page.wait_for_timeout(200)
        box = watched.page.locator("#RI-2 .statement").bounding_box()
        assert box is not None and box["height"] > 0 and 0 <= box["y"] < 900


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_what_is_not_pass_can_be_filtered(chromium: Any, pages: dict[str, Path], script: bool) -> None:
    with Watched(chromium, pages["amber"], script=script) as watched:
        watched.page.check("#show-open")
        shown = watched.page.locator("[data-verdict]:visible")
        verdicts = {entry.get_attribute("data-verdict") for entry in shown.all()}
        assert verdicts and "PASS" not in verdicts
        watched.page.check("#show-all")
        assert watched.page.locator("[data-verdict=PASS]:visible").count() > 0


def test_all_annexes_can_be_opened_and_the_table_sorted_by_verdict(chromium: Any, pages: dict[str, Path]) -> None:
    with Watched(chromium, pages["red"]) as watched:
        page = watched.page
        page.click("#open-all")
        assert page.locator("details.annex:not([open])").count() == 0
        assert page.locator("#open-all").inner_text() == "Close all annexes"
        page.click("#overview thead button:has-text('Verdict')")
        first = (
            page.locator("#overview tbody")
            .nth(1)
            .locator("tr[data-rank]")
            .evaluate_all("all => all.map(r => +r.dataset.rank)")
        )
        assert first == sorted(first, reverse=True)
        assert page.get_attribute("#overview thead th:nth-child(2)", "aria-sort") == "descending"
        assert watched.said == []


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_wider_than_a_phone(chromium: Any, pages: dict[str, Path], kind: str) -> None:
    with Watched(chromium, pages[kind], "phone") as watched:
        if kind != "unfinished":
            watched.page.click("#open-all")
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(
    ("kind", "view"),
    [("red", "desktop"), ("red", "phone"), ("amber", "dark"), ("cut", "desktop"), ("unfinished", "dark")],
)
def test_axe_finds_nothing(chromium: Any, pages: dict[str, Path], kind: str, view: str) -> None:
    pytest.importorskip("axe_playwright_python", reason="axe is not installed: tests/requirements.txt")
    axe = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    width, height, colours = VIEWS[view]
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=colours, bypass_csp=True)
    page = context.new_page()
    page.goto(pages[kind].as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.evaluate(axe)
    result = page.evaluate("rules => axe.run({ runOnly: { type: 'tag', values: rules } })", RULES)
    context.close()
    said = [f"{v['id']}: {v['help']}: {v['nodes'][0]['html'][:160]} ({len(v['nodes'])})" for v in result["violations"]]
    assert said == []


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
@pytest.mark.parametrize("kind", ["green", "red"])
def test_paper_holds_every_value(
    chromium: Any, pages: dict[str, Path], kind: str, script: bool, tmp_path: Path
) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext here: apt-get install poppler-utils")
    with Watched(chromium, pages[kind], script=script) as watched:
        watched.page.pdf(path=str(tmp_path / "page.pdf"), prefer_css_page_size=True, print_background=True)
    text = subprocess.run(
        ["pdftotext", "-raw", str(tmp_path / "page.pdf"), "-"], capture_output=True, check=True
    ).stdout.decode()
    paper = "".join(text.split())
    evidence = load_evidence(pages[kind].with_name("evidence.json"))
    for case in evidence.cases:
        for m in case.measurements:
            for words in (found(spoken(m)), m.reason):
                assert "".join(words.split()) in paper, (m.promise, m.metric, words)
    assert evidence.fingerprint() in paper


@pytest.mark.parametrize("kind", KINDS)
def test_part_one_takes_at_most_three_sheets(chromium: Any, pages: dict[str, Path], kind: str, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext here: apt-get install poppler-utils")
    with Watched(chromium, pages[kind]) as watched:
        watched.page.pdf(path=str(tmp_path / "page.pdf"), prefer_css_page_size=True)
    text = subprocess.run(
        ["pdftotext", str(tmp_path / "page.pdf"), "-"], capture_output=True, check=True
    ).stdout.decode()
    sheets = text.split("\f")
    first = next(number for number, sheet in enumerate(sheets) if "Annexes: every promise" in sheet)
    assert first <= 3
    assert any("For the customer" in sheet and "For the provider" in sheet for sheet in sheets[:first])


def test_grey_paper_still_tells_verdicts_apart(pages: dict[str, Path]) -> None:
    """Every badge and mini link carries the word or, for those who only see, its sign."""
    html = pages["red"].read_text(encoding="utf-8")
    badges = re.findall(r'<span class="badge [^"]*">(.*?)</span>\s*(?:</|<span class="small">|[^<])', html)
    assert badges and json.dumps(badges)
    for sign, word in (("✕", "FAIL"), ("✓", "PASS"), ("⊘", "NOT EXAMINED"), ("!", "NOT PROVEN"), ("?", "INCONCLUSIVE")):
        assert re.search(rf'aria-hidden="true">{re.escape(sign)}</span> {word}', html), word
