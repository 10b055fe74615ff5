"""The load engine as scenarios call it: typed, and with one rule for time-outs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar, cast

from isolation.drive.load.campaign import CampaignPlan, CampaignRecord
from isolation.drive.load.engine import Connected, ConnectOptions, Request, SessionState
from isolation.drive.load.plans import Stream
from isolation.drive.load.registry_traffic import TrafficPlan
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.session.pace import longest_wait_s
from isolation.drive.shards.sharded_engine import ShardedEngine
from isolation.drive.worker import Worker, WorkerError
from isolation.record import Frame, Operation
from isolation.record.traffic.asked import RequestRecord

GRACE_S = 30.0
"""A call may take as long as its own arguments say, and this much more, before the engine counts as dead."""
_LONGEST_CAMPAIGN_S = 3 * 3600.0
_READ_FRAMES_S = 600.0
Found = TypeVar("Found")


class EngineClient:
    """Every method is one call; a dead or silent engine raises ``WorkerError``, which never accuses the platform."""

    def __init__(self, worker: Worker | ShardedEngine, requests_per_minute: int | None = None) -> None:
        """Take the process that hosts the engine, or the shards that act as one.

        Args:
            worker: Passes calls on.
            requests_per_minute: How many requests the target takes of one user in a minute.
        """
        self._worker = worker
        self._per_minute = requests_per_minute

    @property
    def pids(self) -> tuple[int, ...]:
        """Processes of the engine on this machine."""
        return self._worker.pids

    def memory_bytes(self) -> int:
        """Resident memory of the engine, wherever it runs."""
        return cast(int, self._worker.call("memory_bytes", timeout=GRACE_S))

    def connect(self, agents: list[TenantAgent], options: ConnectOptions, within_s: float) -> list[Connected]:
        """Open one session for each agent, some at a time."""
        return cast(list[Connected], self._worker.call("connect", agents, options, timeout=within_s + GRACE_S))

    def disconnect(self, names: list[str], gracefully: bool = True) -> list[SessionState]:
        """Close sessions, with a close frame or by dropping the connection."""
        return cast(list[SessionState], self._worker.call("disconnect", names, gracefully, timeout=GRACE_S))

    def sessions(self) -> list[SessionState]:
        """How every session stands."""
        return cast(list[SessionState], self._worker.call("sessions", timeout=GRACE_S))

    def ask(self, requests: list[Request], within_s: float, *, at_one_moment: bool = False) -> list[Operation]:
        """Make requests, all at once (or as soon as their users may), and wait for their ends.

        Args:
            requests: What is asked for.
            within_s: Seconds to wait for the ends.
            at_one_moment: Whether it matters that all leave at the same moment: then several engines agree on one, and one that
                misses it is an error.
        """
        turns_s = longest_wait_s(self._per_minute, (request.tenant for request in requests))
        method = "ask_at_one_moment" if at_one_moment and isinstance(self._worker, ShardedEngine) else "ask"
        answer = self._worker.call(method, requests, within_s, timeout=turns_s + within_s + GRACE_S)
        return cast(list[Operation], answer)

    def begin(self, requests: list[Request]) -> list[float]:
        """Make requests and do not wait; when each was sent (seconds, monotonic clock)."""
        return cast(list[float], self._worker.call("begin", requests, timeout=GRACE_S))

    def start_load(self, name: str, streams: list[Stream], seconds: float, answer_within_s: float) -> float:
        """Begin open-loop load in the background; when it began (seconds, monotonic clock)."""
        return cast(float, self._worker.call("start_load", name, streams, seconds, answer_within_s, timeout=GRACE_S))

    def end_load(self, name: str, within_s: float, at_once: bool = True) -> list[Operation]:
        """Wait for a load to end, at most ``within_s`` seconds; ``at_once`` sends nothing more from now on."""
        return cast(list[Operation], self._worker.call("end_load", name, at_once, timeout=within_s + GRACE_S))

    def campaign(self, plan: CampaignPlan) -> CampaignRecord:
        """Run quiet and noisy blocks."""
        return cast(CampaignRecord, self._worker.call("campaign", plan, timeout=_LONGEST_CAMPAIGN_S))

    def registry_traffic(self, plan: TrafficPlan, within_s: float) -> list[RequestRecord]:
        """Run random requests to the agent registry."""
        return cast(list[RequestRecord], self._worker.call("registry_traffic", plan, timeout=within_s + GRACE_S))

    def record_frames(self, on: bool) -> None:
        """Keep every frame of every session from now on, or stop keeping them."""
        self._worker.call("record_frames", on, timeout=GRACE_S)

    def take_frames(self) -> list[Frame]:
        """The frames kept so far; the engine forgets them."""
        return cast(list[Frame], self._worker.call("take_frames", timeout=GRACE_S))

    def read_frames(self, reader: Callable[[list[Frame]], Found]) -> list[Found]:
        """Let somebody read the frames kept so far, where they are, and forget them; only what was found comes back.

        Args:
            reader: Plain data that can be called; it gets the frames of all sessions of one engine in order of arrival.

        Returns:
            What was found: one of each engine.
        """
        return cast(list[Found], self._worker.call("read_frames", reader, timeout=_READ_FRAMES_S))

    def leave(self) -> list[str]:
        """An experiment is over: nothing of its load goes on.

        Returns:
            Which shards were lost or late in it, in sentences; the next experiment does without the lost ones.
        """
        notes = self._worker.leave() if isinstance(self._worker, ShardedEngine) else []
        with suppress(WorkerError):  # a dead engine makes no load, and is told elsewhere
            self._worker.call("end_loads", timeout=GRACE_S)
        return notes
