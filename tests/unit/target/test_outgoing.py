"""Requests as they are sent: the quick way writes what the careful way would, and addresses hold words safely."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from isolation.target.interpreter import Call, Emit, Interpreter, Message, UnknownRequest
from isolation.target.model import Target
from isolation.target.placeholders import UnfilledPlaceholder, broken_placeholder, fill

FILES = Path(__file__).parent / "files"
DOORS = {"base": "http://127.0.0.1:8000/api", "ws": "ws://127.0.0.1:8000"}
WORDS: dict[str, Any] = {"user": "a/b?c#d", "tenant": "t", "token": "T", "thread": "th", "kernel": "k"}


def described(requests: dict[str, Any], **more: Any) -> Interpreter:
    data = {
        "version": 2, "name": "x", "tenants": {"make": [{"http": "GET", "url": "{base}/{user}"}]},
        "session": {"connect": {"websocket": "{ws}"}}, "correlation": {"by": "echoed", "read": "id"}, "requests": requests,
    }  # fmt: skip
    return Interpreter(Target.model_validate({**data, **more}), DOORS)


def test_the_quick_way_writes_what_the_careful_way_would() -> None:
    rng = random.Random(4)

    def grown(depth: int) -> Any:
        if depth == 0 or rng.random() < 0.3:
            return rng.choice(["{id}", "text", "{{id}}", "x{id}y", 1, None, True, "\x00id\x00", 'quo"te', "ü\n"])
        if rng.random() < 0.4:
            return [grown(depth - 1) for _ in range(rng.randrange(3))]
        return {rng.choice(["a", "b", "{id}", "c d"]): grown(depth - 1) for _ in range(rng.randrange(4))}

    for _ in range(2_000):
        template = {"frame": grown(3)}
        for number in ("c-1", 'we"ird', "ü", "\x00id\x00"):
            sent = described({"noop": template}).outgoing("noop", number, WORDS)
            assert isinstance(sent, Message)
            assert json.loads(sent.text) == fill(template, {"id": number})


def test_an_address_holds_words_safely_and_doors_as_they_are() -> None:
    request = {
        "http": "GET",
        "url": "{base}/users/{of}/x?of={user}",
        "query": {"q": "{user}", "gone": "{absent}", "yes": True},
    }
    call = described({"noop": request}).outgoing("noop", "1", WORDS)
    assert isinstance(call, Call)
    assert call.url == "http://127.0.0.1:8000/api/users/a%2Fb%3Fc%23d/x?of=a%2Fb%3Fc%23d&q=a%2Fb%3Fc%23d&yes=true"
    other = described({"noop": request}).outgoing("noop", "1", {**WORDS, "of": "../../admin"})
    assert isinstance(other, Call)
    assert "/users/..%2F..%2Fadmin/" in other.url


def test_types_are_kept_and_what_is_not_given_is_left_out() -> None:
    request = {
        "n": "{milliseconds}",
        "list": ["{milliseconds}", "{absent}"],
        "deep": {"x": "{absent}"},
        "text": "n={milliseconds}",
    }
    sent = described({"cpu": request}).outgoing("cpu", "1", {"milliseconds": 5})
    assert isinstance(sent, Message)
    assert json.loads(sent.text) == {"n": 5, "list": [5], "deep": {}, "text": "n=5"}


def test_ids_can_be_numbers_and_messages_texts_lists_and_events() -> None:
    correlation = {"by": "echoed", "read": "id", "ids": "integer"}
    number = described({"noop": {"jsonrpc": "2.0", "id": "{id}"}}, correlation=correlation).outgoing("noop", "7", {})
    assert isinstance(number, Message)
    assert json.loads(number.text) == {"jsonrpc": "2.0", "id": 7}
    text = described({"noop": "SAY {id} {text}"}).outgoing("noop", "1", {"text": "hello"})
    assert text == Message("SAY 1 hello")
    array = described({"noop": ["1", "{id}", {"a": "{user}"}]}).outgoing("noop", "1", WORDS)
    assert array == Message('["1","1",{"a":"a/b?c#d"}]')
    event = described({"noop": {"emit": "say", "data": {"id": "{id}"}}}).outgoing("noop", "1", {})
    assert event == Emit("say", {"id": "1"})


def test_a_nonce_is_the_id_unless_one_is_given() -> None:
    interpreter = described({"noop": {"id": "{id}", "nonce": "{nonce}"}})
    assert interpreter.outgoing("noop", "1", {}) == Message('{"id":"1","nonce":"1"}')
    assert interpreter.outgoing("noop", "1", {"nonce": "n"}) == Message('{"id":"1","nonce":"n"}')


def test_what_cannot_be_sent_is_named() -> None:
    interpreter = described({"noop": {"id": "{id}"}, "report": {"text": "say {text}"}})
    with pytest.raises(UnknownRequest, match=r"no request 'cpu'; it has noop, report"):
        interpreter.outgoing("cpu", "1", {})
    with pytest.raises(UnfilledPlaceholder, match="text"):
        interpreter.outgoing("report", "1", {})


def test_jupyter_and_langgraph() -> None:
    jupyter = Interpreter(Target.load(FILES, "jupyterhub"), DOORS).outgoing("cpu", "m-1", {**WORDS, "milliseconds": 20})
    assert isinstance(jupyter, Message)
    frame = json.loads(jupyter.text)
    assert frame["header"]["msg_id"] == "m-1"
    assert "+20/1000" in frame["content"]["code"]
    server = Interpreter(Target.load(FILES, "langgraph"), DOORS).outgoing("report", "1", {**WORDS, "text": "hello"})
    assert isinstance(server, Call)
    assert (server.method, server.url, server.answer) == (
        "POST",
        "http://127.0.0.1:8000/api/threads/th/runs/stream",
        "sse",
    )
    assert server.headers == {"content-type": "application/json", "Authorization": "Bearer T"}


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("{user}", ""), ("a {user} b {tenant}", ""), ("{{user}}", ""), ("", ""), ("no braces", ""),
        ('{"a": {"b": "{text}"}}', ""), ("query { me { id } }", ""), ("x={'a': 1}", ""), ("{user", "{user"),
        ("user}", "user}"), ("{ user }", "{ user }"), ("{}", ""), ("{1}", ""), ("a{3}", ""),
    ],
)  # fmt: skip
def test_half_placeholders(text: str, piece: str) -> None:
    assert broken_placeholder(text) == piece
