"""JUnit's XML: what could not be examined is an error, what was measured and is broken a failure."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as Xml

from isolation.record import Measurement
from isolation.show.evidence.decided import DecidedEvidence
from isolation.show.evidence.run import CaseEvidence, CaseStatus
from isolation.show.numbers import found, limit_words


def junit(evidence: DecidedEvidence) -> str:
    """One ``testsuite`` per suite of the runner, with properties of the run and of each test."""
    root = Xml.Element("testsuites", name="tenant isolation", time=f"{evidence.seconds:.3f}")
    suites: dict[str, list[CaseEvidence]] = {}
    for case in evidence.cases:
        suites.setdefault(_suite(case), []).append(case)
    for name, cases in suites.items():
        _add_suite(root, name, cases, evidence)
    for element in (root, *root):
        for outcome in ("tests", "failures", "errors", "skipped"):
            element.set(
                outcome, str(len(element.findall({"tests": ".//testcase"}.get(outcome, f".//{_TAGS[outcome]}"))))
            )
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


_TAGS = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}


def _suite(case: CaseEvidence) -> str:
    """The scenario file, or the runner's id of the suite where the file is not known."""
    return case.source.rpartition(":")[0] or case.id.rpartition("-")[0] or "tests"


def _add_suite(root: Xml.Element, name: str, cases: list[CaseEvidence], evidence: DecidedEvidence) -> None:
    seconds = sum(case.seconds for case in cases)
    suite = Xml.SubElement(root, "testsuite", name=name, time=f"{seconds:.3f}", timestamp=evidence.environment.started)
    run = {
        "overall": evidence.overall.sentence,
        "run": evidence.environment.run_id,
        "target": evidence.environment.target,
        "profile": evidence.environment.profile,
        "suite version": evidence.identity.version(),
        "seeded defect": evidence.identity.defect,
    }
    _add_properties(suite, ((key, value) for key, value in run.items() if value))
    for case in cases:
        element = Xml.SubElement(suite, "testcase", classname=name, name=case.name, time=f"{case.seconds:.3f}")
        _add_properties(element, _properties(case))
        _add_outcome(element, case)


def _add_properties(parent: Xml.Element, pairs: Iterator[tuple[str, str]]) -> None:
    properties = Xml.SubElement(parent, "properties")
    for key, value in pairs:
        Xml.SubElement(properties, "property", name=key, value=value)


def _properties(case: CaseEvidence) -> Iterator[tuple[str, str]]:
    for promise in case.promises:
        yield "promise", promise
    for m in case.measurements:
        yield f"{m.promise} {m.metric}", _words(m)


def _words(m: Measurement) -> str:
    limit = f", limit {limit_words(m.limit)}" if m.limit else ""
    return f"{m.verdict}: {found(m)}{limit}, n {m.samples}{', control' if m.control else ''}"


def _add_outcome(element: Xml.Element, case: CaseEvidence) -> None:
    if case.status is CaseStatus.PASS:
        return
    if case.undone:
        Xml.SubElement(element, "error", type="not examined", message=case.undone)
    elif case.status is CaseStatus.FAIL:
        Xml.SubElement(element, "failure", type=case.message.partition(":")[0][:40], message=case.message)
    else:
        Xml.SubElement(element, "skipped", message=case.message)
