"""The unchanged suites on a target, and what they said."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Found:
    """What the suites said of one platform.

    Attributes:
        status: By test: PASS, FAIL or SKIP.
        messages: By test: its message.
        code: Exit code of robot; more than 250 when something could not be examined.
        complaint: Why the suites could not run.
        promises: By promise: its verdict on the sign-off page.
        reasons: By promise: the first sentence that says why.
    """

    status: dict[str, str]
    messages: dict[str, str]
    code: int
    complaint: str = ""
    promises: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> list[str]:
        """The tests that failed."""
        return [name for name, status in self.status.items() if status == "FAIL"]

    def in_words(self) -> str:
        """Such as ``2 FAIL, 3 PASS, 7 SKIP``."""
        counts = {one: list(self.status.values()).count(one) for one in ("FAIL", "PASS", "SKIP")}
        return ", ".join(f"{number} {one}" for one, number in counts.items() if number) or "no tests"


def run_suites(
    target: Path,
    suites: Sequence[str],
    output: Path,
    environment: Mapping[str, str],
    within_s: float,
    options: Sequence[str] = (),
) -> Found:
    """Run suites on a target; what it says stays in ``output``."""
    output.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "robot", "-d", str(output), "--exitonerror", "--console", "none", *options]
    with (output / "console.txt").open("w") as console:
        try:
            code = subprocess.run(
                [*command, "-v", f"TARGET:{target}", *suites],
                cwd=ROOT, env=dict(environment), stdout=console, stderr=console, timeout=within_s, check=False,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            return Found({}, {}, 255, f"not done within {within_s:g} s")
    return read(output, code)


def read(output: Path, code: int) -> Found:
    """What the files of a run say."""
    try:
        tests = list(ET.parse(output / "output.xml").iter("test"))
    except (OSError, ET.ParseError) as error:
        return Found({}, {}, code, str(error))
    ends = {test.get("name", ""): test.find("status") for test in tests}
    known = {name: end for name, end in ends.items() if end is not None}
    promises, reasons = _promises(output / "evidence.json")
    return Found(
        {name: end.get("status", "") for name, end in known.items()},
        {name: end.text or "" for name, end in known.items()},
        code,
        promises=promises,
        reasons=reasons,
    )


def _promises(file: Path) -> tuple[dict[str, str], dict[str, str]]:
    try:
        outcomes = json.loads(file.read_text(encoding="utf-8"))["promises"]
    except (OSError, ValueError, KeyError):
        return {}, {}
    return {one["id"]: one["verdict"] for one in outcomes}, {one["id"]: one["reason"] for one in outcomes}
