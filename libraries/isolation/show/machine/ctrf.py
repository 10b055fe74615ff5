"""The Common Test Report Format (ctrf.io), as JSON."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime

from isolation.show.evidence.decided import DecidedEvidence
from isolation.show.evidence.run import CaseEvidence, CaseStatus


def ctrf(evidence: DecidedEvidence) -> str:
    """A report whose ``other`` tests are those that could not be examined."""
    statuses = Counter(_status(case) for case in evidence.cases)
    start = _milliseconds(evidence.environment.started)
    counts = {name: statuses[name] for name in ("passed", "failed", "pending", "skipped", "other")}
    report = {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "results": {
            "tool": {"name": "tenant-isolation-acceptance", "version": evidence.identity.suite_version},
            "summary": {
                "tests": len(evidence.cases),
                **counts,
                "start": start,
                "stop": start + round(1000 * evidence.seconds),
            },
            "tests": [_test(case) for case in evidence.cases],
            "environment": {
                "reportName": evidence.overall.sentence,
                "appName": evidence.environment.target,
                "appVersion": evidence.identity.platform_build,
                "commit": evidence.identity.commit,
                "osPlatform": evidence.environment.kernel,
                "testEnvironment": evidence.environment.profile,
            },
            "extra": {"run": evidence.environment.run_id, "colour": evidence.overall.colour},
        },
    }
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"


def _test(case: CaseEvidence) -> dict[str, object]:
    return {
        "name": case.name,
        "status": _status(case),
        "duration": round(1000 * case.seconds),
        "message": case.message,
        "suite": [case.source.rpartition(":")[0] or case.id.rpartition("-")[0]],
        "tags": list(case.promises),
        "rawStatus": case.status,
    }


def _status(case: CaseEvidence) -> str:
    if case.undone:
        return "other"
    return {CaseStatus.PASS: "passed", CaseStatus.FAIL: "failed"}.get(case.status, "skipped")


def _milliseconds(started: str) -> int:
    try:
        return round(1000 * datetime.fromisoformat(started).timestamp())
    except ValueError:
        return 0
