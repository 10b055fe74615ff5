"""No artefact of a run holds a secret, not even at the most talkative log level and when leaks are reported (OP-7).

The platform is started outside the suite, so that every secret of its own is known; it leaks on purpose, so that findings
with excerpts are written. The search is shown to work on a planted file.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from isolation.drive.platform.launch import Platform
from isolation.target.model import Target

ROOT = Path(__file__).resolve().parents[3]
TARGETS = ROOT / "resources" / "targets"
SUITES = ("02 Cross Contamination", "06 Credentials", "07 Doors", "08 Incidents")
ARTEFACTS = (
    "log.html", "output.xml", "report.html", "evidence.json", "signoff.html", "history.jsonl",
    "machine/junit.xml", "machine/ctrf.json", "machine/metrics.txt", "machine/findings.sarif", "machine/summary.md",
)  # fmt: skip
SHAPES = {
    "token": re.compile(rb"eyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]*"),
    "marker": re.compile(rb"8{8}m[a-z2-7]{34}", re.IGNORECASE),
    "marker backwards": re.compile(rb"[a-z2-7]{34}m8{8}", re.IGNORECASE),
    "marker in base64": re.compile(rb"(?:ODg4){2,}"),
    "planted number": re.compile(rb"(?<!\d)888888\d{6}(?!\d)"),
    "address with a password": re.compile(rb"\w://[^\s/:@\"'<>]*:[^\s/@\"'<>(*]+@"),
}


class Known(dict[str, bytes]):
    """Secrets by name; a failing test shows the names only."""

    def __repr__(self) -> str:
        return f"Known({', '.join(self)})"


def known_secrets(secrets: Mapping[str, str]) -> Known:
    """Every secret of the platform, plain and in base64."""
    plain = {name: secrets[name] for name in ("key", "operator_credential", "database", "cache")}
    plain |= {f"password of {name}": urlsplit(secrets[name]).password or "" for name in ("database", "cache")}
    found = {name: text.encode() for name, text in plain.items() if text}
    return Known(found | {f"{name} in base64": base64.b64encode(text).rstrip(b"=") for name, text in found.items()})


def secrets_in(folder: Path, known: Known) -> list[str]:
    """Every secret in every file below a folder; says where and of what kind, never the secret."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        found += [f"{path.name}: {name}" for name, text in known.items() if text in data]
        found += [
            f"{path.name}: {name} at {match.start()}"
            for name, shape in SHAPES.items()
            for match in shape.finditer(data)
        ]
    return found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Known]]:
    """The results of a small run against a platform that leaks, and all of its secrets."""
    folder = tmp_path_factory.mktemp("run")
    source = yaml.safe_load((TARGETS / "reference_platform.yaml").read_text())
    launch = {**source["launch"], "command": ["python", "-m", "reference_platform", "--end-with-parent"]}
    target = Target.model_validate({**source, "launch": launch})
    platform = Platform(target, ["--defect", "secret_in_other_tenants_event"])
    doors = platform.open()
    try:
        del source["launch"]
        source["doors"] = dict(doors.addresses)
        source["credentials_file"] = str(Path(doors.secrets["log_folder"]).parent / "credentials.json")
        description = folder / "leaking.yaml"
        description.write_text(yaml.safe_dump(source))
        results = folder / "results"
        command = [sys.executable, "-m", "robot", "-d", str(results), "-L", "TRACE", "-v", f"TARGET:{description}"]
        command += ["--console", "none"]
        for name in SUITES:
            command += ["--suite", f"*.Concurrent Startup.{name}"]
        environment = {**os.environ, "CONCURRENT_TEST_USERS": "24"}
        subprocess.run(
            [*command, str(ROOT / "suites")], cwd=ROOT, env=environment, check=False, capture_output=True, timeout=500
        )
        yield results, known_secrets(doors.secrets)
    finally:
        platform.close()


def test_the_run_was_a_real_one_that_found_leaks(run: tuple[Path, Known]) -> None:
    results, _ = run
    assert {name for name in ARTEFACTS if (results / name).exists()} == set(ARTEFACTS)
    evidence = json.loads((results / "evidence.json").read_text())
    messages = " ".join(case["message"] for case in evidence["cases"])
    assert "foreign secrets" in messages and "8888…" in messages
    assert len(evidence["cases"]) >= 20


def test_no_artefact_holds_a_secret(run: tuple[Path, Known]) -> None:
    results, known = run
    found = secrets_in(results, known)
    assert not found, f"{len(found)} secrets: {found[:20]}"


def test_the_search_finds_what_is_planted(run: tuple[Path, Known], tmp_path: Path) -> None:
    _, known = run
    marker = "88888888m" + "abcdefgh" * 4 + "ab"
    planted = [*known.values(), marker.encode(), b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl", b"888888123456"]
    planted += [base64.b64encode(marker.encode()), marker[::-1].encode(), b"redis://u:word@h"]
    (tmp_path / "planted.txt").write_bytes(b"\n".join(planted))
    found = " ".join(secrets_in(tmp_path, known))
    for name in (*known, *SHAPES):
        assert f"planted.txt: {name}" in found, name
