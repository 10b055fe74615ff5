"""Ids of nobody, ids that somebody could guess, and patterns that mean everybody's."""

from __future__ import annotations

import random
import re
import string

_LAST_NUMBER = re.compile(r"\d+(?=\D*$)")


def nobodys(text: str, rng: random.Random) -> str:
    """Another id of the same form and length: letters stay letters, hexadecimal digits stay hexadecimal digits."""
    hexadecimal = bool(re.fullmatch(r"[0-9a-f]{8,}", text.rpartition("-")[2] or text))
    tail = max(4, len(text) // 2)
    return text[:-tail] + "".join(_other(sign, rng, hexadecimal) for sign in text[-tail:])


def counted(text: str, steps: tuple[int, ...] = (-2, -1, 1, 2)) -> list[str]:
    """The ids next to one that ends with a number that is counted up; empty when it does not."""
    number = _LAST_NUMBER.search(text)
    if number is None or len(number.group()) > 12:
        return []
    start, end = number.span()
    found = [int(number.group()) + step for step in steps]
    return [f"{text[:start]}{value:0{end - start}d}{text[end:]}" for value in found if value >= 0]


def patterns(text: str) -> list[str]:
    """What brokers and stores read as "all of them", alone and in the place of an id such as ``text``."""
    return ["*", "#", ">", "+", "%", f"{text[:2]}*", ""]


def look_alikes(text: str) -> list[str]:
    """Ids that a careless comparison takes for this one: another case, a separator more, cut, with another one behind it."""
    swapped = text.swapcase()
    alike = [swapped, text[:-1], f"{text}x", f"{text}/", f"{text}%00", f" {text}", text.replace("-", "_")]
    return [one for one in dict.fromkeys(alike) if one and one != text]


def _other(sign: str, rng: random.Random, hexadecimal: bool) -> str:
    if sign in string.digits:
        return rng.choice(string.hexdigits[:16] if hexadecimal else string.digits)
    if sign in "abcdef":
        return rng.choice("abcdef0123456789" if hexadecimal else string.ascii_lowercase)
    if sign in string.ascii_lowercase:
        return rng.choice(string.ascii_lowercase)
    return rng.choice(string.ascii_uppercase) if sign in string.ascii_uppercase else sign
