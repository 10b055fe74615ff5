"""The prober as scenarios call it: typed, with one rule for time-outs, started when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from isolation.drive.platform.doors import Doors
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.probe.incidents import Staged
from isolation.drive.probe.rights import RightsGroup
from isolation.drive.worker import Worker, WorkerEnded
from isolation.record import Frame
from isolation.record.concurrent_startup.credentials import CredentialTrialsRecord
from isolation.record.concurrent_startup.doors import DoorTrialsRecord
from isolation.record.concurrent_startup.rights import RightTrial
from isolation.record.resource_isolation.odd_values import OddValuesRecord
from isolation.record.traffic.exchanges import Exchange, Return
from isolation.target.model import Target

_TRIALS_S = 240.0
"""Seconds for a whole set of trials before the prober counts as dead."""
_TRIALS_IN_TURN_S = 900.0
"""The same where nobody may ask often."""


class ProberClient:
    """Every method is one call; a dead or silent prober raises ``WorkerError``, which never accuses the platform."""

    def __init__(self, start: Callable[[], Worker], target: Target, doors: Callable[[], Doors]) -> None:
        """Take how its process is started, the description of the platform, and where it is."""
        self._doors = doors
        self._start = start
        self._target = target
        self._worker: Worker | None = None

    def try_doors(
        self, owners: list[TenantAgent], neighbours: list[TenantAgent], strangers: list[TenantAgent], repeats: int
    ) -> DoorTrialsRecord:
        """Try every door of the target."""
        return cast(DoorTrialsRecord, self._call("try_doors", owners, neighbours, strangers, repeats))

    def abuse_credentials(self, people: list[TenantAgent], grace_s: float) -> CredentialTrialsRecord:
        """Try every abused token of some people of different tenants; so long after its end one may keep its session."""
        return cast(CredentialTrialsRecord, self._call("abuse_credentials", people, grace_s))

    def cancel_in_flight(self, people: list[TenantAgent], texts: list[list[str]], seed: int) -> Staged:
        """Let people cancel requests that are being worked on."""
        return cast(Staged, self._call("cancel_in_flight", people, texts, seed))

    def ask_the_same(
        self,
        askers: list[TenantAgent],
        strangers: list[TenantAgent],
        questions: list[str],
        fresh: list[str],
        seed: int,
    ) -> list[Exchange]:
        """Let strangers ask the questions of others, and new ones."""
        return cast(list[Exchange], self._call("ask_the_same", askers, strangers, questions, fresh, seed))

    def use_after_others(
        self, pairs: list[tuple[TenantAgent, TenantAgent]], profiles: list[dict[str, object]], texts: list[str]
    ) -> Staged:
        """Let newcomers connect right after users who leave in the middle of their work."""
        return cast(Staged, self._call("use_after_others", pairs, profiles, texts))

    def gather_crowd(self, people: list[TenantAgent], texts: list[str]) -> list[Exchange]:
        """Connect many users, who stay, and let each ask once."""
        return cast(list[Exchange], self._call("gather_crowd", people, texts))

    def storm(self, texts: list[str]) -> tuple[list[Return], list[Exchange]]:
        """Cut everybody of the crowd off; everybody comes back at once."""
        return cast(tuple[list[Return], list[Exchange]], self._call("storm", texts))

    def crowd_frames(self) -> list[Frame]:
        """Every frame of the crowd since the last call."""
        return cast(list[Frame], self._call("crowd_frames"))

    def disperse_crowd(self) -> None:
        """Everybody of the crowd leaves."""
        self._call("disperse_crowd")

    def try_odd_values(self, caller: TenantAgent, others: list[TenantAgent], seconds: float) -> OddValuesRecord:
        """Let one user send odd values for so many seconds, while others are served."""
        return cast(OddValuesRecord, self._call("try_odd_values", caller, others, seconds))

    def ways_to_end_rights(self) -> list[str]:
        """The ways in which rights can be ended while sessions are open."""
        return cast(list[str], self._call("ways_to_end_rights"))

    def spare_rights(self, person: TenantAgent, way: str) -> list[TenantAgent]:
        """The same user with another right that this way leaves alone; nobody where there is no such right."""
        return cast(list[TenantAgent], self._call("spare_rights", person, way))

    def gather_rights(self, groups: list[RightsGroup], stated_s: float) -> dict[str, str]:
        """Let everybody of each group have everything; why a group could not be gathered, by its way."""
        return cast(dict[str, str], self._call("gather_rights", groups, stated_s))

    def end_rights(self) -> dict[str, str]:
        """End the right of every group; why one could not be ended, by its way. Returns when the stated time is over."""
        return cast(dict[str, str], self._call("end_rights"))

    def try_rights_again(self) -> list[RightTrial]:
        """Try again what everybody of each group had."""
        return cast(list[RightTrial], self._call("try_rights_again"))

    def are_let_in(self, people: list[TenantAgent]) -> list[bool]:
        """Who of some people is let in and served, with the credential it has had."""
        return cast(list[bool], self._call("are_let_in", people))

    def stop(self) -> None:
        """End the process when there is one."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop()

    def _call(self, method: str, *arguments: object) -> Any:
        if self._worker is None:
            self._worker = self._start()
            doors = self._doors()
            self._worker.call("prepare", self._target, dict(doors.addresses), dict(doors.secrets))
        in_turn = self._target.limits.requests_per_minute is not None
        try:
            return self._worker.call(method, *arguments, timeout=_TRIALS_IN_TURN_S if in_turn else _TRIALS_S)
        except WorkerEnded:
            self.stop()  # the next experiment gets a new one
            raise
