"""Writing everything down, at the beginning of a run and at every ending of it.

Whatever goes wrong with one file is said and keeps no other file from being written: the page comes first, the history last.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from isolation.record import Environment
from isolation.settings.catalogue import Catalogue
from isolation.settings.controls import load_frameworks
from isolation.settings.coverage import load_coverage
from isolation.show.console import console_summary
from isolation.show.evidence.decided import DecidedEvidence, decide, save_evidence
from isolation.show.evidence.run import Ending, EndingKind, Evidence
from isolation.show.files.manifest import MANIFEST, SUMS, listed_before, write_manifest
from isolation.show.files.safe import said, within, write_whole
from isolation.show.history.comparison import compare_runs
from isolation.show.history.runs import History, append_run, load_history, run_line
from isolation.show.machine import WRITERS
from isolation.show.page.compared import compared_words
from isolation.show.page.plain import plain_page
from isolation.show.page.signoff import PageInput, render_page
from isolation.show.verdicts import PromiseResult

PAGE = "signoff.html"
EVIDENCE = "evidence.json"
HISTORY = "history.jsonl"
MACHINE = "machine"
RECORDS = "records"
_OTHERS = ("output.xml", "log.html", "report.html", "xunit.xml")
_COVERAGE = Path(__file__).resolve().parents[3] / "resources" / "coverage.yaml"
_CONTROLS = Path(__file__).resolve().parents[3] / "resources" / "controls.yaml"


@dataclass(slots=True)
class Written:
    """What was written.

    Attributes:
        evidence: The run with its verdicts.
        results: The verdict of every promise with what it rests on.
        page: The page that is signed.
        summary: The last lines for the console.
        complaints: What could not be written or read, one sentence each.
    """

    evidence: DecidedEvidence
    results: list[PromiseResult]
    page: Path
    summary: str = ""
    complaints: list[str] = field(default_factory=list)


def unknown_environment(target: str, profile: str, run_id: str, started: str) -> Environment:
    """The environment of a run of which nothing is known yet, or never became known."""
    unknown = "not known"
    return Environment(
        cores=0, memory_bytes=0, kernel=unknown, python=unknown, cgroup_mode=unknown, cgroup_placement=unknown,
        autogroup=None, quota_mechanism=unknown, memory_kind=unknown, user=unknown,
        target=target or unknown, profile=profile or unknown, run_id=run_id or unknown, started=started or unknown,
    )  # fmt: skip


def write_unfinished(evidence: Evidence, folder: Path, catalogue: Catalogue) -> Written:
    """The first thing of a run: what an earlier run left in the folder goes, and page and evidence say "not finished".

    Args:
        evidence: What is known so far: environment (see ``unknown_environment``), identity, settings.
        folder: Output folder.
        catalogue: The promises.
    """
    complaints = _remove_what_stands(folder)
    unfinished = evidence.model_copy(update={"ending": Ending(kind=EndingKind.NOT_FINISHED)})
    written = _page_and_evidence(unfinished, folder, catalogue, History(), {}, "log.html")
    written.complaints[:0] = complaints
    return written


def write_everything(
    evidence: Evidence,
    folder: Path,
    catalogue: Catalogue,
    *,
    charts: Mapping[str, Sequence[str]] | None = None,
    history: Path | None = None,
    log: str = "log.html",
    baseline: DecidedEvidence | None = None,
) -> Written:
    """The last thing of a run, however it ended: page, evidence, machine formats, history, checksums.

    Args:
        evidence: The run.
        folder: Output folder.
        catalogue: The promises.
        charts: The charts of each test, inline SVG, by the id of the test.
        history: File of the history; ``history.jsonl`` in the folder when None.
        log: The runner's log as seen from the folder, or empty when none is written; then the page has no links into it.
        baseline: The run that this one is compared with, if any.
    """
    earlier_runs = folder / HISTORY if history is None else history
    earlier = load_history(earlier_runs)
    written = _page_and_evidence(evidence, folder, catalogue, earlier, charts or {}, log, baseline)
    written.complaints[:0] = earlier.damage
    for name, writer in WRITERS.items():
        _attempt(
            written.complaints, f"{MACHINE}/{name}", partial(_write_machine, folder, name, writer, written.evidence)
        )
    line = run_line(written.evidence, written.results)
    _attempt(written.complaints, str(earlier_runs), lambda: append_run(earlier_runs, line))
    written.complaints += write_checksums(written.evidence.environment.run_id, folder)
    compared = compared_words(compare_runs(baseline, written.evidence)) if baseline is not None else ""
    written.summary = console_summary(written.evidence, written.results, written.page, written.complaints, compared)
    return written


def write_checksums(run_id: str, folder: Path, others: Sequence[str] = _OTHERS) -> tuple[str, ...]:
    """Checksums of all artefacts; to be called again when the runner has written its own files.

    Args:
        folder: Output folder.
        others: The runner's own files, as seen from the folder.

    Returns:
        What could not be listed, one sentence each.
    """
    names = [PAGE, EVIDENCE, *(f"{MACHINE}/{name}" for name in WRITERS), *others, *_records(folder)]
    return write_manifest(folder, run_id, names)


def _page_and_evidence(
    evidence: Evidence,
    folder: Path,
    catalogue: Catalogue,
    earlier: History,
    charts: Mapping[str, Sequence[str]],
    log: str,
    baseline: DecidedEvidence | None = None,
) -> Written:
    decided, results = decide(evidence, catalogue.of_a_run)
    written = Written(decided, results, folder / PAGE)
    frameworks, coverage = load_frameworks(_CONTROLS), load_coverage(_COVERAGE)
    _write_page(written, PageInput(decided, results, catalogue, frameworks, earlier, charts, log, baseline, coverage))
    _attempt(written.complaints, EVIDENCE, lambda: save_evidence(decided, folder / EVIDENCE))
    return written


def _write_page(written: Written, page: PageInput) -> None:
    """The page; when it cannot be made or is too large for the disk, one that says the verdict and nothing else."""
    try:
        write_whole(written.page, render_page(page))
        return
    except OSError as error:
        written.complaints.append(f"The page could not be written: {said(error)}.")
    except Exception as error:  # noqa: BLE001 - a fault of the page must not cost the verdict
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        written.complaints.append(
            f"The page could not be made ({type(error).__name__} in {where}): it says the verdict only."
        )
    _attempt(
        written.complaints, PAGE, lambda: write_whole(written.page, plain_page(written.evidence, written.complaints))
    )


def _write_machine(
    folder: Path, name: str, writer: Callable[[DecidedEvidence], str], evidence: DecidedEvidence
) -> None:
    write_whole(within(folder, f"{MACHINE}/{name}"), writer(evidence))


def _attempt(complaints: list[str], what: str, action: Callable[[], object]) -> None:
    try:
        action()
    except OSError as error:
        complaints.append(f"{what} could not be written: {said(error)}.")


def _remove_what_stands(folder: Path) -> list[str]:
    """Remove what an earlier run wrote here, and only that: what its manifest names, and the files that always have these names."""
    complaints: list[str] = []
    own = [EVIDENCE, MANIFEST, SUMS, *(f"{MACHINE}/{name}" for name in WRITERS), *_records(folder)]
    # The runner's own output is open by now, under a name that an earlier run may have used.
    earlier = [name for name in listed_before(folder) if "/" in name or not name.endswith(".xml")]
    for name in dict.fromkeys([*earlier, *own]):
        try:
            within(folder, name).unlink(missing_ok=True)
        except OSError as error:
            complaints.append(f"'{name}' of an earlier run could not be removed: {said(error)}.")
    return complaints


def _records(folder: Path) -> list[str]:
    return sorted(f"{RECORDS}/{path.name}" for path in (folder / RECORDS).glob("*.jsonl.gz"))
