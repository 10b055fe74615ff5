"""Run the unchanged suites on real platforms: ``run.py [-o FOLDER] [NAMES]``.

Each is installed from its lock file, started on loopback, examined, and ended. Printed is what was expected and what was found.
"""

from __future__ import annotations

import argparse
import os
import runpy
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "staging"))

from start import environment_of
from suites import ROOT, Found, run_suites

HERE = Path(__file__).resolve().parent
_RUN_S = 1200.0
NOT_APPLICABLE, UNDECIDED, NOT_CHOSEN = "NOT APPLICABLE", "INCONCLUSIVE", "NOT PROVEN"


@dataclass(frozen=True, slots=True)
class Platform:
    """One configuration of one platform, as its ``platform.yaml`` describes it.

    Attributes:
        name: Name of its folder, with its configuration.
        folder: Where its description is.
        terms: What the file says.
        configuration: Which of its configurations; empty where it has one only.
    """

    name: str
    folder: Path
    terms: dict[str, Any]
    configuration: str = ""

    @property
    def expected(self) -> dict[str, list[str]]:
        """By promise: the verdicts that are right; all that is not named is NOT APPLICABLE."""
        said = self.terms["expected"]
        if self.configuration:
            said = said[self.configuration]
        right = {promise: [verdict] for verdict in ("FAIL", "PASS") for promise in said.get(verdict, [])}
        for promise in said.get("undecided", []):
            right.setdefault(promise, []).append(UNDECIDED)
        return right

    def target(self, output: Path) -> Path:
        """Its target file; one that is shipped for an address of its own gets the address of what is started here."""
        file = self.folder / self.terms.get("target", "target.yaml")
        if "doors" not in self.terms:
            return file
        start = [HERE.parent / "staging" / "start.py", self.folder.relative_to(HERE.parent)]
        launch = {"command": ["python", *map(str, start)], "ready": {"line": "json"}, "within": "60 s"}
        lines = [one for one in file.read_text(encoding="utf-8").splitlines() if not one.startswith("doors:")]
        output.parent.mkdir(parents=True, exist_ok=True)
        derived = output.with_name(f"{self.name}.target.yaml")
        own = yaml.safe_dump({"doors": self.terms["doors"], "launch": launch})
        derived.write_text("\n".join(lines) + "\n" + own, encoding="utf-8")
        return derived

    def environment(self) -> dict[str, str]:
        """The environment of a run, with fresh keys."""
        keys = {name: secrets.token_hex(32) for name in self.terms.get("keys", [])}
        return {**os.environ, "CONCURRENT_TEST_USERS": "12", **keys, "CONFIGURATION": self.configuration}


def main() -> int:
    """Run them; 0 when everything was found as it is expected."""
    every = platforms()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*every, []], metavar="NAME", help=", ".join(every))
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "results" / "real_platforms")
    parser.add_argument("-s", "--suites", nargs="+", default=["suites/"], help="some of the suites only")
    parser.add_argument("--robot", action="append", default=[], metavar="OPTION", help="an option of robot")
    chosen = parser.parse_args()
    rows = []
    for name in chosen.names or every:
        platform, output = every[name], chosen.output / name
        environment_of(platform.folder)
        if (platform.folder / "prepare.py").exists():
            runpy.run_path(str(platform.folder / "prepare.py"))["prepare"](platform.folder)
        found = run_suites(
            platform.target(output), chosen.suites, output, platform.environment(), _RUN_S, chosen.robot
        )  # fmt: skip
        row = compared(platform, found)
        rows.append(row)
        print(f"{name}: exit code {found.code} ({found.in_words()})", flush=True)
        for test in found.failed:
            print(f"    {test}: {_first_line(found.messages[test])}", flush=True)
        for complaint in row.differences:
            print(f"    NOT AS EXPECTED: {complaint}", flush=True)
    _print_table(rows)
    return 0 if all(not row.differences for row in rows) else 1


def platforms() -> dict[str, Platform]:
    """All that are described here, by name."""
    found = {}
    for file in sorted(HERE.glob("*/platform.yaml")):
        terms = yaml.safe_load(file.read_text(encoding="utf-8"))
        for configuration in terms.get("configurations", [""]):
            name = "-".join(part for part in (file.parent.name, configuration) if part)
            found[name] = Platform(name, file.parent, terms, configuration)
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table.

    Attributes:
        cells: What it says.
        differences: What was not found as it is expected.
    """

    cells: tuple[str, ...]
    differences: list[str]


def compared(platform: Platform, found: Found) -> Row:
    """What was found beside what was expected."""
    differences = [found.complaint] if found.complaint else []
    for promise, verdict in found.promises.items():
        right = platform.expected.get(promise, [NOT_APPLICABLE])
        if verdict not in right and verdict != NOT_CHOSEN:
            differences.append(f"{promise} is {verdict}, expected {' or '.join(right)}: {found.reasons[promise][:300]}")
    by_verdict: dict[str, list[str]] = {}
    for promise, verdict in found.promises.items():
        by_verdict.setdefault(verdict, []).append(promise)
    broken = any("FAIL" in right for right in platform.expected.values())
    if found.promises and (found.code == 0) == broken:
        differences.append(f"exit code {found.code}")
    others = {verdict: one for verdict, one in by_verdict.items() if verdict not in ("FAIL", "PASS", NOT_APPLICABLE)}
    return Row(
        (
            platform.name,
            str(found.code),
            ", ".join(by_verdict.get("FAIL", [])) or "none",
            ", ".join(by_verdict.get("PASS", [])) or "none",
            "; ".join(f"{verdict}: {', '.join(one)}" for verdict, one in others.items()) or "none",
            str(len(by_verdict.get(NOT_APPLICABLE, []))),
            "yes" if not differences else f"{len(differences)} differences",
        ),
        differences,
    )


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[0][:300]


def _print_table(rows: list[Row]) -> None:
    print("\n| platform | exit | FAIL | PASS | other | NOT APPLICABLE | as expected |\n|---|---|---|---|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row.cells)} |")


if __name__ == "__main__":
    sys.exit(main())
