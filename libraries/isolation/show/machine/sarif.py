"""SARIF 2.1.0: every number that is broken as a finding of its promise, for code scanning and security tools."""

from __future__ import annotations

import hashlib
import json
from urllib.parse import quote

from isolation.record import Measurement, Verdict
from isolation.show.evidence.decided import DecidedEvidence
from isolation.show.evidence.run import CaseEvidence
from isolation.show.overall import causes


def sarif(evidence: DecidedEvidence) -> str:
    """Findings with the scenario that found them; what could not be examined is a notification of the tool, not a finding."""
    findings = [(case, m) for case in evidence.cases for m in case.measurements if m.verdict is Verdict.FAIL]
    unseen = causes(evidence)
    run = {
        "tool": {
            "driver": {
                "name": "tenant-isolation-acceptance",
                "semanticVersion": evidence.identity.suite_version or "0.0.0",
                "rules": [_rule(evidence, promise) for promise in sorted({m.promise for _, m in findings})],
            }
        },
        "invocations": [
            {
                "executionSuccessful": evidence.ending.kind == "finished" and not unseen,
                "commandLine": evidence.identity.command_line,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": f"{len(cases)} tests could not be examined: {cause}"}}
                    for cause, cases in unseen.items()
                ],
            }
        ],
        "properties": {"run": evidence.environment.run_id, "target": evidence.environment.target},
        "results": [_result(case, m) for case, m in findings],
    }
    return (
        json.dumps(
            {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]},
            indent=1,
            ensure_ascii=False,
        )
        + "\n"
    )


def _rule(evidence: DecidedEvidence, promise_id: str) -> dict[str, object]:
    promise = next((promise for promise in evidence.promises if promise.id == promise_id), None)
    title, controls = (promise.title, promise.controls) if promise is not None else (promise_id, ())
    return {
        "id": promise_id,
        "name": title,
        "shortDescription": {"text": title},
        "properties": {"tags": ["security", *controls]},
    }


def _result(case: CaseEvidence, m: Measurement) -> dict[str, object]:
    found: dict[str, object] = {
        "ruleId": m.promise,
        "level": "error",
        "message": {"text": m.reason},
        "partialFingerprints": {"test": hashlib.sha256(f"{m.promise}\n{case.name}\n{m.metric}".encode()).hexdigest()},
        "properties": {
            "metric": m.metric,
            "value": m.value,
            "unit": m.unit,
            "samples": m.samples,
            "tenants": m.tenants,
        },
    }
    file, colon, line = case.source.rpartition(":")
    if colon and line.isdecimal() and ".." not in file.split("/") and not file.startswith("/"):
        place = {"artifactLocation": {"uri": quote(file)}, "region": {"startLine": max(int(line), 1)}}
        found["locations"] = [{"physicalLocation": place}]
    return found
