"""How fast the scanner is: ``python tests/benchmarks/scan.py`` prints a table in Markdown.

Each row is the best of several rounds over the same texts, on one core. The promise: plain scan at least 1 GB/s and
all views at least 150 MB/s on prose and JSON of 20 kB, with 10,000 markers planted in the run.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "libraries"))

from isolation.judge.scan import Scanner, StreamScanner
from isolation.record.secrets.markers import MarkerMint, TenantSecrets

ENGLISH = (
    "the tenant report for this quarter shows that growth exceeded the expected value after an analysis of server "
    "capacity while saving costs on export text six mixed maximum example quick box over lazy market plan result"
)
GERMAN = "für größere Aufträge prüft München überall die Lösungen und schließt natürlich zwölf Verträge"


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    texts: str
    scan: str
    size: int
    count: int
    hits: int
    megabytes_per_second: float


def prose(rng: random.Random, size: int, words: list[str], planted: list[str]) -> bytes:
    """Sentences with a few numbers, and ``planted`` spread over them."""
    chosen = rng.choices(words, k=size // 6)
    for place in range(0, len(chosen), 9):
        chosen[place] = f"{rng.random() * 1000:.{rng.randint(0, 5)}f}"
    for secret in planted:
        chosen[rng.randrange(len(chosen) // 2)] = secret
    return " ".join(chosen).encode()[:size]


def events(rng: random.Random, size: int) -> bytes:
    """JSON as platforms send it: ids, times, measurements, short texts."""
    rows = [
        {
            "id": str(uuid.UUID(int=rng.getrandbits(128))),
            "at": 1790000000 + rng.random() * 1e6,
            "usage": rng.random(),
            "text": " ".join(rng.choices(ENGLISH.split(), k=8)),
        }
        for _ in range(size // 180)
    ]
    return json.dumps(rows).encode()[:size]


def best(run: Callable[[], int], rounds: int) -> tuple[float, int]:
    """Seconds of the quickest round, and the hits of one round."""
    quickest, hits = float("inf"), 0
    for _ in range(rounds):
        start = time.perf_counter()
        hits = run()
        quickest = min(quickest, time.perf_counter() - start)
    return quickest, hits


def count_scan(scan: Callable[[bytes], Sequence[object]], texts: list[bytes]) -> Callable[[], int]:
    """Scan every text on its own."""
    return lambda: sum(len(scan(text)) for text in texts)


def count_stream(scanner: Scanner, texts: list[bytes]) -> Callable[[], int]:
    """Scan all texts as the frames of one session."""

    def run() -> int:
        stream = StreamScanner(scanner)
        return sum(len(stream.feed(text)) for text in texts) + len(stream.finish())

    return run


def samples(rng: random.Random, plan: list[TenantSecrets], size: int, count: int) -> dict[str, list[bytes]]:
    """Texts of several kinds; only the second kind holds secrets, ten of one user per text."""
    own = [list(secrets.markers.values()) for secrets in rng.choices(plan, k=count)]
    return {
        "English prose": [prose(rng, size, ENGLISH.split(), []) for _ in range(count)],
        "English prose with 10 markers each": [prose(rng, size, ENGLISH.split(), markers) for markers in own],
        "German prose (not ASCII)": [prose(rng, size, ENGLISH.split() + GERMAN.split() * 2, []) for _ in range(count)],
        "JSON events": [events(rng, size) for _ in range(count)],
        "base64 of random bytes": [base64.b64encode(rng.randbytes(size * 3 // 4)) for _ in range(count)],
        "random bytes": [rng.randbytes(size) for _ in range(count)],
        "memory-like (half zeros)": [(rng.randbytes(8) + bytes(8)) * (size // 16) for _ in range(count)],
    }


def measure(size: int, count: int, rounds: int) -> list[Row]:
    """Every kind of text with every kind of scan."""
    mint = MarkerMint("benchmark", b"the key of the benchmark")
    plan = mint.secrets([(tenant, user) for tenant in range(100) for user in range(10)])
    numbers = [number for secrets in plan for number in secrets.numbers]
    scanner, memory = Scanner(mint, numbers), Scanner(mint, numbers, binary_numbers=True)
    rows = []
    for name, texts in samples(random.Random(1), plan, size, count).items():
        scans: dict[str, Callable[[], int]] = {
            "plain": count_scan(scanner.scan_plain, texts),
            "all views": count_scan(scanner.scan, texts),
            "all views, frames of one session": count_stream(scanner, texts),
            "all views and binary numbers": count_scan(memory.scan, texts),
        }
        total = sum(map(len, texts))
        for scan, run in scans.items():
            seconds, hits = best(run, rounds)
            rows.append(Row(name, scan, size, count, hits, total / seconds / 1e6))
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=int, default=20_000, help="size of one text")
    parser.add_argument("--texts", type=int, default=100, help="texts of each kind")
    parser.add_argument("--rounds", type=int, default=7, help="rounds, of which the best counts")
    options = parser.parse_args()
    print("10,000 markers and 2,000 numbers planted in the run.\n")
    print("| texts | scan | bytes each | texts | hits | MB/s |\n|---|---|--:|--:|--:|--:|")
    for row in measure(options.bytes, options.texts, options.rounds):
        cells = (row.texts, row.scan, f"{row.size:,}", str(row.count), f"{row.hits:,}")
        print(f"| {' | '.join(cells)} | {row.megabytes_per_second:,.0f} |")


if __name__ == "__main__":
    main()
