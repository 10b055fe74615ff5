"""The list of all seeded defects: what each does and which promise must turn red.

Each module of this package holds the defects of one subject, as functions of the same name: ``carry()`` replaces one named
seam of the platform from outside. Only the standard library is loaded here; a defect's module is loaded when it is
applied. A name is applied in the gateway's and in the governor's process alike: replacing a seam that a process does not
use changes nothing there.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module


class UnknownDefect(Exception):
    """There is no defect of that name."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One seeded defect.

    Attributes:
        name: Its name; also the name of the function that carries it.
        module: The module of this package where that function is.
        promise: The promise that must turn red.
        meaning: What it does, in one line.
    """

    name: str
    module: str
    promise: str
    meaning: str


_ROWS = """
resources.quotas  RI-1 busy_at_rest                   agents use a tenth of a core when nobody asks for anything
resources.leaks   RI-1 memory_never_given_back        agents keep what work has taken
resources.quotas  RI-2 quota_off                      no quota of processor time or memory is enforced
resources.quotas  RI-2 quota_alert_missing            nobody is told that a quota is exceeded
resources.quotas  RI-2 throttling_counted_for_another the operator is shown each tenant's counters as those of the next one
resources.quotas  RI-2 quota_nice_only                quotas are replaced by a low priority (nice 19)
resources.leaks   RI-3 leak_not_stopped               leaks are alerted, but nothing is stopped or taken back
resources.leaks   RI-3 runaway_not_stopped            a runaway agent goes on, and so does work after its time-out
resources.leaks   RI-3 growth_called_a_leak           every agent whose memory grows is taken for leaking
resources.noise   RI-5 containment_never_ends         whoever was noisy once is contained for good
resources.noise   RI-5 governor_names_wrong_tenant    a noisy tenant's alert and containment hit another tenant
resources.noise   RI-5 noise_never_reported           noisy tenants are contained, and nobody is told
resources.noise   RI-5 noise_never_mitigated          noisy tenants are alerted and never contained
resources.noise   RI-2 victims_slowed_15_percent      work takes 15 % longer while another tenant takes much
resources.quotas  RI-4 connections_unlimited          a tenant may have as many database connections as it wants
resources.noise   RI-4 odd_text_stalls_everybody      a text with many blanks stops the gateway for seconds
resources.noise   RI-6 unfair_scheduling              every second tenant gets a third of the rate
resources.crashes RI-7 handles_left_after_crash       every crash and every cut connection leaves open handles and files behind
resources.crashes RI-7 zombies_left_after_crash       ended agents are never collected
resources.crashes RI-7 connections_left_after_crash   database connections of ended agents are never taken back
resources.crashes RI-7 processes_left_after_crash     a crashed agent is started again, for nobody
startup           CS-1 never_answers                  connections are accepted, requests are read, nothing is answered
startup           CS-3 never_answers_4_percent        one user in 25 is never answered
startup           CS-1 session_id_collision           session ids come from a pool of only 20
startup           CS-3 connections_beside_pool        each of the first 30 starts holds a database connection of its own
startup           CS-4 drops_1_percent_of_connections one connection in a hundred is cut after a second and a half
routing           CS-4 answer_to_other_session        answers go to another open session
routing           CS-4 answer_to_other_session_1_in_1000 one answer in 1,000 goes to another open session
routing           CS-2 resume_by_id_alone             whoever knows the id of a cut session may take it up
routing           CS-2 announcement_misses_some       an announcement misses one session in twenty
routing           CS-2 cut_sessions_are_lost          a session that was cut cannot be taken up again
routing           CS-2 cancelled_answer_to_next       the answer to cancelled work is given to the next request
routing           AR-11 events_duplicated             every tool_completed comes twice
routing           AR-11 events_reordered              agent_thinking comes after tool_executing
routing           AR-11 events_lost                   every tenth tool_completed is lost
routing           AR-12 resumed_work_is_given_up      what is unfinished in a session is given up when it is resumed
routing           AR-9 events_to_former_owner         an agent's events also go to the session that used it before
routing           AR-10 notifications_by_topic_alone  subscribers of a thread hear of everybody's threads of that name
routing           AR-12 replay_misses_the_last        a resumed session does not get the last frame that it missed
routing           AR-19 answers_kept_in_memory        the gateway keeps every answer, with ballast
tokens            CS-2 token_no_expiry_check          expired tokens are accepted
tokens            CS-2 token_alg_none_accepted        tokens without a signature are accepted
tokens            CS-2 token_algorithm_confusion_accepted  HS384 and HS512 are accepted beside HS256
tokens            CS-2 token_audience_not_checked     tokens for another platform are accepted
tokens            CS-2 token_issuer_not_checked       tokens of another issuer are accepted
tokens            CS-2 token_not_before_ignored       tokens that are not valid yet are accepted
tokens            CS-2 token_signature_not_checked    tokens with any signature are accepted
tokens            CS-2 token_refused_in_words_only    a wrong signature gets an error instead of a welcome, and is served
tokens            CS-2 token_tenant_from_request      a known user may claim another tenant, in the token and in requests
tokens            CS-2 token_kid_honoured             a token may name the file that holds its own key
tokens            CS-2 token_replay_after_logout      a token is accepted again after its logout
tokens            CS-2 token_in_log                   the header of every handshake is logged
tokens            CS-2 connection_string_in_error     refusals quote the address of the database with its password
tokens            CS-2 token_expiry_while_open_ignored an open session outlives its token
tokens            AR-4 permissions_from_request       a request may name the role in which it is served
state             CS-2 state_readable_by_guessing     the user address of state operations is honoured for everybody
state             CS-2 existence_oracle               foreign things and missing things get different refusals
state             CS-2 existence_oracle_in_words      the same code, and other words, for foreign things and for missing ones
state             CS-2 existence_oracle_in_time       refusals look alike, but take longer for foreign things
state             CS-5 refused_but_done               foreign state is changed, and the change is answered with a refusal
state             CS-5 history_out_of_order           the two latest entries of a history change places
state             CS-5 agents_forget                  what agents are told to remember is not saved
state             CS-5 rls_owner_bypass               tenants' roles inherit the owner of the tables, which passes row security
state             CS-5 rls_not_forced                 row security is not forced on the tables
state             CS-5 rls_set_left_in_pool           a pooled connection may still be in the role of whoever used it before
state             CS-5 rls_new_table_without_policy   session context goes to a new table without row security
state             CS-5 cache_login_reads_all          tenants' logins to the cache reach the keys of all tenants
state             CS-5 state_lost_on_restart          a start of the platform empties the tables of documents
look_alikes       CS-5 cache_login_by_prefix          tenants' logins to the cache reach the keys of tenants whose ids go on
registry          CS-2 removed_agents_open_to_others  a removed agent is gone for its user, and for nobody else
look_alikes       CS-2 removal_by_prefix              removing a tenant takes away what tenants have whose ids go on
look_alikes       AR-3 answers_by_cut_names           answers are kept under the first 40 characters of tenant and user
look_alikes       CS-2 state_without_case             saved things belong to all users with the same name in small letters
look_alikes       AR-3 answers_by_joined_names        answers are kept under tenant and user joined by a line
registry          CS-1 shared_agent_instance          users share the default agent of a thread
registry          AR-1 registry_by_type_only          agents are looked up by their type alone
registry          AR-1 lists_show_colleagues          lists of agents show those of the whole tenant
registry          AR-7 stop_only_said                 stopped agents are said to be stopped, and go on
registry          AR-5 second_agent_replaces_first    a user's new agent removes the one before
registry          AR-6 thread_ignored                 agents are looked up without regard to the thread
registry          AR-8 registration_race              an agent can be looked up only a moment after it was made
registry          AR-2 factory_keeps_agents           removed agents are kept in memory
registry          AR-7 removed_agents_answer         removed agents still answer their user
registry          AR-15 agents_by_id_alone            agents are looked up by their id alone, whosever they are
registry          AR-17 orchestration_skips_a_step    the complete flow leaves out the optimisation
registry          AR-18 steps_one_by_one              parallel steps of a flow wait for each other
registry          AR-18 supervisor_mixes_users        a supervisor leads the agents of other users
secrets           CS-2 cache_key_without_tenant       the answer cache is keyed by the question alone
secrets           CS-2 cache_times_tell               answers are cached for everybody, and only their time shows it
secrets           CS-2 secret_in_other_tenants_event  events carry a text of another tenant
secrets           CS-2 secret_base64_in_event         events carry a text of another tenant in base64
secrets           CS-2 secret_gzip_in_event           events carry a text of another tenant, compressed
secrets           CS-2 secret_split_over_frames       a text of another tenant is spread over two frames
secrets           CS-2 secret_in_error_text           error messages quote a text of another tenant
secrets           CS-2 secret_in_log                  the log holds what users send
secrets           CS-2 secret_in_redis_shared_key     what users send is kept under a shared key
secrets           CS-2 secret_in_redis_channel        what users send is announced on a channel of the cache
secrets           CS-2 secret_in_ping                 pings of the platform carry a text of another tenant
secrets           CS-2 secret_in_open_file            all agents note what they are sent in one file that they hold open
secrets           CS-2 secret_in_temporary_file       what users send is noted in the folder of another tenant's agent
secrets           CS-2 agent_forked_from_used_process agents carry what earlier agents were sent
secrets           CS-2 secret_in_shared_memory        all agents note what they are sent in memory that they share
startup           RI-6 collapses_beyond_load          with many requests unfinished everything is refused for three seconds
startup           RI-6 never_answers_10_percent       one user in ten is never answered
startup           RI-6 some_are_never_greeted         every session of one user in ten gets no welcome
startup           CS-4 closed_sockets_stay            the gateway keeps a handle of every socket that clients close
routing           CS-2 orphaned_events_to_newest      events for a session that is gone go to the session that was opened last
routing           AR-9 context_of_latest_session      a session that is asked who it is tells who came last
registry          AR-8 removed_agents_listed_a_while  removed agents stay in the lists of their user for a second
registry          CS-2 thread_of_an_agent_ignored     agents are found by their id in any thread
registry          CS-2 failed_creation_leaves_agent   a creation that is refused leaves an agent behind
state             CS-2 keys_belong_to_first_user      a key belongs to whoever used it first, for everybody
state             CS-5 saved_for_the_session_only     documents are kept in the session that saved them
tokens            CS-2 refusal_tells_why              whoever is refused is told which check has failed
tokens            TM-2 bad_token_gets_last_rights     a token that cannot be read is served as the one before it
resources.crashes AR-15 crash_hits_another            when an agent crashes, that of another tenant ends too
resources.crashes RI-7 slow_starts_after_crash        after the first crash every new process takes ten seconds more
resources.leaks   RI-1 work_keeps_memory              every piece of work leaves something in its agent's memory
resources.leaks   RI-3 sustained_use_not_reported     nobody is told that a tenant uses a whole core for long
resources.leaks   RI-3 stopped_for_good               an agent whose process was ended for a leak never gets another one
resources.quotas  RI-1 work_is_dear                   work of every third agent costs a third of a second of processor time more
resources.quotas  RI-1 processes_named_for_another    the operator is shown each agent with the process of the next one
rights            CS-6 ended_right_leaves_sessions    open sessions go on after their right has ended
rights            CS-6 ended_right_leaves_subscriptions subscribers go on hearing after their right has ended
rights            CS-6 ended_right_can_be_resumed     sessions that were cut can be taken up after their right has ended
rights            CS-6 ended_right_leaves_work        work goes on after the right to it has ended
rights            CS-6 ended_right_still_accepted     tokens are accepted for rights that have ended
rights            CS-6 ended_right_hits_colleagues    the other users of the tenant lose their sessions too
rights            CS-6 ended_right_leaves_work_of_resumed_sessions work of a session that another one has resumed goes on after its right has ended
rights            CS-6 ended_rights_forgotten_at_restart a platform that was restarted knows of no ended right
rights            CS-6 revoked_token_takes_its_look_alike_along a token is refused with another one whose id differs by case only
rights            CS-6 given_back_right_not_believed  a right that is given back stays refused
resources.cleanup TM-3 sessions_stay_registered       sessions stay in the register after their end
resources.cleanup AR-20 session_end_leaves_files      the agents' private folders outlive them
resources.cleanup AR-20 subscriptions_not_released    subscriptions are never ended
resources.cleanup OP-3 removal_only_said              tenants are said to be removed without anything left, and nothing is done
resources.cleanup CS-2 tenant_rows_kept               a removed tenant's rows stay, and come back with its id
resources.cleanup AR-20 session_end_leaves_processes  the agents' processes outlive their user's last session
resources.cleanup AR-20 session_end_leaves_rows       the agents' rows outlive their user's last session
resources.cleanup AR-20 session_end_leaves_keys       cached answers outlive their user's last session
"""


def _read(row: str) -> Defect:
    module, promise, name, meaning = row.split(maxsplit=3)
    return Defect(name, module, promise, meaning)


#: All defects by name.
NAMES: dict[str, Defect] = {defect.name: defect for defect in map(_read, _ROWS.strip().splitlines())}


def catalogue() -> dict[str, str]:
    """Every defect with its meaning."""
    return {name: f"{defect.meaning} ({defect.promise})" for name, defect in NAMES.items()}


def apply(name: str) -> None:
    """Carry a defect from now on; call it before a process builds its objects.

    Raises:
        UnknownDefect: If there is none of that name.
    """
    defect = NAMES.get(name)
    if defect is None:
        raise UnknownDefect(f"There is no defect '{name}'.")
    getattr(import_module(f"reference_platform.defects.{defect.module}"), name)()
