"""Ids of users and tenants that look alike: who compares them loosely takes one for another.

Neighbours in a group are prefixes of each other, spell the same text when tenant and user are joined, differ by case only,
by a sign that is folded into another, or in their very last character. What a platform does not take is left out.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterator

from isolation.target.model.session import Names

_ALWAYS = frozenset(string.ascii_lowercase + string.digits + "-")
"""What every platform has to take: the suite's ids are made of it."""


class LookAlikeIds:
    """Gives ids to the tenants of a run and to their users.

    Args:
        run_id: Every id holds it as it is, so that whatever the run made is found again.
        rules: Which ids the platform takes.
    """

    def __init__(self, run_id: str, rules: Names) -> None:
        """Begin with the first group."""
        self._run_id = run_id
        self._rules = rules
        self._group = 0
        self._waiting: Iterator[tuple[str, str]] = iter(())
        self._taken: set[str] = set()

    def begin_group(self) -> None:
        """Ids that look alike are given within one experiment, never across two."""
        self._waiting = iter(())

    def tenant(self) -> tuple[str, str]:
        """Ids of a further tenant and of its first user."""
        while True:
            pair = next(self._waiting, None)
            if pair is None:
                self._group += 1
                self._waiting = self._look_alikes(self._group)
            elif not self._taken & set(pair):
                self._taken |= set(pair)
                return pair

    def colleague(self, user: str) -> str:
        """Id of a further user of a tenant that looks like another user's."""
        found = next(id for id in self._variants(user) if id not in self._taken and self._fits(id))
        self._taken.add(found)
        return found

    def _look_alikes(self, number: int) -> Iterator[tuple[str, str]]:
        tenant, user = f"{self._run_id}-t{number:03d}", f"{self._run_id}-u{number:03d}"
        first, *joined = self._joined(number, tenant, user)
        pairs = [first, *joined[:1]]
        if self._rules.case == "matters":
            pairs.append((_other_case(tenant), _other_case(user)))
        for sign in self._rules.signs:
            folded = _folded(sign)
            if folded:
                pairs += [(f"{tenant}{sign}", f"{user}{sign}"), (f"{tenant}{folded}", f"{user}{folded}")]
        if self._rules.longest is not None:
            filled = [one.ljust(self._rules.longest - 1, "x") for one in (tenant, user)]
            pairs += [(f"{filled[0]}{end}", f"{filled[1]}{end}") for end in "ab"]
        pairs += joined[1:]
        return (pair for pair in pairs if all(self._fits(id) for id in pair))

    def _joined(self, number: int, tenant: str, user: str) -> list[tuple[str, str]]:
        """Tenants that all begin with the first, and each spells the same as the first when joined with its user by one sign.

        ``t`` and ``a-b_U`` joined by "-" are ``t-a`` and ``b_U``, by "_" they are ``t_a-b`` and ``U``.
        """
        signs = ["-", "", *(sign for sign in self._rules.signs if sign.isascii())]
        signs = [*signs[number % len(signs) :], *signs[: number % len(signs)]]
        parts = [f"x{sign}" for sign in signs]
        pairs = [(tenant, "".join((*parts, user)))]
        for place, sign in enumerate(signs):
            before = "".join(parts[:place])
            pairs.append((f"{tenant}{sign}{before}x", "".join((*parts[place + 1 :], user))))
        return pairs

    def _variants(self, user: str) -> Iterator[str]:
        if self._rules.case == "matters":
            yield _other_case(user)
        yield f"{user}x"
        if self._rules.longest is not None:
            yield user.ljust(self._rules.longest - 1, "x")[: self._rules.longest - 1] + "c"
        yield from (f"{user}{sign}" for sign in self._rules.signs)
        yield from (f"{self._run_id}-u{self._group:03d}y{number}" for number in range(1_000_000))

    def _fits(self, id: str) -> bool:
        if self._rules.longest is not None and len(id) > self._rules.longest:
            return False
        return self._rules.case == "matters" or id == id.lower()


def _other_case(id: str) -> str:
    """The same with the letter before its number in the other case; the run's id stays as it is."""
    for small in ("-t", "-u"):
        for old, new in ((small, small.upper()), (small.upper(), small)):
            if old in id:
                return id.replace(old, new)
    return id


def _folded(sign: str) -> str:
    """What a sign becomes where texts are normalised; empty when it stays what it is."""
    for form in (unicodedata.normalize("NFKC", sign).casefold(), unicodedata.normalize("NFD", sign)):
        if form != sign:
            return form
    return ""
