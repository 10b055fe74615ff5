"""Evidence is never lost and never stale: every ending writes, one bad file costs no other, nothing follows a link."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from isolation.show import write
from isolation.show.evidence import Ending, EndingKind, Evidence, Identity
from isolation.show.evidence.decided import load_evidence
from isolation.show.evidence.identify import identify
from isolation.show.files import manifest, safe
from isolation.show.files.claim import FolderClaim, FolderInUseError
from isolation.show.files.manifest import check_manifest, write_manifest
from isolation.show.gate import Gate, exit_code
from isolation.show.write import unknown_environment, write_checksums, write_everything, write_unfinished
from unit.show.run_samples import SAMPLE_CATALOGUE, Cases, bad_run, good_cases, good_run, mixed_run, run

NOTHING = Evidence(environment=unknown_environment("p", "quick", "r", "now"), identity=Identity(commit="abc"))


def test_the_first_thing_of_a_run_is_a_page_that_says_not_finished(tmp_path: Path) -> None:
    write_everything(good_run(), tmp_path, SAMPLE_CATALOGUE)
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "old.jsonl.gz").write_text("old")
    (tmp_path / "clean-up.jsonl").write_text("needed by the next run")
    (tmp_path / "mine.txt").write_text("not the suite's")
    written = write_unfinished(NOTHING, tmp_path, SAMPLE_CATALOGUE)
    assert written.complaints == []
    assert "This run is not finished" in (tmp_path / "signoff.html").read_text(encoding="utf-8")
    assert load_evidence(tmp_path / "evidence.json").ending.kind is EndingKind.NOT_FINISHED
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"signoff.html", "evidence.json", "history.jsonl", "clean-up.jsonl", "mine.txt"}


def test_the_runners_own_open_output_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "output.xml").write_text("<robot/>")
    write_everything(good_run(), tmp_path, SAMPLE_CATALOGUE)
    write_unfinished(NOTHING, tmp_path, SAMPLE_CATALOGUE)
    assert (tmp_path / "output.xml").exists()


def test_everything_is_written_and_covered_by_checksums(tmp_path: Path) -> None:
    (tmp_path / "log.html").write_text("log")
    written = write_everything(bad_run(), tmp_path, SAMPLE_CATALOGUE)
    assert written.complaints == []
    listed = json.loads((tmp_path / "manifest.json").read_text())["files"]
    files = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert files - set(listed) == {"manifest.json", "SHA256SUMS", "history.jsonl"}
    assert check_manifest(tmp_path) == ()
    done = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0
    (tmp_path / "signoff.html").write_text("all is well")
    (tmp_path / "log.html").unlink()
    assert len(check_manifest(tmp_path)) == 2
    assert manifest.main([str(tmp_path)]) == 1


def test_a_manifest_never_reaches_outside_its_folder(tmp_path: Path) -> None:
    content = {"schema_id": manifest.SCHEMA_ID, "files": {"../../etc/passwd": {}, "/etc/passwd": {}}}
    (tmp_path / "manifest.json").write_text(json.dumps(content))
    assert all("outside" in said for said in check_manifest(tmp_path))
    assert manifest.listed_before(tmp_path) == ()


@pytest.mark.parametrize(
    "victim", ["signoff.html", "evidence.json", "machine/junit.xml", "manifest.json", "history.jsonl"]
)
def test_nothing_follows_a_symbolic_link(tmp_path: Path, victim: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    folder = tmp_path / "results"
    (folder / victim).parent.mkdir(parents=True)
    (folder / victim).symlink_to(elsewhere)
    write_unfinished(NOTHING, folder, SAMPLE_CATALOGUE)
    written = write_everything(good_run(), folder, SAMPLE_CATALOGUE)
    assert elsewhere.read_text() == "mine"
    assert (written.complaints != []) is (victim == "history.jsonl")


def test_a_folder_that_is_a_link_is_not_entered(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "machine").symlink_to(tmp_path / "elsewhere")
    written = write_everything(good_run(), folder, SAMPLE_CATALOGUE)
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert any("symbolic link" in said for said in written.complaints)
    assert (folder / "signoff.html").exists()


def fails_for(words: tuple[str, ...]) -> Callable[[Path, str | bytes], None]:
    def write_unless(path: Path, content: str | bytes) -> None:
        if path.name in words:
            raise OSError(28, "No space left on device")
        safe.write_whole(path, content)

    return write_unless


@pytest.mark.parametrize("file", ["evidence.json", "junit.xml", "badge.svg"])
def test_one_file_that_cannot_be_written_costs_no_other(
    tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("isolation.show.write", "isolation.show.evidence.decided"):
        monkeypatch.setattr(f"{module}.write_whole", fails_for((file,)))
    written = write_everything(good_run(), tmp_path, SAMPLE_CATALOGUE)
    assert [said for said in written.complaints if file in said and "No space left" in said]
    assert (tmp_path / "signoff.html").exists() and (tmp_path / "history.jsonl").exists()
    assert "No space left" in written.summary


def test_a_full_disk_leaves_the_page_that_says_not_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_unfinished(NOTHING, tmp_path, SAMPLE_CATALOGUE)
    for module in ("isolation.show.write", "isolation.show.evidence.decided", "isolation.show.files.manifest"):
        monkeypatch.setattr(f"{module}.write_whole", fails_for(("signoff.html", "evidence.json", "manifest.json")))
    written = write_everything(bad_run(), tmp_path, SAMPLE_CATALOGUE)
    assert "This run is not finished" in (tmp_path / "signoff.html").read_text(encoding="utf-8")
    assert written.evidence.overall.sentence.startswith("Isolation is broken")
    assert exit_code(written.evidence) >= 1


def test_a_fault_of_the_page_costs_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> str:
        raise KeyError("oops")

    monkeypatch.setattr(write, "render_page", broken)
    written = write_everything(bad_run(), tmp_path, SAMPLE_CATALOGUE)
    html = (tmp_path / "signoff.html").read_text(encoding="utf-8")
    assert "Isolation is broken" in html and "must not be signed" in html and "<script" not in html
    assert any("KeyError" in said for said in written.complaints)


@pytest.mark.parametrize("damage", [b"\xff\xfe\x00", b"[1, 2]\n", b"x" * 10_000, b'{"run_id": "half'])
def test_an_unreadable_history_is_said_and_costs_nothing(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "history.jsonl").write_bytes(damage)
    written = write_everything(good_run(), tmp_path, SAMPLE_CATALOGUE)
    assert len(written.complaints) == 1 and "line 1 is left out" in written.complaints[0]
    assert "line 1 is left out" in (tmp_path / "signoff.html").read_text(encoding="utf-8")


def test_a_history_that_is_a_folder_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "history.jsonl").mkdir()
    written = write_everything(good_run(), tmp_path, SAMPLE_CATALOGUE)
    assert written.complaints and (tmp_path / "signoff.html").exists()


def test_the_history_may_stand_elsewhere(tmp_path: Path) -> None:
    write_everything(good_run(), tmp_path / "results", SAMPLE_CATALOGUE, history=tmp_path / "deep" / "runs.jsonl")
    assert (tmp_path / "deep" / "runs.jsonl").exists()
    assert not (tmp_path / "results" / "history.jsonl").exists()


def test_a_second_run_into_a_folder_is_refused_and_a_dead_one_keeps_nobody_out(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from isolation.show.files.claim import FolderClaim;"
        "claim = FolderClaim(Path(sys.argv[1]), 'first'); print('claimed', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "claimed\n"
    with pytest.raises(FolderInUseError, match=f"run first, process {process.pid}"):
        FolderClaim(tmp_path, "second")
    process.kill()
    process.wait()
    process.stdout.close()
    claim = FolderClaim(tmp_path, "second")
    with pytest.raises(FolderInUseError):
        FolderClaim(tmp_path, "third")
    claim.release()
    FolderClaim(tmp_path, "third").release()


def test_a_lock_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("mine")
    (tmp_path / ".run.lock").symlink_to(tmp_path / "target")
    with pytest.raises(OSError):
        FolderClaim(tmp_path, "run")
    assert (tmp_path / "target").read_text() == "mine"


def test_files_are_readable_for_others_and_no_temporary_file_stays(tmp_path: Path) -> None:
    write_everything(good_run(), tmp_path, SAMPLE_CATALOGUE)
    assert not [path for path in tmp_path.rglob(".*") if path.is_file()]
    assert write_manifest(tmp_path, "r", ["signoff.html", "not there"]) == ()
    assert write_checksums("r", tmp_path) == ()


CASES = [
    (good_run(), 0, 0),
    (bad_run(), 3, 3),
    (mixed_run(), 1, 1),
    (good_run().model_copy(update={"ending": Ending(kind=EndingKind.INTERRUPTED)}), 253, 253),
    (good_run().model_copy(update={"ending": Ending(kind=EndingKind.BROKEN, cause="x")}), 254, 254),
    (bad_run().model_copy(update={"ending": Ending(kind=EndingKind.BROKEN, cause="x")}), 254, 254),
    (good_run().model_copy(update={"ending": Ending(kind=EndingKind.PLATFORM_DIED, cause="x")}), 254, 254),
    (bad_run().model_copy(update={"ending": Ending(kind=EndingKind.PLATFORM_DIED, cause="x")}), 3, 3),
    (run(Cases()), 0, 13),
]


@pytest.mark.parametrize(("evidence", "default", "kept"), CASES)
def test_the_exit_code_tells_broken_promises_from_a_broken_environment(
    evidence: Evidence, default: int, kept: int, tmp_path: Path
) -> None:
    shown = write_everything(evidence, tmp_path, SAMPLE_CATALOGUE).evidence
    assert exit_code(shown) == default
    assert exit_code(shown, Gate.KEPT) == kept


def test_what_could_not_be_examined_ends_with_254_never_with_a_count(tmp_path: Path) -> None:
    cases = good_cases()
    cases.add("one", promises=("RI-1",), status="FAIL", message="KeyError: 'cpu control'")
    cases.add("two", promises=("RI-1",), status="NOT EXAMINED", message="no such tenant: 99")
    shown = write_everything(run(cases), tmp_path, SAMPLE_CATALOGUE).evidence
    assert exit_code(shown) == exit_code(shown, Gate.KEPT) == 254


def test_identity_says_what_is_run_and_hides_secrets(tmp_path: Path) -> None:
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "a.robot").write_text("*** Test Cases ***")
    (tmp_path / "target.yaml").write_text("name: x")
    words = ["robot", "-v", "TOKEN_SECRET:hunter2", "--name", "two words", "-v", "URL:postgresql://a:b@h/d"]
    found = identify({"target file": tmp_path / "target.yaml"}, arguments=words, defect="quota_off", project=tmp_path)
    assert set(found.hashes) == {"suites", "target file"} and found.commit == "" and found.changed is None
    assert "hunter2" not in found.command_line and "'two words'" in found.command_line
    assert found.packages["python"] and found.defect == "quota_off"
    (tmp_path / "suites" / "a.robot").write_text("changed")
    assert identify({}, arguments=[], project=tmp_path).hashes["suites"] != found.hashes["suites"]


def test_identity_of_this_project_knows_commit_and_version() -> None:
    found = identify({}, arguments=[])
    assert found.suite_version and found.packages["pydantic"] != "not installed"
    assert set(found.hashes) == {"suites", "keywords", "libraries"}
    assert os.path.isdir(Path(__file__).resolve().parents[3] / ".git") is False or len(found.commit) == 40
