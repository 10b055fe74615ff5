"""Cross-contamination: every user has secrets, works, and every place is searched for secrets of somebody else."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import redis
from robot.api import logger
from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from contamination.decoy import Bait
from contamination.encoders import ENCODERS
from contamination.matrix import matrix_chart
from contamination.searching import Search, control_file, search_frames, search_pieces, search_processes
from contamination.secrets import RunSecrets, run_secrets
from contamination.work import MOST_WITNESSES, Arguments, SecretWork, second_sessions
from isolation.drive.stores.store_clickhouse import NoClickHouse
from isolation.drive.stores.store_redis import TYPES, ChannelWatch, plant_controls, remove_controls
from isolation.drive.stores.stores import read_clickhouse, read_files, read_redis, read_rows
from isolation.judge.data.cross_contamination import judge_harmless_sights, judge_inspection
from isolation.judge.traffic.served import judge_served
from isolation.record import Frame
from isolation.record.pieces import NotReadable, Piece
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.failures import NothingToSay
from robot_support.many_users import user_count
from robot_support.scenario import scenario

_WRITTEN_WITHIN = 1.2
"""Seconds after the work in which the platform has written what it writes now and then."""


@library(scope="GLOBAL")
class ContaminationLibrary(DynamicCore):
    """Plants secrets, lets their owners work, and searches frames, stores, logs and processes for foreign ones.

    A secret is a text or number that says whose it is. It is found plain and encoded (JSON escapes, base64, hexadecimal,
    URL encoding, case, reversed, compressed, UTF-16) and when it is split over two frames. In every search something is
    planted that must be found; without it, "none found" is INCONCLUSIVE.
    """

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])
        self._channels: ChannelWatch | None = None
        self._searches: dict[str, Search] = {}
        self._announced_to = 0
        self._harmless: Search | None = None

    @keyword
    def record_everything(self) -> None:
        """Keep every frame of every session from now on, and listen to every channel of Redis.

        Example:
        | Record Everything |
        """
        run = runs.current()
        self._searches = {}
        run.engine.call("record_frames", True)
        run.engine.call("take_frames")
        address = run.store_addresses().get("redis")
        try:
            self._channels = ChannelWatch(address) if address else None
        except redis.RedisError as error:
            logger.warn(f"The channels of Redis cannot be watched: {type(error).__name__}")

    @keyword
    def create_users_with_secrets(self) -> None:
        """Create as many tenants as the profile (or ``CONCURRENT_TEST_USERS``) says, one user each, and plant secrets.

        Example:
        | Create Users With Secrets |
        """
        created = runs.current().manager.create_tenant_agents(user_count())
        scenario().tenants.extend(created)
        run_secrets().plant(created)

    @keyword
    def work_with_secrets(self, answers: int) -> None:
        """Let every tenant of the scenario save secrets everywhere, make mistakes with them, and get reports full of them.

        Args:
            answers: How many reports there should be at least, of all users together.

        Example:
        | Work With Secrets | 2000 |
        """
        agents, secrets = list(scenario().tenants), run_secrets()
        witnesses = second_sessions(agents)
        runs.current().manager.connect(witnesses)
        SecretWork(witnesses, secrets).ask("subscribe", lambda _: {"topic": "thread:main"})
        work = SecretWork(agents, secrets)
        operations = [*work.save(), *work.reports(answers)]
        work.provoke_errors()
        work.ask("orchestrate", lambda agent: {"text": f"Plan {secrets.extra(agent, 9)}"}, most=3)
        scenario().operations["secrets"] = operations
        scenario().marks["secrets"] = time.monotonic()

    @keyword
    def announce_to_everybody(self) -> None:
        """Let the operator announce a text with a control in it: the marker of a tenant that does not exist.

        Example:
        | Announce To Everybody |
        """
        run = runs.current()
        if run.target.operator is not None:
            text = f"Maintenance tonight. Reference {run_secrets().control()}"
            self._announced_to = int(run.operator("announce", text=text)["sessions"])
            time.sleep(0.3)

    @keyword
    def work_with_secrets_should_be_answered(self, promise: str) -> None:
        """Nearly all requests with secrets should have been answered, or a search of the answers proves nothing.

        Args:
            promise: Id of the promise.

        Example:
        | Work With Secrets Should Be Answered | CS-2 |
        """
        limit = runs.current().limit("CS-1", "success")
        COLLECTOR.decide(judge_served(promise, "answered", scenario().operations["secrets"], limit, "with secrets"))

    @keyword
    def search_frames(self, promise: str) -> None:
        """No session should have received a secret of another user, in any frame, error, control frame or header.

        Args:
            promise: Id of the promise.

        Example:
        | Search Frames | CS-2 |
        """
        frames: list[Frame] = runs.current().engine.call("take_frames")
        found = search_frames(run_secrets(), frames)
        found.control_found = found.seen.controls >= max(self._announced_to, 1) or (
            not self._announced_to and len(found.seen.own) >= len(scenario().tenants)
        )
        self._decide(promise, found)

    @keyword
    def search_database(self, promise: str) -> None:
        """No row of PostgreSQL should hold a secret of anybody but the owner that its key columns name.

        Args:
            promise: Id of the promise.

        Example:
        | Search Database | CS-2 |
        """
        found = search_pieces(run_secrets(), read_rows(_address("postgresql", "PostgreSQL")), "PostgreSQL")
        found.control_found = self._everybody_at_home(found)
        self._decide(promise, found)

    @keyword
    def search_cache(self, promise: str) -> None:
        """No key, value, stream or channel of Redis should hold a secret of anybody but the owner that its key names.

        Args:
            promise: Id of the promise.

        Example:
        | Search Cache | CS-2 |
        """
        secrets, address = run_secrets(), _address("redis", "Redis")
        prefix = f"isolation-control:{runs.current().run_id}"
        keys = plant_controls(address, prefix, secrets.control())
        try:
            found = search_pieces(secrets, read_redis(address), "Redis")
        finally:
            remove_controls(address, keys)
        planted = len(TYPES)
        if self._channels is not None:
            self._channels.publish(prefix, secrets.control())
            time.sleep(0.3)
            passed, self._channels = self._channels.end(), None
            search_pieces(secrets, passed, "Redis", into=found)
            planted += 1
        found.control_found = found.seen.controls >= planted and self._everybody_at_home(found)
        _leave_out_planted(found, planted)
        self._decide(promise, found)

    @keyword
    def search_analytics(self, promise: str) -> None:
        """No row of ClickHouse should hold a secret of anybody but the owner that it names.

        Args:
            promise: Id of the promise.

        Example:
        | Search Analytics | CS-2 |
        """
        place = _address("clickhouse", "ClickHouse")
        time.sleep(max(0.0, scenario().marks["secrets"] + _WRITTEN_WITHIN - time.monotonic()))
        try:
            pieces = read_clickhouse(place, run_secrets().control())
        except NoClickHouse as error:
            raise NothingToSay(f"NOT APPLICABLE: {error}.") from None
        found = search_pieces(run_secrets(), pieces, "ClickHouse")
        found.control_found = found.seen.controls >= 1
        _leave_out_planted(found, 1)
        self._decide(promise, found)

    @keyword
    def search_logs(self, promise: str) -> None:
        """No log file should hold any secret: whoever may read a log sees everybody's lines.

        Args:
            promise: Id of the promise.

        Example:
        | Search Logs | CS-2 |
        """
        secrets, folder = run_secrets(), Path(_address("logs", "the log folder"))
        control = control_file(folder, secrets.control())
        try:
            found = search_pieces(secrets, read_files(folder, "log"), "log files", shared=True)
        finally:
            control.unlink()
        found.control_found = found.seen.controls >= 1
        _leave_out_planted(found, 1)
        self._decide(promise, found)

    @keyword
    def search_agent_processes(self, promise: str) -> None:
        """No agent process should hold a secret of another: memory, environment, command line, open and temporary files.

        Args:
            promise: Id of the promise.

        Example:
        | Search Agent Processes | CS-2 |
        """
        run, secrets = runs.current(), run_secrets()
        own = set(scenario().names)
        processes = [ref for ref in run.monitor.call("processes") if ref.tenant in own]
        with Bait(secrets.control()) as decoy:
            found = search_processes(secrets, processes, decoy)
        controls = found.seen.controls
        search_pieces(secrets, _temporary_files(secrets), found.kind, into=found)
        in_files = found.seen.controls > controls
        found.control_found = found.control_found and in_files and self._everybody_at_home(found)
        self._decide(promise, found)

    @keyword
    def exchange_harmless_texts(self) -> None:
        """Let some users send their own secrets to themselves, in every encoding, and the operator announce something.

        Example:
        | Exchange Harmless Texts |
        """
        run, secrets = runs.current(), run_secrets()
        run.engine.call("take_frames")
        work = SecretWork(scenario().tenants, secrets)
        for number, encode in enumerate(ENCODERS):
            work.ask("report", _writing(encode, secrets, 50 + number), most=MOST_WITNESSES)
        self.announce_to_everybody()
        self._harmless = search_frames(secrets, run.engine.call("take_frames"), "harmless frames")

    @keyword
    def harmless_sights_should_raise_no_alarm(self, promise: str) -> None:
        """Own secrets that came back to their owner, and the public announcement, should not be taken for leaks.

        Args:
            promise: Id of the promise.

        Example:
        | Harmless Sights Should Raise No Alarm | CS-2 |
        """
        assert self._harmless is not None, "nothing harmless was exchanged"
        COLLECTOR.decide(judge_harmless_sights(promise, self._harmless.seen, len(ENCODERS), self._announced_to))

    def _everybody_at_home(self, found: Search) -> bool:
        """Whether the search found every tenant's own secrets in its own place."""
        return {person.tenant for person in found.seen.own} >= set(scenario().names)

    def _decide(self, promise: str, search: Search) -> None:
        self._searches[search.kind] = search
        chart = matrix_chart(list(self._searches.values()), scenario().names)
        COLLECTOR.decide(
            judge_inspection(promise, search.kind, search.seen, search.control_found, search.missed), chart
        )


def _writing(encode: Callable[[str], str], secrets: RunSecrets, sequence: int) -> Arguments:
    return lambda agent: {"text": encode(secrets.extra(agent, sequence))}


def _leave_out_planted(search: Search, planted: int) -> None:
    """What the suite itself has planted is no probe of the target: with nothing else to see, nothing was looked at."""
    search.seen.probes = max(0, search.seen.probes - planted)


def _address(store: str, words: str) -> str:
    address = runs.current().store_addresses().get(store)
    if not address:
        raise NothingToSay(f"NOT APPLICABLE: the target has not declared where {words} is.")
    return address


def _temporary_files(secrets: RunSecrets) -> Iterator[Piece | NotReadable]:
    """The temporary folders that the operator knows, and one of the suite's own with a control in it."""
    with tempfile.TemporaryDirectory(prefix="isolation-control-") as folder:
        control_file(Path(folder), secrets.control())
        yield from read_files(Path(folder), "temporary file")
    run = runs.current()
    for name in run.operator("inventory").get("temp_folders", []) if run.target.operator is not None else []:
        for piece in read_files(Path(name), "temporary file"):
            if isinstance(piece, Piece):
                yield Piece(piece.place, f"{name} {piece.owner_hint}", piece.data, piece.looks)
            elif Path(name).exists():
                yield piece
