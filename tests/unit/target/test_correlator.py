"""Which request a frame belongs to, in all four ways; what does not belong to the asker is never taken for an answer."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from isolation.target.interpreter import Belonging, Correlator, Interpreter
from isolation.target.reading.file import parse_target
from isolation.target.words import Meaning

OWNER = {"owner": "user", "is": "user"}


def interpreter(correlation: dict[str, Any]) -> Interpreter:
    frames = [
        {"when": {"type": "started"}, "means": "accepted", "keep": {"agent": "run"}},
        {"when": {"type": "done"}, "means": "answered", "keep": {"answer": "text", "nonce": "nonce"}},
        {"when": {"type": "history"}, "means": "answered", "for": ["history"]},
        {"when": {"type": "listed"}, "means": "answered"},
        {"when": {"type": "failed"}, "means": "refused", "code": "code"},
        {"when": {"type": "delta"}, "means": "progress", "append": {"answer": "text"}},
        {"when": {"type": "half"}, "means": "part", "part": "half", "keep": {"code": "error"}},
        {"when": {"type": "rest"}, "means": "part", "part": "rest"},
        {"when": {"type": "pong"}, "means": "pong"},
    ]
    noop = {"id": "{id}", "nonce": "{nonce}"}
    return Interpreter(
        parse_target(
            json.dumps(
                {
                    "version": 2, "name": "small", "doors": {"base": "http://127.0.0.1:1"},
                    "tenants": {"make": [{"http": "GET", "url": "{base}/{user}"}]},
                    "session": {"connect": {"websocket": "ws://127.0.0.1:1"}}, "correlation": correlation,
                    "frames": frames, "complete": {"all": ["half", "rest"]}, "requests": {"noop": noop, "report": noop, "history": noop, "ping": noop},
                }
            )
        )
    )  # fmt: skip


class Line:
    """One session of user ``u``."""

    def __init__(self, correlation: dict[str, Any]) -> None:
        self.interpreter = interpreter(correlation)
        self.correlator: Correlator = self.interpreter.correlator({"user": "u"})

    def sent(self, *requests: str, kind: str = "noop", nonce: str = "") -> None:
        for request in requests:
            self.correlator.sent(request, kind, nonce)

    def heard(self, stream: str = "", **frame: Any) -> Belonging:
        return self.correlator.received(self.interpreter.read(json.dumps(frame)), stream)


def test_an_id_that_comes_back() -> None:
    line = Line({"by": "echoed", "read": "id"})
    line.sent("1", "2")
    assert line.heard(type="started", id="2", run="r").request == "2"
    done = line.heard(type="done", id="2", text="T")
    assert (done.request, done.meaning, done.kept) == ("2", Meaning.ANSWERED, {"agent": "r", "answer": "T"})
    assert line.heard(type="done", id="2").request == "", "an answer comes once"
    assert line.heard(type="done").request == "", "a frame without an id answers nothing"
    assert line.heard(type="done", id="3").request == ""


def test_a_pong_answers_a_ping_only() -> None:
    for correlation in ({"by": "echoed", "read": "id"}, {"by": "assigned", "read": "run"}, {"by": "order"}):
        line = Line(correlation)
        line.sent("1")
        assert line.heard(type="pong", id="1").request == "", correlation
        line.sent("2", kind="ping")
        assert line.heard(type="pong").request == "2", correlation


def test_an_id_that_the_server_gives_is_bound_to_the_oldest_request() -> None:
    line = Line({"by": "assigned", "read": "run", **OWNER})
    line.sent("1", "2")
    assert line.heard(type="started", run="a", user="u").request == "1"
    assert line.correlator.given_id("1") == "a"
    assert line.heard(type="started", run="b", user="u").request == "2"
    assert line.heard(type="done", run="b", user="u").request == "2"
    assert line.heard(type="done", run="a", user="u").request == "1"
    assert line.heard(type="done", run="a", user="u").request == "", "it has ended"


def test_a_run_of_somebody_else_is_no_answer() -> None:
    line = Line({"by": "assigned", "read": "run", **OWNER})
    line.sent("1")
    stray = line.heard(type="started", run="theirs", user="v")
    assert (stray.request, stray.is_foreign) == ("", True)
    assert line.heard(type="done", run="theirs", user="v").request == ""
    assert line.heard(type="started", run="mine", user="u").request == "1"
    assert line.heard(type="done", run="mine", user="u").request == "1"


def test_a_nonce_tells_the_own_answer_where_ids_do_not() -> None:
    line = Line({"by": "assigned", "read": "run"})
    line.sent("1", nonce="n1")
    line.sent("2", nonce="n2")
    assert line.heard(type="done", run="x", nonce="foreign").is_foreign
    assert line.heard(type="done", run="y", nonce="n2").request == "2"
    assert line.heard(type="done", run="z", nonce="n1").request == "1"


def test_an_answer_without_an_id_is_not_guessed_among_several_kinds() -> None:
    line = Line({"by": "assigned", "read": "run"})
    line.sent("1", kind="noop")
    line.sent("2", kind="history")
    assert line.heard(type="listed").request == ""
    assert line.heard(type="history").request == "2", "the rule is for this kind"
    assert line.heard(type="listed").request == "1", "only one is left"


def test_answers_in_order() -> None:
    line = Line({"by": "order", **OWNER})
    line.sent("1", "2", "3")
    assert line.heard(type="started", run="r").request == "1"
    assert line.heard(type="done", user="v").request == "", "it names another owner"
    assert [line.heard(type="done", user="u").request for _ in range(4)] == ["1", "2", "3", ""]


def test_answers_in_order_with_a_nonce() -> None:
    line = Line({"by": "order"})
    line.sent("1", nonce="n1")
    line.sent("2", nonce="n2")
    foreign = line.heard(type="done", nonce="n9")
    assert (foreign.request, foreign.is_foreign) == ("", True)
    assert line.heard(type="done", nonce="n2").request == "2"
    assert line.heard(type="done", nonce="n1").request == "1"


def test_an_answer_in_the_stream_of_its_request() -> None:
    line = Line({"by": "stream", **OWNER})
    line.sent("1", "2")
    assert line.heard("2", type="done", user="u").request == "2"
    foreign = line.heard("1", type="done", user="v")
    assert (foreign.request, foreign.is_foreign) == ("1", True), "the own stream brought it: a finding, not a stray"
    assert line.heard(type="done").request == ""


def test_several_frames_complete_a_request() -> None:
    line = Line({"by": "echoed", "read": "id"})
    line.sent("1", "2")
    assert line.heard(type="rest", id="1").meaning is Meaning.PART
    assert line.heard(type="rest", id="1").meaning is Meaning.PART, "the same part twice is not both"
    assert line.heard(type="half", id="1").meaning is Meaning.ANSWERED
    assert line.heard(type="half", id="2", error="NameError").meaning is Meaning.PART
    refused = line.heard(type="rest", id="2")
    assert (refused.meaning, refused.code) == (Meaning.REFUSED, "NameError")


def test_an_answer_in_pieces_is_put_together() -> None:
    line = Line({"by": "echoed", "read": "id"})
    line.sent("1")
    for piece in ("to", "get", "her"):
        line.heard(type="delta", id="1", text=piece)
    assert line.heard(type="rest", id="1").kept["answer"] == "together"


@pytest.mark.parametrize("by", ["assigned", "order"])
@pytest.mark.parametrize("proof", ["owner", "nonce"])
def test_misrouted_answers_are_never_taken_for_own_ones(by: str, proof: str) -> None:
    """Two users whose answers are mixed up at random: with an owner or a nonce no foreign answer is taken."""
    correlation = {"by": by, **({"read": "run"} if by == "assigned" else {}), **(OWNER if proof == "owner" else {})}
    for seed in range(200):
        rng = random.Random(seed)
        line = Line(correlation)
        requests = [f"u{number}" for number in range(5)]
        for request in requests:
            line.sent(request, nonce=f"n-{request}")
        own = [(request, "u") for request in requests]
        frames = own + [(f"v{number}", "v") for number in range(5)]
        if by == "assigned":
            rng.shuffle(frames)  # ids tell them apart; with 'order' the own ones come in order
        else:
            for number in range(5, 10):
                frames.insert(rng.randrange(len(frames)), frames.pop(number))
        for request, user in frames:
            named = {"user": user} if proof == "owner" else {"nonce": f"n-{request}"}
            found = line.heard(type="done", run=f"run-{request}", **named)
            if user == "v":
                assert found.request == ""
                assert found.is_foreign
            elif proof == "nonce":
                assert found.request == request
            else:
                assert found.request.startswith("u")
