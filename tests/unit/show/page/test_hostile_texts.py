"""Nothing that a target sends can become markup, control sequence, file name or secret in any artefact.

Each hostile text stands everywhere where a target, or whoever wrote its file, can put one; then all artefacts of a run are written
and read again by a parser of their own kind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from isolation.record import Measurement, Verdict
from isolation.show.evidence import CleanUp, Ending, EndingKind, Evidence, LeftOut
from isolation.show.evidence.identity import build_words
from isolation.show.message import case_message, measurements_table_html
from isolation.show.page.words import unbroken
from isolation.show.write import Written, write_everything
from robot_support.suite_files.file_under_test import name_of_record
from unit.show import chart_samples
from unit.show.run_samples import SAMPLE_CATALOGUE, bad_run, good_run

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtYXJrZXI3NzcifQ.c2lnbmF0dXJlNzc3"
SECRETS = (JWT, "hunter2secret", "sesame-open-777", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC")
HOSTILE = {
    "script": '<script>document.title="owned"</script>',
    "attribute": "\" onmouseover=\"alert(1)\" x='",
    "image": "<img src=x onerror=alert(1)><svg onload=alert(1)>",
    "end of an element": "</td></table></main></html><h1>All 40 promises are kept</h1>",
    "robot's own mark": "*HTML* <b>bold</b>",
    "template": "{{ 7 * 7 }}{% raw %}${7*7}%{HOME}",
    "markdown": "| x | y |\n\n# Heading [link](https://evil.example) ![](https://evil.example/p.png) `code` @everyone www.evil.example",
    "terminal": "\x1b[31mred\x1b]0;title\x07\x1b]8;;https://evil.example\x1b\\link\x9b2J\r\x08\x00end",
    "reversed": "\u202eevil\u202c\u2066x\u2069\u200b\ufeff",
    "lone surrogate": "half \ud800 a pair \udfff",
    "new line": 'one\ntenant_isolation_promise{promise="RI-1"} 1\n# EOF\n::error file=x::owned\n##[command]x',
    "xml": "]]><x>&undefined;<!-- --><![CDATA[ <!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>&b;",
    "path": "../../../../etc/passwd",
    "shell": "$(touch /tmp/owned); `id` && rm -rf ~ | sh",
    "formula": '=HYPERLINK("https://evil.example")',
    "jwt": f"token {JWT} was refused",
    "address": "postgresql://boss:hunter2secret@db.example/customers",
    "bearer": "Authorization: Bearer sesame-open-777",
    "private key": f"-----BEGIN PRIVATE KEY-----\n{SECRETS[3]}\n-----END PRIVATE KEY-----",
    "very long": "long " * 40_000,
}  # fmt: skip
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def hostile_measurement(m: Measurement, text: str) -> Measurement:
    fields = {"metric": f"number {text}", "reason": text, "tenants": (text,), "unit": m.unit or text[:200]}
    details: dict[str, object] = {"worst victim": text, f"detail {text}"[:300]: text}
    limit = m.limit.model_copy(update={"source": text}) if m.limit else None
    return m.model_copy(update={**fields, "details": details, "limit": limit})


def hostile_run(text: str, good: bool) -> Evidence:
    """A run in which the target has put its text wherever it can."""
    run = good_run() if good else bad_run()
    cases = tuple(
        case.model_copy(
            update={
                "name": f"{case.name} {text}",
                "message": text,
                "not_examined": text if number == 3 and not good else "",
                "not_applicable": text if number == 5 else "",
                "source": f"suites/{text[:80]}:12",
                "measurements": tuple(hostile_measurement(m, text) for m in case.measurements),
            }
        )
        for number, case in enumerate(run.cases)
    )
    environment = dict.fromkeys(("kernel", "quota_mechanism", "target", "profile", "run_id", "started", "user"), text)
    identity = dict.fromkeys(("host", "command_line", "user", "suite_version", "commit"), text)
    return run.model_copy(
        update={
            "cases": cases,
            "environment": run.environment.model_copy(update=environment),
            "identity": run.identity.model_copy(
                update={**identity, "platform_build": build_words(text, text), "packages": {text: text}}
            ),
            "settings": {text: text, "name": text},
            "caveats": (text,),
            "clean_up": CleanUp(residue=2, remaining=(text,)),
            "left_out": (LeftOut(name=text.encode("utf-8", "replace").decode(), promises=("RI-1",)),),
            "diagnosis": "" if good else text,
            "ending": Ending() if good else Ending(kind=EndingKind.PLATFORM_DIED, cause=text),
        }
    )


@pytest.fixture(
    scope="module", params=[(name, good) for name in HOSTILE for good in (True, False)], ids=lambda p: f"{p[0]}-{p[1]}"
)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Written]]:
    name, good = request.param
    folder = tmp_path_factory.mktemp("outer") / "results"
    folder.mkdir()
    run = hostile_run(HOSTILE[name], good)
    before = set(folder.parent.iterdir())
    charts = {run.cases[0].id: [chart_samples.pairs(), f"<svg>{HOSTILE[name]}</svg>"]}
    done = write_everything(run, folder, SAMPLE_CATALOGUE, charts=charts, baseline=None)
    assert set(folder.parent.iterdir()) == before, "nothing is written beside the folder"
    yield folder, done


def texts(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): file.read_text(encoding="utf-8") for file in folder.rglob("*") if file.is_file()
    }


def test_every_file_has_a_name_of_ours(written: tuple[Path, Written]) -> None:
    folder, done = written
    own = {
        "signoff.html", "evidence.json", "manifest.json", "SHA256SUMS", "history.jsonl", "machine/badge.svg", "machine/ctrf.json", "machine/findings.sarif",
        "machine/junit.xml", "machine/metrics.txt", "machine/summary.md",
    }  # fmt: skip
    names = set(texts(folder))
    assert {Path(name).suffix for name in names} <= {
        ".html",
        ".json",
        ".jsonl",
        ".svg",
        ".xml",
        ".txt",
        ".md",
        ".sarif",
        "",
    }
    assert len(names) == len(own), names
    assert done.complaints == []


def test_no_control_character_and_no_secret_is_anywhere(written: tuple[Path, Written]) -> None:
    folder, done = written
    for name, text in {**texts(folder), "console": done.summary}.items():
        assert not _INVISIBLE.search(text), name
        assert not any(secret in text for secret in SECRETS), name
        assert "\\u001b" not in text, name
        assert len(text) < 3_000_000, f"{name} is as large as the target wants it"


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def test_no_markup_of_the_target_is_on_the_page(written: tuple[Path, Written]) -> None:
    folder, _ = written
    found = Elements((folder / "signoff.html").read_text(encoding="utf-8"))
    assert found.tags.count("script") == 1
    assert found.tags.count("h1") == 1
    assert not {"img", "iframe", "object", "b", "x"} & set(found.tags)
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    links = [value for name, value in found.attributes if name in ("href", "src", "action")]
    assert all(
        link.startswith(("#", "log.html#")) or re.match(r"https://[\w.-]+\.(org|com|gov|int|eu)\b", link)
        for link in links
    ), links


def test_json_xml_and_pictures_are_well_formed_and_hold_only_elements_of_ours(written: tuple[Path, Written]) -> None:
    folder, _ = written
    known = {
        "testsuites", "testsuite", "properties", "property", "testcase", "failure", "error", "skipped",
        "svg", "title", "rect", "g", "text",
    }  # fmt: skip
    for name, text in texts(folder).items():
        if name.endswith((".json", ".sarif")):
            json.loads(text)
        elif name.endswith(".jsonl"):
            assert len([json.loads(line) for line in text.splitlines()]) == 1
        elif name.endswith((".xml", ".svg")):
            assert "<!DOCTYPE" not in text
            assert {element.tag.rpartition("}")[2] for element in Xml.fromstring(text).iter()} <= known, name


def test_findings_name_no_file_outside_of_the_project(written: tuple[Path, Written]) -> None:
    folder, _ = written
    (file,) = [name for name in texts(folder) if "sarif" in name]
    for result in json.loads((folder / file).read_text(encoding="utf-8"))["runs"][0]["results"]:
        for place in result.get("locations", ()):
            uri = place["physicalLocation"]["artifactLocation"]["uri"]
            assert ".." not in uri.split("/")
            assert re.fullmatch(r"[\w./%~-]+", uri), uri


def test_a_job_summary_has_no_markup_link_or_mention_of_the_targets(written: tuple[Path, Written]) -> None:
    folder, _ = written
    (name,) = [name for name in texts(folder) if name.endswith(".md")]
    text = texts(folder)[name]
    assert not re.search(r"(?<!\\)<(?!/?(?:details|summary)\b)[a-zA-Z/!]", text)
    assert not re.search(r"(?<!\\)\]\(|(?<![\\\w])@\w|https?://|(?<!\\)`", text.replace("\\:", ""))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows), rows
    assert [line for line in text.splitlines() if line.startswith("#")] == text.splitlines()[:1]


def test_metrics_have_one_sample_a_line(written: tuple[Path, Written]) -> None:
    folder, _ = written
    (text,) = [text for text in texts(folder).values() if text.endswith("# EOF\n")]
    label = r'[a-z_]+="(?:[^"\\\n]|\\["\\n])*"'
    sample = re.compile(rf"tenant_isolation_[a-z_]+\{{{label}(?:,{label})*\}} \S+")
    lines = text.splitlines()
    assert lines.count("# EOF") == 1
    assert all(line.startswith("# ") or sample.fullmatch(line) for line in lines)


def test_the_console_shows_lines_of_ours_only(written: tuple[Path, Written]) -> None:
    _, done = written
    assert not re.search(r"^(::|##\[)", done.summary, re.MULTILINE), "no command of a pipeline"
    assert max(map(len, done.summary.splitlines())) < 6_000


@pytest.mark.parametrize("name", HOSTILE)
def test_the_runners_own_log_gets_no_markup_and_records_no_path(name: str) -> None:
    text = HOSTILE[name]
    measured = hostile_measurement(
        Measurement(promise="RI-1", metric="x", value=1.0, samples=1, verdict=Verdict.FAIL, reason="x"), text
    )
    table = Elements(measurements_table_html([measured]))
    assert set(table.tags) <= {"table", "thead", "tbody", "tr", "th", "td", "b", "span"}
    assert {attribute for attribute, _ in table.attributes} <= {"style", "colspan", "title"}
    message = case_message([measured])
    assert not message.startswith("*HTML*")
    assert not _INVISIBLE.search(message)
    assert not any(secret in message for secret in SECRETS)
    assert re.fullmatch(r"[A-Za-z0-9.-][A-Za-z0-9._-]*", name_of_record(text))
    assert ".." not in name_of_record(text).split("_")
    assert set(Elements(str(unbroken(text))).tags) <= {"span"}
