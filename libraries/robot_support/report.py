"""Writing the evidence of a run down: "not finished" first of all, every test as it ends, everything at every ending."""

from __future__ import annotations

import atexit
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from robot.api import logger

from isolation.record import Environment
from isolation.show.evidence import CaseEvidence, Ending, EndingKind, Evidence, Identity
from isolation.show.evidence.decided import DecidedEvidence, decide
from isolation.show.evidence.identify import identify
from isolation.show.files.claim import FolderClaim
from isolation.show.files.safe import open_regular
from isolation.show.gate import NOT_EXAMINED, exit_code
from isolation.show.history.baseline import load_run
from isolation.show.write import unknown_environment, write_checksums, write_everything, write_unfinished
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.command_line import RunOptions, robot_files
from robot_support.settings_shown import settings_of
from robot_support.suite_files.left_out import left_out

CASES = "cases.jsonl"
"""Each test as it ended, one line: what a run that was killed leaves behind."""


class RunReport:
    """The report of one Robot execution.

    Args:
        options: What the command line asked for.

    Raises:
        FolderInUseError: Another run writes into the folder.
    """

    def __init__(self, options: RunOptions) -> None:
        """Claim the folder and write the page that says "not finished"."""
        self._options = options
        self._claim = FolderClaim(options.output, runs.RUN_ID)
        self._started = time.monotonic()
        self._started_at = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        self._identity = self._identify()
        self._robot_output, self._robot_log = robot_files()
        self._baseline = _baseline(options)
        self._finished = False
        _forget(options.output / CASES)
        written = write_unfinished(
            self._evidence(Ending(kind=EndingKind.NOT_FINISHED)), options.output, runs.catalogue()
        )
        for complaint in written.complaints:
            logger.warn(complaint)
        # Whatever keeps the report from its end must not look like a good one.
        self._code = NOT_EXAMINED
        atexit.register(self._leave)

    def add(self, case: CaseEvidence) -> None:
        """A test has ended: its evidence is written down at once."""
        try:
            _append(self._options.output / CASES, case.model_dump_json())
        except OSError as error:
            COLLECTOR.note_caveat(
                f"The evidence of single tests could not be written as they ended ({error.strerror})."
            )

    def sentence(self) -> str:
        """What the run says so far, in one sentence."""
        decided, _ = decide(self._evidence(self._ending(interrupted=False)), runs.catalogue().of_a_run)
        return decided.overall.sentence

    def finish(self, interrupted: bool) -> None:
        """Write everything; the exit code is known from here on.

        Args:
            interrupted: Whether the run was ended by a signal.
        """
        self._finished = True
        evidence = self._evidence(self._ending(interrupted))
        COLLECTOR.residue.extend(_ended())
        written = write_everything(
            evidence.model_copy(update={"clean_up": COLLECTOR.cleaned()}),
            self._options.output,
            runs.catalogue(),
            charts=COLLECTOR.charts,
            history=self._options.history,
            log=self._options.log,
            baseline=self._baseline,
        )
        self._code = exit_code(written.evidence, self._options.gate)
        _forget(self._options.output / CASES)
        logger.console("\n" + written.summary)

    def _leave(self) -> None:
        """At the very end of the process, when Robot has written its own files."""
        if not self._finished:
            self.finish(interrupted=True)
        for file, end in ((self._robot_output, b"</robot>"), (self._robot_log, b"</html>")):
            if not _is_whole(file, end):
                print(f"Robot's own file '{file}' is not whole: it shows less than was done.")
                self._code = self._code or NOT_EXAMINED
        write_checksums(runs.RUN_ID, self._options.output, _own_files(self._options))
        self._claim.release()
        sys.stdout.flush()
        sys.stderr.flush()
        # Robot itself only knows counts of failed tests.
        os._exit(self._code)

    def _evidence(self, ending: Ending) -> Evidence:
        run = runs.current() if runs.is_open() else None
        return Evidence(
            environment=run.environment() if run is not None else self._unknown(),
            identity=self._identity.model_copy(update={"platform_build": run.build})
            if run is not None
            else self._identity,
            ending=ending,
            settings=(settings_of(run) if run is not None else {}) | self._compared_with(),
            cases=tuple(COLLECTOR.cases),
            left_out=left_out({case.name for case in COLLECTOR.cases}),
            overhead=COLLECTOR.overhead,
            clean_up=COLLECTOR.cleaned(),
            caveats=tuple(COLLECTOR.caveats),
            diagnosis=COLLECTOR.diagnosis,
            seconds=time.monotonic() - self._started,
        )

    def _ending(self, interrupted: bool) -> Ending:
        if interrupted:
            return Ending(kind=EndingKind.INTERRUPTED, cause="The run was interrupted by a signal.")
        if runs.why_not_open():
            return Ending(kind=EndingKind.BROKEN, cause=runs.why_not_open())
        if runs.is_open() and runs.current().broken_by:
            died = EndingKind.PLATFORM_DIED if runs.current().platform_died else EndingKind.BROKEN
            return Ending(kind=died, cause=runs.current().broken_by)
        return Ending()

    def _compared_with(self) -> dict[str, str]:
        if self._baseline is None:
            return {}
        run, digest = self._baseline.environment.run_id, self._baseline.fingerprint()
        return {"baseline": f"run {run}, SHA-256 of its evidence {digest}"}

    def _unknown(self) -> Environment:
        return unknown_environment(self._options.target, self._options.profile, runs.RUN_ID, self._started_at)

    def _identify(self) -> Identity:
        resources, options = runs.RESOURCES, self._options
        target = Path(options.target)
        files = {
            "promises": resources / "promises.yaml",
            "profile": resources / "profiles" / f"{options.profile}.yaml",
            "target file": target if target.suffix else resources / "targets" / f"{options.target}.yaml",
        }
        return identify(files, defect=options.defect)


def _baseline(options: RunOptions) -> DecidedEvidence | None:
    """The run to compare with, read before the folder is written to; what cannot be read is no run, and is told at once."""
    try:
        return load_run(options.baseline) if options.baseline is not None else None
    except ValueError as error:
        runs.refuse(f"The suite cannot start: the baseline {error}.")
        return None


def _ended() -> list[str]:
    """End everything that was started; a fault of the suite while it does so must not cost the evidence."""
    try:
        return runs.end()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        return [f"the suite could not end what it had started: {type(error).__name__}: {error}"]


def _forget(path: Path) -> None:
    """Remove a file of an earlier run; what else stands there is left alone, and told when it is written to."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _is_whole(file: str, end: bytes) -> bool:
    """Whether Robot has written a file to its end; without one there is nothing to be whole."""
    if not file or file.upper() == "NONE":
        return True
    try:
        with Path(file).open("rb") as opened:
            opened.seek(max(0, os.path.getsize(file) - 64))
            return opened.read().rstrip().endswith(end)
    except OSError:
        return False


def _own_files(options: RunOptions) -> tuple[str, ...]:
    """The files that Robot itself has written into the folder."""
    return tuple(sorted(path.name for path in options.output.glob("*.*ml") if path.name != "signoff.html"))


def _append(path: Path, line: str) -> None:
    """One more line, on the disk before the next test begins; never through a link."""
    handle = open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        os.write(handle, f"{line}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
