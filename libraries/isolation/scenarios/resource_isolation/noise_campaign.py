"""Noises alternate with quiet time, while the other tenants are measured (RI-2, RI-4, RI-5).

Tenants 1 and 2 exceed their quota, 3 works heavily, 4 to 7 make noise of four kinds: first all together, until each is contained,
then in turns. All are compared with the same quiet time; each noise is judged for itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from isolation.drive.load.campaign import CampaignPlan
from isolation.drive.load.engine import Request
from isolation.drive.load.plans import Stream
from isolation.drive.platform.doors import tenant_endpoint
from isolation.drive.platform.known_ids import KnownIds
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.watch.conditions import Reported
from isolation.record import Operation
from isolation.record.limits import Limits
from isolation.record.resource_isolation.noise_campaign import (
    CampaignNoise,
    ConnectionsOfOne,
    NextLook,
    NoiseCampaignRecord,
)
from isolation.record.tenants import TenantNames
from isolation.scenarios.api import Api, NotExamined, NotOffered
from isolation.scenarios.resource_isolation.noises import ENDLESS_CALCULATION, FOUR_KINDS, renew_sessions
from isolation.target.needs import Needs, missing, not_offered
from isolation.target.words import Audit, Kept, OperatorOperation, OperatorWord, RequestKind

NEEDS = Needs(
    requests=(RequestKind.TYPICAL, RequestKind.NOOP),
    any_of=(RequestKind.HEAVY, *(kind.request for kind in FOUR_KINDS)),
)
"""What the others feel is measured by their own answers. Without processes nobody sees that the noise used anything: then a slowdown
is found, and its absence proves nothing."""
ALERTS = Needs(operator=(OperatorOperation.ALERTS,))
QUOTAS = Needs(operator=(OperatorOperation.QUOTA,))
EXCEEDED_QUOTAS = "exceeded quotas"
HEAVY_WORK = "heavy work"
FOUR_NOISES = "four kinds of noise"
_SILENT_S = 5.0
_SILENCE_S = 0.5
"""Seconds of silence that show that work that was broken off has ended."""
_SILENT_SHARE = 0.05
"""Of one core, all that should be silent together: half of what the platform leaves to tenants that it has contained."""
_LASTING = "seconds"
_STEADY = "steady"
_DISTURBING = "disturbing"
_MEGABYTE = 1024 * 1024
_STAYS_S = 3.0
"""Who was contained is taken for contained for so long without noise: no longer than within a round. Later it is disturbed anew."""
_MORE_THAN_PLANNED = 1.1
"""Times its planned length that a campaign takes: noise has to end, and some slices are measured again."""
_HEAVY_MB = 64
_GREED = 3
"""So many times the allowed number of database connections one tenant asks for."""


NextLookOf = Callable[[NoiseCampaignRecord, Limits], NextLook | None]
"""Says after a look what the next one should be about; None when everything is decided. Scenarios do not judge."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What noisy tenants do whenever it is the turn of a noise.

    Attributes:
        name: Of the noise.
        streams: Their requests, all at the same time.
    """

    name: str
    streams: tuple[Stream, ...]

    @property
    def tenants(self) -> tuple[str, ...]:
        """Who makes it."""
        return tuple(stream.tenant for stream in self.streams)


def run(api: Api, next_look: NextLookOf | None = None) -> NoiseCampaignRecord:
    """Disturb, wait until it is over, measure in turns, and at last let one ask for many database connections.

    Args:
        api: The experiment.
        next_look: Says after a first look what a second one should be about; without it there is one look only.
    """
    return measure(api, plans(api), api.profile.campaign.tenants, next_look)


def run_each_kind(api: Api) -> NoiseCampaignRecord:
    """Each kind of noise alone, in turns with quiet time: which kind harms when the four together do."""
    kinds = [
        Plan(kind.request, (_lasting(number, kind.request, kind.arguments),))
        for number, kind in enumerate(FOUR_KINDS, 1)
    ]
    return measure(api, kinds, api.profile.campaign.tenants)


def plans(api: Api) -> list[Plan]:
    """The three noises; their tenants count from 1."""
    heavy: Mapping[str, object] = {"milliseconds": 1000 * api.profile.heavy.work, "megabytes": _HEAVY_MB}
    calculation = (ENDLESS_CALCULATION.request, ENDLESS_CALCULATION.arguments)
    return [
        Plan(EXCEEDED_QUOTAS, tuple(_lasting(number, *calculation) for number in (1, 2))),
        Plan(HEAVY_WORK, (Stream(_name(3), RequestKind.HEAVY, api.profile.heavy.rate, dict(heavy)),)),
        Plan(FOUR_NOISES, tuple(_lasting(n, kind.request, kind.arguments) for n, kind in enumerate(FOUR_KINDS, 4))),
    ]


def measure(api: Api, wanted: Sequence[Plan], count: int, next_look: NextLookOf | None = None) -> NoiseCampaignRecord:
    """Any noises in turns with quiet time.

    Args:
        api: The experiment.
        wanted: The noises; those for which the target lacks a request are left out.
        count: How many tenants; those that make no noise are measured.
        next_look: As for `run`.
    """
    lacking = {plan.name: _lacks(api, plan) for plan in wanted}
    made = [plan for plan in wanted if not lacking[plan.name]]
    noisy_names = {name for plan in wanted for name in plan.tenants}
    most = api.target.tenants.most
    if most is not None and most < count:
        api.reduce(f"The target bears {most} users at a time, and {count} should have worked beside the noise.")
    tenants = api.tenants(min(count, most or count), together=True)
    victims = [tenant for tenant in tenants if tenant.name not in noisy_names]
    noisy = [tenant for tenant in tenants if tenant.name in {name for plan in made for name in plan.tenants}]
    if not victims or not made:
        raise NotExamined(f"there are {len(victims)} tenants to measure and {len(made)} noises")
    api.ask(tenants, RequestKind.NOOP)
    for plan in made:
        if plan.name == EXCEEDED_QUOTAS:
            _set_quotas(api, [tenant for tenant in noisy if tenant.name in plan.tenants])
    began_at, before = _disturb(api, tenants, noisy, made)
    measured_at = time.monotonic()
    size = api.profile.campaign
    record = NoiseCampaignRecord(
        tenants=TenantNames(tuple(tenant.name for tenant in tenants)),
        noises=tuple(CampaignNoise(plan.name, plan.tenants, lacking[plan.name]) for plan in wanted),
        victims=tuple(victim.name for victim in victims),
        began_at=began_at,
        measured_at=measured_at,
        ended_at=measured_at,
        slice_s=size.block / size.slices,
        patience_s=api.patience_s,
        two_looks=next_look is not None,
        before=before,
    )
    _look(api, record, _campaign(api, made, victims))
    if next_look is not None and (more := next_look(record, api.limits)) is not None:
        again = [plan for plan in made if plan.name in more.noises]
        if time.monotonic() - max(block.ended_at for block in record.blocks) > _STAYS_S:
            record.before += _disturb(api, tenants, noisy, again)[1]
        _look_again(api, record, _campaign(api, again, victims), more)
    record.ended_at = time.monotonic()
    record.greedy, record.connections, record.beside = _ask_for_connections(api, tenants, victims, made)
    record.samples, record.events, record.usage = api.samples(), api.events(), api.usage()
    record.notes = api.monitor.notes(api.began_at)
    return record


def _look(api: Api, record: NoiseCampaignRecord, plan: CampaignPlan) -> None:
    """Measure in turns; what was measured before stays."""
    seen = api.engine.campaign(plan)
    record.operations += seen.operations
    record.noise += seen.noise
    record.blocks += seen.blocks


def _look_again(api: Api, record: NoiseCampaignRecord, plan: CampaignPlan, more: NextLook) -> None:
    """As many more rounds as the profile has time for, never more than at first: see ``judge.slowdown.looks``."""
    blocks = 2 + len(more.noises) + more.with_delay
    round_s = _MORE_THAN_PLANNED * blocks * plan.slices * (plan.slice_s + plan.settle_s)
    rounds = min(plan.pairs, int(api.profile.campaign.second_look / round_s))
    if rounds:
        controls = rounds if more.with_delay else 0
        _look(api, record, replace(plan, pairs=rounds, controls=controls, first=plan.pairs))


def _name(number: int) -> str:
    return f"tenant-{number:02d}"


def _lasting(number: int, kind: str, arguments: Mapping[str, object]) -> Stream:
    return Stream(_name(number), kind, 1.0, {**arguments, _LASTING: 1.0})


def _lacks(api: Api, plan: Plan) -> str:
    """What the target does not offer for a noise."""
    if plan.name == EXCEEDED_QUOTAS and (lacks := not_offered(api.target, QUOTAS)):
        return lacks
    unknown = sorted({stream.kind for stream in plan.streams} - set(api.target.requests))
    return f"The target file names no request {', '.join(unknown)}." if unknown else ""


def _set_quotas(api: Api, tenants: Sequence[TenantAgent]) -> None:
    quota = api.profile.quota
    for tenant in tenants:
        memory = int(quota.memory * _MEGABYTE)
        api.monitor.operator(
            OperatorOperation.QUOTA, tenant=tenant.tenant_id, cpu_percent=float(quota.cpu), memory_bytes=memory
        )


def _disturb(
    api: Api, tenants: list[TenantAgent], noisy: list[TenantAgent], made: Sequence[Plan]
) -> tuple[float, list[Operation]]:
    """All noises at once, until every noisy tenant is contained; then silence.

    Where the platform contains nobody, the scenario goes on all the same, and shows what the others feel.
    """
    work = {"milliseconds": 1000 * api.profile.steady.work}
    rate = api.profile.steady.rate
    api.engine.start_load(
        _STEADY, [Stream(one.name, RequestKind.TYPICAL, rate, dict(work)) for one in tenants], 3600.0, api.patience_s
    )
    at_most_s = float(api.profile.campaign.warm_up)
    streams = [stream for plan in made for stream in plan.streams]
    began_at = time.monotonic()
    lasting = [stream for stream in streams if _LASTING in stream.arguments]
    api.engine.begin([Request(s.tenant, s.kind, {**s.arguments, _LASTING: at_most_s}) for s in lasting])
    repeated = [stream for stream in streams if _LASTING not in stream.arguments]
    api.engine.start_load(_DISTURBING, repeated, at_most_s, api.patience_s)
    names = [stream.tenant for stream in streams]
    if missing(api.target, ALERTS):
        api.rest(at_most_s)  # nobody is told of any containment
    else:
        api.monitor.wait_for(Reported((Audit.CONTAINED,), names, began_at), began_at + at_most_s)
    renew_sessions(api, noisy)
    api.engine.end_load(_DISTURBING, api.patience_s)
    before = api.engine.end_load(_STEADY, api.patience_s)
    _wait_until_silent(api, noisy)
    victims = {one.name for one in tenants} - set(names)
    return began_at, [operation for operation in before if operation.tenant in victims]


def _wait_until_silent(api: Api, noisy: list[TenantAgent]) -> None:
    """Until the work that was broken off has really ended.

    Each answers again, so it has heard that its work is over; and together they use next to no CPU time. Where they go on all the
    same, the scenario goes on too, and shows what the others feel.
    """
    deadline = time.monotonic() + _SILENT_S
    api.ask(noisy, RequestKind.NOOP, _SILENT_S)
    names = {one.name for one in noisy}
    used = _cpu_seconds(api, names)
    while time.monotonic() < deadline:
        api.rest(_SILENCE_S)
        before, used = used, _cpu_seconds(api, names)
        if 0 <= used - before < _SILENT_SHARE * _SILENCE_S:
            break


def _cpu_seconds(api: Api, names: set[str]) -> float:
    return sum(sample.cpu_seconds for sample in api.monitor.sample_now(with_pss=False) if sample.tenant in names)


def _campaign(api: Api, made: Sequence[Plan], victims: list[TenantAgent]) -> CampaignPlan:
    size = api.profile.campaign
    rate = size.answers / (len(victims) * size.block)
    allowed = api.target.limits.requests_per_minute
    if allowed is not None and 60 * rate > allowed:
        raise NotOffered(
            f"The target allows {allowed} requests a minute of a user; to feel noise, {60 * rate:.0f} are needed."
        )
    work = {"milliseconds": 1000 * api.profile.steady.work}
    return CampaignPlan(
        victims=[Stream(victim.name, RequestKind.TYPICAL, rate, dict(work)) for victim in victims],
        noise={plan.name: list(plan.streams) for plan in made},
        pairs=size.pairs,
        controls=size.controls,
        block_s=size.block,
        slices=size.slices,
        settle_s=size.settle,
        stolen=size.stolen / 100,
        again=size.again / 100,
        answer_within_s=api.patience_s,
    )


def _ask_for_connections(
    api: Api, tenants: list[TenantAgent], victims: list[TenantAgent], made: Sequence[Plan]
) -> tuple[list[Operation], ConnectionsOfOne | None, list[Operation]]:
    """The tenant that works heavily asks for more database connections than one may have; the others do small database work."""
    names = next((plan.tenants for plan in made if plan.name == HEAVY_WORK), ())
    greedy = [tenant for tenant in tenants if tenant.name in names]
    if not greedy or not {RequestKind.CONNECTION_LEAK, RequestKind.DATABASE} <= api.target.requests.keys():
        return [], None, []
    wanted = _GREED * round(api.limits["connections"].value)
    asked = api.ask(greedy, RequestKind.CONNECTION_LEAK, api.patience_s, count=wanted)
    held = _connections_of(api, greedy[0])
    beside = api.ask(victims, RequestKind.DATABASE, api.patience_s, rows=10, repeat=1)
    return asked, ConnectionsOfOne(greedy[0].name, wanted, _granted(asked), held), beside


def _granted(asked: list[Operation]) -> int | None:
    """How many the answer says that it got; a number is no secret."""
    numbers = [one.kept.get(Kept.LEASED) for one in asked if one.answered]
    return next((number for number in numbers if isinstance(number, int)), None)


def _is_login_of(api: Api, tenant: TenantAgent, login: str) -> bool:
    """Whether a database login is this tenant's; other tenants' ids may begin with its id."""
    if OperatorOperation.FOOTPRINT in api.target.operator:
        footprint = api.monitor.operator(OperatorOperation.FOOTPRINT, tenant=tenant.tenant_id)
        return bool(login == footprint.get(OperatorWord.DATABASE_ROLE))
    return tenant.tenant_id in KnownIds(user.tenant_id for user in api.users).named(login)


def _connections_of(api: Api, tenant: TenantAgent) -> int | None:
    """How many database connections a tenant has, by the database's own list and by the operator API; the higher number counts."""
    addresses = {"tenant_door": tenant_endpoint(api.target, api.doors), **api.stores}
    counted = api.monitor.inventory(api.run_id, addresses, api.doors.pid, []).database_connections
    told = None
    if OperatorOperation.RESIDUE in api.target.operator:
        told = api.monitor.operator(OperatorOperation.RESIDUE, tenant=tenant.tenant_id).get(OperatorWord.CONNECTIONS)
    own = None if counted is None else sum(_is_login_of(api, tenant, thing.tenant) for thing in counted)
    return max((number for number in (own, told) if number is not None), default=None)
