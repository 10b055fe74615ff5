"""A summary in Markdown, for the page of a pipeline's job."""

from __future__ import annotations

import re
from collections import Counter

from isolation.show.evidence.decided import DecidedEvidence, PromiseOutcome
from isolation.show.numbers import in_words
from isolation.show.overall import Colour
from isolation.show.text import shorten
from isolation.show.verdicts import PromiseVerdict

_SIGNS = {Colour.GREEN: "🟢", Colour.AMBER: "🟡", Colour.RED: "🔴"}
_SPECIAL = re.compile(r"([\\`*_\[\]#|~@]|:(?=//)|(?<=www)\.)")
"""What could begin markup, a mention or a link that a page makes by itself."""
_LONGEST = 300


def markdown(evidence: DecidedEvidence) -> str:
    """The verdict, how many promises have which, and a table of those that are not PASS."""
    environment, said = evidence.environment, evidence.overall
    counts = Counter(promise.verdict for promise in evidence.promises)
    lines = [
        f"## {_SIGNS[said.colour]} {_plain(said.sentence)}",
        "",
        *(f"- {_plain(reservation)}" for reservation in said.reservations),
        "",
        ", ".join(f"**{counts[verdict]}** {verdict}" for verdict in reversed(PromiseVerdict) if counts[verdict]),
        "",
    ]
    exceptions = [promise for promise in evidence.promises if promise.verdict is not PromiseVerdict.PASS]
    if exceptions:
        lines += ["| Promise | Verdict | Number | Why |", "|---|---|---|---|"]
        lines += map(_row, sorted(exceptions, key=lambda promise: -promise.verdict.severity))
        lines.append("")
    lines.append(
        f"Target {_plain(environment.target)}, profile {_plain(environment.profile)}, run {_plain(environment.run_id)},"
        f" suite {_plain(evidence.identity.version())}"
        + (f", **seeded defect {_plain(evidence.identity.defect)}**" if evidence.identity.defect else "")
    )
    return "\n".join(lines) + "\n"


def _row(promise: PromiseOutcome) -> str:
    shown = promise.decided_by or promise.headline
    number = in_words(shown) if shown is not None else ""
    cells = (f"{promise.id} {promise.title}", promise.verdict.value, number, shorten(promise.reason, _LONGEST))
    return f"| {' | '.join(map(_plain, cells))} |"


def _plain(text: str) -> str:
    """Text that stays text: no markup, no link, no mention."""
    line = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", line)
