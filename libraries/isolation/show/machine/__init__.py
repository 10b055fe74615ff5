"""The same evidence for machines: one small writer per format, from the decided evidence to the text of a file."""

from collections.abc import Callable

from isolation.show.evidence.decided import DecidedEvidence
from isolation.show.machine.badge import badge
from isolation.show.machine.ctrf import ctrf
from isolation.show.machine.junit import junit
from isolation.show.machine.markdown import markdown
from isolation.show.machine.openmetrics import openmetrics
from isolation.show.machine.sarif import sarif

WRITERS: dict[str, Callable[[DecidedEvidence], str]] = {
    "junit.xml": junit,
    "ctrf.json": ctrf,
    "metrics.txt": openmetrics,
    "findings.sarif": sarif,
    "summary.md": markdown,
    "badge.svg": badge,
}
"""The formats by the name of their file."""

__all__ = ["WRITERS", "badge", "ctrf", "junit", "markdown", "openmetrics", "sarif"]
