"""The manager of tenant agents: creating, connecting and cleaning up."""

from __future__ import annotations

from robot.api.deco import keyword, library

from isolation.judge.access import agent_manager as judges
from isolation.scenarios import agent_manager
from robot_support.experiment import ExperimentLibrary


@library(scope="SUITE")
class AgentManagerLibrary(ExperimentLibrary):
    """Holds ``create_tenant_agents``, ``establish_agent_connections`` and ``cleanup_all_agents`` against their promises."""

    @keyword
    def record_the_agents(self) -> None:
        """Ten agents are created, connected together with a stranger, and cleaned up three times.

        Example:
        | Record The Agents |
        """
        self.experiment(agent_manager.run, agent_manager.NEEDS)

    @keyword
    def agents_should_have_identities_of_their_own(self) -> None:
        """Every agent has a tenant, a user and a credential that no other has, and an address.

        Example:
        | Agents Should Have Identities Of Their Own |
        """
        self.claim(judges.judge_identities)

    @keyword
    def impossible_counts_should_be_refused(self) -> None:
        """Nothing, a fraction, text, true, a negative and a far too large number.

        Example:
        | Impossible Counts Should Be Refused |
        """
        self.claim(judges.judge_impossible_counts)

    @keyword
    def good_agents_should_be_connected_and_the_stranger_named(self) -> None:
        """Ten handshakes at a time; who fails is named, with the reason.

        Example:
        | Good Agents Should Be Connected And The Stranger Named |
        """
        self.claim(judges.judge_connecting)

    @keyword
    def clean_up_should_be_idempotent(self) -> None:
        """The first clean-up closes every session, further ones find nothing to close.

        Example:
        | Clean Up Should Be Idempotent |
        """
        self.claim(judges.judge_clean_up)

    @keyword
    def operator_should_see_no_session(self) -> None:
        """The operator saw the sessions before the clean-up, and sees none of them afterwards.

        Example:
        | Operator Should See No Session |
        """
        self.claim(judges.judge_sessions_gone, needs=agent_manager.SEES_SESSIONS)
