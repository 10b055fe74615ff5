"""When quotas, pools and memory come to their limits at the growth of earlier runs: ``python -m isolation.show.forecast HISTORY``.

Only whole runs of one target, profile and machine make a line.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from isolation.record import Comparison
from isolation.record.numbers import number
from isolation.show.history.forecast import CONFIDENCE, FEWEST, Forecast, forecast
from isolation.show.history.runs import KeyValue, RunLine, load_history
from isolation.show.text import clean

_DAY_S = 86_400.0
_UPWARDS = {Comparison.BELOW: True, Comparison.AT_MOST: True, Comparison.ABOVE: False, Comparison.AT_LEAST: False}
"""On which side the limit lies; a number that has to be exact has none."""


def forecasts(runs: Sequence[RunLine]) -> Iterator[tuple[str, KeyValue, Forecast | None]]:
    """For each promise whose number has a limit: its latest value, and what the line through all of them says.

    Args:
        runs: Comparable runs, oldest first.
    """
    series: dict[str, list[tuple[float, KeyValue]]] = defaultdict(list)
    for run in runs:
        at = datetime.fromisoformat(run.started).timestamp() / _DAY_S
        for promise, value in run.values.items():
            series[promise].append((at, value))
    for promise, found in sorted(series.items()):
        last = found[-1][1]
        if last.limit is None or last.comparison not in _UPWARDS:
            continue
        same = [(at, one.value) for at, one in found if (one.metric, one.unit) == (last.metric, last.unit)]
        days, values = [at for at, _ in same], [value for _, value in same]
        yield promise, last, forecast(days, values, last.limit, upwards=_UPWARDS[last.comparison])


def in_words(last: KeyValue, found: Forecast | None) -> str:
    """One sentence."""
    if found is None:
        return f"fewer than {FEWEST} runs at different times: no line"
    growth = f"{found.growth:+.3g} {last.unit} a day [{found.growth_low:+.3g}, {found.growth_high:+.3g}], {found.points} runs"
    if found.reached:
        return f"the line is at the limit now ({growth})"
    if found.earliest_days is None:
        return f"not in sight ({growth})"
    latest = "perhaps never" if found.latest_days is None else f"at the latest in {_days(found.latest_days)}"
    likely = "" if found.days is None else f", most likely in {_days(found.days)}"
    return f"at the earliest in {_days(found.earliest_days)}{likely}, {latest} ({growth})"


def _days(days: float) -> str:
    return f"{number(days * 24)} hours" if days < 2 else f"{number(days)} days"


def comparable(runs: Sequence[RunLine]) -> list[RunLine]:
    """The runs that may be drawn into one line with the last whole one."""
    whole = [run for run in runs if run.whole]
    return [run for run in whole if run is whole[-1] or run.compares_with(whole[-1])] if whole else []


def main() -> int:
    """Say for every number with a limit when it comes into sight."""
    parser = argparse.ArgumentParser(
        prog="python -m isolation.show.forecast", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("history", type=Path, nargs="?", default=Path("results/history.jsonl"))
    history = load_history(parser.parse_args().history)
    runs = comparable(history.runs)
    for complaint in history.damage:
        print(clean(complaint))
    if not runs:
        print("There is no whole run in this history.")
        return 1
    print(
        clean(
            f"{len(runs)} runs of {runs[-1].target}, profile {runs[-1].profile}, on {runs[-1].host}; {CONFIDENCE:.0%} intervals"
        )
    )
    for promise, last, found in forecasts(runs):
        limit = number(last.limit if last.limit is not None else 0.0)
        print(
            clean(
                f"{promise:6} {last.metric}: {number(last.value)} {last.unit}, limit {limit}: {in_words(last, found)}"
            )
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
