"""Where the seconds of a run went: ``python tests/benchmarks/quick_parts.py results`` prints each suite file beside its promised windows."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from robot.api import ExecutionResult

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "libraries"))

from isolation.settings.profile import Profile

PROFILES = Path(__file__).resolve().parents[2] / "resources" / "profiles"


def windows(profile: Profile) -> dict[str, float]:
    """Seconds that the promises of a suite file ask for, by its name: what cannot be shorter."""
    base, quota, leaks, campaign = profile.baseline, profile.quota, profile.leaks, profile.campaign
    rounds = campaign.pairs * 5 + min(campaign.controls, campaign.pairs)
    startup = profile.startup
    return {
        "Monitoring Baseline": base.idle + base.load + 2 * base.alone,
        "Quota Enforcement": quota.watch_cpu + quota.watch_memory,
        "Leak Detection": max(30.0, leaks.sustained),
        "Performance Isolation": rounds * (campaign.block + campaign.slices * campaign.settle),
        "Concurrent Stress": 4 * profile.stress.step,
        "Recovery": profile.recovery.work,
        "Connection Scaling": startup.hold + startup.pause * (startup.users / startup.batch - 1),
    }


def rows(folder: Path, profile: Profile) -> Iterator[tuple[str, float, float]]:
    """Each suite file: its name, its seconds, and its promised windows."""
    promised = windows(profile)
    for suite in _files(ExecutionResult(str(folder / "output.xml")).suite):
        seconds = suite.elapsed_time.total_seconds()
        yield suite.full_name.split(".", 1)[-1], seconds, next((s for n, s in promised.items() if n in suite.name), 0.0)


def _files(suite: Any) -> Iterator[Any]:
    if suite.tests:
        yield suite
    for inner in suite.suites:
        yield from _files(inner)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", default="quick")
    options = parser.parse_args()
    print("| suite file | s | promised windows, s | rest, s |\n|---|--:|--:|--:|")
    total = windows_s = 0.0
    for name, seconds, promised in rows(options.folder, Profile.load(PROFILES, options.profile)):
        total, windows_s = total + seconds, windows_s + promised
        print(f"| {name} | {seconds:.1f} | {promised:.1f} | {seconds - promised:.1f} |")
    print(f"| all | {total:.1f} | {windows_s:.1f} | {total - windows_s:.1f} |")


if __name__ == "__main__":
    main()
