"""A static badge: one small picture that says the verdict."""

from __future__ import annotations

from isolation.show.evidence.decided import DecidedEvidence
from isolation.show.overall import Colour
from isolation.show.text import escape
from isolation.show.verdicts import PromiseVerdict

_COLOURS = {Colour.GREEN: "#0b6e4f", Colour.AMBER: "#8a5a00", Colour.RED: "#a61b1b"}
_LABEL = "tenant isolation"
_CHARACTER = 6.6


def badge(evidence: DecidedEvidence) -> str:
    """Such as "tenant isolation: 42 of 42 kept"; never green for a run that a reviewer could not accept."""
    kept = sum(promise.verdict is PromiseVerdict.PASS for promise in evidence.promises)
    words = escape(f"{kept} of {len(evidence.promises)} kept" if evidence.promises else "nothing proven")
    left, right = (round(_CHARACTER * len(text) + 16) for text in (_LABEL, words))
    font = 'font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" fill="#fff" text-anchor="middle"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" aria-label="{_LABEL}: {words}">'
        f"<title>{_LABEL}: {words}</title>"
        f'<rect width="{left}" height="20" fill="#444"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{_COLOURS[evidence.overall.colour]}"/>'
        f'<g {font}><text x="{left / 2:g}" y="14">{_LABEL}</text><text x="{left + right / 2:g}" y="14">{words}</text></g></svg>\n'
    )
