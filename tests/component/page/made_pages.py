"""Pages of made-up runs, written as a run writes them."""

from __future__ import annotations

from pathlib import Path

from isolation.settings.catalogue import Catalogue
from isolation.show.evidence import Ending, EndingKind, Evidence
from isolation.show.write import unknown_environment, write_everything, write_unfinished
from unit.show import chart_samples
from unit.show.run_samples import bad_run, earlier, good_run, mixed_run

CATALOGUE = Catalogue.load(Path(__file__).resolve().parents[3] / "resources" / "promises.yaml")
KINDS = ("green", "amber", "red", "seeded", "cut", "unfinished")


def made(folder: Path, kind: str) -> Path:
    """The page of one kind of run, as a run writes it."""
    runs = {
        "green": good_run(),
        "amber": mixed_run(),
        "red": bad_run(),
        "seeded": bad_run().model_copy(
            update={"identity": bad_run().identity.model_copy(update={"defect": "quota_off"})}
        ),
        "cut": mixed_run().model_copy(
            update={"ending": Ending(kind=EndingKind.PLATFORM_DIED, cause="Signal SIGKILL (9)")}
        ),
    }
    if kind == "unfinished":
        return write_unfinished(
            Evidence(environment=unknown_environment("p", "quick", "r", "now")), folder, CATALOGUE
        ).page
    write_everything(earlier(good_run(), "run-0", "2026-11-01T09:00:00+00:00"), folder, CATALOGUE)
    evidence = runs[kind]
    drawn = {evidence.cases[3].id: [chart_samples.pairs()], evidence.cases[4].id: [chart_samples.clocks()]}
    page = write_everything(evidence, folder, CATALOGUE, charts=drawn).page
    ids = "".join(f'<p id="{case.id}">{case.id}</p>' for case in evidence.cases)
    (folder / "log.html").write_text(f"<!DOCTYPE html><title>log</title>{ids}", encoding="utf-8")
    return page
