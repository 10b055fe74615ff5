"""A page that says the verdict and nothing else, for when the real one cannot be made."""

from __future__ import annotations

from collections.abc import Sequence

from isolation.show.evidence.decided import DecidedEvidence
from isolation.show.text import escape


def plain_page(evidence: DecidedEvidence, complaints: Sequence[str]) -> str:
    """A few lines of HTML that need no template."""
    title = escape(f"Tenant isolation of {evidence.environment.target}, run {evidence.environment.run_id}")
    said = "".join(f"<li>{escape(line)}</li>" for line in (*evidence.overall.reservations, *complaints))
    rows = "".join(f"<li>{escape(f'{p.id} {p.title}: {p.verdict}')}</li>" for p in evidence.promises)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body><main><h1>{title}</h1>'
        f"<p><strong>{escape(evidence.overall.sentence)}</strong></p><ul>{said}</ul><h2>Promises</h2><ul>{rows}</ul>"
        "<p>This page could not be made as a whole and must not be signed.</p></main></body></html>\n"
    )
