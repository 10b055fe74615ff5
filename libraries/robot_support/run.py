"""The run: settings, target, engine and monitor, shared by all keyword libraries of one Robot execution."""

from __future__ import annotations

import atexit
import os
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

from robot.api import logger
from robot.errors import RobotError  # type: ignore[import-untyped]  # no type information there

from isolation.drive.load.client import EngineClient
from isolation.drive.platform.doors import Doors, tenant_endpoint
from isolation.drive.platform.identities import Person
from isolation.drive.platform.journal import Journal
from isolation.drive.platform.launch import LaunchError, Platform
from isolation.drive.platform.manager import TenantAgentManager
from isolation.drive.platform.tenants import new_run_id
from isolation.drive.probe.client import ProberClient
from isolation.drive.shards.opening import open_engine
from isolation.drive.shards.sharded_engine import ShardedEngine
from isolation.drive.watch.client import MonitorClient
from isolation.drive.watch.machine import describe_machine
from isolation.drive.watch.processes.admission import Admission
from isolation.drive.watch.processes.finding import Sought
from isolation.drive.worker import Worker, WorkerError
from isolation.record import Environment, Limit, MemoryKind
from isolation.record.limits import Limits
from isolation.scenarios.api import Api, residue_in_words
from isolation.scenarios.secrets.run_secrets import RunSecrets
from isolation.settings.catalogue import Catalogue
from isolation.settings.environment_variables import EnvironmentSettings
from isolation.settings.errors import SettingsError
from isolation.settings.profile import Profile
from isolation.show.evidence.identity import build_words
from isolation.show.gate import NOT_EXAMINED
from isolation.target.model import Target
from isolation.target.words import OperatorOperation, OperatorWord
from robot_support.command_line import RunOptions
from robot_support.failures import BrokenEnvironment

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
_MOST_AGENTS = 100_000
_HANGS_AFTER_S = 60.0
"""Engine, monitor and prober listen all the time; on the busiest machine that was tried they answered within seconds."""
RUN_ID = new_run_id()
"""Marks everything that this process makes in any store; known before anything is open."""


class Run:
    """Everything that one Robot execution shares."""

    def __init__(self, options: RunOptions) -> None:
        """Read and check all settings; nothing is started yet.

        Raises:
            SettingsError: When any setting is unknown or impossible.
        """
        self.options = options
        self.run_id = RUN_ID
        self.secrets = RunSecrets(self.run_id)
        self.variables = EnvironmentSettings.read(os.environ)
        self.profile = Profile.load(RESOURCES / "profiles", options.profile)
        self.catalogue = Catalogue.load(RESOURCES / "promises.yaml")
        self.target = Target.load(RESOURCES / "targets", options.target)
        defect = ["--defect", options.defect] if options.defect else []
        self._platform = Platform(self.target, defect, self.profile.flat())
        self.journal = Journal(options.output / "clean-up.jsonl", self.target.name)
        self.doors: Doors | None = None
        self.engine: Worker | ShardedEngine
        self.monitor: Worker
        self.prober = ProberClient(
            lambda: Worker("isolation.drive.probe.probing:Prober", say, "prober", _HANGS_AFTER_S),
            self.target,
            lambda: self.found,
        )
        self.manager: TenantAgentManager
        self._sought: list[Sought] = []
        self.mechanism = "not stated"
        self.build = build_words(self.target.build, None)
        self.broken_by = ""
        """Why nothing can be examined any more: what died first; or empty."""
        self.platform_died = False
        self.started = time.monotonic()
        self.started_at = time.strftime("%Y-%m-%dT%H:%M:%S%z")

    @property
    def strict(self) -> bool:
        """Whether INCONCLUSIVE fails a test: the environment variable decides, else the profile."""
        return self.profile.strict if self.variables.strict is None else self.variables.strict

    @property
    def found(self) -> Doors:
        """Where the target is; the run must be open."""
        assert self.doors is not None, "the run is open"
        return self.doors

    def open(self) -> None:
        """Start or find the target, the engine and the monitor.

        Raises:
            LaunchError: When the target is not there.
            SettingsError: When its description does not fit.
            WorkerError: When its operator door does not answer.
        """
        # First, so that they load while the target starts.
        self.engine = open_engine(self.options.shards, self.options.cluster, self.profile.shards, say, _HANGS_AFTER_S)
        self.monitor = Worker("isolation.drive.watch.monitor:ResourceMonitor", say, "monitor", _HANGS_AFTER_S)
        self.doors = self._platform.open()
        addresses, secrets = dict(self.doors.addresses), dict(self.doors.secrets)
        self.engine.call("prepare", self.target, addresses, secrets)
        # What the suite did not start has no tree that it could know: then the target's word is all there is.
        admission = Admission(self.doors.pid, (os.getpid(), *self.engine.pids), found_by_file=not self.doors.pid)
        self.monitor.call("watch", self.target, addresses, secrets, self.profile.sampling, admission)
        if self.options.metrics is not None:
            self.monitor.call("serve_metrics", self.options.metrics)
        if OperatorOperation.CAPABILITIES in self.target.operator:
            said = self.operator(OperatorOperation.CAPABILITIES)
            self.mechanism = str(said.get(OperatorWord.QUOTA_MECHANISM) or "not stated")
            self.build = build_words(self.target.build, said.get(OperatorWord.BUILD))
        if self.doors.pid:
            self.monitor.call("watch_foreign_load", [os.getpid(), self.doors.pid])
        self.manager = TenantAgentManager(
            self.engine,
            self.target,
            self.run_id,
            most=_MOST_AGENTS,
            register=self._register,
            name_only=self._name,
        )
        self._remove_what_was_left()

    def _register(self, people: list[Person]) -> None:
        """Write new users down before they are made, and tell the monitor how scenarios call them."""
        self.journal.add(people)
        names: dict[str, str] = {}
        for person in people:
            # A further user of a tenant is called by its neighbour's name and a number.
            names.setdefault(person.tenant_id, person.name.partition(".")[0])
        self.monitor.call("name_tenants", names)
        if self.target.processes is not None and not self.target.processes.operator:
            self._sought += [Sought(names[one.tenant_id], one.tenant_id, one.user_id) for one in people]
            self.monitor.call("seek_users", self._sought)

    def _name(self, names: dict[str, str]) -> None:
        self.monitor.call("name_tenants", names)

    def _remove_what_was_left(self) -> None:
        """Remove the tenants of an earlier run that was killed; only what the journal names is ever touched."""
        left = self.journal.left()
        by_operator = OperatorOperation.REMOVE in self.target.operator
        for tenant in sorted({person.tenant_id for person in left}):
            if by_operator:
                rest = residue_in_words(tenant, self.operator(OperatorOperation.REMOVE, tenant=tenant))
            else:
                rest = self.manager.remove([person for person in left if person.tenant_id == tenant])
            if not rest:
                self.journal.removed([tenant])

    def operator(self, op: str, **arguments: object) -> Any:
        """Ask the operator's door one thing.

        Raises:
            WorkerError: When it is refused.
        """
        return self.monitor.call("operator", op, arguments)

    def store_addresses(self) -> dict[str, str]:
        """Addresses of the tenant door and of the stores that the target names, for reading only; never shown."""
        assert self.doors is not None
        stores = self.target.stores
        words = {
            "postgresql": stores.postgresql.address if stores.postgresql else "",
            "redis": stores.redis.address if stores.redis else "",
            "clickhouse": stores.clickhouse.address if stores.clickhouse else "",
            "logs": stores.logs.folder if stores.logs else "",
        }
        known = {name: self.doors.secrets.get(word, "") for name, word in words.items()}
        endpoint = tenant_endpoint(self.target, self.doors)
        return {"tenant_door": endpoint, **{name: value for name, value in known.items() if value}}

    def api(self, limits: Limits) -> Api:
        """What one experiment can use.

        Args:
            limits: Of the promises that its suite file stands for.
        """
        assert self.doors is not None, "the run is open"
        self.manager.begin_names()
        return Api(
            target=self.target,
            profile=self.profile,
            variables=self.variables,
            limits=limits,
            engine=EngineClient(self.engine, self.target.limits.requests_per_minute),
            monitor=MonitorClient(self.monitor),
            prober=self.prober,
            manager=self.manager,
            doors=self.doors,
            stores=self.store_addresses(),
            run_id=self.run_id,
            secrets=self.secrets,
            say=say,
            removed=self.journal.removed,
        )

    def what_died(self, within_s: float = 0.0) -> str:
        """A sentence when the platform that the suite started, its engine or its monitor has ended by itself; else empty.

        Args:
            within_s: How long to wait for a platform whose doors have closed, while engine and monitor live.
        """
        parts = (("load engine", self.engine), ("monitor", self.monitor))
        if hung := [what for what, worker in parts if worker.hung]:
            return f"The suite's own {' and '.join(hung)} hung in the middle of the run and was ended."
        dead = [what for what, worker in parts if worker.has_ended]
        if ended := self._platform.ended(0.0 if dead else within_s):
            self.platform_died = True
            return f"The platform ended in the middle of the run: {ended}."
        return f"The suite's own {' and '.join(dead)} ended in the middle of the run." if dead else ""

    def foreign_load(self, since: float) -> float | None:
        """Per cent of the machine that others used since a moment; None when nobody knows."""
        try:
            return MonitorClient(self.monitor).foreign_load(since)
        except WorkerError:
            return None

    def limit(self, promise: str, name: str, value: float | None = None) -> Limit:
        """A limit of a promise; ``value`` when the scenario states its own."""
        return self.catalogue[promise].limit(name, value)

    def environment(self) -> Environment:
        """The machine and the target."""
        return describe_machine(
            self.target.name, self.profile.name, self.run_id, self.started_at, self.mechanism, MemoryKind.PSS
        )

    def close(self) -> list[str]:
        """End everything that was started.

        Returns:
            Sentences about what did not end as it should; empty when all is well.
        """
        try:
            self.prober.stop()
            for part in ("engine", "monitor"):
                worker = getattr(self, part, None)
                if worker is not None:
                    worker.stop()
        finally:
            complaint = self._platform.close()
        return [complaint] if complaint else []


_current: Run | None = None
_broken = ""
"""Why the run could not begin: it is not tried again for every file."""


def current() -> Run:
    """The open run.

    Raises:
        BrokenEnvironment: When no run is open.
    """
    if _current is None:
        raise BrokenEnvironment("The target is not open: a suite begins with 'The platform is ready'.")
    return _current


def is_open() -> bool:
    """Whether a run is open."""
    return _current is not None


def begin() -> Run:
    """Open the run, unless it is open already; what it should be comes from the command line.

    Raises:
        BrokenEnvironment: When a setting is impossible or the target is not there; one sentence says what and where.
    """
    global _current
    if _broken:
        raise BrokenEnvironment(_broken)
    if _current is None:
        try:
            run = Run(RunOptions.read())
            _open(run)
        except (SettingsError, LaunchError, WorkerError) as error:
            refuse(f"The suite cannot start: {str(error).rstrip('.')}.")
            raise BrokenEnvironment(_broken) from None
        except RobotError:
            raise  # Ctrl-C, or a time-out of Robot's
        except Exception as error:
            refuse(f"The suite cannot start, by a fault of its own: {type(error).__name__}: {error}.")
            raise BrokenEnvironment(_broken) from error
        _current = run
    return _current


def _open(run: Run) -> None:
    """Open it, or close what was begun of it; a part that died is the first cause of whatever was said afterwards."""
    try:
        run.open()
    except BaseException as error:
        died = run.what_died() if isinstance(error, WorkerError) else ""
        run.close()
        if died:
            raise WorkerError(died) from None
        raise


def refuse(reason: str) -> None:
    """Nothing can be examined by this process, for a reason that every test tells."""
    global _broken
    _broken = _broken or reason


def leave_as_not_examined() -> None:
    """End Robot's process with the exit code of a run that could not examine anything."""

    def leave() -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(NOT_EXAMINED)

    atexit.register(leave)


def why_not_open() -> str:
    """Why the run could not begin, or empty."""
    return _broken


def end() -> list[str]:
    """Close the run when one is open; returns sentences about what did not end as it should."""
    global _current
    run, _current = _current, None
    return run.close() if run is not None else []


def say(sentence: str) -> None:
    """Tell the person at the console how far long work is."""
    logger.console(f"  {sentence}", newline=True) if sys.stdout.isatty() else None


def catalogue() -> Catalogue:
    """The promises, also when no run is open."""
    return _current.catalogue if _current is not None else _catalogue_of_the_project()


@cache
def _catalogue_of_the_project() -> Catalogue:
    return Catalogue.load(RESOURCES / "promises.yaml")
