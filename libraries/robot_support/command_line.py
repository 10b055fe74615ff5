"""What the command line asked for: ``-v NAME:value``. An unknown name is refused; it would silently have no effect."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from robot.libraries.BuiltIn import BuiltIn

from isolation.settings.errors import SettingsError
from isolation.show.gate import Gate

KNOWN = ("PROFILE", "TARGET", "DEFECT", "HISTORY", "GATE", "BASELINE", "SHARDS", "CLUSTER", "METRICS")
MOST_SHARDS = 1_000
_VARIABLE = ("-v", "--variable")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line asked for.

    Attributes:
        target: Name of a target, or path of a target file.
        defect: Name of a seeded defect for a target that the suite starts, or empty.
        output: Robot's output folder.
        history: File of the history of runs; None for the one in the output folder.
        gate: What the exit code asks for.
        log: Robot's log as seen from the output folder, or empty when none is written.
        baseline: The evidence of the run to compare with, or its folder.
        shards: How many load engines there are; 0 for one, or with a cluster as many as it has workers.
        cluster: Address or scheduler file of a cluster whose workers host the load engines; empty for this machine.
        metrics: Port on this machine where the monitor's live numbers can be scraped; None: nowhere.
    """

    profile: str
    target: str
    defect: str
    output: Path
    history: Path | None = None
    gate: Gate = Gate.BROKEN
    log: str = "log.html"
    baseline: Path | None = None
    shards: int = 0
    cluster: str = ""
    metrics: int | None = None

    @classmethod
    def read(cls) -> RunOptions:
        """Read Robot's variables.

        Raises:
            SettingsError: A variable of the command line is unknown, or its value impossible.
        """
        unknown_variables(sys.argv[1:])
        history, baseline = _value("HISTORY"), _value("BASELINE")
        return cls(
            profile=_value("PROFILE") or "quick",
            target=_value("TARGET") or "reference_platform",
            defect=_value("DEFECT"),
            output=Path(_value("OUTPUT_DIR") or "."),
            history=Path(history) if history else None,
            gate=_gate(_value("GATE")),
            log=_log_file(_value("LOG FILE")),
            baseline=Path(baseline) if baseline else None,
            shards=_shards(_value("SHARDS")),
            cluster=_value("CLUSTER"),
            metrics=_port(_value("METRICS")),
        )

    @classmethod
    def defaults(cls) -> RunOptions:
        """Where the report goes when the command line cannot be used."""
        return cls("", "", "", Path(_value("OUTPUT_DIR") or "."), log=_log_file(_value("LOG FILE")))


def robot_files() -> tuple[str, str]:
    """Robot's own output and log, or NONE for one that is not written."""
    return _value("OUTPUT FILE"), _value("LOG FILE")


def unknown_variables(arguments: Sequence[str]) -> None:
    """Refuse variables that nobody reads.

    Args:
        arguments: Words of the command line.

    Raises:
        SettingsError: One is unknown; the sentence names it and the nearest known one.
    """
    for name in _variables(arguments):
        if name.upper() not in KNOWN:
            near = difflib.get_close_matches(name.upper(), KNOWN, n=1, cutoff=0.5)
            meant = f"; did you mean {near[0]}?" if near else ""
            raise SettingsError(f"there is no variable '{name}' (-v {name}:...); there are {', '.join(KNOWN)}{meant}")


def _variables(arguments: Sequence[str]) -> Iterator[str]:
    for position, word in enumerate(arguments):
        if word in _VARIABLE and position + 1 < len(arguments):
            yield arguments[position + 1].partition(":")[0]
        elif word.startswith("--variable="):
            yield word.removeprefix("--variable=").partition(":")[0]


def _value(name: str) -> str:
    return str(BuiltIn().get_variable_value(f"${{{name}}}", "") or "")


def _gate(text: str) -> Gate:
    try:
        return Gate(text or Gate.BROKEN)
    except ValueError:
        raise SettingsError(f"GATE cannot be '{text}'; it is one of {', '.join(Gate)}") from None


def _shards(text: str) -> int:
    if text and not (text.isdecimal() and 1 <= int(text) <= MOST_SHARDS):
        raise SettingsError(f"SHARDS cannot be '{text}'; it is a whole number from 1 to {MOST_SHARDS}")
    return int(text or 0)


def _port(text: str) -> int | None:
    if text and not (text.isdecimal() and 1 <= int(text) <= 65_535):
        raise SettingsError(f"METRICS cannot be '{text}'; it is the number of a port from 1 to 65535")
    return int(text) if text else None


def _log_file(text: str) -> str:
    return "" if text.upper() in ("NONE", "") else Path(text).name
