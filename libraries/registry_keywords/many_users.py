"""AR-13 and AR-14: many users at once, and their data."""

from __future__ import annotations

import uuid

from robot.api.deco import keyword

from contamination.secrets import run_secrets
from isolation.drive.load.engine import Request
from isolation.judge.data.echoes import judge_echoes
from isolation.judge.rules.facts import judge_facts
from isolation.record.asked import RequestRecord
from isolation.record.echoes import Echo
from isolation.record.facts import Fact
from registry_keywords import scene
from registry_keywords.attempts import Attempt, allowed, judge_attempts, probes, try_all
from registry_keywords.searching import profile_with_secrets
from robot_support.collector import COLLECTOR

_GONE_WITHIN = 4.0
_TAMPERED = "changed by somebody else"


class ManyUsers:
    """What holds when many users of several tenants work side by side."""

    # --- AR-13 --------------------------------------------------------------------------------------------------------

    @keyword
    def do_everything_at_once(self, part: str) -> None:
        """Let every user make eight different requests, all of all users at the same time.

        Args:
            part: Name of what is asked here.

        Example:
        | Do Everything At Once | mixed |
        """
        requests: list[Request] = []
        for user in scene.scene().users:
            requests += [
                Request(user.name, "report", {"text": f"{user.user_id} {uuid.uuid4().hex}"}),
                Request(user.name, "state_put", {"scope": "context", "key": "mixed", "value": user.user_id}),
                Request(user.name, "state_get", {"scope": "context", "key": "mixed"}),
                Request(user.name, "typical", {"milliseconds": 1}),
                Request(user.name, "agent_create", {"agent_type": "triage", "thread": "mixed"}),
                Request(user.name, "agent_list"),
                Request(user.name, "history_append", {"thread": "mixed", "entry": user.user_id}),
                Request(user.name, "history_read", {"thread": "mixed"}),
            ]
        scene.ask(requests, part)

    @keyword
    def answers_should_be_their_own(self, promise: str, part: str) -> None:
        """Every answer should give back the text of its own request and the state of its own user.

        Args:
            promise: Id of the promise.
            part: What was asked, by its name.

        Example:
        | Answers Should Be Their Own | AR-13 | mixed |
        """
        asked = scene.scene().parts[part]
        echoes = [_echo(one) for one in asked if one.operation.kind == "report"]
        facts = [
            Fact(one.operation.tenant, "the saved context", one.operation.user, scene.result(one).get("value"))
            for one in asked
            if one.operation.kind == "state_get"
        ]
        facts += [
            Fact(one.operation.tenant, "the history", [one.operation.user], scene.result(one).get("entries"))
            for one in asked
            if one.operation.kind == "history_read"
        ]
        COLLECTOR.decide(
            [judge_echoes(promise, echoes), judge_facts(promise, "answers with the state of another user", facts)]
        )

    # --- AR-14 --------------------------------------------------------------------------------------------------------

    @keyword
    def reach_for_foreign_data(self, promise: str) -> None:
        """Every user tries to read, list, change, remove and add to the data of the next one, by that user's id.

        All should be refused and without effect: the owners look afterwards. The owners' own requests are not refused.

        Args:
            promise: Id of the promise.

        Example:
        | Reach For Foreign Data | AR-14 |
        """
        users = scene.scene().users
        place: dict[str, object] = {"scope": "preference", "key": "private"}
        values = {user.name: f"private to {user.user_id}" for user in users}
        scene.ask([Request(user.name, "state_put", {**place, "value": values[user.name]}) for user in users])
        scene.ask_everybody("history_append", thread="private", entry="mine")
        tries: list[Attempt] = []
        for caller, owner in zip(users, [*users[1:], users[0]], strict=True):
            tries += [Attempt(caller, owner, kind, {**plain, "of": owner.user_id}) for kind, plain in _data_requests()]
        tries += [allowed(user, kind, **plain) for user in users for kind, plain in _own_requests()]
        tried = try_all(tries, "data")
        kept = scene.ask_everybody("state_get", **place)
        histories = scene.ask_everybody("history_read", thread="private")
        intact = {
            user.name: scene.result(value).get("value") == values[user.name]
            and scene.result(lines).get("entries") == ["mine"]
            for user, value, lines in zip(users, kept, histories, strict=True)
        }
        COLLECTOR.decide(judge_attempts(promise, probes(tried, lambda attempt: intact[attempt.owner.name])))

    @keyword
    def work_with_customer_data(self) -> None:
        """Let every user save secrets, get reports full of them, and let a supervisor work with them.

        Example:
        | Work With Customer Data |
        """
        users, secrets = scene.scene().users, run_secrets()
        secrets.plant(users)
        saves = [
            Request(u.name, "state_put", {"scope": "profile", "key": "me", "value": profile_with_secrets(u)})
            for u in users
        ]
        scene.ask(saves, "customer data")
        for number in range(2):
            scene.ask([Request(u.name, "report", {"text": secrets.extra(u, number)}) for u in users], "customer data")
        scene.ask([Request(u.name, "orchestrate", {"text": secrets.extra(u, 9)}) for u in users], "customer data")


def _echo(asked: RequestRecord) -> Echo:
    heard = scene.result(asked).get("echo")
    return Echo(asked.operation.tenant, str(asked.arguments["text"]), heard if isinstance(heard, str) else None)


def _data_requests() -> list[tuple[str, dict[str, object]]]:
    place: dict[str, object] = {"scope": "preference", "key": "private"}
    return [
        ("state_get", dict(place)),
        ("state_list", {"scope": "preference"}),
        ("history_read", {"thread": "private"}),
        ("state_put", {**place, "value": _TAMPERED}),
        ("state_delete", dict(place)),
        ("history_append", {"thread": "private", "entry": _TAMPERED}),
        ("agent_list", {}),
    ]


def _own_requests() -> list[tuple[str, dict[str, object]]]:
    """The allowed twins; what they write lies apart. Requests of one session are served in their order."""
    place: dict[str, object] = {"scope": "preference", "key": "scratch"}
    return [
        ("state_put", {**place, "value": "mine"}),
        ("state_get", dict(place)),
        ("state_list", {"scope": "preference"}),
        ("state_delete", dict(place)),
        ("history_append", {"thread": "scratch", "entry": "mine"}),
        ("history_read", {"thread": "scratch"}),
        ("agent_list", {}),
    ]
