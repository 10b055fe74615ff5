"""The worked example of the guide for editors does what the guide says: it is checked, and it is carried out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from scenario_editor.check import check

ROOT = Path(__file__).resolve().parents[3]
GUIDE = ROOT / "keywords" / "README.md"


def example() -> str:
    found = re.search(r"<!-- example -->\n```robotframework\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found.group(1).replace("../keywords", str(ROOT / "keywords"))


def test_the_example_of_the_guide_has_no_mistake_and_passes(tmp_path: Path) -> None:
    folder = tmp_path / "my_scenarios"
    folder.mkdir()
    file = folder / "colleagues.robot"
    file.write_text(example(), encoding="utf-8")
    checked = check(folder)
    assert (checked.findings, checked.tests, checked.steps) == ((), 2, 4)
    done = subprocess.run(
        [sys.executable, "-m", "robot", "-d", str(tmp_path / "my_results"), "--exitonerror", str(folder)],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stdout
    cases = json.loads((tmp_path / "my_results" / "evidence.json").read_text())["cases"]
    assert [case["status"] for case in cases] == ["PASS", "PASS"]
    page = (tmp_path / "my_results" / "signoff.html").read_text(encoding="utf-8")
    assert "stricter than the contract" in page, "8 s and 4 s are stricter than 10 s and 5 s"


def test_every_sentence_of_the_guide_is_in_the_phrase_book() -> None:
    from scenario_editor.book import phrase_book

    everything = [sentence for chapter in phrase_book() for sentence in chapter.sentences]
    table = re.findall(r"^\| [^|]+ \| `([^`]+)` \|$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(table) == 4
    for text in table:
        assert any(sentence.values(text) is not None for sentence in everything), text
