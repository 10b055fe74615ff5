"""Several engines that are called as one: tenants are partitioned over shards, answers come back in the order of asking.

Principle: what a shard measured between a request and its answer lies on one clock, its own; only moments travel between clocks, and
the error of their translation is bounded. A shard that is lost, late or silent is named, and nothing that it carried is judged.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from isolation.drive.load.campaign import CampaignPlan, CampaignRecord
from isolation.drive.load.engine import Connected, ConnectOptions, Request, SessionState
from isolation.drive.load.plans import Stream
from isolation.drive.load.registry_traffic import TrafficPlan
from isolation.drive.load.together import Left, Part, Start
from isolation.drive.platform.doors import Doors, tenant_endpoint
from isolation.drive.platform.identities import Person
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.shards.clock import shifted
from isolation.drive.shards.fan_out import ask_all, joined, spread
from isolation.drive.shards.keeper import Keeper
from isolation.drive.shards.shard import Carrier, Shard
from isolation.drive.worker import WorkerError
from isolation.record import Frame, Operation
from isolation.record.traffic.asked import RequestRecord
from isolation.settings.profile import ShardLimits
from isolation.target.model import Target

_LEAD_S, _LEAD_PER_REQUEST_S = 0.05, 0.000_05
"""How long before a common start the shards are told: their way, and making the plan."""


class ShardedEngine:
    """Takes the place of the ``Worker`` that hosts a single engine: every method of the engine can be called.

    Args:
        carriers: Where the engines are, with a name of each place (empty: its process is named).
        limits: What is asked of shards.
        say: Told of losses.
        notes: What a reader of the report has to know, in sentences.
    """

    def __init__(
        self,
        carriers: Sequence[tuple[Carrier, str]],
        limits: ShardLimits,
        say: Callable[[str], None],
        notes: Sequence[str] = (),
    ) -> None:
        """Meet the shards.

        Raises:
            WorkerError: One of them gives no answer, or runs another source.
        """
        self._carriers = [carrier for carrier, _ in carriers]
        self._limits = limits
        self._shards = [Shard(number, carrier, place) for number, (carrier, place) in enumerate(carriers, 1)]
        for shard in self._shards:
            shard.measure_clock()
        self._of_tenant: dict[str, Shard] = {}
        self._of_session: dict[str, Shard] = {}
        self._loads: dict[str, list[Shard]] = {}
        self._made_loads = 0
        self._lead_s = _LEAD_S
        self._notes = list(notes)
        self._keeper = Keeper(self._shards, limits.silent, say)

    # as a Worker

    @property
    def pids(self) -> tuple[int, ...]:
        """Processes of the engines on this machine."""
        return tuple(pid for carrier in self._carriers for pid in carrier.pids)

    @property
    def has_ended(self) -> bool:
        """Whether no engine is left."""
        return all(shard.lost for shard in self._shards)

    @property
    def hung(self) -> bool:
        """Never: a shard that hangs is lost, and named."""
        return False

    def call(self, method: str, *arguments: object, timeout: float = 60.0, **options: object) -> Any:
        """Call a method of the engine, wherever what it is about is held.

        Raises:
            ShardLost: A shard that it is about cannot be relied on any more.
            WorkerError: A shard refused, or there is no such method.
        """
        one = getattr(self, f"_{method}", None)
        if one is None:
            raise WorkerError(f"engines in shards have no '{method}'")
        return one(timeout, *arguments, **options)

    def stop(self, timeout: float = 5.0) -> None:
        """End all engines; may be called any number of times."""
        self._keeper.stop()
        for carrier in self._carriers:
            carrier.stop(timeout)

    def leave(self) -> list[str]:
        """An experiment is over: go on without the shards that were lost in it.

        Returns:
            Which shards were lost or late, in sentences.
        """
        lost = [shard for shard in self._shards if shard.lost]
        self._shards = [shard for shard in self._shards if not shard.lost] or self._shards
        self._of_tenant = {tenant: shard for tenant, shard in self._of_tenant.items() if not shard.lost}
        self._of_session = {name: shard for name, shard in self._of_session.items() if not shard.lost}
        self._loads.clear()
        for shard in lost:
            shard.carrier.stop()
        for shard in self._shards:
            shard.carried = 0
        notes, self._notes = self._notes, []
        return [*notes, *(f"{shard.loss()}." for shard in lost)]

    # the engine's methods

    def _prepare(self, within_s: float, target: Target, doors: dict[str, str], secrets: dict[str, str]) -> None:
        self._all("prepare", within_s, target, doors, secrets)
        address = tenant_endpoint(target, Doors(doors))
        for shard, reason in self._all("unreachable", within_s, address).items():
            if reason:
                raise WorkerError(f"{shard.name} cannot reach the platform's tenant endpoint {address}: {reason}")

    def _make_users(self, within_s: float, people: list[Person]) -> list[TenantAgent]:
        places = spread(people, lambda person: self._home(person.tenant_id))
        return joined(places, self._parts(places, people, "make_users", within_s))

    def _remove_users(self, within_s: float, people: list[Person | TenantAgent]) -> dict[str, str]:
        places = spread(people, lambda person: self._home(person.tenant_id))
        answers = self._parts(places, people, "remove_users", within_s)
        return {name: reason for answer in answers.values() for name, reason in answer.items()}

    def _revoke_rights(self, within_s: float, agent: TenantAgent) -> None:
        ask_all({self._home(agent.tenant_id): (agent,)}, "revoke_rights", within_s)

    def _connect(self, within_s: float, agents: list[TenantAgent], options: ConnectOptions) -> list[Connected]:
        if options.together:
            self._settle(list({agent.tenant_id for agent in agents}), self._least_laden())
        places = spread(agents, lambda agent: self._home(agent.tenant_id))
        calls: dict[Shard, tuple[object, ...]] = {}
        for shard, own in places.items():
            self._check_clock(shard)
            shard.carried += len(own)
            self._of_session.update({agents[place].name: shard for place in own})
            share = max(1, round(options.at_once * len(own) / len(agents)))
            calls[shard] = [agents[place] for place in own], replace(options, at_once=share)
        return joined(places, self._on_our_clock(ask_all(calls, "connect", within_s)))

    def _disconnect(self, within_s: float, names: list[str], gracefully: bool = True) -> list[SessionState]:
        known = [name for name in names if name in self._of_session]
        places = spread(known, self._of_session.__getitem__)
        calls = {shard: ([known[place] for place in own], gracefully) for shard, own in places.items()}
        answers = ask_all(calls, "disconnect", within_s)
        states = {state.name: state for answer in answers.values() for state in answer}
        return [states[name] for name in known if name in states]

    def _sessions(self, within_s: float) -> list[SessionState]:
        return [state for answer in self._all("sessions", within_s).values() for state in answer]

    def _ask(self, within_s: float, requests: list[Request], timeout_s: float) -> list[Operation]:
        places = self._of_requests(requests)
        calls = {shard: ([requests[place] for place in own], timeout_s) for shard, own in places.items()}
        return joined(places, self._on_our_clock(ask_all(calls, "ask", within_s)))

    def _ask_at_one_moment(self, within_s: float, requests: list[Request], timeout_s: float) -> list[Operation]:
        """In two steps: how long the first one takes has no part in when the second one begins.

        Where the target limits how often a user asks, and users have to wait, nothing leaves at one moment.
        """
        places = self._of_requests(requests)
        ready = self._parts(places, requests, "make_ready", within_s) if len(places) > 1 else {}
        if not ready or not all(one.number for one in ready.values()):
            return self._ask(within_s, requests, timeout_s)
        lead = self._lead_s + 2 * max(one.rest_s for one in ready.values())
        starts = {shard: Start(at, self._limits.late) for shard, at in self._moments(ready, lead).items()}
        asks = {shard: (one.number, timeout_s, starts[shard]) for shard, one in ready.items()}
        left: dict[Shard, Left] = ask_all(asks, "ask_ready", within_s + lead)
        # A busy machine needs more time to come to a common start; it is told earlier from now on.
        self._lead_s = max(_LEAD_S, 0.9 * self._lead_s, 4 * max(one.late_s for one in left.values()))
        return joined(places, self._on_our_clock({shard: one.operations for shard, one in left.items()}))

    def _begin(self, within_s: float, requests: list[Request]) -> list[float]:
        places = self._of_requests(requests)
        return joined(places, self._on_our_clock(self._parts(places, requests, "begin", within_s)))

    def _start_load(
        self, within_s: float, name: str, streams: list[Stream], seconds: float, answer_within_s: float
    ) -> float:
        places = spread(streams, lambda stream: self._holder(stream.tenant))
        lead = _LEAD_S + _LEAD_PER_REQUEST_S * sum(stream.rate * seconds for stream in streams)
        calls: dict[Shard, tuple[object, ...]] = {}
        for shard, begins_at in self._moments(places, lead).items():
            own = frozenset(streams[place].tenant for place in places[shard])
            calls[shard] = name, streams, seconds, answer_within_s, Part(own, self._made_loads, begins_at)
        self._made_loads += 1
        self._loads[name] = list(places)
        began = self._on_our_clock(ask_all(calls, "start_load", within_s + lead))
        return float(max(began.values()))

    def _end_load(self, within_s: float, name: str, at_once: bool = True) -> list[Operation]:
        shards = self._loads.pop(name, None)
        if shards is None:
            raise WorkerError(f"no load with the name '{name}' was started")
        answers = self._on_our_clock(ask_all(dict.fromkeys(shards, (name, at_once)), "end_load", within_s))
        self._note_late(name, answers)
        return sorted((one for answer in answers.values() for one in answer), key=lambda one: one.intended_at)

    def _end_loads(self, within_s: float) -> None:
        self._all("end_loads", within_s)

    def _campaign(self, within_s: float, plan: CampaignPlan) -> CampaignRecord:
        """Its blocks are compared closely, so one engine makes all of them."""
        names = {stream.tenant for streams in (plan.victims, *plan.noise.values()) for stream in streams}
        shards = {self._holder(name) for name in names}
        if len(shards) > 1:
            raise WorkerError(f"the {len(names)} tenants of a campaign are held by {len(shards)} shards, not by one")
        (record,) = self._on_our_clock(ask_all(dict.fromkeys(shards, (plan,)), "campaign", within_s)).values()
        assert isinstance(record, CampaignRecord)
        return record

    def _registry_traffic(self, within_s: float, plan: TrafficPlan) -> list[RequestRecord]:
        """The sessions of one user are held by one shard: they are of one tenant."""
        places = spread(plan.users, lambda names: self._holder(names[0]))
        calls = {
            shard: (replace(plan, users=tuple(plan.users[place] for place in own)),) for shard, own in places.items()
        }
        answers = self._on_our_clock(ask_all(calls, "registry_traffic", within_s))
        by_session: dict[str, list[RequestRecord]] = {}
        for asked in (asked for answer in answers.values() for asked in answer):
            by_session.setdefault(asked.operation.session, []).append(asked)
        return [asked for names in plan.users for name in names for asked in by_session.get(name, [])]

    def _record_frames(self, within_s: float, on: bool) -> None:
        self._all("record_frames", within_s, on)

    def _take_frames(self, within_s: float) -> list[Frame]:
        answers = self._on_our_clock(self._all("take_frames", within_s))
        return sorted((frame for answer in answers.values() for frame in answer), key=lambda frame: frame.at)

    def _read_frames(self, within_s: float, reader: Callable[[list[Frame]], Any]) -> list[Any]:
        calls = {shard: (reader, -shard.clock.offset_s) for shard in self._shards}
        return [found for answer in ask_all(calls, "read_frames", within_s).values() for found in answer]

    def _memory_bytes(self, within_s: float) -> int:
        return sum(self._all("memory_bytes", within_s).values())

    # who holds what

    def _home(self, tenant_id: str) -> Shard:
        """Where a tenant belongs: with all its users, so that what they do to each other is on one clock."""
        if tenant_id not in self._of_tenant:
            self._settle([tenant_id], self._least_laden())
        return self._of_tenant[tenant_id]

    def _settle(self, tenants: Sequence[str], shard: Shard) -> None:
        shard.tenants += len(tenants)
        self._of_tenant.update(dict.fromkeys(tenants, shard))

    def _least_laden(self) -> Shard:
        left = [shard for shard in self._shards if not shard.lost]
        if not left:
            raise WorkerError("no shard is left")
        return min(left, key=lambda shard: shard.tenants)

    def _holder(self, session: str) -> Shard:
        try:
            return self._of_session[session]
        except KeyError:
            raise WorkerError(f"tenant '{session}' is not connected") from None

    def _of_requests(self, requests: Sequence[Request]) -> dict[Shard, list[int]]:
        return spread(requests, lambda request: self._holder(request.tenant))

    # talking to shards

    def _all(self, method: str, within_s: float, *arguments: object) -> dict[Shard, Any]:
        return ask_all(dict.fromkeys(self._shards, arguments), method, within_s)

    def _parts(
        self, places: dict[Shard, list[int]], items: Sequence[Any], method: str, within_s: float
    ) -> dict[Shard, Any]:
        return ask_all({shard: ([items[place] for place in own],) for shard, own in places.items()}, method, within_s)

    def _moments(self, shards: Iterable[Shard], lead_s: float) -> dict[Shard, float]:
        """One moment in the near future, on the clock of each."""
        at = time.monotonic() + lead_s + 4 * max((shard.clock.error_s for shard in shards), default=0.0)
        return {shard: at + shard.clock.offset_s for shard in shards}

    def _on_our_clock(self, answers: dict[Shard, Any]) -> dict[Shard, Any]:
        return {shard: shifted(answer, -shard.clock.offset_s) for shard, answer in answers.items()}

    def _note_late(self, name: str, answers: Mapping[Shard, Sequence[Operation]]) -> None:
        """Judges see that requests left late; which shard it was, only we know."""
        for shard, operations in answers.items():
            late = sum((operation.lateness or 0.0) > self._limits.late for operation in operations)
            if late > len(operations) / 100:
                share = f"{late:,} of its {len(operations):,} requests of the load '{name}'"
                self._notes.append(f"{shard.name} sent {share} more than {1000 * self._limits.late:g} ms late.")

    def _check_clock(self, shard: Shard) -> None:
        """Refuse to compare what cannot be compared."""
        if shard.clock.error_s > self._limits.clock:
            raise WorkerError(
                f"the clock of {shard.name} is known to {1000 * shard.clock.error_s:.1f} ms only;"
                f" {1000 * self._limits.clock:g} ms are needed to compare its moments with those of others"
            )
