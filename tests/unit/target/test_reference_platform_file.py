"""The reference platform's file of version 2 offers everything, and its frames are read in the suite's words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from isolation.target.interpreter import Exchange, Interpreter, Message, Reply, StepState, fill_step, judge_reply
from isolation.target.model import Target, WebSocketStep
from isolation.target.words import Alert, Audit, Code, Meaning, OperatorOperation, RequestKind

TARGET = Target.load(Path(__file__).resolve().parents[3] / "resources" / "targets", "reference_platform")
DOORS = {"operator": "ws://127.0.0.1:5/operator", "agents": "ws://127.0.0.1:4/agents"}


def test_it_offers_everything() -> None:
    assert set(RequestKind) - set(TARGET.requests) == {RequestKind.HISTORY}
    assert set(TARGET.operator) == set(OperatorOperation)
    assert set(TARGET.words.alerts) == set(Alert)
    assert set(TARGET.words.audit) == set(Audit)
    assert set(TARGET.words.codes) == set(Code)


def test_a_request_carries_its_id_and_leaves_out_what_is_not_given() -> None:
    interpreter = Interpreter(TARGET, DOORS)
    words = {"user": "u", "tenant": "t", "role": "standard", "token": "T"}

    def sent(kind: str, **arguments: object) -> object:
        outgoing = interpreter.outgoing(kind, "c-1", {**words, **arguments})
        assert isinstance(outgoing, Message)
        return json.loads(outgoing.text)

    assert sent("noop") == {"id": "c-1", "type": "execute", "work": {"kind": "noop"}}
    assert sent("agent_get", agent="a") == {"id": "c-1", "type": "agent_get", "agent_id": "a"}
    assert sent("agent_get", agent="a", of="v", as_role="admin") == {
        "id": "c-1", "type": "agent_get", "agent_id": "a", "user": "v", "role": "admin",
    }  # fmt: skip
    assert sent("cpu", milliseconds=5) == {"id": "c-1", "type": "execute", "work": {"kind": "cpu", "milliseconds": 5}}


@pytest.mark.parametrize(
    ("frame", "meaning", "word", "value"),
    [
        ({"event": "welcome", "seq": 1, "session_id": "s"}, Meaning.READY, "session", "s"),
        ({"event": "agent_completed", "id": "c", "seq": 2, "result": {"echo": "E"}}, Meaning.ANSWERED, "echo", "E"),
        ({"event": "operation_completed", "id": "c", "result": {"agent_id": "a"}}, Meaning.ANSWERED, "agent", "a"),
        ({"event": "agent_error", "id": "c", "code": "cancelled"}, Meaning.CANCELLED, "event", "agent_error"),
        ({"event": "agent_error", "id": "c", "code": "timeout"}, Meaning.REFUSED, "event", "agent_error"),
        ({"event": "pong", "id": "c"}, Meaning.PONG, "event", "pong"),
        ({"event": "notification", "topic": "t", "of": "x"}, Meaning.NOTIFICATION, "notification_of", "x"),
        ({"event": "step_started", "id": "c", "step": "triage"}, Meaning.PROGRESS, "step", "triage"),
        ({"event": "heartbeat", "seq": 9}, Meaning.OTHER, "sequence", 9),
    ],
)
def test_frames(frame: dict[str, object], meaning: Meaning, word: str, value: object) -> None:
    read = Interpreter(TARGET, DOORS).read(json.dumps(frame))
    assert (read.meaning, read.kept[word]) == (meaning, value)


def test_the_operator_is_asked_over_one_connection() -> None:
    step = TARGET.operator[OperatorOperation.USAGE]
    assert isinstance(step, WebSocketStep)
    exchange = fill_step(step, {"id": "7", "operator_credential": "C"}, DOORS)
    assert isinstance(exchange, Exchange)
    assert (exchange.url, exchange.headers) == (DOORS["operator"], {"Authorization": "Bearer C"})
    assert json.loads(exchange.text) == {"id": "7", "op": "usage"}
    assert exchange.is_answer('{"id": "7"}')
    assert not exchange.is_answer('{"id": "8"}')
    rows = {"id": "7", "ok": True, "result": [{"tenant": "t", "cpu_percent": 1.5, "handles": 4}]}
    assert judge_reply(step, Reply(text=json.dumps(rows))).rows == [
        {"tenant": "t", "cpu_percent": 1.5, "file_descriptors": 4}
    ]
    assert judge_reply(step, Reply(text='{"id": "7", "ok": false, "code": "x"}')).state is StepState.FAILED


def test_a_quota_can_be_taken_away() -> None:
    step = TARGET.operator[OperatorOperation.QUOTA]
    exchange = fill_step(step, {"id": "1", "tenant": "t", "cpu_percent": None, "operator_credential": "C"}, DOORS)
    assert isinstance(exchange, Exchange)
    assert json.loads(exchange.text) == {"id": "1", "op": "set_quota", "tenant": "t", "cpu_percent": None}
