"""The suite as its users start it: a broken environment, a failed test, a test that did not run, an interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[3]
BROKEN_ENVIRONMENT = 254
INTERRUPTED = 253
QUICKEST = "suites/tenant_agents.robot"


def command(folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "robot", "-d", str(folder), "--exitonerror", *options]


def run(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(folder, *options),
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=90,
    )


@pytest.mark.parametrize(
    ("options", "environment", "words"),
    [
        (["-v", "PROFILE:quik"], {}, ["profile", "'quik'", "quick"]),
        (["-v", "TARGET:nowhere.yaml"], {}, ["nowhere.yaml"]),
        (["-v", "DEFECT:nonsense"], {}, ["defect", "'nonsense'"]),
        (["-v", "PROFIL:full"], {}, ["'PROFIL'", "PROFILE"]),
        (["-v", "GATE:open"], {}, ["GATE", "'open'", "kept"]),
        ([], {"MIN_SUCCESS_RATE": "140"}, ["MIN_SUCCESS_RATE", "140", "100"]),
        ([], {"TEST_DATABASE_URL": "postgresql://boss:hush@127.0.0.1/customers"}, ["TEST_DATABASE_URL"]),
    ],
    ids=["profile", "target", "defect", "unknown", "gate", "variable", "database"],
)
def test_a_broken_environment_is_one_clear_sentence_and_an_exit_code_of_its_own(
    tmp_path: Path, options: list[str], environment: dict[str, str], words: list[str]
) -> None:
    done = run(tmp_path, *options, QUICKEST, **environment)
    assert done.returncode == BROKEN_ENVIRONMENT
    said = done.stdout + done.stderr
    assert all(word in said for word in words), said
    assert "Traceback" not in said
    assert "hush" not in said
    evidence = json.loads((tmp_path / "evidence.json").read_text())
    assert evidence["ending"]["kind"] == "broken"
    assert all(case["status"] == "SKIP" and case["not_examined"] for case in evidence["cases"])
    assert "Isolation is broken" not in (tmp_path / "signoff.html").read_text()


def test_a_failed_test_is_counted_and_what_did_not_run_is_not_proven(tmp_path: Path) -> None:
    done = run(tmp_path, "-v", "DEFECT:token_no_expiry_check", "suites/concurrent_startup/06_credentials.robot")
    assert 1 <= done.returncode <= 250
    assert "CS-2  FAIL" in done.stdout
    assert "NOT PROVEN      no test ran: RI-1" in done.stdout


def test_a_healthy_run_of_one_mode_ends_with_zero(tmp_path: Path) -> None:
    done = run(tmp_path, "--include", "isolation", QUICKEST)
    assert done.returncode == 0, done.stdout
    assert "TM-1  PASS" in done.stdout
    assert (tmp_path / "signoff.html").stat().st_size > 10_000


def test_several_files_on_the_command_line_make_one_sign_off_page(tmp_path: Path) -> None:
    done = run(tmp_path, QUICKEST, "suites/concurrent_startup/06_credentials.robot")
    assert done.returncode == 0, done.stdout
    cases = json.loads((tmp_path / "evidence.json").read_text())["cases"]
    assert {name for case in cases for name in case["promises"]} >= {"TM-1", "CS-2"}
    assert "TM-1  PASS" in done.stdout
    assert "CS-2  NOT PROVEN" in done.stdout, "its tests in other files were left out"


def test_any_test_can_be_chosen_alone(tmp_path: Path) -> None:
    last = "Every answer carries its own user's budget, region and tier"
    done = run(
        tmp_path, "--test", last, "suites/concurrent_startup/01_startup_isolation.robot", CONCURRENT_TEST_USERS="5"
    )
    assert done.returncode == 0, done.stdout
    assert "CS-1  NOT PROVEN" in done.stdout, "its other tests were left out"


def test_the_gate_asks_for_every_promise(tmp_path: Path) -> None:
    done = run(tmp_path, "-v", "GATE:kept", QUICKEST)
    assert 1 <= done.returncode <= 250, "most promises are not proven by one file"


def test_the_same_claims_judged_again_give_the_same_verdicts(tmp_path: Path) -> None:
    run(tmp_path, QUICKEST)
    again = subprocess.run(
        [sys.executable, "-m", "isolation.show.judge_again", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "libraries")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert again.returncode == 0, again.stdout + again.stderr
    record = next((tmp_path / "records").glob("*.gz"))
    record.write_bytes(record.read_bytes()[:-20])
    cut = subprocess.run(
        [sys.executable, "-m", "isolation.show.judge_again", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "libraries")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert cut.returncode == 2
    assert "Traceback" not in cut.stderr


def test_a_dry_run_hides_no_error_of_a_test_that_was_chosen_alone(tmp_path: Path) -> None:
    suites = tmp_path / "suites"
    suites.mkdir()
    text = (ROOT / "suites" / "tenant_agents.robot").read_text(encoding="utf-8")
    file = suites / "scenario.robot"
    file.write_text(
        text.replace("../keywords", str(ROOT / "keywords")) + "    This keyword is not there\n", encoding="utf-8"
    )
    done = run(tmp_path / "results", "--dryrun", "--test", "Clean-up is idempotent*", str(file))
    assert done.returncode == 1, done.stdout


@pytest.mark.parametrize("suite", ["04_connection_scaling", "02_cross_contamination"], ids=["in a test", "in a setup"])
def test_control_c_ends_the_run_with_everything_that_it_started(tmp_path: Path, suite: str) -> None:
    process = subprocess.Popen(
        command(tmp_path, f"suites/concurrent_startup/{suite}.robot"),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    started: list[psutil.Process] = []
    until = time.monotonic() + 30
    while len(started) < 20 and time.monotonic() < until and process.poll() is None:
        started = psutil.Process(process.pid).children(recursive=True)
        time.sleep(0.1)
    assert len(started) >= 20, "the agents never came"
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == INTERRUPTED
    states = {case["status"] for case in json.loads((tmp_path / "evidence.json").read_text())["cases"]}
    assert "FAIL" not in states
    _, alive = psutil.wait_procs(started, timeout=10)
    assert alive == []
