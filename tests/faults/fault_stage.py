"""One run of the suite with one fault: what is done to it, and what is seen afterwards."""

from __future__ import annotations

import html
import json
import os
import re
import resource
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from process_control.proc.sysvipc_shm import read_segments

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SUITES = ("suites/tenant_agents.robot", "suites/whole_run.robot")
OF_OURS = (
    "Traceback",
    "KeyError",
    "TypeError",
    "AttributeError",
    "IndexError",
    "AssertionError",
    "StopIteration",
    "ValidationError",
    "RecursionError",
)
_MARK = "FAULT_RUN"
_OF_THE_SERVER = ("yes-man-", "tenant-isolation-services-")
"""Folders of a platform that was killed are the platform's own remains."""


@dataclass(frozen=True)
class Fault:
    """One row of the matrix.

    Attributes:
        kind: What goes wrong.
        moment: When.
        codes: Exit codes that are right.
        words: What page and ending say, each of them; the first cause.
        server: Module and options of the platform.
        inject: Moment and action of the listener.
        prepare: What is done to the output folder before the run, and to the target file.
        environment: More environment variables.
        limits: Resource limits.
        arguments: More words of the command line.
        suites: Files that are run.
        accuses: Promises that may be FAIL, because they are measured to be.
        within_s: How long the run may take on a calm machine.
        page: Whether a page can be expected at all.
        cheap: Whether it is among the normal tests.
        root: Whether only root can do it.
        noisy: Whether Robot itself may show a traceback.
    """

    kind: str
    moment: str
    codes: frozenset[int] = frozenset({254})
    words: tuple[str, ...] = ()
    server: tuple[str, ...] = ("yes_man",)
    inject: tuple[str, str] | None = None
    prepare: Callable[[Path, Path], None] | None = None
    environment: dict[str, str] = field(default_factory=dict)
    limits: dict[int, int] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    suites: tuple[str, ...] = SUITES
    accuses: frozenset[str] = frozenset()
    within_s: float = 30.0
    page: bool = True
    cheap: bool = False
    root: bool = False
    noisy: bool = False

    @property
    def name(self) -> str:
        """Kind and moment, as one id."""
        return f"{self.kind}, {self.moment}"


@dataclass
class Seen:
    """What a run left behind."""

    code: int
    seconds: float
    console: str
    page: str
    evidence: dict[str, Any]
    processes: list[str]
    files: list[str]
    segments: list[int]
    outside: bool
    done: bool
    complaints: list[str] = field(default_factory=list)

    @property
    def cases(self) -> list[dict[str, Any]]:
        return list(self.evidence.get("cases", []))

    @property
    def ending(self) -> dict[str, str]:
        return dict(self.evidence.get("ending", {}))


class Outside:
    """A folder beside the run that nothing of it may touch; traps point to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "file").write_text("not yours")
        (folder / "below").mkdir()
        (folder / "below" / "file.jsonl.gz").write_text("not yours either")
        self.before = self._look()

    def is_untouched(self) -> bool:
        return self.before == self._look()

    def _look(self) -> dict[str, tuple[str, float]]:
        return {
            str(p): (p.read_text() if p.is_file() else "", p.stat().st_mtime) for p in sorted(self.folder.rglob("*"))
        }


def perform(fault: Fault, folder: Path) -> Seen:
    """Run the suite with the fault and look at everything that is left."""
    from servers.liar import write_target

    results, temporary, note = folder / "results", folder / "tmp", folder / "done"
    results.mkdir()
    temporary.mkdir(mode=0o777)
    outside = Outside(folder / "outside")
    module = fault.server[0]
    target = folder / "target.yaml"
    write_target(target, module, *fault.server[1:])
    if fault.prepare is not None:
        fault.prepare(results, target)
    mark = secrets.token_hex(8)
    listener = (
        ["--listener", ":".join([str(HERE / "fault_injector.py"), *fault.inject, str(note)])] if fault.inject else []
    )
    command = [
        sys.executable,
        "-m",
        "robot",
        "-d",
        str(results),
        "--exitonerror",
        "-v",
        f"TARGET:{target}",
        *listener,
        *fault.arguments,
        *fault.suites,
    ]
    environment = {
        **os.environ,
        "TMPDIR": str(temporary),
        _MARK: mark,
        "CONCURRENT_TEST_USERS": "5",
        **fault.environment,
    }
    began, began_at = time.monotonic(), time.time()
    creators: set[int] = set()
    with (folder / "console").open("w+") as console:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=console, stderr=subprocess.STDOUT, start_new_session=True,
            preexec_fn=lambda: [resource.setrlimit(kind, (value, value)) for kind, value in fault.limits.items()],
        )  # fmt: skip
        while process.poll() is None and time.monotonic() < began + 12 * fault.within_s:
            creators.update(pid for pid in marked(mark))
            time.sleep(0.1)
        hung = process.poll() is None
        if hung:
            process.kill()
        code = process.wait()
        seconds = time.monotonic() - began
        console.seek(0)
        said = console.read()
    left = _left_after(mark)
    seen = Seen(
        code=code if code >= 0 else 128 - code,
        seconds=seconds,
        console=said,
        page=_page(results),
        evidence=_json(results / "evidence.json"),
        processes=[f"{pid} {name}" for pid, name in left.items()],
        files=[str(p.relative_to(temporary)) for p in temporary.iterdir() if not p.name.startswith(_OF_THE_SERVER)],
        segments=[
            one.segment_id
            for one in read_segments()
            if one.creator in creators and not one.attached and one.changed_at >= began_at - 1
        ],
        outside=outside.is_untouched(),
        done=fault.inject is None or note.exists(),
    )
    for pid in left:
        _end(pid)
    if hung:
        seen.complaints.append(f"it hung for {seconds:.0f} s")
    return seen


def marked(mark: str) -> dict[int, str]:
    """Living processes that carry the mark of a run in their environment."""
    wanted, found = f"{_MARK}={mark}".encode(), {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:120]
            except OSError:
                continue
    return found


def _left_after(mark: str, within_s: float = 20.0) -> dict[int, str]:
    until = time.monotonic() + within_s
    while (left := marked(mark)) and time.monotonic() < until:
        time.sleep(0.1)
    return left


def _end(pid: int) -> None:
    try:
        psutil.Process(pid).send_signal(signal.SIGKILL)
    except psutil.Error:
        return


def _page(results: Path) -> str:
    try:
        text = (results / "signoff.html").read_text(errors="replace")
    except OSError:
        return ""
    text = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", text)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def _json(file: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return found


def wrong(fault: Fault, seen: Seen) -> list[str]:
    """What is not as it has to be, in words; empty when all is well."""
    found = list(seen.complaints)
    if not seen.done:
        return [*found, f"the fault never happened; the run ended with {seen.code}"]
    if seen.code not in fault.codes:
        found.append(f"exit code {seen.code}, not {' or '.join(map(str, sorted(fault.codes)))}: {seen.console[-400:]}")
    accused = {
        promise for case in seen.cases if case["status"] == "FAIL" for promise in case["promises"]
    } - fault.accuses
    if accused:
        reasons = [case["message"][:300] for case in seen.cases if case["status"] == "FAIL"]
        found.append(f"accuses by {', '.join(sorted(accused))}: {reasons}")
    if "Isolation is broken" in seen.page and not fault.accuses:
        found.append("the page says that isolation is broken")
    undone = [case for case in seen.cases if case["not_examined"]]
    if (
        seen.evidence
        and not fault.noisy
        and seen.code not in (253, 137)
        and bool(undone) != (seen.code == 254)
        and 254 in fault.codes
        and fault.codes != {0, 254}
    ):
        found.append(f"exit code {seen.code} with {len(undone)} tests that could not be examined")
    said = f"{seen.page}\n{seen.ending.get('cause', '')}" if fault.page else seen.console
    if fault.page and not seen.page:
        found.append("there is no page")
    if fault.page and seen.code == 0 and "not finished" in seen.page[:3000].lower():
        found.append("the page says 'not finished' after an end")
    found += [f"'{word}' is not said" for word in fault.words if seen.code != 0 and word.lower() not in said.lower()]
    if (
        fault.words
        and undone
        and seen.code == 254
        and fault.words[0].lower() not in str(undone[0]["not_examined"]).lower()
    ):
        found.append(f"the first cause is not the first: {undone[0]['not_examined'][:300]}")
    messages = [seen.console, *(str(case["message"]) for case in seen.cases)]
    found += [
        f"{word} is shown: {text[max(0, text.index(word) - 200) : text.index(word) + 400]}"
        for text in messages
        for word in OF_OURS
        if word in text and not fault.noisy
    ][:1]
    for what, left in (("processes", seen.processes), ("files", seen.files), ("shared memory", seen.segments)):
        if left:
            found.append(f"{what} left: {left}")
    if not seen.outside:
        found.append("something outside was touched")
    return found
