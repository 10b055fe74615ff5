"""Files of the kernel are parsed in ``process_control`` and nowhere else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

LIBRARIES = Path(__file__).resolve().parents[3] / "libraries"
ELSEWHERE = {
    "isolation/drive/stores/process_memory.py": "searches contents of processes, whatever stands in them",
    "isolation/drive/watch/processes/finding.py": "compares environment, title and group with a pattern of the target file",
    "isolation/drive/watch/holdings.py": "counts handles that lead back to their own process",
    "isolation/drive/watch/machine.py": "quotes two files in the report as they are",
    "isolation/drive/probe/credentials/forged_tokens.py": "names a file of the kernel in a forged token",
    "reference_platform/agents/kernel.py": "agents load the standard library only",
    "reference_platform/services/private_folder/folder.py": "asks where a server works before it is ended",
    "reference_platform/services/identity.py": "asks who has processes",
    "reference_platform/defects/odd_zygote.py": "a defect that opens another process's file",
}
"""What may name them, and why it parses nothing."""


def names_kernel_files(source: str) -> bool:
    """Whether a text that is no docstring begins with a folder of the kernel."""
    tree = ast.parse(source)
    documented = [
        node for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    docstrings = {id(node.value) for node in documented}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]
    return any(text.startswith(("/proc", "/sys/fs", "../../../../../../proc")) for text in texts)


def test_nothing_else_reads_them() -> None:
    found = {
        str(file.relative_to(LIBRARIES))
        for file in LIBRARIES.rglob("*.py")
        if "process_control" not in file.parts and names_kernel_files(file.read_text(encoding="utf-8"))
    }
    walked = {"isolation/drive/watch/inventory.py"}  # lists folders of control groups, and parses nothing
    assert found - walked <= ELSEWHERE.keys()


@pytest.mark.parametrize("source", ['open("/proc/stat")', 'Path(f"/proc/{pid}/stat")', 'x = "/sys/fs/cgroup"'])
def test_a_reader_is_seen(source: str) -> None:
    assert names_kernel_files(source)


def test_a_word_about_one_is_left_alone() -> None:
    assert not names_kernel_files('"""Field 22 of ``/proc/PID/stat``."""\nx = "see /proc/stat"')
