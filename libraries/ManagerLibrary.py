"""The manager of tenant agents: creating, connecting and cleaning up, judged one promise at a time."""

from __future__ import annotations

from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from isolation.drive.load.engine import ConnectOptions
from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.rules.verdicts import judged, names
from isolation.record import Comparison, Limit
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.scenario import scenario

_IMPOSSIBLE: tuple[object, ...] = (None, 1.5, "3", True, -1, 10_000_000)


@library(scope="GLOBAL")
class ManagerLibrary(DynamicCore):
    """Holds ``create_tenant_agents``, ``establish_agent_connections`` and ``cleanup_all_agents`` against promises TM-1 to TM-3."""

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])

    @keyword
    def agents_should_have_identities_of_their_own(self, promise: str) -> None:
        """Every agent should have a tenant, a user and a token that no other has, and an address.

        Args:
            promise: Id of the promise.

        Example:
        | Agents Should Have Identities Of Their Own | TM-1 |
        """
        agents = scenario().tenants
        shared = len(agents) - min(
            len({getattr(a, part) for a in agents}) for part in ("tenant_id", "user_id", "token")
        )
        without = [agent.name for agent in agents if not agent.address]
        claim = f"{len(agents)} agents: {shared} share a tenant, user or token, {len(without)} have no address"
        COLLECTOR.decide(
            judged(
                promise,
                "agents without an identity of their own",
                float(shared + len(without)),
                _none(promise),
                len(agents),
                claim,
            )
        )

    @keyword
    def impossible_counts_should_be_refused(self, promise: str) -> None:
        """No count (None), a fraction, text, true, a negative and a far too large number should each be refused.

        Args:
            promise: Id of the promise.

        Example:
        | Impossible Counts Should Be Refused | TM-1 |
        """
        manager = runs.current().manager
        taken = [repr(count) for count in _IMPOSSIBLE if not _refuses(manager.create_tenant_agents, count)]
        claim = f"{len(taken)} of {len(_IMPOSSIBLE)} impossible counts were taken" + (
            f": {names(taken)}" if taken else ""
        )
        COLLECTOR.decide(
            judged(
                promise, "impossible counts that were taken", float(len(taken)), _none(promise), len(_IMPOSSIBLE), claim
            )
        )

    @keyword
    def everybody_should_be_connected_but_one_with_a_bad_token(self, promise: str) -> None:
        """All agents connect, ten handshakes at a time; one more whose token is worthless is named as failed, with the reason.

        Args:
            promise: Id of the promise.

        Example:
        | Everybody Should Be Connected But One With A Bad Token | TM-2 |
        """
        manager, agents = runs.current().manager, scenario().tenants
        stranger = TenantAgent("stranger", "nobody", "nobody", "standard", agents[0].address, "no.good.token")
        connected = manager.establish_agent_connections([*agents, stranger], ConnectOptions(attempts=2))
        wrong = [a.name for a in agents if a not in connected] + [a.name for a in connected if a is stranger]
        if "stranger" not in manager.failed:
            wrong.append("stranger (not named as failed)")
        claim = f"{len(connected)} of {len(agents)} good agents connected; the stranger: {manager.failed.get('stranger', 'not refused')}"
        COLLECTOR.decide(
            judged(
                promise,
                "agents wrongly connected or not",
                float(len(wrong)),
                _none(promise),
                len(agents) + 1,
                claim,
                tenants=wrong,
            )
        )

    @keyword
    def cleaning_up_should_leave_nothing_however_often(self, promise: str) -> None:
        """Clean-up closes every session, may be repeated, and afterwards the operator sees no session of these tenants.

        Args:
            promise: Id of the promise.

        Example:
        | Cleaning Up Should Leave Nothing However Often | TM-3 |
        """
        run, ids = runs.current(), {agent.tenant_id for agent in scenario().tenants}
        shown = _sessions_shown(ids)
        reports = [run.manager.cleanup_all_agents() for _ in range(3)]
        closed, again = len(reports[0].closed), len(reports[1].closed) + len(reports[2].closed)
        left = [text for report in reports for text in report.left]
        seen = _sessions_shown(ids)
        claim = (
            f"The first clean-up closed {closed} of {len(ids)} sessions, two more closed {again}; "
            f"the operator saw {shown} before and {seen} afterwards"
        )
        # An operator who did not see them before has not seen that they are gone.
        wrong = abs(len(ids) - closed) + again + len(left) + seen + abs(len(ids) - shown)
        COLLECTOR.decide(judged(promise, "sessions left or closed twice", float(wrong), _none(promise), 3, claim))


def _sessions_shown(tenants: set[str]) -> int:
    """How many sessions of some tenants the operator sees."""
    return sum(session["tenant"] in tenants for session in runs.current().operator("sessions"))


def _none(promise: str) -> Limit:
    return Limit(value=0, unit="", comparison=Comparison.EXACTLY, source=f"contract {promise}")


def _refuses(create: object, count: object) -> bool:
    assert callable(create)
    try:
        create(count)
    except (TypeError, ValueError):
        return True
    return False
