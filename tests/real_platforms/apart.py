"""The reference platform's target file, taken apart section by section: ``apart.py [-o FOLDER] [-s SUITES] [SECTIONS]``.

Each time the rest has to give its verdicts, and what is missing is NOT APPLICABLE: a suite that needs more than it says is found here.
"""

from __future__ import annotations

import argparse
import copy
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "staging"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "libraries"))
from isolation.target.reading.yaml_lines import read_lined_yaml
from isolation.target.words import RequestKind
from suites import ROOT, Found, run_suites

FILE = ROOT / "resources" / "targets" / "reference_platform.yaml"
CHEAP = ("suites/tenant_agents.robot", "suites/concurrent_startup/01_startup_isolation.robot", "suites/whole_run.robot")
_RUN_S = 900.0
_FEW = ("ping", "noop", "report")
_OF_STORES = {"database", "cache", "analytics", "log_folder"}
Data = dict[str, Any]


def _drop(*sections: str) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        for section in sections:
            data.pop(section, None)

    return change


def _without_operator(data: Data) -> None:
    _drop("operator", "operator_base")(data)
    data["processes"] = "none"


def _few_requests(data: Data) -> None:
    data["requests"] = {kind: data["requests"][kind] for kind in _FEW}
    _drop("things", "words")(data)


def _without_things(data: Data) -> None:
    _drop("things")(data)
    data["requests"] = {kind: one for kind, one in data["requests"].items() if kind in set(RequestKind)}


def _without_stores(data: Data) -> None:
    _drop("stores")(data)
    data["secrets"] = {word: name for word, name in data["secrets"].items() if word not in _OF_STORES}


def _frames_keep_no_text(data: Data) -> None:
    for rule in data["frames"]:
        rule.get("keep", {}).pop("echo", None)
        rule.get("keep", {}).pop("answer", None)


def _tenants_only_made(data: Data) -> None:
    data["tenants"] = {word: data["tenants"][word] for word in ("make", "roles")}


SECTIONS: dict[str, Callable[[Data], None]] = {
    "credential": _drop("credential"),
    "things": _without_things,
    "words": _drop("words"),
    "processes": lambda data: data.update(processes="none"),
    "operator": _without_operator,
    "stores": _without_stores,
    "limits": _drop("limits"),
    "requests": _few_requests,
    "frames.keep": _frames_keep_no_text,
    "tenants": _tenants_only_made,
}
"""What is taken away, and with what: only what cannot stand without it."""


def without(section: str) -> Data:
    """The content of the file without a section."""
    data: Data = copy.deepcopy(read_lined_yaml(FILE).data)
    SECTIONS[section](data)
    return data


def written(section: str, folder: Path) -> Path:
    """A target file without a section."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"without_{section.replace('.', '_')}.yaml"
    file.write_text(yaml.safe_dump(without(section), sort_keys=False, allow_unicode=True), encoding="utf-8")
    return file


def complaints(found: Found) -> list[str]:
    """What is not as it has to be: an accusation, or an experiment that broke off for want of what was taken away."""
    wrong = [f"FAIL {name}: {found.messages[name]}" for name in found.failed]
    wrong += [f"{name}: {text}" for name, text in found.messages.items() if "broke off" in text or "Traceback" in text]
    if not wrong and found.code:
        wrong = [f"exit code {found.code}", *list(found.messages.values())[:1]]
    return wrong + ([found.complaint] if found.complaint else [])


def main() -> int:
    """Run them; 0 when nobody is accused and nothing breaks off."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "results" / "apart")
    parser.add_argument("-s", "--suites", nargs="+", default=CHEAP)
    chosen = parser.parse_args()
    right = True
    for section in chosen.sections or SECTIONS:
        output = chosen.output / section
        environment = {**os.environ, "CONCURRENT_TEST_USERS": "12"}
        found = run_suites(written(section, chosen.output), chosen.suites, output, environment, _RUN_S)
        verdicts = ", ".join(f"{one} {verdict}" for one, verdict in found.promises.items() if verdict != "NOT PROVEN")
        print(f"without {section}: exit code {found.code}, {found.in_words()}; {verdicts}", flush=True)
        for sentence in complaints(found):
            print(f"    {sentence[:400]}", flush=True)
            right = False
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
