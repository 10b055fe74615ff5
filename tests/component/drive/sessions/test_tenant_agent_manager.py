"""Promises TM-1 to TM-3: creating, connecting and cleaning up tenant agents, against a real WebSocket server.

Each test runs twice: with the engine in a worker process, as in a run, and with the engine in this process.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import jwt
import pytest

from component.drive.sessions.engine_nearby import EngineNearby
from component.drive.small_platform import SECRET, SmallPlatform, small_target, wait_until
from isolation.drive.load.engine import ConnectOptions, Request
from isolation.drive.platform.identities import Person, make_users
from isolation.drive.platform.manager import MOST_AGENTS, Caller, CleanUpReport, TenantAgentManager
from isolation.drive.platform.tenants import TenantAgent, new_run_id
from isolation.drive.session.access import Access
from isolation.drive.session.session import Session
from isolation.drive.worker import Worker, WorkerError
from isolation.record import Operation

QUICK = ConnectOptions(attempts=3, first_pause_s=0.05, timeout_s=2.0)
Make = Callable[..., TenantAgentManager]


@pytest.fixture(params=["worker", "nearby"])
def engine(request: pytest.FixtureRequest) -> Iterator[Caller]:
    if request.param == "nearby":
        with EngineNearby() as nearby:
            yield nearby
        return
    worker = Worker("isolation.drive.load.engine:Engine")
    try:
        yield worker
    finally:
        worker.stop()


def prepare(engine: Caller, address: str = "ws://127.0.0.1:1", key: str = SECRET) -> None:
    engine.call("prepare", small_target(), {"ws": address}, {"key": key})


@pytest.fixture
def manager(engine: Caller) -> Iterator[Callable[[SmallPlatform], TenantAgentManager]]:
    made: list[TenantAgentManager] = []

    def make(platform: SmallPlatform, key: str = SECRET) -> TenantAgentManager:
        prepare(engine, platform.address, key)
        made.append(TenantAgentManager(engine, small_target(), new_run_id()))
        return made[-1]

    yield make
    for one in made:
        one.cleanup_all_agents()


@pytest.fixture
def platform() -> Iterator[SmallPlatform]:
    with SmallPlatform() as running:
        yield running


@pytest.fixture
def offline() -> TenantAgentManager:
    """A manager whose engine makes users and nothing else."""

    class Nobody:
        def call(self, method: str, *arguments: object, timeout: float = 60.0, **options: object) -> object:
            assert method == "make_users", f"'{method}' should not have been called"
            access = Access(small_target(), {}, {"key": SECRET})
            return asyncio.run(make_users(access.target, access.steps, *arguments))  # type: ignore[arg-type]

    return TenantAgentManager(Nobody(), small_target(), "run-1")


# TM-1: creating


def test_agents_are_created_ready_to_connect(offline: TenantAgentManager) -> None:
    (agent,) = offline.create_tenant_agents(1)
    assert isinstance(agent, TenantAgent)
    assert agent.words["user"] == agent.user_id
    claims = jwt.decode(agent.token, SECRET, algorithms=["HS256"], audience="small")
    assert (claims["tenant"], claims["sub"], claims["role"]) == (agent.tenant_id, agent.user_id, "standard")
    assert claims["exp"] - claims["iat"] == 60


@pytest.mark.parametrize("count", [1, 2, 10, MOST_AGENTS])
def test_as_many_agents_are_created_as_were_asked_for_and_no_two_share_an_id(
    offline: TenantAgentManager, count: int
) -> None:
    agents = offline.create_tenant_agents(count) + offline.create_tenant_agents(count)
    for part in ("name", "tenant_id", "user_id", "token"):
        assert len({getattr(agent, part) for agent in agents}) == 2 * count, part


def test_none_are_created_when_none_are_asked_for(offline: TenantAgentManager) -> None:
    assert offline.create_tenant_agents(0) == []


@pytest.mark.parametrize("count", [None, 3.0, "3", True, False, [3]])
def test_a_count_that_is_no_whole_number_is_a_type_error_that_shows_it(
    offline: TenantAgentManager, count: object
) -> None:
    with pytest.raises(TypeError, match="should be a whole number, but it is") as caught:
        offline.create_tenant_agents(count)  # type: ignore[arg-type]  # the wrong type is the point
    assert repr(count) in str(caught.value)


@pytest.mark.parametrize("count", [-1, MOST_AGENTS + 1])
def test_a_count_out_of_bounds_is_a_value_error_that_names_the_bound(offline: TenantAgentManager, count: int) -> None:
    with pytest.raises(ValueError, match=f"should be 0 to {MOST_AGENTS}, but it is {count}"):
        offline.create_tenant_agents(count)


def test_the_bound_is_a_setting() -> None:
    with EngineNearby() as engine:
        prepare(engine)
        roomy = TenantAgentManager(engine, small_target(), "run-1", most=100)
        assert len(roomy.create_tenant_agents(100)) == 100
        with pytest.raises(ValueError, match="0 to 100"):
            roomy.create_tenant_agents(101)


def test_whoever_watches_is_told_the_new_tenants() -> None:
    told: list[Person] = []
    with EngineNearby() as engine:
        prepare(engine)
        manager = TenantAgentManager(engine, small_target(), "run-1", register=told.extend)
        agents = manager.create_tenant_agents(2)
    assert told == [Person(agent.name, agent.tenant_id, agent.user_id, agent.role) for agent in agents]


def test_a_further_user_belongs_to_the_same_tenant(offline: TenantAgentManager) -> None:
    (agent,) = offline.create_tenant_agents(1)
    second = offline.add_user(agent)
    assert second.tenant_id == agent.tenant_id
    assert second.user_id != agent.user_id
    assert second.name != agent.name


def test_a_token_never_shows_in_the_words_for_an_agent(offline: TenantAgentManager) -> None:
    (agent,) = offline.create_tenant_agents(1)
    assert agent.token not in repr(agent)


# TM-2: connecting


def test_agents_are_connected_and_come_back_in_their_order(manager: Make, platform: SmallPlatform) -> None:
    one = manager(platform)
    agents = one.create_tenant_agents(12)
    assert one.establish_agent_connections(agents, QUICK) == agents
    assert one.failed == {}
    assert one.connected == agents
    assert {token["sub"] for token in platform.tokens} == {agent.user_id for agent in agents}
    assert platform.open_sessions == 12


def test_an_empty_list_connects_nobody(offline: TenantAgentManager) -> None:
    assert offline.establish_agent_connections([]) == []


@pytest.mark.parametrize("agents", [None, "agents", 3, (), {}])
def test_anything_but_a_list_of_agents_is_a_type_error(offline: TenantAgentManager, agents: object) -> None:
    with pytest.raises(TypeError, match=f"should be a list, but they are {type(agents).__name__}"):
        offline.establish_agent_connections(agents)  # type: ignore[arg-type]  # the wrong type is the point


@pytest.mark.parametrize("stranger", [None, "agent", 3, {"name": "agent"}])
def test_a_list_with_anything_but_agents_is_a_type_error_before_anybody_is_connected(
    offline: TenantAgentManager, stranger: object
) -> None:
    agents = [*offline.create_tenant_agents(1), stranger]
    with pytest.raises(TypeError, match=f"holds {type(stranger).__name__}"):
        offline.establish_agent_connections(agents)  # type: ignore[arg-type]  # the wrong type is the point


def test_at_most_ten_sessions_are_opened_at_a_time(manager: Make, platform: SmallPlatform) -> None:
    platform.greet_after_s = 0.05
    one = manager(platform)
    assert len(one.establish_agent_connections(one.create_tenant_agents(40))) == 40
    assert 2 <= platform.most_at_once <= 10


def test_the_number_of_sessions_opened_at_a_time_is_a_setting(manager: Make, platform: SmallPlatform) -> None:
    platform.greet_after_s = 0.05
    one = manager(platform)
    one.establish_agent_connections(one.create_tenant_agents(12), ConnectOptions(at_once=3))
    assert 2 <= platform.most_at_once <= 3


def test_a_refused_handshake_is_tried_again_after_pauses_that_double(manager: Make, platform: SmallPlatform) -> None:
    platform.refuse_first = 3
    one = manager(platform)
    agents = one.create_tenant_agents(1)
    options = ConnectOptions(attempts=4, first_pause_s=0.1, timeout_s=2.0)
    (result,) = one.connect(agents, options)
    assert result.opening is not None
    assert result.opening.attempts == 4
    first, second, third = (after - before for before, after in itertools.pairwise(platform.tried_at))
    assert first >= 0.1
    assert second >= 0.2
    assert third >= 0.4


def test_an_agent_that_cannot_connect_is_named_with_the_reason(manager: Make, platform: SmallPlatform) -> None:
    one = manager(platform)
    good, bad = one.create_tenant_agents(2)
    stranger = TenantAgent(bad.name, bad.tenant_id, bad.user_id, bad.role, {**bad.words, "token": "not.a.token"})
    assert one.establish_agent_connections([good, stranger], QUICK) == [good]
    assert set(one.failed) == {stranger.name}
    assert "401" in one.failed[stranger.name]
    assert "after 3 tries" in one.failed[stranger.name]
    assert one.connected == [good]


def test_a_token_signed_with_another_secret_does_not_connect(manager: Make, platform: SmallPlatform) -> None:
    one = manager(platform, "another secret, long enough for a key")
    agents = one.create_tenant_agents(1)
    assert one.establish_agent_connections(agents, QUICK) == []
    assert "401" in one.failed[agents[0].name]


def test_without_a_welcome_nobody_counts_as_connected(manager: Make, platform: SmallPlatform) -> None:
    platform.greet = False
    one = manager(platform)
    agents = one.create_tenant_agents(2)
    options = ConnectOptions(attempts=1, timeout_s=0.3)
    assert one.establish_agent_connections(agents, options) == []
    assert set(one.failed) == {agent.name for agent in agents}
    assert "no connection and welcome within 0.3 s" in one.failed[agents[0].name]
    assert wait_until(lambda: platform.open_sessions == 0), "an attempt that failed should leave no connection"


def test_a_platform_that_is_not_there_fails_everybody_with_the_reason(manager: Make) -> None:
    with SmallPlatform() as gone:
        pass
    one = manager(gone)
    agents = one.create_tenant_agents(2)
    assert one.establish_agent_connections(agents, QUICK) == []
    assert set(one.failed) == {agent.name for agent in agents}
    assert all(one.failed.values())


def test_connecting_again_replaces_the_session(manager: Make, platform: SmallPlatform) -> None:
    one = manager(platform)
    agents = one.create_tenant_agents(1)
    one.establish_agent_connections(agents, QUICK)
    assert one.establish_agent_connections(agents, QUICK) == agents
    assert wait_until(lambda: platform.open_sessions == 1)
    assert wait_until(lambda: len(platform.closed) == 1)


# TM-3: cleaning up


def test_cleaning_up_closes_every_connection_politely(manager: Make, platform: SmallPlatform) -> None:
    one = manager(platform)
    agents = one.establish_agent_connections(one.create_tenant_agents(5), QUICK)
    assert one.cleanup_all_agents() == CleanUpReport(tuple(agent.name for agent in agents), ())
    assert one.connected == []
    assert one.failed == {}
    assert wait_until(lambda: len(platform.closed) == 5)
    assert platform.closed == [1000] * 5


def test_cleaning_up_may_be_repeated_and_comes_before_anything_else(manager: Make, platform: SmallPlatform) -> None:
    one = manager(platform)
    assert one.cleanup_all_agents() == CleanUpReport((), ())
    one.establish_agent_connections(one.create_tenant_agents(2), QUICK)
    assert len(one.cleanup_all_agents().closed) == 2
    assert one.cleanup_all_agents() == CleanUpReport((), ())
    assert one.cleanup_all_agents() == CleanUpReport((), ())


def test_cleaning_up_also_closes_what_an_attempt_opened_that_was_cut_short(platform: SmallPlatform) -> None:
    platform.greet_after_s = 0.3
    worker = Worker("isolation.drive.load.engine:Engine")
    try:
        prepare(worker, platform.address)
        one = TenantAgentManager(worker, small_target(), "run-1")
        with pytest.raises(WorkerError, match="no answer within"):
            one.establish_agent_connections(one.create_tenant_agents(8), ConnectOptions(at_once=2), timeout=0.75)
        report = one.cleanup_all_agents()
        assert report.closed, "at least the first two were open"
        assert report.left == ()
        assert wait_until(lambda: platform.open_sessions == 0)
    finally:
        worker.stop()


def test_cleaning_up_says_what_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    with SmallPlatform() as platform, EngineNearby() as engine:
        prepare(engine, platform.address)
        one = TenantAgentManager(engine, small_target(), "run-1")
        agents = one.establish_agent_connections(one.create_tenant_agents(2), QUICK)
        stubborn = engine.engine._sessions[agents[1].name]
        close = Session.close

        async def stay(session: Session) -> None:
            if session is not stubborn:
                await close(session)

        monkeypatch.setattr(Session, "close", stay)  # a session that cannot be closed
        report = one.cleanup_all_agents()
        assert report == CleanUpReport((agents[0].name,), (f"session of {agents[1].name} is still open",))
        assert one.connected == [agents[1]]
        monkeypatch.undo()  # now it can
        assert one.cleanup_all_agents() == CleanUpReport((agents[1].name,), ())


def test_an_engine_that_is_gone_has_left_no_session(platform: SmallPlatform) -> None:
    worker = Worker("isolation.drive.load.engine:Engine")
    prepare(worker, platform.address)
    one = TenantAgentManager(worker, small_target(), "run-1")
    one.establish_agent_connections(one.create_tenant_agents(1), QUICK)
    worker.stop()
    assert one.cleanup_all_agents().left == ()


def test_cleaning_up_says_so_when_the_engine_does_not_answer() -> None:
    def call(method: str, *arguments: object, timeout: float = 60.0, **options: object) -> object:
        raise WorkerError(f"'{method}' gave no answer within 60 s")

    one = TenantAgentManager(SimpleNamespace(call=call), small_target(), "run-1")
    one._asked.add("tenant-01")
    (left,) = one.cleanup_all_agents().left
    assert "tenant-01" in left and "gave no answer" in left


# all together


def test_agents_are_created_connected_used_and_cleaned_up(
    manager: Make, engine: Caller, platform: SmallPlatform
) -> None:
    one = manager(platform)
    agents = one.create_tenant_agents(10)
    connected = one.establish_agent_connections(agents)
    assert connected == agents
    answers = engine.call("ask", [Request(agent.name, "report", {"text": i}) for i, agent in enumerate(agents)], 5.0)
    assert isinstance(answers, list)
    for i, (agent, operation) in enumerate(zip(agents, answers, strict=True)):
        assert isinstance(operation, Operation)
        assert operation.answered
        assert (operation.tenant, operation.kept["value"]) == (agent.name, {"number": i})
    assert one.cleanup_all_agents().left == ()
    assert wait_until(lambda: platform.open_sessions == 0)


def test_the_three_methods_keep_their_names_and_arguments() -> None:
    def required(method: Callable[..., object]) -> list[str]:
        parameters = list(inspect.signature(method).parameters.values())[1:]
        return [p.name for p in parameters if p.default is inspect.Parameter.empty]

    assert required(TenantAgentManager.create_tenant_agents) == ["count"]
    assert required(TenantAgentManager.establish_agent_connections) == ["agents"]
    assert required(TenantAgentManager.cleanup_all_agents) == []
