"""Rules about things that a target file gives no chance to try."""

from __future__ import annotations

from pathlib import Path

from isolation.drive.probe.things.offered import rules_not_offered
from isolation.target.model import Target

FOLDER = Path(__file__).resolve().parents[4] / "resources" / "targets"


def test_the_reference_platform_offers_all() -> None:
    assert rules_not_offered(Target.load(FOLDER, "reference_platform")) == {}


def test_threads_that_can_only_be_made_and_read_offer_nothing_else() -> None:
    lacks = rules_not_offered(Target.load(FOLDER, "netra_september"))
    assert {"after its removal", "after a failed creation", "in lists and counts", "by subscription"} <= set(lacks)
    assert "under the same name" not in lacks
