"""Sentences about registries, states and rights that are each user's own (AR-1 to AR-4)."""

from __future__ import annotations

from robot.api.deco import keyword

from isolation.judge.registry import user_isolation as judges
from isolation.scenarios.registry import user_isolation
from isolation.scenarios.registry.acts.factory import AGENTS
from isolation.scenarios.registry.acts.roles import ROLES
from isolation.scenarios.registry.acts.states import STATES
from isolation.scenarios.registry.staging.resting import COUNTED
from isolation.target.needs import Needs
from isolation.target.words import RequestKind
from robot_support.experiment import ExperimentLibrary
from robot_support.phrases.quantities import Percentage, Size

_MEMORIES = Needs(requests=(RequestKind.REMEMBER, RequestKind.RECALL))


class RegistryOwners(ExperimentLibrary):
    """A part of ``RegistryLibrary``."""

    @keyword
    def record_private_registries(self) -> None:
        """Users make agents alike, reach for those of others, make many, store private data everywhere, and try every role.

        Example:
        | Record Private Registries |
        """
        self.experiment(user_isolation.run, user_isolation.NEEDS)

    @keyword
    def foreign_agents_should_be_out_of_reach(self) -> None:
        """Nobody looks up, lists or uses the agents of others; colleagues are refused like strangers.

        Example:
        | Foreign Agents Should Be Out Of Reach |
        """
        self.claim(judges.judge_foreign_agents)

    @keyword
    def many_agents_should_not_leak(self, growth: Size, each: Size) -> None:
        """Memory of the platform's own processes and of all agents may grow only so much, in all and for each operation.

        Example:
        | Many Agents Should Not Leak | 50 MB | 1 MB |
        """
        stated = {"growth": growth, "per operation": each}
        self.claim(judges.judge_factory_growth, stated, needs=COUNTED, requests=AGENTS)

    @keyword
    def many_agents_should_be_released(self, share: Percentage) -> None:
        """Processes, rows and memory of the removed agents; the goal is all.

        Example:
        | Many Agents Should Be Released | 80 percent |
        """
        self.claim(judges.judge_factory_release, {"released": share}, needs=COUNTED)

    @keyword
    def new_agents_should_remember_nothing(self) -> None:
        """An agent that is made after others have gone has no memory: its process was not used by anybody before.

        Example:
        | New Agents Should Remember Nothing |
        """
        self.claim(judges.judge_new_agents, needs=_MEMORIES)

    @keyword
    def states_should_be_their_own(self) -> None:
        """Profile, notes in every scope, history and an agent's memory come back; no answer was kept for somebody else.

        Example:
        | States Should Be Their Own |
        """
        self.claim(judges.judge_states, needs=STATES)

    @keyword
    def frames_should_show_no_foreign_secret(self) -> None:
        """No frame holds a secret of another user, plain, encoded or split; own ones are found by the same search.

        Example:
        | Frames Should Show No Foreign Secret |
        """
        self.claim(judges.judge_searched_frames, needs=STATES)

    @keyword
    def roles_should_have_their_permissions(self) -> None:
        """Admin, standard and restricted, and an admin of another tenant; a claim in the request changes nothing.

        Example:
        | Roles Should Have Their Permissions |
        """
        self.claim(judges.judge_roles, needs=ROLES)
