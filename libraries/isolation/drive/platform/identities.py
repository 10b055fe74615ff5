"""Where the users of a run come from: made by the target file's steps, or listed in a file; and taken away again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from isolation.drive.platform.tenants import TenantAgent, words_of
from isolation.drive.steps.runner import StepFailed, StepRunner
from isolation.settings.errors import SettingsError
from isolation.target.model import Target

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Person:
    """A user that shall be made.

    Attributes:
        name: How scenarios call it.
        role: Its role, in the suite's words.
    """

    name: str
    tenant_id: str
    user_id: str
    role: str = "standard"


class IdentityError(Exception):
    """A user could not be made, or there are not enough; the sentence says why."""


async def make_users(target: Target, steps: StepRunner, people: Sequence[Person]) -> list[TenantAgent]:
    """Make users by the target file's steps, some at a time.

    Raises:
        IdentityError: When one cannot be made; nobody of the others is undone: the journal knows them.
    """
    gate = asyncio.Semaphore(_AT_ONCE)

    async def make(person: Person) -> TenantAgent:
        words = words_of(person.tenant_id, person.user_id, platform_role(target, person.role))
        async with gate:
            try:
                kept = await steps.run(target.tenants.make, words, "tenants.make")
            except StepFailed as error:
                raise IdentityError(f"the user '{person.name}' could not be made: {error}") from None
        return TenantAgent(person.name, person.tenant_id, person.user_id, person.role, {**words, **kept})

    made = await asyncio.gather(*(make(person) for person in people), return_exceptions=True)
    for result in made:
        if isinstance(result, BaseException):
            raise result
    return [agent for agent in made if isinstance(agent, TenantAgent)]


async def remove_users(target: Target, steps: StepRunner, people: Sequence[Person | TenantAgent]) -> dict[str, str]:
    """Take users away again, some at a time.

    Returns:
        For each by name why it could not be removed, or empty.
    """
    gate = asyncio.Semaphore(_AT_ONCE)

    async def remove(person: Person | TenantAgent) -> str:
        words = words_of(person.tenant_id, person.user_id, platform_role(target, person.role))
        kept = person.words if isinstance(person, TenantAgent) else {}
        async with gate:
            try:
                await steps.run(target.tenants.remove, {**words, **kept}, "tenants.remove")
            except StepFailed as error:
                return str(error)
        return ""

    reasons = await asyncio.gather(*(remove(person) for person in people))
    return {person.name: reason for person, reason in zip(people, reasons, strict=True)}


async def revoke_rights(target: Target, steps: StepRunner, agent: TenantAgent) -> None:
    """Take a user's rights away while its sessions are open.

    Raises:
        IdentityError: When the platform does not do it.
    """
    try:
        await steps.run(target.tenants.revoke, agent.words, "tenants.revoke")
    except StepFailed as error:
        raise IdentityError(f"the rights of '{agent.name}' could not be revoked: {error}") from None


def platform_role(target: Target, role: str) -> str:
    """A role in the platform's words; the suite's own word where the platform has no roles, or none of that kind."""
    return next((name for own, name in (target.tenants.roles or {}).items() if own == role), role)


class GivenUsers:
    """Users that a file lists; each is handed out to one experiment at a time and never removed.

    Args:
        path: A JSON file with a list of ``{"tenant", "user", ...}``; every other field is a word.

    Raises:
        SettingsError: When it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        """Read the file."""
        try:
            entries = json.loads(path.read_text(encoding="utf-8"))
            self._left = [
                {str(word): value for word, value in entry.items()} | {"user": str(entry["user"])} for entry in entries
            ]
        except OSError as error:
            raise SettingsError(f"the list of users {path} cannot be read: {error.strerror}") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise SettingsError(
                f'the list of users {path} has to be a JSON list of objects with "tenant" and "user"'
            ) from None
        for number, entry in enumerate(self._left):
            entry.setdefault("tenant", entry["user"] if "tenant" not in entry else entry["tenant"])
            entry["tenant"] = str(entry["tenant"])
            entry["number"] = number
        self._out: dict[tuple[str, str], dict[str, object]] = {}

    @property
    def _used(self) -> set[str]:
        return {str(entry["tenant"]) for entry in self._out.values()}

    def take(self, name: str, role: str) -> TenantAgent:
        """The next user of a tenant of whom nobody was taken yet.

        Raises:
            IdentityError: When there is none.
        """
        return self._take(name, role, lambda entry: entry["tenant"] not in self._used, "of another tenant")

    def colleague(self, name: str, tenant: str, role: str) -> TenantAgent:
        """The next user of that tenant.

        Raises:
            IdentityError: When there is none.
        """
        return self._take(name, role, lambda entry: entry["tenant"] == tenant, "of the same tenant")

    def give_back(self, users: Iterable[TenantAgent]) -> None:
        """An experiment is over: its users may be handed out again, after those that have waited longer."""
        for user in users:
            entry = self._out.pop((user.tenant_id, user.user_id), None)
            if entry is not None:
                self._left.append(entry)

    def _take(self, name: str, role: str, fits: object, what: str) -> TenantAgent:
        assert callable(fits)
        wanted = (e for e in self._left if fits(e) and e.get("role", role) == role)
        entry = next(wanted, None)
        if entry is None:
            raise IdentityError(f"the target file's list of users has no further user {what} (role '{role}')")
        self._left.remove(entry)
        self._out[str(entry["tenant"]), str(entry["user"])] = entry
        words = {"role": role, **{word: value for word, value in entry.items() if word != "number"}}
        return TenantAgent(name, str(entry["tenant"]), str(entry["user"]), role, words)
