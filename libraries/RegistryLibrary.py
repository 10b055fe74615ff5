"""The agent registry: who has which agent, who may reach it, where its events go, and what is left of it."""

from __future__ import annotations

from typing import Literal

from robot.api.deco import keyword, library

from isolation.judge.registry import claims
from isolation.judge.registry import multi_user as multi_user_judges
from isolation.judge.registry import registration as registration_judges
from isolation.judge.registry import websocket_bridge as session_judges
from isolation.judge.registry import workflows as workflow_judges
from isolation.scenarios.registry import multi_user, registration, websocket_bridge, workflows
from isolation.scenarios.registry.acts import boundaries, connections, customer_data, departures
from registry_keywords.memory import RegistryMemory
from registry_keywords.owners import RegistryOwners
from robot_support.phrases.quantities import CONVERTERS, Percentage

Requests = Literal[
    "agent requests",
    "registrations",
    "simultaneous requests",
    "work of all users",
    "mixed requests",
    "work with customer data",
    "workflows",
    "simultaneous rounds",
    "long sessions",
]
"""Parts of the experiments of which a share has to be answered."""

Traffic = Literal["registry traffic"]
"""Parts of the experiments that one order has to explain."""


@library(scope="SUITE", converters=CONVERTERS)
class RegistryLibrary(RegistryOwners, RegistryMemory):
    """Records what many users do with their agents, and judges it.

    Every third user is a colleague, a second user of the same tenant: colleagues are the closest strangers that there are.
    """

    # --- what is recorded ---------------------------------------------------------------------------------------------

    @keyword
    def record_registrations(self) -> None:
        """Agents are registered, found, used and removed, one after the other and all at once; see profile, ``registry``.

        Example:
        | Record Registrations |
        """
        self.experiment(registration.run, registration.NEEDS)

    @keyword
    def record_sessions_and_events(self) -> None:
        """Sessions come, go and are resumed; agents are used from several in turn; sessions subscribe, and all users work at once.

        Example:
        | Record Sessions And Events |
        """
        self.experiment(websocket_bridge.run, websocket_bridge.NEEDS)

    @keyword
    def record_many_users(self) -> None:
        """25 and more users do everything at once, keep confidential data, reach into the work of others, crash and leave.

        Example:
        | Record Many Users |
        """
        self.experiment(multi_user.run, multi_user.NEEDS)

    @keyword
    def record_workflows(self) -> None:
        """Every user has a supervisor lead several agents; all at the same time, then one after another.

        Example:
        | Record Workflows |
        """
        self.experiment(workflows.run, workflows.NEEDS)

    # --- what holds for all of them -----------------------------------------------------------------------------------

    @keyword
    def registry_requests_should_be_answered(self, share: Percentage, requests: Requests) -> None:
        """The share of answered requests of one part of the experiment; the goal on a healthy platform is all.

        Example:
        | Registry Requests Should Be Answered | 95 percent | registrations |
        """
        self.claim(claims.judge_requests_answered, {"success": share}, requests=requests)

    @keyword
    def agents_should_have_one_owner(self) -> None:
        """Every agent that anybody was ever given or shown, by any interface, belongs to one user for all time.

        Example:
        | Agents Should Have One Owner |
        """
        self.claim(claims.judge_one_owner)

    @keyword
    def lists_should_be_right(self) -> None:
        """No agent is missing from its user's list, and none is there that should not be.

        Example:
        | Lists Should Be Right |
        """
        self.claim(claims.judge_own_lists)

    @keyword
    def one_order_should_explain_everything(self, requests: Traffic) -> None:
        """The registry behaves as if the requests of each user had come one after another (linearizability).

        Example:
        | One Order Should Explain Everything | registry traffic |
        """
        self.claim(claims.judge_one_order, requests=requests)

    @keyword
    def events_should_reach_the_session_that_asked(self) -> None:
        """All events of the experiment: exactly once, in order, to no other session.

        Example:
        | Events Should Reach The Session That Asked |
        """
        self.claim(claims.judge_events_at_home)

    @keyword
    def no_frame_should_show_a_foreign_secret(self) -> None:
        """No frame holds a secret of another user, plain, encoded or split over frames; own ones are found by the same search.

        Example:
        | No Frame Should Show A Foreign Secret |
        """
        self.claim(multi_user_judges.judge_frames, needs=customer_data.CUSTOMER_DATA)

    # --- registration, AR-5 to AR-8 -----------------------------------------------------------------------------------

    @keyword
    def agents_should_keep_their_context(self) -> None:
        """User, type and thread of every agent: as it was made, as its user and the operator see it, and at work.

        Example:
        | Agents Should Keep Their Context |
        """
        self.claim(registration_judges.judge_contexts)

    @keyword
    def agents_should_be_found_in_their_thread_only(self) -> None:
        """An agent is found by its own user in its own thread, and by nobody and nowhere else.

        Example:
        | Agents Should Be Found In Their Thread Only |
        """
        self.claim(registration_judges.judge_lookups)

    @keyword
    def threads_should_have_agents_of_their_own(self) -> None:
        """A list of a thread shows its agents only, and work in a thread is done by one of them.

        Example:
        | Threads Should Have Agents Of Their Own |
        """
        self.claim(registration_judges.judge_threads)

    @keyword
    def lifecycle_should_be_kept(self) -> None:
        """Made, used, stopped, started again without memories, removed: each step did what it should.

        Example:
        | Lifecycle Should Be Kept |
        """
        self.claim(registration_judges.judge_lifecycle)

    @keyword
    def removed_agents_should_be_gone(self) -> None:
        """No request, list, subscription, operator and process knows a removed agent any more.

        Example:
        | Removed Agents Should Be Gone |
        """
        self.claim(claims.judge_removed_agents)

    @keyword
    def first_requests_should_make_one_agent(self) -> None:
        """Many first requests in a new thread at the same time make one agent.

        Example:
        | First Requests Should Make One Agent |
        """
        self.claim(registration_judges.judge_first_requests)

    # --- sessions and events, AR-9 to AR-12 ---------------------------------------------------------------------------

    @keyword
    def sessions_should_know_their_user(self) -> None:
        """Every session, further ones and those after a reconnection too, is its own user's, by its own word.

        Example:
        | Sessions Should Know Their User |
        """
        self.claim(session_judges.judge_session_contexts, needs=websocket_bridge.SESSIONS)

    @keyword
    def only_the_owner_should_resume_a_session(self) -> None:
        """A session that was cut is resumed by its own user; others are refused as if there were no such session.

        Example:
        | Only The Owner Should Resume A Session |
        """
        self.claim(session_judges.judge_resumptions, needs=websocket_bridge.RESUMPTION)

    @keyword
    def notifications_should_be_right(self) -> None:
        """Every subscription is told everything it has to be told, in order; nobody is told anything else.

        Example:
        | Notifications Should Be Right |
        """
        self.claim(session_judges.judge_subscriptions, needs=websocket_bridge.THREAD_EVENTS)

    @keyword
    def wildcards_should_reveal_nothing(self) -> None:
        """Whoever subscribes to everything at once hears of no other user's agents.

        Example:
        | Wildcards Should Reveal Nothing |
        """
        self.claim(session_judges.judge_wildcards, needs=websocket_bridge.THREAD_EVENTS)

    @keyword
    def events_should_be_complete_and_in_order(self) -> None:
        """Every answered request of the work of all users has all of its events, each once, in the promised order.

        Example:
        | Events Should Be Complete And In Order |
        """
        self.claim(claims.judge_events_complete, requests=websocket_bridge.CROWD)

    @keyword
    def closed_connections_should_leave_nothing(self, *taken: str) -> None:
        """After every cycle exactly as much is there as after the first one; the named kinds were taken in between.

        Example:
        | Closed Connections Should Leave Nothing | sessions | subscriptions |
        """
        self.claim(session_judges.judge_closed_connections, needs=connections.CONNECTIONS, taken=taken)

    @keyword
    def replays_should_be_complete(self) -> None:
        """What a session missed while it was cut is replayed to its user, completely, once and in order.

        Example:
        | Replays Should Be Complete |
        """
        self.claim(session_judges.judge_replays, needs=connections.CONNECTIONS)

    # --- many users, AR-13 to AR-16 -----------------------------------------------------------------------------------

    @keyword
    def answers_should_be_their_own(self) -> None:
        """Every answer gives back the text of its own request and the state of its own user.

        Example:
        | Answers Should Be Their Own |
        """
        self.claim(multi_user_judges.judge_own_answers, needs=customer_data.CUSTOMER_DATA)

    @keyword
    def data_should_be_out_of_reach(self) -> None:
        """Nobody reads, lists, changes, removes or adds to the data of others; the owners look afterwards.

        Example:
        | Data Should Be Out Of Reach |
        """
        self.claim(multi_user_judges.judge_data, needs=customer_data.CUSTOMER_DATA)

    @keyword
    def work_should_be_out_of_reach(self) -> None:
        """Nobody uses, stops, resets, removes, watches or cancels the work of others; the owners can do all of it.

        Example:
        | Work Should Be Out Of Reach |
        """
        self.claim(multi_user_judges.judge_interference, needs=boundaries.INTERFERENCE)

    @keyword
    def crashes_should_be_contained(self) -> None:
        """Everybody else's agents go on in the same processes and answer.

        Example:
        | Crashes Should Be Contained |
        """
        self.claim(multi_user_judges.judge_crashes, needs=boundaries.CRASHES)

    @keyword
    def ended_sessions_should_leave_nothing(self) -> None:
        """No agent of a user who ended its session is known to anybody, nor lives its process; coming back finds nothing.

        Example:
        | Ended Sessions Should Leave Nothing |
        """
        self.claim(multi_user_judges.judge_ended_sessions, needs=departures.ENDS)

    @keyword
    def those_who_stayed_should_have_kept_everything(self) -> None:
        """Users who stayed have the same agents, which answer, while colleagues of their own tenant left.

        Example:
        | Those Who Stayed Should Have Kept Everything |
        """
        self.claim(multi_user_judges.judge_those_who_stayed, needs=departures.ENDS)

    # --- workflows, AR-17 and AR-18 -----------------------------------------------------------------------------------

    @keyword
    def workflows_should_be_complete(self) -> None:
        """Every workflow went through all of its steps, in order, by its answer and by its events.

        Example:
        | Workflows Should Be Complete |
        """
        self.claim(workflow_judges.judge_complete_workflows, requests=workflows.FLOWS)

    @keyword
    def reports_should_be_their_own(self) -> None:
        """Every report holds its own user's company and request, and no step worked on anybody else's.

        Example:
        | Reports Should Be Their Own |
        """
        self.claim(workflow_judges.judge_reports)

    @keyword
    def supervisors_should_lead_their_own_agents(self) -> None:
        """Supervisor and agents are the user's own, by the users' lists, the operator API and the leader in the events.

        Example:
        | Supervisors Should Lead Their Own Agents |
        """
        self.claim(workflow_judges.judge_supervisors)

    @keyword
    def parallel_steps_should_overlap(self, share: Percentage) -> None:
        """Steps that need not wait for each other run at the same time.

        Example:
        | Parallel Steps Should Overlap | 95 percent |
        """
        self.claim(workflow_judges.judge_parallel_steps, {"side by side": share})
