"""What received frames mean: by the rules of the examples, and never an exception or a wrong answer on hostile ones."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from isolation.target.interpreter import Interpreter, ReadFrame, frames
from isolation.target.interpreter.conditions import compile_when
from isolation.target.model import Target
from isolation.target.reading.file import parse_target
from isolation.target.words import Meaning

FILES = Path(__file__).parent / "files"
SMALL = """
version: 2
name: small
doors: {base: "http://127.0.0.1:1"}
tenants: {make: [{http: GET, url: "{base}/{user}"}]}
session: {connect: {websocket: "ws://127.0.0.1:1"}}
correlation: {by: echoed, read: [id, reply.to], owner: user, is: user}
frames:
  - {when: {type: done, ok: true}, means: answered, keep: {answer: text, service_milliseconds: ms, sequence: seq}}
  - {when: {type: done}, means: refused, code: [error.code, error]}
  - {when: {type: delta}, means: progress, append: {answer: text}}
  - {when: {type: present, late: true}, means: progress}
requests: {noop: {type: noop, id: "{id}"}}
"""


@pytest.fixture(scope="module")
def small() -> Interpreter:
    return Interpreter(parse_target(SMALL))


def example(name: str) -> Interpreter:
    return Interpreter(Target.load(FILES, name))


def said(interpreter: Interpreter, **frame: Any) -> ReadFrame:
    return interpreter.read(json.dumps(frame))


def test_netra_september() -> None:
    netra = example("netra_september")
    assert said(netra, type="connection_established", data={"connection_id": "c"}).kept == {"session": "c"}
    started = said(netra, type="agent_started", run_id="r", thread_id="t", user_id="u")
    assert (started.meaning, started.correlation_id, started.owner) == (Meaning.ACCEPTED, "r", "u")
    assert started.kept == {"agent": "r", "thread": "t"}
    done = said(netra, type="agent_completed", run_id="r", final_response={"x": 1}, execution_time_ms=12.5)
    assert (done.meaning, done.service_seconds) == (Meaning.ANSWERED, 0.0125)
    assert said(netra, type="agent_error", context={"code": "C"}, error="E").code == "C"
    assert said(netra, type="agent_error", error="E").code == "E"
    assert said(netra, type="error", data={"error_code": "AUTH_FAILED"}).meaning is Meaning.CLOSED
    assert said(netra, type="error", data={"error_code": "RATE"}).code == "RATE"
    assert said(netra, type="tool_executing", run_id="r").meaning is Meaning.PROGRESS
    assert said(netra, type="something else").meaning is Meaning.OTHER


def test_jupyter() -> None:
    jupyter = example("jupyterhub")
    reply = said(
        jupyter, msg_type="execute_reply", content={"status": "error", "ename": "E"}, parent_header={"msg_id": "m"}
    )
    assert (reply.meaning, reply.part, reply.correlation_id, reply.kept) == (Meaning.PART, "reply", "m", {"code": "E"})
    busy = said(jupyter, msg_type="status", content={"execution_state": "busy"}, parent_header={"msg_id": "m"})
    assert busy.meaning is Meaning.ACCEPTED


def test_answers_over_http() -> None:
    server = example("langgraph")
    event = frames.stream_event("metadata", '{"run_id": "r"}')
    assert server.read_frame(event).kept == {"agent": "r"}
    assert server.read_frame(frames.stream_end(200)).meaning is Meaning.ANSWERED
    assert server.read_frame(frames.stream_end(500)).meaning is Meaning.OTHER
    plain = server.read_frame(frames.http_answer(200, {}, b'{"a": 1}'))
    assert plain.meaning is Meaning.ANSWERED
    empty = server.read_frame(frames.http_answer(200, {}, b""))
    assert (empty.meaning, empty.code) == (Meaning.REFUSED, "200")
    refused = server.read_frame(frames.http_answer(404, {}, b'{"detail": "no"}'))
    assert (refused.meaning, refused.code) == (Meaning.REFUSED, "404")


def test_the_first_rule_that_fits_decides(small: Interpreter) -> None:
    assert said(small, type="done", ok=True, id="1").meaning is Meaning.ANSWERED
    assert said(small, type="done", ok=1, id="1").meaning is Meaning.REFUSED, "1 is not true"
    assert said(small, type="done", ok="true", id="1").meaning is Meaning.REFUSED
    assert said(small, type=["done"], ok=True, id="1").meaning is Meaning.OTHER
    assert said(small, type="anything", late=True).meaning is Meaning.PROGRESS, "present is for any value of the path"
    assert said(small, type=5, late=True).meaning is Meaning.PROGRESS


def test_an_id_may_stand_in_several_places_and_be_a_number(small: Interpreter) -> None:
    assert said(small, type="done", reply={"to": 7}).correlation_id == "7"
    assert said(small, type="done", id="", reply={"to": "x"}).correlation_id == "x"
    assert said(small, type="done", id=7.0).correlation_id == "7"
    strange: object
    for strange in (True, None, [], {}, 1.5, 10**400, float("nan"), "x" * 5_000):
        assert said(small, type="done", id=strange).correlation_id == "", strange


def test_dispatch_finds_the_rule_that_a_plain_search_finds() -> None:
    rng = random.Random(7)
    values: list[Any] = ["a", "b", "c", 1, True, None, ["a"], ["a", 1], ["a", "b"], "present", "absent", {}]
    for _ in range(300):
        rules: list[dict[str, Any]] = [
            {
                "when": {path: rng.choice(values) for path in rng.sample(["t", "u", "v.w"], rng.randint(1, 2))},
                "means": "progress",
            }
            for _ in range(rng.randint(1, 6))
        ]
        reader = Interpreter(Target.model_validate({**_plain(), "frames": rules}))
        tests = [compile_when(rule["when"]) for rule in rules]
        for _ in range(20):
            frame = {key: rng.choice([*values, {"w": rng.choice(values)}]) for key in rng.sample(["t", "u", "v"], 2)}
            expected = next((number for number, fits in enumerate(tests) if fits(frame)), -1)
            assert reader.read_frame(frame).rule == expected, (rules, frame)


HOSTILE: list[bytes | str] = [
    b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf{}", "", " ", "null", "true", "5", '"text"', "[]", "{}", "{", "NaN", "[NaN]",
    "[" * 10_000 + "]" * 10_000, '{"type":' * 10_000 + "1" + "}" * 10_000, '{"type": "done", "ok": ' + "[" * 10_000,
    '{"type": "done", "ok": true, "ms": ' + "9" * 400 + "}", '{"type": "done", "ok": true, "ms": ' + "9" * 5_000 + "}",
    '{"type": "done", "ok": true, "ms": 1e999}', '{"type": "done", "ok": true, "ms": -Infinity, "seq": NaN}',
    '{"type": "done", "ok": true, "seq": ' + "8" * 400 + "}", '{"type": "done", "ok": true, "text": "\\ud800", "id": "\\udfff"}',
    '{"type": "done", "error": {"code": "' + "x" * 100_000 + '"}}', '{"type": "done", "error": "\\u001b[31mred\\u0007\\n"}',
    '{"type": "done", "error": ' + "7" * 400 + "}", '{"type": {"done": {}}, "ok": true}', "\ud800", '{"type": "do\ud800ne"}',
    '{"type": "done", "ok": true, "text": "' + "y" * 10_000_000 + '"}',
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_no_hostile_frame_breaks_anything(small: Interpreter, number: int) -> None:
    data = HOSTILE[number]
    for frame in (data, data.encode("utf-8", "replace") if isinstance(data, str) else data):
        read = small.read(frame)
        assert len(read.code) <= 200
        assert read.code.isprintable()
        for text in (read.code, read.correlation_id, str(read.kept)[:1000]):
            text.encode()
        assert read.service_seconds is None or 0 <= read.service_seconds < 1e10
        if read.meaning is Meaning.ANSWERED:
            assert b'"ok": true' in (frame if isinstance(frame, bytes) else frame.encode("utf-8", "replace"))


def test_no_broken_frame_is_an_answer(small: Interpreter) -> None:
    """An answer with one sign changed is still the same answer, or none: never somebody else's."""
    rng = random.Random(3)
    good = '{"type": "done", "ok": true, "id": "request-1", "user": "u"}'
    for _ in range(20_000):
        place = rng.randrange(len(good))
        read = small.read(good[:place] + chr(rng.randrange(1, 0x250)) + good[place + rng.randrange(2) :])
        if read.meaning is Meaning.ANSWERED and read.correlation_id == "request-1":
            continue
        assert read.meaning is not Meaning.ANSWERED or read.correlation_id != "request-2"


def test_random_bytes_are_nothing(small: Interpreter) -> None:
    rng = random.Random(5)
    for _ in range(3_000):
        assert small.read(rng.randbytes(rng.randrange(64))).meaning is Meaning.OTHER


def _plain() -> dict[str, Any]:
    return {
        "version": 2, "name": "small", "doors": {"base": "http://127.0.0.1:1"},
        "tenants": {"make": [{"http": "GET", "url": "{base}/{user}"}]},
        "session": {"connect": {"websocket": "ws://127.0.0.1:1"}},
        "correlation": {"by": "echoed", "read": "id"}, "requests": {"noop": {"id": "{id}"}},
    }  # fmt: skip
