"""What operators get: rules that hold the promises' limits, and panels that show numbers which exist."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from isolation.drive.watch.live.exposition import Watching, exposition
from isolation.drive.watch.live.totals import LiveTotals
from isolation.record import OperatorUsage, PlatformEvent, Sample
from isolation.settings.catalogue import Catalogue

RESOURCES = Path(__file__).resolve().parents[3] / "resources"
RULES = yaml.safe_load((RESOURCES / "operators" / "alert_rules.yaml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((RESOURCES / "operators" / "grafana_dashboard.json").read_text())
OF_FINISHED_RUNS = {"tenant_isolation_promise", "tenant_isolation_measurement"}


def text() -> str:
    totals = LiveTotals()
    totals.update(
        [
            Sample(1, "tenant-01", 10, 1.5, 1000, None, 5, 6, 7),
            Sample(2, "tenant-01", 10, 2.5, 2000, None, 50, 60, 7),
            Sample(2, "tenant-02", 11, 0.5, 100),
        ],
        [OperatorUsage(2, "tenant-01", 5, 100, 2, True, 0, 9)],
        [PlatformEvent(1, 1.0, "alert", "noise", "tenant-01"), PlatformEvent(2, 1.1, "alert", "noise", "tenant-01")],
    )
    return exposition(totals, Watching(1.0, 3.2, {"tenant-01": (3, 0)}), 1.5)


def names() -> set[str]:
    return {re.split(r"[{ ]", line)[0] for line in text().splitlines() if not line.startswith("#")}


def test_a_scrape_is_openmetrics_and_says_what_was_seen() -> None:
    lines = text().splitlines()
    assert lines[-1] == "# EOF"
    assert 'tenant_isolation_tenant_cpu_seconds_total{tenant="tenant-01"} 2.5' in lines
    assert 'tenant_isolation_tenant_memory_bytes{tenant="tenant-01"} 2000.0' in lines
    assert 'tenant_isolation_events_total{stream="alert",kind="noise",tenant="tenant-01"} 2.0' in lines
    declared = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(declared) == len(set(declared))


def test_counters_never_fall_when_a_process_ends_and_its_id_is_used_again() -> None:
    totals = LiveTotals()
    samples = [Sample(1, "tenant-01", 10, 5.0, 1, None, 10, 20), Sample(2, "tenant-01", 10, 1.0, 1, None, 1, 2)]
    totals.update(samples, [], [])
    assert totals.used("tenant-01") == (6.0, 11, 22)
    samples.append(Sample(3, "tenant-02", 10, 0.5, 1))
    totals.update(samples, [], [])
    assert totals.used("tenant-01") == (6.0, 11, 22) and totals.used("tenant-02") == (0.5, 0, 0)
    assert totals.living("tenant-01", 0) == []


def test_a_name_cannot_break_out_of_its_label() -> None:
    totals = LiveTotals()
    totals.update([Sample(1, 'a"} 1\nevil', 10, 1.0, 1)], [], [])
    assert all(not line.startswith("evil") for line in exposition(totals, Watching(0, None, {}), 0).splitlines())


@pytest.mark.parametrize("rule", [rule for rule in RULES if "limit" in rule["labels"]], ids=lambda rule: rule["alert"])
def test_a_rule_holds_the_limit_of_its_promise(rule: dict[str, object]) -> None:
    labels, expression = rule["labels"], str(rule["expr"])
    assert isinstance(labels, dict)
    limit = Catalogue.load(RESOURCES / "promises.yaml")[labels["promise"]].limit(labels["limit"])
    assert float(expression.rsplit(" ", 1)[1]) == limit.value


@pytest.mark.parametrize(
    "expression",
    [rule["expr"] for rule in RULES] + [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]],
)
def test_every_number_that_is_shown_or_watched_exists(expression: str) -> None:
    assert (
        set(re.findall(r"tenant_isolation_\w+", expression)) - {"tenant_isolation_promise"}
        <= names() | OF_FINISHED_RUNS
    )


def test_the_dashboard_is_what_grafana_opens() -> None:
    assert DASHBOARD["schemaVersion"] >= 36 and DASHBOARD["uid"] and DASHBOARD["title"]
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)
    known = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(DASHBOARD))) - {"__rate_interval", "__all"}
    assert used <= known


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_reads_the_rules() -> None:
    subprocess.run(["promtool", "check", "rules", RESOURCES / "operators" / "alert_rules.yaml"], check=True)
