"""What an experiment can use: the platform's description, the engine, the monitor, and the users that it makes.

Everything that an experiment makes goes through here, so that it can be taken away again whatever happens.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from isolation.drive.load.client import EngineClient
from isolation.drive.load.engine import Connected, ConnectOptions, Request
from isolation.drive.platform.doors import Doors
from isolation.drive.platform.identities import IdentityError
from isolation.drive.platform.manager import TenantAgentManager
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.probe.client import ProberClient
from isolation.drive.watch.client import MonitorClient
from isolation.record import Operation, OperatorUsage, PlatformEvent, Sample
from isolation.record.limits import Limits
from isolation.scenarios.secrets.known_credentials import credentials_of_users
from isolation.scenarios.secrets.run_secrets import RunSecrets
from isolation.settings.environment_variables import EnvironmentSettings
from isolation.settings.profile import Profile
from isolation.target.model import Target
from isolation.target.words import OperatorOperation

USERS = "users"
"""Name of the limit that says how many users a promise is about."""


class NotOffered(Exception):
    """The target does not offer what (a part of) an experiment needs: NOT APPLICABLE. The message is one sentence."""


class NotExamined(Exception):
    """Something that is not the platform's fault, or not known to be, kept an experiment from its end."""


@dataclass(slots=True)
class Api:
    """One experiment's access to the platform.

    Attributes:
        target: The description of the platform.
        profile: How many, how long, how heavy.
        limits: The limits of the promises that the suite file stands for, by name: what may take 60 s is watched for 60 s.
        engine: Holds the sessions and makes the load.
        monitor: Watches processes, listens to alerts, asks the operator API.
        prober: Tries what must be refused, and stages incidents.
        manager: Makes and connects users.
        doors: Where the platform is, and its secrets.
        stores: Addresses of the stores that can be read, by kind; never shown.
        run_id: Marks every id of the run.
        secrets: Everything that was planted in this run, for all of its experiments together.
        say: Tells the person at the console how far long work is.
        removed: Writes down in the journal that tenants are gone.
        began_at: When the experiment began (seconds, monotonic clock).
        tenants_made: Ids of all tenants that the experiment made.
        users: Everybody whom the experiment made, in order; "tenant 3" is the third.
        openings: What became of connecting them.
        reductions: Sentences about what the target or a setting made smaller than the profile says.
        not_removed: Tenants that could not be removed, each with the reason.
    """

    target: Target
    profile: Profile
    variables: EnvironmentSettings
    limits: Limits
    engine: EngineClient
    monitor: MonitorClient
    prober: ProberClient
    manager: TenantAgentManager
    doors: Doors
    stores: Mapping[str, str] = field(repr=False)
    run_id: str
    secrets: RunSecrets
    say: Callable[[str], None]
    removed: Callable[[Sequence[str]], None]
    began_at: float = field(default_factory=time.monotonic)
    tenants_made: set[str] = field(default_factory=set)
    users: list[TenantAgent] = field(default_factory=list)
    openings: list[Connected] = field(default_factory=list)
    reductions: list[str] = field(default_factory=list)
    not_removed: list[str] = field(default_factory=list)

    @property
    def patience_s(self) -> float:
        """How long one answer is waited for."""
        return self.limits["patience"].value

    @property
    def crowd_patience_s(self) -> float:
        """How long answers are waited for where everybody asks at once."""
        return max(self.limits["patience with crowds"].value, self.target.limits.answer_within)

    @property
    def answer_within_s(self) -> float:
        """How long answers of many users are waited for, by the environment variables when they are set."""
        variables = self.variables
        first = variables.startup_timeout_seconds or self.crowd_patience_s
        return min(first, variables.timeout_seconds or first)

    def affordable(self, wanted: int, what: str) -> int:
        """How many requests one user may make in about a minute, at most as many as are wanted; fewer are told.

        Args:
            wanted: How many requests of each user.
            what: What they are for.
        """
        allowed = self.target.limits.requests_per_minute
        if allowed is None or wanted <= allowed:
            return wanted
        self.reduce(
            f"The target allows {allowed} requests a minute: {allowed} instead of {wanted} of each user {what}."
        )
        return allowed

    def user_count(self) -> int:
        """How many users start at once: ``CONCURRENT_TEST_USERS``, or what the profile says; fewer than promised is told."""
        count = self.variables.users or self.profile.startup.users
        count = min(count, self.target.tenants.most or count)
        if USERS in self.limits and count < self.limits[USERS].value:
            promised = f"{self.limits[USERS].value:g} users are promised ({self.limits[USERS].source})"
            self.reduce(f"{promised}, and this run has {count}: it proves less than the sentence says.")
        return count

    def reduce(self, sentence: str) -> None:
        """Note that something is smaller than promised."""
        if sentence not in self.reductions:
            self.reductions.append(sentence)

    def make(self, count: int, role: str = "standard", prefix: str = "tenant") -> list[TenantAgent]:
        """Make as many tenants with one user each; nothing is connected yet."""
        made = self.manager.create_tenant_agents(count, role, prefix)
        self.users += made
        self.tenants_made.update(user.tenant_id for user in made)
        self.secrets.note(credentials_of_users(self.target, made))
        return made

    def add_user(self, neighbour: TenantAgent, role: str = "standard") -> TenantAgent:
        """Make a further user of a tenant."""
        made = self.manager.add_user(neighbour, role)
        self.users.append(made)
        self.secrets.note(credentials_of_users(self.target, [made]))
        return made

    def colleagues(self, neighbour: TenantAgent, roles: Sequence[str] = ("standard",)) -> list[TenantAgent]:
        """Further users of a tenant, one of each role; none where the target has no such users."""
        found: list[TenantAgent] = []
        for role in roles if self.target.offers_colleagues else ():
            try:
                found.append(self.add_user(neighbour, role))
            except IdentityError:
                if self.target.tenants.given is None:
                    raise
                self.reduce("The target file's list of users holds no colleagues of some of its users.")
        return found

    def connect(self, users: list[TenantAgent], options: ConnectOptions | None = None) -> list[Connected]:
        """Connect users; what became of each is kept in ``openings``, too."""
        opened = self.manager.connect(users, options)
        self.openings += opened
        return opened

    def tenants(self, count: int, role: str = "standard", *, together: bool = False) -> list[TenantAgent]:
        """Make tenants with one connected user each.

        Args:
            count: How many.
            role: Of their users.
            together: Whether one load engine holds all of them, also where there are several.

        Raises:
            NotExamined: Nobody could be connected.
        """
        made = self.make(count, role)
        opened = self.connect(made, ConnectOptions(together=together))
        if made and not any(one.opening for one in opened):
            raise NotExamined(f"none of {count} users could be connected: {opened[0].reason}")
        return [user for user, one in zip(made, opened, strict=True) if one.opening is not None]

    def ask(
        self, users: Sequence[TenantAgent], kind: str, within_s: float | None = None, **arguments: object
    ) -> list[Operation]:
        """Let each of some users make the same request at once, and wait for the ends."""
        requests = [Request(user.name, kind, arguments) for user in users]
        return self.engine.ask(requests, self.crowd_patience_s if within_s is None else within_s)

    def rest(self, seconds: float) -> None:
        """Let time pass in which nothing new is asked."""
        time.sleep(seconds)

    def samples(self, start: float | None = None, end: float = float("inf")) -> list[Sample]:
        """What the monitor measured of this experiment's users (seconds, monotonic clock)."""
        own = {user.name for user in self.users}
        since = self.began_at if start is None else start
        return [sample for sample in self.monitor.samples(since) if sample.tenant in own and sample.at <= end]

    def events(self) -> list[PlatformEvent]:
        """What the target itself reported since the experiment began."""
        return self.monitor.events(self.began_at)

    def usage(self) -> list[OperatorUsage]:
        """What the operator API said about the usage of this experiment's users."""
        own = {user.name for user in self.users}
        return [one for one in self.monitor.operator_usage(self.began_at) if one.tenant in own]

    @property
    def own_pids(self) -> tuple[int, ...]:
        """Processes of the suite itself."""
        return (os.getpid(), *self.engine.pids, self.monitor.pid)

    def leave(self) -> list[str]:
        """End all sessions, remove every tenant that the experiment made, and count what is left.

        Returns:
            What was counted after the removal, in words; who could not be removed at all is in ``not_removed``.
        """
        for sentence in self.engine.leave():
            self.reduce(sentence)
        left = list(self.manager.cleanup_all_agents().left)
        tenants = sorted({user.tenant_id for user in self.users})
        if tenants and OperatorOperation.REMOVE in self.target.operator:
            answers = self.monitor.remove_tenants(tenants)
            # Who could not be asked about is not known to be left, nor to be gone: the next run asks again.
            self.not_removed += [
                f"tenant {name}: {why}" for name, why in sorted(answers.items()) if isinstance(why, str)
            ]
            counted = {name: answer for name, answer in sorted(answers.items()) if not isinstance(answer, str)}
            left += [words for tenant, answer in counted.items() for words in residue_in_words(tenant, answer)]
            self.removed(list(counted))
        elif tenants:
            left += self.manager.remove(self.users)
            self.removed(tenants)
        self.manager.give_back(self.users)
        self.users = []
        return left


def residue_in_words(tenant: str, answer: dict[str, object]) -> list[str]:
    """What is left of a removed tenant, such as ``tenant t1: 3 files``; empty when nothing is.

    Args:
        tenant: Its id.
        answer: What the operator API counted.
    """
    return [f"tenant {tenant}: {amount} {what}" for what, amount in _flat(answer) if amount]


def _flat(residue: dict[str, object]) -> list[tuple[str, int]]:
    flat: list[tuple[str, int]] = []
    for name, value in residue.items():
        if isinstance(value, dict):
            flat.extend((f"{name} of {inner}", int(amount)) for inner, amount in value.items())
        elif isinstance(value, int):
            flat.append((name, value))
    return flat
