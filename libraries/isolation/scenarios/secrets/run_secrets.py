"""The secrets of the run: who got which, and whose a place is by the ids that it names."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence

from isolation.drive.platform.known_ids import KnownIds
from isolation.drive.platform.tenants import TenantAgent
from isolation.record.secrets.credentials import SHORTEST, Credential
from isolation.record.secrets.markers import MAXIMUM_TENANT, MarkerMint, PlantedNumber, SecretKind, TenantSecrets
from isolation.scenarios.secrets.detector import CrossContaminationDetector
from isolation.scenarios.secrets.known_credentials import KnownCredentials, Person

_CONTROL = MAXIMUM_TENANT
"""Index of a tenant that does not exist: its marker may be shown to everybody and must be found."""


class RunSecrets:
    """Everything that was planted in this run, for all of its scenarios together."""

    def __init__(self, run_id: str) -> None:
        """Draw the key of the run."""
        self.mint = MarkerMint(run_id, secrets.token_bytes(32))
        self._owners: list[tuple[int, int]] = []
        self._people: dict[tuple[int, int], Person] = {}
        self._tenants: dict[str, tuple[int, str]] = {}
        self._users: dict[str, tuple[tuple[int, int], Person]] = {}
        self._planted: dict[tuple[int, int], TenantSecrets] = {}
        self._controls = 0
        self._credentials: dict[str, Credential] = {}
        self.control_credential = secrets.token_urlsafe(30)
        """A credential of nobody: it may be shown to everybody and must be found."""
        self._ids = KnownIds(())

    def plant(self, agents: Iterable[TenantAgent]) -> None:
        """Give secrets to users who have none yet."""
        for agent in agents:
            if agent.user_id not in self._users:
                self._add(agent)
        self._ids = KnownIds((*self._users, *self._tenants))
        self._planted = {(one.tenant, one.user): one for one in self.mint.secrets(self._owners)}

    def of(self, agent: TenantAgent) -> TenantSecrets:
        """The secrets of a user."""
        return self._planted[self._users[agent.user_id][0]]

    def texts(self, agent: TenantAgent, *kinds: SecretKind) -> dict[str, object]:
        """Some of a user's marked texts, by what they pretend to be."""
        own = self.of(agent)
        return {kind.value.replace(" ", "_"): own.markers[kind] for kind in kinds}

    def numbers_of(self, agent: TenantAgent) -> dict[str, object]:
        """A user's marked numbers, by what they pretend to be."""
        return {str(number.identity.kind): number.value for number in self.of(agent).numbers}

    def extra(self, agent: TenantAgent, sequence: int) -> str:
        """A further marker of a user, for one request."""
        tenant, user = self._users[agent.user_id][0]
        return self.mint.mint(tenant, user, SecretKind.NOTE, sequence)

    def control(self) -> str:
        """A fresh marker of nobody, with the credential of nobody."""
        self._controls += 1
        return f"{self.mint.mint(_CONTROL, 0, SecretKind.NOTE, self._controls)} {self.control_credential}"

    def note(self, credentials: Iterable[Credential]) -> None:
        """Remember what opens the platform: it is searched for wherever secrets are."""
        self._credentials |= {one.text: one for one in credentials if len(one.text) >= SHORTEST}

    @property
    def credentials(self) -> Sequence[Credential]:
        """Every credential that the run used."""
        return list(self._credentials.values())

    def person(self, user_id: str) -> Person:
        """Who a user of the run is."""
        return self._users[user_id][1]

    def people_named(self, hint: str) -> tuple[Person, ...]:
        """Whom a key, path or column names, by the ids of the run; nobody when it names none."""
        ids = set(self._ids.named(hint))
        users = {self._users[name][1] for name in ids if name in self._users}
        named = {person.tenant for person in users}
        tenants = {Person(self._tenants[name][1]) for name in ids if name in self._tenants}
        return tuple(
            sorted({*users, *(one for one in tenants if one.tenant not in named)}, key=lambda p: (p.tenant, p.user))
        )

    def detector(
        self, *, binary_numbers: bool = False, at_rest: bool = False, processes: bool = False
    ) -> CrossContaminationDetector:
        """A detector that knows everybody.

        Args:
            binary_numbers: Whether numbers are looked for in binary forms too.
            at_rest: Whether it looks into a store, in which a platform may keep credentials where they name nobody.
            processes: Whether it looks into processes, which may hold the store password of their tenant.
        """
        known = KnownCredentials(self.credentials, self.control_credential, at_rest=at_rest, processes=processes)
        return CrossContaminationDetector(
            self.mint, self._people, self.numbers, binary_numbers=binary_numbers, credentials=known
        )

    @property
    def numbers(self) -> Sequence[PlantedNumber]:
        """Every planted number."""
        return [number for one in self._planted.values() for number in one.numbers]

    @property
    def people(self) -> Mapping[tuple[int, int], Person]:
        """Everybody who has secrets, by the indices in their markers."""
        return self._people

    def _add(self, agent: TenantAgent) -> None:
        name = agent.name.partition(".")[0]
        index, name = self._tenants.setdefault(agent.tenant_id, (len(self._tenants), name))
        owner = (index, sum(1 for tenant, _ in self._owners if tenant == index))
        person = Person(name, agent.user_id)
        self._owners.append(owner)
        self._people[owner] = person
        self._users[agent.user_id] = (owner, person)
