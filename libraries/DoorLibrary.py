"""Doors: every operation that can reach for a thing, tried by its owner, by others and by nobody."""

from __future__ import annotations

from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from contamination.prober import prober
from isolation.drive.probe.probing import DoorTrials
from isolation.judge.access.doors import judge_coverage, judge_denials, judge_oracle, judge_timing, judge_twins
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.scenario import scenario


@library(scope="GLOBAL")
class DoorLibrary(DynamicCore):
    """Tries to reach for other people's things through the platform's own door.

    What is tried is generated from the requests of the target file. Each denial has an allowed twin: the owner's own
    request, which must work and have its effect.
    """

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])
        self._trials = DoorTrials([], [], [])

    @keyword
    def try_every_door(self, owners: int, strangers: int, repeats: int) -> None:
        """Let owners make things, and others try to reach for them.

        Each owner's tenant has two further users, one of them an administrator; every third stranger is one as well.

        Args:
            owners: How many owners, each of a tenant of its own.
            strangers: How many users of other tenants try.
            repeats: How often strangers try each door, on the owner's thing and on one that does not exist.

        Example:
        | Try Every Door | owners=2 | strangers=6 | repeats=24 |
        """
        manager = runs.current().manager
        owning = manager.create_tenant_agents(owners)
        neighbours = [manager.add_user(owner, role) for owner in owning for role in ("standard", "admin")]
        foreign = manager.create_tenant_agents(strangers - strangers // 3)
        foreign += manager.create_tenant_agents(strangers // 3, "admin")
        scenario().tenants.extend([*owning, *neighbours, *foreign])
        self._trials = prober().call("try_doors", owning, neighbours, foreign, repeats, timeout=180.0)

    @keyword
    def forbidden_requests_should_be_refused(self, promise: str) -> None:
        """Every forbidden request should have been refused and changed nothing, and every allowed twin should have worked.

        Args:
            promise: Id of the promise.

        Example:
        | Forbidden Requests Should Be Refused | CS-2 |
        """
        probes = self._trials.matrix
        COLLECTOR.decide([judge_denials(promise, probes), judge_twins(promise, probes)])

    @keyword
    def every_operation_should_have_been_tried(self, promise: str) -> None:
        """Every request of the target file that can address a thing should have been tried.

        Args:
            promise: Id of the promise.

        Example:
        | Every Operation Should Have Been Tried | CS-2 |
        """
        COLLECTOR.decide(judge_coverage(promise, self._trials.matrix, self._trials.uncovered))

    @keyword
    def refusals_should_not_reveal_existence(self, promise: str) -> None:
        """Refusals for foreign things and for things that do not exist should have one code, one length and one duration.

        Args:
            promise: Id of the promise.

        Example:
        | Refusals Should Not Reveal Existence | CS-2 |
        """
        probes = self._trials.matrix
        COLLECTOR.decide([judge_oracle(promise, probes), judge_timing(promise, probes)])

    @keyword
    def rules_of_things_should_hold(self, promise: str) -> None:
        """Nothing should work after removal, leave anything after failing, or be found in the wrong place.

        Args:
            promise: Id of the promise.

        Example:
        | Rules Of Things Should Hold | CS-2 |
        """
        probes = self._trials.rules
        COLLECTOR.decide([judge_denials(promise, probes), judge_twins(promise, probes)])
