"""``check`` against the small netra servers: what it prints and how it ends, for a right file, wrong ones and a dead address."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from component.netra.netra_server import August, NetraServer, September
from isolation.target.__main__ import main

pytestmark = pytest.mark.asyncio

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "targets"
KEY = "a key for tests only, of 256 bits"
DIALECTS: dict[str, type[NetraServer]] = {"netra_september": September, "netra_august": August}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET_KEY", KEY)


async def checked(
    server: NetraServer | None,
    dialect: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, str] | None = None,
) -> tuple[int, str]:
    """Run the command line on a file of the dialect; gives its exit code and what it printed."""
    address = server.address if server is not None else "ws://127.0.0.1:9/ws"
    text = (FOLDER / f"{dialect}.yaml").read_text().replace("ws://localhost:8000/ws", address)
    for old, new in (changes or {}).items():
        assert old in text
        text = text.replace(old, new)
    file = folder / "mine.yaml"
    file.write_text(text)
    code = await asyncio.to_thread(main, ["check", str(file)])
    said = capsys.readouterr()
    return code, said.out + said.err


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
async def test_a_right_file(dialect: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with DIALECTS[dialect](KEY) as server:
        code, said = await checked(server, dialect, tmp_path, capsys)
    assert code == 0, said
    assert "ok    noop: answered" in said
    assert "ok    report: answered" in said
    assert "ok    thread: made and seen by its owner; another tenant got: refused THREAD_NOT_FOUND" in said
    assert "refused as described" in said
    assert "(line " in said
    assert "not applicable:" in said
    assert "every frame was taken by a rule" in said
    assert KEY not in said
    assert "eyJ" not in said, "no token is printed"


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
async def test_a_dead_address(dialect: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = await checked(None, dialect, tmp_path, capsys)
    assert code == 254
    assert "cannot be opened" in said
    assert "Traceback" not in said


async def test_a_wrong_key(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET_KEY", "another key, which is not the platform's")
    async with September(KEY) as server:
        code, said = await checked(server, "netra_september", tmp_path, capsys)
    assert code == 254
    assert "cannot be opened" in said
    assert "AUTH_FAILED" in said
    assert "not the platform's" not in said


async def test_a_missing_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JWT_SECRET_KEY")
    async with September(KEY) as server:
        code, said = await checked(server, "netra_september", tmp_path, capsys)
    assert code == 254
    assert "JWT_SECRET_KEY" in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"{when: {type: agent_completed}": "{when: {type: agent_finished}"}, ["WRONG noop: timed out", "no rule", "agent_completed"]),
        ({"answer: final_response": "answer: final_answer"}, ["report: the text that was sent is in no word", "nothing stood there"]),
        ({"bad: {close: [1008], frame: {type: error, data.error_code: AUTH_FAILED}}": "bad: {close: [4001]}"},
         ["refused, but not as 'credential.bad' says"]),
        ({"look: history": "look: report"}, ["another tenant got"]),
    ],
    ids=["answer not described", "text not kept", "another close code", "a look that changes"],
)  # fmt: skip
async def test_what_is_wrong_is_shown(
    changes: dict[str, str], words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with September(KEY) as server:
        changes = {**changes, "limits: {": "limits: {answer_within: 1 s, "}
        _, said = await checked(server, "netra_september", tmp_path, capsys, changes)
    for word in words:
        assert word.lower() in said.lower(), said


async def test_a_foreign_thread_that_opens_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with September(KEY, ("foreign threads",)) as server:
        _, said = await checked(server, "netra_september", tmp_path, capsys)
    assert "another tenant got: answered" in said
