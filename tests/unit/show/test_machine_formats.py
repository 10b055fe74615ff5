"""Each machine format is what its own readers expect, whatever the target says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from isolation.show.evidence import Ending, EndingKind, Evidence
from isolation.show.evidence.decided import DecidedEvidence, decide
from isolation.show.machine import WRITERS, badge, ctrf, junit, markdown, openmetrics, sarif
from unit.show.run_samples import CATALOGUE, Cases, bad_run, dead_run, good_cases, good_run, mixed_run, run

HOSTILE = "<script>alert('x')</script> | [x](http://evil) `a` & \"quoted\" \x1b[31m\u202e \ud800 \n# heading @all"
RUNS = [good_run(), mixed_run(), bad_run(), dead_run(), run(Cases())]


def decided(evidence: Evidence) -> DecidedEvidence:
    return decide(evidence, CATALOGUE)[0]


def unseen() -> DecidedEvidence:
    cases = good_cases()
    cases.add("one", promises=("RI-1",), status="NOT EXAMINED", message="The engine died: signal 9")
    cases.add("two", promises=("RI-1",), status="NOT EXAMINED", message="The engine died: signal 9")
    return decided(run(cases))


def hostile() -> DecidedEvidence:
    case = bad_run().cases[-1].model_copy(update={"name": HOSTILE, "message": HOSTILE, "source": f"{HOSTILE}:7"})
    return decided(bad_run().model_copy(update={"cases": (*bad_run().cases, case)}))


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("evidence", RUNS)
def test_every_run_can_be_written_in_every_format_without_control_characters(name: str, evidence: Evidence) -> None:
    text = WRITERS[name](decided(evidence)) + WRITERS[name](hostile())
    text.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert "hunter2" not in text


def test_junit_tells_errors_from_failures() -> None:
    root = ElementTree.fromstring(junit(unseen()))
    assert (root.get("errors"), root.get("failures"), root.get("tests")) == ("2", "0", "15")
    broken = ElementTree.fromstring(junit(decided(bad_run())))
    assert (broken.get("errors"), broken.get("failures")) == ("1", "3")
    names = {entry.get("name") for entry in broken.iter("property")}
    assert {"promise", "overall", "run", "CS-2 foreign secrets found"} <= names
    assert len(list(broken.iter("skipped"))) == 2
    ElementTree.fromstring(junit(hostile()))


def test_ctrf_counts_what_could_not_be_examined_as_other() -> None:
    report = json.loads(ctrf(unseen()))
    assert report["reportFormat"] == "CTRF"
    summary = report["results"]["summary"]
    assert (summary["tests"], summary["passed"], summary["failed"], summary["other"]) == (15, 13, 0, 2)
    assert summary["stop"] - summary["start"] == 742_000
    for test in report["results"]["tests"]:
        assert {"name", "status", "duration"} <= set(test)
        assert isinstance(test["suite"], list) and isinstance(test["tags"], list)


def test_openmetrics_has_every_number_once_and_ends_as_it_must() -> None:
    text = openmetrics(hostile())
    lines = text.splitlines()
    assert lines[-1] == "# EOF" and "" not in lines
    samples = [line.rpartition(" ")[0] for line in lines if not line.startswith("#")]
    assert len(samples) == len(set(samples))
    pattern = re.compile(r'^[a-z_]+\{([a-z_]+="(?:[^"\\]|\\.)*",?)*\} (-?[\d.]+(e[+-]?\d+)?)$')
    assert all(pattern.match(line) for line in lines if not line.startswith("#"))
    assert 'tenant_isolation_promise{promise="CS-2",tenant_isolation_promise="FAIL"} 1.0' in lines


def test_sarif_holds_findings_and_says_what_was_not_examined() -> None:
    log = json.loads(sarif(hostile()))
    assert log["version"] == "2.1.0"
    found = log["runs"][0]
    assert (
        {result["ruleId"] for result in found["results"]}
        == {"CS-2", "AR-1"}
        == {r["id"] for r in found["tool"]["driver"]["rules"]}
    )
    assert any(result.get("locations") for result in found["results"])
    silent = json.loads(sarif(unseen()))["runs"][0]
    assert silent["results"] == [] and silent["invocations"][0]["executionSuccessful"] is False
    assert "2 tests could not be examined: The engine died: signal 9." in json.dumps(silent["invocations"])


def test_the_summary_in_markdown_holds_no_markup_of_others() -> None:
    text = markdown(hostile())
    assert (
        "<script" not in text
        and "[x](" not in text
        and "\n# heading" not in text
        and "@all" not in text.replace("\\@", "")
    )
    assert "http://" not in text and "`a`" not in text.replace("\\`", "")
    assert "Isolation is broken: 2 of 13" in text and "| Promise | Verdict |" in text


@pytest.mark.parametrize(
    ("evidence", "colour"), [(good_run(), "#0b6e4f"), (bad_run(), "#a61b1b"), (run(Cases()), "#a61b1b")]
)
def test_the_badge_is_green_for_a_green_run_only(evidence: Evidence, colour: str) -> None:
    drawing = badge(decided(evidence))
    ElementTree.fromstring(drawing)
    assert colour in drawing


def test_the_badge_of_a_cut_run_is_not_green(tmp_path: Path) -> None:
    cut = good_run().model_copy(update={"ending": Ending(kind=EndingKind.NOT_FINISHED)})
    assert "#0b6e4f" not in badge(decided(cut))
