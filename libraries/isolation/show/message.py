"""The message of one test, and the table of its numbers for the log."""

from __future__ import annotations

from collections.abc import Sequence

from isolation.record import Measurement, Verdict
from isolation.record.numbers import number
from isolation.show.numbers import found, headroom, interval_words, limit_words
from isolation.show.text import clean, escape, listed

_COLOURS = {
    Verdict.PASS: "#0b6e4f",
    Verdict.FAIL: "#b3261e",
    Verdict.INCONCLUSIVE: "#8a5a00",
    Verdict.NOT_APPLICABLE: "#5b6675",
}
_TABLE = "border-collapse:collapse;background:#fff;color:#1f2933;border-radius:8px;font:12px system-ui,sans-serif"
_KEY_NUMBERS = 3
_CELL = "padding:3px 10px;border-bottom:1px solid #e6e9ee;text-align:left;vertical-align:top"


def case_message(measurements: Sequence[Measurement]) -> str:
    """One sentence of what a test found, the worst first; for a pass, its key numbers.

    Args:
        measurements: All numbers of the test.

    Returns:
        Plain text, such as ``PASS: slowdown of the victims 1.03 (≤ 1.1), 412 samples``.
    """
    if not measurements:
        return "FAIL: nothing was measured."
    ordered = sorted(measurements, key=lambda m: (-m.verdict.severity, m.control, m.limit is None, headroom(m)))
    head = ordered[0]
    if head.verdict is Verdict.PASS:
        decided = [m for m in ordered if m.limit and not m.control] or ordered
        rest = f" and {len(decided) - _KEY_NUMBERS} more" if len(decided) > _KEY_NUMBERS else ""
        return clean(f"PASS: {'; '.join(_short(m) for m in decided[:_KEY_NUMBERS])}{rest}")
    same = [m.metric for m in ordered[1:] if m.verdict is head.verdict]
    also = f" Also: {listed(same, 3)}." if same else ""
    reason = head.reason if head.reason.rstrip().endswith((".", "!", "?")) else head.reason.rstrip() + "."
    return clean(f"{head.verdict}{' of a control' if head.control else ''}: {reason}{also}")


def measurements_table_html(measurements: Sequence[Measurement]) -> str:
    """A table of the numbers, the worst first, as HTML with every text escaped; readable in Robot's log, light or dark.

    Returns:
        One ``<table>`` with inline styles, without the ``*HTML*`` prefix.
    """
    heads = ("verdict", "promise", "what was measured", "value", "interval", "limit", "samples", "in words")
    ordered = sorted(measurements, key=lambda m: (-m.verdict.severity, m.control, headroom(m)))
    top = "".join(f'<th style="{_CELL};color:#5b6675;font-weight:600">{head}</th>' for head in heads)
    rows = (
        "".join(_row(m) for m in ordered)
        or f'<tr><td style="{_CELL}" colspan="{len(heads)}">nothing was measured</td></tr>'
    )
    return f'<table style="{_TABLE}"><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table>'


def _short(m: Measurement) -> str:
    limit = f" ({limit_words(m.limit)})" if m.limit else ""
    return f"{m.metric} {found(m)}{limit}, {number(m.samples)} sample{'' if m.samples == 1 else 's'}"


def _row(m: Measurement) -> str:
    reported = m.verdict is Verdict.PASS and m.limit is None
    badge = f'<b style="color:{_COLOURS[m.verdict]}">{m.verdict}</b>' + (" control" if m.control else "")
    badge = "reported" if reported else badge
    interval = f"{interval_words(m.interval)} ({number(m.interval.confidence * 100)} %)" if m.interval else ""
    limit = (
        f'<span title="{escape(m.limit.source)}">{escape(limit_words(m.limit))}</span>' if m.limit else "reported only"
    )
    cells = (
        badge, escape(m.promise), escape(m.metric), escape(found(m)), escape(interval), limit, number(m.samples),
        escape(m.reason),
    )  # fmt: skip
    # All but the name and the sentence are short: breaking them would tear a number from its unit.
    wraps = (False, False, True, False, False, False, False, True)
    styles = (_CELL if wrap else f"{_CELL};white-space:nowrap" for wrap in wraps)
    return (
        "<tr>"
        + "".join(f'<td style="{style}">{cell}</td>' for style, cell in zip(styles, cells, strict=True))
        + "</tr>"
    )
