"""Text and numbers: what is hidden, what is escaped, what is never rounded away."""

from __future__ import annotations

import pytest

from isolation.record import Comparison
from isolation.record.numbers import number
from isolation.show.numbers import found, headroom, limit_words
from isolation.show.text import clean, clean_setting, escape, listed, shorten
from unit.show.run_samples import limit, measured


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgresql://u:pa55@h/db", "pa55"),
        ("redis://:pa55@h:1/0", "pa55"),
        ("http://u:p@55w@host/", "55w"),
        ("Authorization: Bearer abcdef0123456789", "abcdef0123456789"),
        ("password=pa55 host=x", "pa55"),
        ('{"password": "pa55"}', "pa55"),
        ("https://x/?access_token=pa55&y=1", "pa55"),
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "eyJ"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "MIIE"),
    ],
)
def test_secrets_are_hidden(text: str, secret: str) -> None:
    assert secret not in clean(text)
    assert "(hidden)" in clean(text)


@pytest.mark.parametrize(
    "text",
    ["http://127.0.0.1:8080/path", "7 foreign secrets: 3 in Redis", "tokens per second: 12", "ws://host:1/?user=a@b"],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert clean(text) == text


def test_a_setting_is_hidden_by_its_name() -> None:
    assert clean_setting("token_secret", "abc") == "(hidden)"
    assert clean_setting("OPERATOR_TOKEN", "abc") == "(hidden)"
    assert clean_setting("token_lifetime", "5 minutes") == "5 minutes"
    assert clean_setting("api_key", "") == ""


def test_markup_and_invisible_characters_do_not_survive() -> None:
    assert escape("<b a='1'>\x00\u202e&\"") == "&lt;b a=&#x27;1&#x27;&gt;&amp;&quot;"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0"), (1204, "1,204"), (2.314, "2.31"), (24.23, "24.2"), (0.00312, "0.00312"), (99.97, "99.97"), (100.0, "100"),
     (412.6, "413"), (float("inf"), "inf"), (-2.5, "-2.5"), (99.9996, "99.9996")],
)  # fmt: skip
def test_numbers_are_short(value: float, expected: str) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("value", "comparison", "bound", "expected"),
    [(1.998, Comparison.BELOW, 2, "1.998"), (2.0004, Comparison.AT_MOST, 2, "2.0004"), (94.96, Comparison.AT_LEAST, 95, "94.96"),
     (256.2, Comparison.BELOW, 256, "256"), (256.2, Comparison.AT_MOST, 256, "256.2")],
)  # fmt: skip
def test_a_number_is_never_rounded_across_its_limit(
    value: float, comparison: Comparison, bound: float, expected: str
) -> None:
    assert number(value, limit(bound, "", comparison)) == expected


def test_limits_and_values_read_well() -> None:
    assert limit_words(limit(2, "s", Comparison.BELOW)) == "< 2 s"
    assert limit_words(limit(0.5, "", Comparison.AT_LEAST)) == "≥ 0.5"
    assert found(measured("RI-1", "m", None, limit(1), samples=0)) == "nothing measured"


def test_headroom_is_smallest_for_the_worst() -> None:
    near, far = measured("RI-1", "a", 1.9, limit(2)), measured("RI-1", "b", 1, limit(2))
    broken = measured("RI-1", "c", 1, limit(0, "", Comparison.EXACTLY))
    assert headroom(broken) < headroom(near) < headroom(far)


def test_the_best_that_there_can_be_is_far_from_its_limit() -> None:
    share = limit(95, "%", Comparison.AT_LEAST)
    memory = measured("RI-7", "memory", 1.02, limit(1.1, "x before", Comparison.AT_MOST))
    assert headroom(measured("RI-7", "served", 100.0, share)) == 1.0 > headroom(memory)
    assert headroom(measured("RI-7", "served", 96.0, share)) == pytest.approx(0.2)
    assert headroom(measured("RI-7", "served", 94.0, share)) < 0
    assert headroom(measured("RI-7", "agents", 12.0, limit(10, "agents", Comparison.AT_LEAST))) == pytest.approx(0.2)


def test_lists_and_cuts() -> None:
    assert (listed([]), listed(["a"]), listed(["a", "b"]), listed(list("abcd"), 2)) == (
        "",
        "a",
        "a and b",
        "a, b and 2 more",
    )
    assert shorten("abcdef", 4) == "abc…"
