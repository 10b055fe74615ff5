"""The text that an answer gives back: its echo, or what stands in an answer in the platform's own words."""

from __future__ import annotations

from isolation.scenarios.concurrent_startup.given_back import given_back, marked
from isolation.target.words import Kept

OWN, OTHER = marked("t-u1", "0" * 32), marked("t-u2", "1" * 32)


def test_an_echo_is_what_it_says() -> None:
    assert given_back({Kept.ECHO: OTHER}, OWN) == OTHER


def test_the_own_text_is_found_anywhere_in_an_answer() -> None:
    assert given_back({Kept.ANSWER: f"You said: {OWN}. Thank you."}, OWN) == OWN
    assert given_back({Kept.ANSWER: {"parts": [{"text": OWN}]}}, OWN) == OWN


def test_another_requests_text_is_told_from_words_of_the_platforms_own() -> None:
    assert given_back({Kept.ANSWER: f"You said: {OTHER}"}, OWN) == OTHER
    assert given_back({Kept.ANSWER: "Good morning"}, OWN) is None
    assert given_back({}, OWN) is None
