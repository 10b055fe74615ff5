"""The search of processes finds its own decoy in every place, and a foreign secret in a process that holds one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from isolation.drive.platform.tenants import TenantAgent
from isolation.record import ProcessRef
from isolation.scenarios.secrets.decoy import DecoyProcess
from isolation.scenarios.secrets.run_secrets import RunSecrets
from isolation.scenarios.secrets.searching import search_processes
from process_control.family import started_ticks

ANN = TenantAgent("tenant-01", "run1-t0001", "run1-u0001", "standard")
EVE = TenantAgent("tenant-02", "run1-t0002", "run1-u0002", "standard")


@pytest.fixture
def secrets() -> RunSecrets:
    found = RunSecrets("run1")
    found.plant([ANN, EVE])
    return found


def holding(text: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["/bin/sleep", "60"], env={"KEPT": text})


def search(secrets: RunSecrets, text: str, owner: TenantAgent):  # type: ignore[no-untyped-def]
    process = holding(text)
    try:
        ref = ProcessRef(owner.name, owner.user_id, "agt", process.pid, started_ticks(process.pid), "operator")
        with DecoyProcess(secrets.control()) as decoy:
            return search_processes(secrets, [ref], decoy)
    finally:
        process.kill()
        process.wait()


def test_an_own_secret_is_at_home_and_the_decoy_is_found_everywhere(secrets: RunSecrets) -> None:
    found = search(secrets, secrets.extra(ANN, 1), ANN)
    assert found.control_found and not found.missed
    assert not found.findings and [one.user for one in found.own] == [ANN.user_id]


def test_a_foreign_secret_in_an_environment_is_found_with_owner_and_seer(secrets: RunSecrets) -> None:
    found = search(secrets, secrets.extra(EVE, 1), ANN)
    places = {finding.place for finding in found.findings}
    assert "environment of tenant-01's agent" in places and any(place.startswith("memory") for place in places)
    assert {(f.owner_tenant, f.seen_by_tenant) for f in found.findings} == {("tenant-02", "tenant-01")}


def test_pages_that_two_processes_share_are_judged_for_both(secrets: RunSecrets) -> None:
    text = secrets.extra(ANN, 1)
    processes = [holding(text), holding(text)]
    try:
        refs = [
            ProcessRef(one.name, one.user_id, "agt", process.pid, started_ticks(process.pid), "operator")
            for one, process in zip((ANN, EVE), processes, strict=True)
        ]
        with DecoyProcess(secrets.control()) as decoy:
            found = search_processes(secrets, refs, decoy)
        assert {finding.seen_by_tenant for finding in found.findings} == {"tenant-02"}
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_a_process_that_is_gone_is_named(secrets: RunSecrets) -> None:
    process = holding("")
    process.kill()
    process.wait()
    ref = ProcessRef(ANN.name, ANN.user_id, "agt", process.pid, 1, "operator")
    with DecoyProcess(secrets.control()) as decoy:
        assert "the process is gone" in {gap.reason for gap in search_processes(secrets, [ref], decoy).missed}


def test_the_decoy_leaves_nothing(secrets: RunSecrets) -> None:
    with DecoyProcess(secrets.control()) as decoy:
        pid = decoy.pid
        assert Path(f"/proc/{pid}").exists()
    assert not Path(f"/proc/{pid}").exists() or os.getpid() == pid


def test_ids_of_the_run_say_whose_a_place_is(secrets: RunSecrets) -> None:
    ann = secrets.person(ANN.user_id)
    assert secrets.people_named("t:run1-t0001:cache:run1-u0001:ask:0123") == (ann,)
    assert secrets.people_named("tenant_run1-t0001 default") == (type(ann)("tenant-01"),)
    assert [p.tenant for p in secrets.people_named("run1-t0002 run1-u0001")] == ["tenant-01", "tenant-02"]
    assert secrets.people_named("shared:last-request") == ()
