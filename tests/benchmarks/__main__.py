"""``python -m benchmarks [load] [sampler] [scanner] [judges] [scale] [--shards 1] [--sessions 100 1000 10000] [--seconds 2]`` in ``tests/``; prints tables for the README."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import judges, sampler, scale
from benchmarks.load import compare

PARTS = ("load", "sampler", "scanner", "judges", "scale")


def machine() -> str:
    """What a number without its machine would lack."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    load = os.getloadavg()[0]
    return (
        f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} x {model}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load before: {load:.1f}"
    )


def show(title: str, table: Iterator[list[str]]) -> None:
    """Print a table as it grows."""
    print(f"\n**{title}** ({machine()})\n")
    for number, row in enumerate(table):
        print("| " + " | ".join(row) + " |", flush=True)
        if not number:
            print("|" + "---|" * len(row))


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all when none is named")
    parser.add_argument("--sessions", nargs="+", type=int, default=[100, 1_000, 10_000])
    parser.add_argument("--processes", nargs="+", type=int, default=[100, 1_000])
    parser.add_argument("--operations", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    work: dict[str, Callable[[], object]] = {
        "load": lambda: show("Load clients", compare.rows(options.sessions, options.seconds)),
        "sampler": lambda: show("Sampler", sampler.rows(options.processes)),
        "judges": lambda: show("Judges", judges.rows(options.operations)),
        "scale": lambda: show("Scale", scale.rows(options.sessions, options.shards)),
        "scanner": lambda: subprocess.run([sys.executable, Path(__file__).parent / "scan.py"], check=True),
    }
    for part in options.parts or PARTS:
        work[part]()


if __name__ == "__main__":
    main()
