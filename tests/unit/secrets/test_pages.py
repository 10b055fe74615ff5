"""Pages that are known to hold nothing are skipped; whatever touches an unknown page is searched."""

from __future__ import annotations

import os

from isolation.scenarios.secrets.pages import PAGE, KnownPages

A, B, C = (os.urandom(PAGE) for _ in range(3))


def stretches(known: KnownPages, data: bytes) -> list[tuple[int, bytes]]:
    return [(at, content) for at, content, _ in known.unknown(data)]


def learn(known: KnownPages, data: bytes) -> None:
    for _, _, pairs in known.unknown(data):
        known.remember(pairs)


def test_everything_is_unknown_at_first() -> None:
    assert stretches(KnownPages(), A + B) == [(0, A + B)]


def test_known_content_is_skipped() -> None:
    known = KnownPages()
    learn(known, A + B + C)
    assert stretches(known, A + B + C) == []


def test_a_changed_page_is_searched_with_its_neighbours() -> None:
    known = KnownPages()
    learn(known, A + B + C + A + B)
    changed = os.urandom(PAGE)
    assert stretches(known, A + B + changed + A + B) == [(PAGE, B + changed + A + B)]


def test_known_pages_in_a_new_order_are_searched_again() -> None:
    known = KnownPages()
    learn(known, A + B)
    assert stretches(known, B + A) == [(0, B + A)]


def test_what_is_not_remembered_stays_unknown() -> None:
    known = KnownPages()
    list(known.unknown(A))
    assert stretches(known, A) == [(0, A)]


def test_the_last_page_may_be_short() -> None:
    assert stretches(KnownPages(), A + b"end") == [(0, A + b"end")]
