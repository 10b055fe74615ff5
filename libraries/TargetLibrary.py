"""The platform under test: opening it, asking what it can do."""

from __future__ import annotations

import time
from collections.abc import Callable

from robot.api import logger
from robot.api.deco import keyword, library
from robot.libraries.BuiltIn import BuiltIn
from robotlibcore import DynamicCore

from isolation.drive.worker import WorkerError
from isolation.judge.data.restart import judge_restarted
from isolation.target.needs import Needs, not_offered
from isolation.target.words import OperatorOperation, OperatorWord
from robot_support import run as runs
from robot_support import scenario as scenarios
from robot_support.capabilities import CAPABILITIES
from robot_support.collector import COLLECTOR
from robot_support.failures import NothingToSay
from robot_support.scale import scale_of

_CUT_WITHIN = 10.0
"""Seconds after a restart was asked for in which all connections have to be cut."""
_BACK_WITHIN = 60.0


@library(scope="GLOBAL")
class TargetLibrary(DynamicCore):
    """Opens the platform under test and closes it again.

    Which platform, and how large the run is, comes from the command line: ``-v TARGET:name`` and ``-v PROFILE:name``.
    """

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])

    @keyword
    def open_target(self) -> None:
        """Open the platform under test, unless it is open already, and begin a new scenario.

        Fails in one sentence when a setting is impossible or the platform is not there; no further test is run then,
        and Robot ends with exit code 254: nothing was proven or disproven.

        Example:
        | Open Target |
        """
        run = runs.begin()
        COLLECTOR.residue += run.left_by_others
        run.left_by_others = []
        scenarios.begin()
        BuiltIn().set_suite_variable("${SCALE}", scale_of(run.profile), "children=true")
        logger.info(
            f"Run {run.run_id}: target '{run.target.name}', profile '{run.profile.name}'. Quotas: {run.mechanism}"
        )

    @keyword
    def end_scenario(self) -> None:
        """Close all connections, remove every tenant of the scenario from the platform and count what is left.

        What is left is shown on the sign-off page and fails the suite's tear-down.

        Example:
        | End Scenario |
        """
        if not runs.is_open():
            return
        left = scenarios.end()
        if left:
            raise AssertionError(f"The suite should leave nothing behind, but left {'; '.join(left[:10])}.")

    @keyword
    def require_capability(self, *names: str) -> None:
        """Skip the test, as NOT APPLICABLE, unless the target file declares all of these capabilities.

        Args:
            names: Capabilities, as in the target file.

        Example:
        | Require Capability | cpu quota | memory quota |
        """
        unknown = [name for name in names if name not in CAPABILITIES]
        if unknown:
            raise ValueError(f"There is no capability '{unknown[0]}'; there are {', '.join(CAPABILITIES)}.")
        needs = sum((CAPABILITIES[name] for name in names), start=Needs())
        if lacks := not_offered(runs.current().target, needs):
            raise NothingToSay(f"NOT APPLICABLE: {lacks}")

    @keyword
    def restart_target(self, promise: str) -> None:
        """Let the operator restart the platform, and wait until it has cut all connections and its doors are back.

        A control of what survives: a platform that says yes and goes on as before has shown nothing.

        Args:
            promise: Id of the promise that needs a real restart.

        Example:
        | Restart Target | CS-5 |
        """
        run, names = runs.current(), set(scenarios.scenario().names)
        held, before = _open_sessions(names), _gateway()
        run.operator(OperatorOperation.RESTART)
        _wait(lambda: not _open_sessions(names), _CUT_WITHIN)
        cut = held - _open_sessions(names)
        if not _wait(_door_is_open, _BACK_WITHIN):
            raise AssertionError(
                f"The platform should be back within {_BACK_WITHIN:g} s of its restart, but its operator door is not there."
            )
        COLLECTOR.decide(judge_restarted(promise, held, cut, before, _gateway()))


def _open_sessions(names: set[str]) -> int:
    states = runs.current().engine.call("sessions")
    return sum(state.is_open and state.name in names for state in states)


def _gateway() -> int:
    """The process that serves the tenants, by the operator's word; 0 when it is not told."""
    return int(runs.current().operator(OperatorOperation.INVENTORY).get(OperatorWord.PROCESSES, {}).get("gateway", 0))


def _door_is_open() -> bool:
    try:
        runs.current().operator(OperatorOperation.CAPABILITIES)
    except WorkerError:
        return False
    return True


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
