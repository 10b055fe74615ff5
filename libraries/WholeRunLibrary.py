"""The run as a whole: what the suite itself cost, left behind and gave away."""

from __future__ import annotations

import time
from pathlib import Path

from robot.api.deco import keyword, library
from robot.libraries.BuiltIn import BuiltIn
from robotlibcore import DynamicCore

from isolation.drive.stores.traces import Traces, traces_of
from isolation.judge.resources.removal import judge_removal, judge_traces
from isolation.judge.rules.verdicts import inconclusive, judged, names
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.scenario import scenario, what_is_there_of
from robot_support.secret_shapes import SHAPES, content_of, shapes_in

_ROBOT_STARTS = 15.0
"""Seconds that Robot may have written before it opens the target."""
_SEARCHED = ("postgresql", "redis")
_WRITTEN = (".xml", ".json", ".html", ".jsonl", ".log", ".gz")


@library(scope="GLOBAL")
class WholeRunLibrary(DynamicCore):
    """Judges the suite itself, after all other tests."""

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])
        self._seen: list[str] = []
        self._traces = Traces()

    @keyword
    def see_what_living_tenants_have(self) -> None:
        """Count what the tenants of the scenario have while they are there: the control of the count after their removal.

        Example:
        | See What Living Tenants Have |
        """
        counted = runs.current().target.operator is not None
        self._seen = (
            [thing for one in scenario().tenants for thing in what_is_there_of(one.tenant_id)] if counted else []
        )
        self._traces = _traces()

    @keyword
    def nothing_of_the_run_should_be_left(self, promise: str) -> None:
        """Of all tenants that this run has made, nothing should be left in any store, process or folder.

        Args:
            promise: Id of the promise; its limit ``residue`` decides.

        Example:
        | Nothing Of The Run Should Be Left | OP-3 |
        """
        limit = runs.current().limit(promise, "residue")
        left, alive, tenants = _traces(), self._traces, COLLECTOR.tenants_made
        found = [
            judge_removal(
                promise, len(self._seen), COLLECTOR.residue if COLLECTOR.residue_counted else None, tenants, limit
            )
        ]
        if _stores():
            found.append(judge_traces(promise, len(alive.found), left.found, left.missed, tenants, limit))
        COLLECTOR.decide(found)

    @keyword
    def no_secret_should_be_in_the_output(self, promise: str) -> None:
        """No token, password, key or store address should be in what the run has written so far.

        Those that are known now are looked for by themselves, all others by their shape.

        The same search has to find the run's id, which is public: otherwise it has looked at nothing.

        Args:
            promise: Id of the promise; its limit ``secrets`` decides.

        Example:
        | No Secret Should Be In The Output | OP-7 |
        """
        run = runs.current()
        assert run.doors is not None
        folder = Path(BuiltIn().get_variable_value("${OUTPUT_DIR}"))
        began = time.time() - (time.monotonic() - run.started) - _ROBOT_STARTS
        files = [
            path
            for path in folder.rglob("*")
            # What an earlier run has left in the same folder is not this run's.
            if path.is_file() and path.suffix in _WRITTEN and path.stat().st_mtime >= began
        ]
        tokens = {tenant.name: tenant.token for tenant in scenario().tenants}
        addresses = {"log_folder"}
        secrets = {**{k: v for k, v in run.doors.secrets.items() if k not in addresses}, **tokens}
        texts = [(path.name, content_of(path)) for path in files]
        found = [
            f"{what} in {name}" for name, text in texts for what, secret in secrets.items() if secret.encode() in text
        ]
        found += [f"{shape} of {name}" for name, text in texts for shape in shapes_in(text)]
        metric, limit = "secrets in the output", run.limit(promise, "secrets")
        if not any(run.run_id.encode() in text for _, text in texts):
            COLLECTOR.decide(
                inconclusive(
                    promise, metric, limit, f"The search did not even find the run's public id in {len(files)} files"
                )
            )
            return
        claim = (
            f"{len(secrets)} secrets and {len(SHAPES)} shapes of secrets were looked for in {len(files)} files, {len(found)} found"
            + (f": {names(found)}" if found else "")
        )
        COLLECTOR.decide(judged(promise, metric, float(len(found)), limit, len(secrets), claim))


def _stores() -> dict[str, str]:
    return {name: value for name, value in runs.current().store_addresses().items() if name in _SEARCHED}


def _traces() -> Traces:
    return traces_of(runs.current().run_id, _stores())
