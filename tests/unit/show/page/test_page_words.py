"""How words stand on the page."""

from __future__ import annotations

import pytest

from isolation.show.page.words import moment, ranges, reason_in_short, unbroken


def test_ids_and_numbers_stay_in_one_piece_and_markup_stays_text() -> None:
    shown = str(unbroken("RI-4: 1.5 % [-0.3 %, 2.1 %], limit < 10 %, <b>"))
    assert '<span class="nb">RI-4</span>' in shown
    assert "1.5\u00a0%" in shown
    assert "[-0.3\u00a0%,\u00a02.1\u00a0%]" in shown
    assert "&lt;\u00a010\u00a0%" in shown
    assert "<b>" not in shown


def test_many_ids_are_said_as_ranges() -> None:
    ids = ["RI-1", "RI-2", "RI-3", "CS-1", "CS-3", "CS-4", "OP-7"]
    assert [words for _, words in ranges(ids)] == ["RI-1 to RI-3", "CS-1", "CS-3", "CS-4", "OP-7"]


@pytest.mark.parametrize("length", range(20, 140))
def test_a_long_reason_ends_where_a_thought_ends(length: int) -> None:
    reason = "The victims slowed down by 5 % in 7 pairs, which does not decide: its upper end lies outside (s_d 0.18; 43 pairs); limit."
    shown = reason_in_short(f"{reason} See evidence RI-4.", length)
    assert len(shown) <= length
    assert shown == reason or shown.endswith(" …")
    assert shown.count("(") == shown.count(")")


def test_a_moment_is_a_date() -> None:
    assert moment("2026-11-29T12:36:18+0000") == "2026-11-29 12:36 UTC"
    assert moment("not known") == "not known"
