"""The fault matrix, by rule: every fault of the run's surroundings at every moment of a run."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from fault_servers.broken import OPERATOR_MODES, TENANT_MODES
from fault_stage import ROOT, Fault

CALLS = ("engine.prepare", "monitor.watch", "monitor.operator", "engine.make_users", "engine.connect", "engine.disconnect", "monitor.remove_tenants",
         "engine.ask")  # fmt: skip
"""Every different call to the suite's own workers in the two files that are run, in order of its first time."""
BEFORE = tuple(f"before {call}" for call in CALLS)
LATE = ("judging", "between", "end", "closing")
MOMENTS = ("start", "launching", *BEFORE, *LATE)
SETTLED = {"end", "closing"}
"""Moments at which everything has been judged."""
FIRST = {"before engine.connect", "between", "closing"}
"""Moments of the short form, in the normal tests."""
NOT_EXAMINED, KEPT = frozenset({254}), frozenset({0})
EITHER = KEPT | NOT_EXAMINED
INTERRUPTED = frozenset({253})
OWN_FILES = (
    "signoff.html",
    "evidence.json",
    "cases.jsonl",
    "history.jsonl",
    "clean-up.jsonl",
    ".run.lock",
    "manifest.json",
    "SHA256SUMS",
)
OWN_FOLDERS = ("records", "machine")
BROKEN = "fault_servers.broken"


def matrix() -> list[Fault]:
    """All rows."""
    return [
        *_dead_parts(),
        *_signals(),
        *_operators(),
        *_tenant_doors(),
        *_places(),
        *_shortages(),
        *_targets(),
        *_choices(),
        *_clocks(),
    ]


def _dead_parts() -> Iterator[Fault]:
    names = {"engine": "load engine", "monitor": "monitor", "platform": "signal 9"}
    for whom, words in names.items():
        for moment in MOMENTS:
            if (
                moment == "start"
                or (moment == "launching" and whom == "platform")
                or (whom, moment) == ("platform", "before engine.prepare")
            ):
                continue  # it is not there yet; a platform that does not start has rows of its own
            settled = moment in SETTLED
            yield Fault(f"{whom} killed", moment, EITHER if settled else NOT_EXAMINED, () if settled else (words,), inject=(moment, f"kill {whom} SIGKILL"),
                        cheap=moment in FIRST)  # fmt: skip
    for number, words in (("SIGTERM", "exit code 0"), ("SIGSEGV", "signal 11"), ("SIGUSR1", "signal 10")):
        yield Fault(
            f"platform ends by {number}",
            "before engine.connect",
            words=(words,),
            inject=("before engine.connect", f"kill platform {number}"),
        )
    for whom in ("engine", "monitor", "platform"):
        yield Fault(
            f"{whom} hangs",
            "before engine.connect",
            words=(f"{names[whom][:11]} hung",) if whom != "platform" else (),
            inject=("before engine.connect", f"kill {whom} SIGSTOP"),
            within_s=90,
        )
    for command, words in ((["false"], "exit code 1"), (["sleep", "60"], "not ready"), (["/nowhere/at/all"], "cannot be started"), (["echo", "hello"], "did not"), (["sh", "-c", "kill -9 $$"], "signal 9")):  # fmt: skip
        yield Fault(
            f"platform is '{' '.join(command)}'",
            "start",
            words=(words,),
            prepare=_changed(lambda t, c=command: t["launch"].update(command=c, within="3 s")),
        )  # type: ignore[misc]


def _signals() -> Iterator[Fault]:
    ways = {
        "Ctrl-C": "kill robot SIGINT",
        "Ctrl-C twice": "twice",
        "SIGTERM": "kill robot SIGTERM",
        "SIGHUP": "kill robot SIGHUP",
        "SIGKILL": "kill robot SIGKILL",
    }
    for name, action in ways.items():
        for moment in ("launching", "before engine.connect", "before monitor.remove_tenants", *LATE):
            killed = name == "SIGKILL"
            codes = frozenset({137}) if killed else INTERRUPTED | (EITHER if moment in SETTLED else frozenset())
            words = ("not finished",) if killed else ("interrupted",) if codes == INTERRUPTED else ()
            yield Fault(name, moment, codes, words, inject=(moment, action), cheap=moment == "before engine.connect")


def _operators() -> Iterator[Fault]:
    for mode in OPERATOR_MODES:
        slow = mode in ("hangs", "silent", "wrong ids")
        yield Fault(
            f"operator interface: {mode}",
            "always",
            EITHER,
            server=(BROKEN, "--operator", mode),
            cheap=mode in ("absent", "garbage"),
            within_s=90 if slow else 30,
        )


def _tenant_doors() -> Iterator[Fault]:
    for mode in TENANT_MODES:
        yield Fault(
            f"tenants' door: {mode}",
            "always",
            EITHER,
            server=(BROKEN, "--tenant", mode),
            cheap=mode in ("503", "redirect"),
            within_s=60,
        )


def _places() -> Iterator[Fault]:
    """Something else stands where the run wants to write."""
    for name in (*OWN_FILES, *OWN_FOLDERS):
        for what, trap in {
            "folder": _folder,
            "link outside": _link,
            "pipe": _pipe,
            "link to nowhere": _dangling,
        }.items():
            if what == "folder" and name in OWN_FOLDERS:
                continue
            page = name != ".run.lock" and (name != "signoff.html" or what != "folder")
            yield Fault(
                f"{name} is a {what}",
                "start",
                EITHER,
                prepare=lambda results, _, n=name, t=trap: t(results / n),
                page=page,
                cheap=(name, what) == ("evidence.json", "link outside"),
            )  # type: ignore[misc]
    yield Fault("the folder is a link", "start", KEPT, prepare=_linked_folder)
    yield Fault("another run's remains", "start", KEPT, prepare=_remains)
    for moment in ("before engine.connect", "judging", "end"):
        yield Fault(
            "results removed", moment, EITHER | frozenset({252, 255}), inject=(moment, "remove {results}"), page=False
        )


def _shortages() -> Iterator[Fault]:
    for size in (20_000, 100_000, 250_000, 400_000):
        yield Fault(
            f"files of at most {size} bytes",
            "always",
            EITHER | frozenset({252, 255}),
            limits={resource.RLIMIT_FSIZE: size},
            noisy=True,
            page=False,
            cheap=size == 100_000,
        )
    for number in (16, 32, 64, 128):
        yield Fault(
            f"at most {number} descriptors",
            "always",
            EITHER | frozenset({255}),
            limits={resource.RLIMIT_NOFILE: number},
            page=number > 32,
            cheap=number == 64,
        )
    for size in (16, 128, 512, 1024):
        yield Fault(
            f"a disk of {size} kB",
            "always",
            EITHER | frozenset({252, 255}),
            prepare=_small_disk(size),
            noisy=True,
            page=False,
            root=True,
        )


def _targets() -> Iterator[Fault]:
    """A target file that is wrong in what only a run can show; what can be read from it is tested without a run."""
    changes: dict[str, tuple[Callable[[dict], object], str]] = {
        "wrong key": (lambda t: t["secrets"].update(key="operator_credential"), "could be connected"),
        "wrong operator credential": (lambda t: t["secrets"].update(operator_credential="jwt_secret"), ""),
        "wrong name of the credentials": (lambda t: t["secrets"].update(key="nothing"), "nothing"),
        "wrong path of the door": (lambda t: t["session"]["connect"].update(websocket="{agents}/elsewhere"), ""),
        "door that nobody listens on": (
            lambda t: t["doors"].update(agents="ws://127.0.0.1:9/agents"),
            "could be connected",
        ),
        "door without a name": (
            lambda t: t["doors"].update(agents="ws://no-such-host.invalid/agents"),
            "could be connected",
        ),
        "a store that is down": (
            lambda t: (
                t.update(stores={"postgresql": {"address": "database"}}) or t["secrets"].update(database="jwt_secret")
            ),
            "",
        ),
        "no welcome of that form": (lambda t: t["frames"][0].update(when={"event": "hello"}), ""),
        "an answer's id elsewhere": (lambda t: t["correlation"].update(read="request.id"), ""),
    }
    for name, (change, words) in changes.items():
        yield Fault(
            f"target file: {name}",
            "always",
            EITHER,
            (words,) if words else (),
            prepare=_changed(change),
            within_s=60,
            cheap=name == "wrong key",
        )


def _choices() -> Iterator[Fault]:
    """Single tests, other orders: nothing may depend on what ran before."""
    tests = ["Tenant agents have identities of their own", "Tenant agents authenticate, and failures are reported by name", "Clean-up is idempotent and leaves nothing behind",
             "No secret is in any output", "Nothing of this run is left behind"]  # fmt: skip
    for test in tests:
        yield Fault("one test alone", test, KEPT, arguments=("--test", test))
    for seed in (1, 2, 3):
        yield Fault("shuffled", f"seed {seed}", KEPT, arguments=("--randomize", f"all:{seed}"))
    yield Fault(
        "files the other way round",
        "",
        KEPT,
        suites=tuple(reversed(("suites/tenant_agents.robot", "suites/whole_run.robot"))),
    )
    yield Fault("no test of that name", "", frozenset({252}), arguments=("--test", "nothing"), page=False)
    yield Fault("skipped on purpose", "", EITHER, arguments=("--skip", "isolation"))
    yield Fault("dry run", "", KEPT, arguments=("--dryrun",), page=False)
    yield Fault("no log", "", KEPT, arguments=("--log", "NONE"))
    yield Fault("warnings are errors", "", KEPT, environment={"PYTHONWARNINGS": "error"})
    yield Fault("exit on failure", "", KEPT, arguments=("--exitonfailure",))


def _clocks() -> Iterator[Fault]:
    for seconds in (-3600, 3600):
        for moment in ("before engine.prepare", "before engine.connect", "between"):
            yield Fault(f"the clock jumps by {seconds} s", moment, EITHER, inject=(moment, f"clock {seconds}"))


def _changed(change: Callable[[dict], object]) -> Callable[[Path, Path], None]:
    def write(_: Path, target: Path) -> None:
        content = yaml.safe_load(target.read_text())
        change(content)
        target.write_text(yaml.safe_dump(content, sort_keys=False, width=10_000))

    return write


def _folder(place: Path) -> None:
    place.mkdir()
    (place / "theirs").write_text("kept")


def _link(place: Path) -> None:
    place.symlink_to(place.parent.parent / "outside" / ("below" if place.name in OWN_FOLDERS else "file"))


def _dangling(place: Path) -> None:
    place.symlink_to(place.parent.parent / "outside" / "new")


def _pipe(place: Path) -> None:
    os.mkfifo(place)


def _linked_folder(results: Path, _: Path) -> None:
    results.rmdir()
    (results.parent / "real").mkdir()
    results.symlink_to(results.parent / "real")


def _remains(results: Path, _: Path) -> None:
    """What a run leaves that was killed while it wrote."""
    (results / "records").mkdir()
    (results / "records" / "tenant_agents.jsonl.gz").write_bytes(b"\x1f\x8b\x08cut")
    for name in OWN_FILES:
        (results / name).write_bytes(b'{"cut": "\xff\n{"')


def _small_disk(kilobytes: int) -> Callable[[Path, Path], None]:
    def mount(results: Path, _: Path) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(results)], check=True)

    return mount


__all__ = ["ROOT", "matrix"]
