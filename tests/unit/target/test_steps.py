"""Steps: what is to be done with words in place, and what a reply makes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import TypeAdapter

from isolation.target.interpreter import (
    CommandRun,
    Exchange,
    HttpCall,
    Reply,
    StepState,
    TokenToSign,
    fill_step,
    judge_reply,
)
from isolation.target.model import Step
from isolation.target.placeholders import UnfilledPlaceholder

STEP: TypeAdapter[Step] = TypeAdapter(Step)
DOORS = {"base": "http://127.0.0.1:8000/root"}
WORDS: dict[str, Any] = {"user": "a b/c", "token": "T", "n": 5}


def step(**fields: Any) -> Step:
    return STEP.validate_python(fields)


def reply(body: object = None, status: int = 200, **more: Any) -> Reply:
    return Reply(status, json.dumps(body) if body is not None else "", **more)


def test_an_http_call_is_filled() -> None:
    call = fill_step(
        step(
            http="POST", url="{base}/users/{user}?x=1", headers={"Authorization": "Bearer {token}"},
            query={"n": "{n}", "absent": "{absent}"}, json={"name": "{user}", "n": "{n}", "gone": "{absent}"},
        ),
        WORDS, DOORS,
    )  # fmt: skip
    assert isinstance(call, HttpCall)
    assert call.url == "http://127.0.0.1:8000/root/users/a%20b%2Fc?x=1&n=5"
    assert json.loads(call.body) == {"name": "a b/c", "n": 5}, "types are kept, what is not given is left out"
    assert call.headers == {"content-type": "application/json", "Authorization": "Bearer T"}
    form = fill_step(step(http="POST", url="{base}/", form={"user": "{user}"}), WORDS, DOORS)
    assert isinstance(form, HttpCall)
    assert form.body == b"user=a+b%2Fc"


def test_other_steps_are_filled() -> None:
    run = fill_step(step(command=["x", "--user={user}"], environment={"A": "{token}"}), WORDS, DOORS)
    assert run == CommandRun(["x", "--user=a b/c"], {"A": "T"})
    recipe = {
        "algorithm": "RS256",
        "key": "{token}",
        "claims": {"sub": "{user}", "n": "{n}", "aud": ["a"], "nbf": None},
    }
    token = fill_step(step(jwt=recipe), WORDS, DOORS)
    assert isinstance(token, TokenToSign)
    assert token.claims == {"sub": "a b/c", "n": 5, "aud": ["a"], "nbf": None}
    exchange = fill_step(
        step(websocket="ws://127.0.0.1:1", send={"op": "x", "id": "{n}"}, answer={"id": "{n}"}), WORDS, DOORS
    )
    assert isinstance(exchange, Exchange)
    assert json.loads(exchange.text) == {"op": "x", "id": 5}
    assert exchange.is_answer('{"id": 5}')
    assert not exchange.is_answer('{"id": "5"}')
    assert not exchange.is_answer("nonsense")


def test_no_secret_shows_in_a_filled_step() -> None:
    call = fill_step(step(http="GET", url="{base}/", headers={"Authorization": "{token}"}), {"token": "hush"}, DOORS)
    token = fill_step(step(jwt={"algorithm": "HS256", "key": "{token}", "claims": {}}), {"token": "hush"}, DOORS)
    assert "hush" not in repr(call) + repr(token)


def test_a_word_that_is_not_given_is_named() -> None:
    with pytest.raises(UnfilledPlaceholder, match="absent"):
        fill_step(step(http="GET", url="{base}/{absent}"), WORDS, DOORS)


@pytest.mark.parametrize(
    ("fields", "answer", "state"),
    [
        ({}, reply({}, 204), StepState.DONE),
        ({}, reply({}, 302), StepState.FAILED),
        ({"expect": [201, 409]}, reply({}, 409), StepState.DONE),
        ({"expect": 201}, reply({}, 200), StepState.FAILED),
        ({"expect": {"ok": True}}, reply({"ok": True}), StepState.DONE),
        ({"expect": {"ok": True}}, reply({"ok": 1}), StepState.FAILED),
        ({"expect": {"$headers.location": "present"}}, reply({}, headers={"location": "/"}), StepState.DONE),
        ({"until": {"servers..ready": True}}, reply({"servers": {"": {"ready": False}}}), StepState.AGAIN),
        ({"until": {"servers..ready": True}}, reply({"servers": {"": {"ready": True}}}), StepState.DONE),
        ({"until": {"servers": {}}}, reply({"servers": {}}), StepState.DONE),
        ({"until": {"servers": {}}}, reply({"servers": {"": 1}}), StepState.AGAIN),
        ({"until": {"a": 1}}, Reply(200, "no JSON"), StepState.AGAIN),
    ],
)
def test_what_a_reply_makes_of_a_step(fields: dict[str, Any], answer: Reply, state: StepState) -> None:
    result = judge_reply(step(http="GET", url="{base}/", **fields), answer)
    assert result.state is state
    assert bool(result.reason) is (state is not StepState.DONE)


def test_words_are_kept_from_everywhere_in_a_reply() -> None:
    keep = {
        "token": "data.token",
        "status": "$status",
        "sid": "$cookies.sid",
        "place": "$headers.Location",
        "no": "x.y",
    }
    answer = reply({"data": {"token": "T"}}, 201, headers={"location": "/here"}, cookies={"sid": "S"})
    assert judge_reply(step(http="GET", url="{base}/", keep=keep), answer).kept == {
        "token": "T", "status": 201, "sid": "S", "place": "/here",
    }  # fmt: skip


def test_rows_of_lists_and_objects() -> None:
    listed = step(http="GET", url="{base}/", list="rows", keep={"user": "name"}, where={"kind": "user"})
    body = {"rows": [{"name": "a", "kind": "user"}, {"name": "b", "kind": "robot"}, 5]}
    assert judge_reply(listed, reply(body)).rows == [{"user": "a"}]
    whole = step(http="GET", url="{base}/", list="", keep={"user": "$key", "open": "open"})
    assert judge_reply(whole, reply({"u": {"open": True}})).rows == [{"user": "u", "open": True}]
    assert judge_reply(whole, reply([{"open": 1}])).rows == [{"open": 1}]
    assert judge_reply(whole, reply("text")).rows == []


def test_rows_of_a_file() -> None:
    logs = step(file="x.log", lines=r"(?P<at>\d+) noisy (?P<tenant>\S+)", keep={"tenant": "tenant", "detail": "$line"})
    assert judge_reply(logs, Reply(0, "1 noisy a\n2 quiet b\n3 noisy c")).rows == [
        {"tenant": "a", "detail": "1 noisy a"}, {"tenant": "c", "detail": "3 noisy c"},
    ]  # fmt: skip


def test_rows_of_prometheus() -> None:
    text = (
        '# HELP x y\ncpu{tenant="a",core="0"} 1.5\ncpu{tenant="a",core="1"} 2 1700000000\n'
        'cpu{core="1"} 7\nmem{tenant="a"} 5e6\nmem{tenant="b\\"c"} NaN\nmem{tenant="b\\"c"} 1\nrubbish\nmem{tenant= 5\n'
    )
    usage = step(
        prometheus="{base}/metrics",
        by=["tenant"],
        keep={"tenant": "tenant", "cpu_seconds": "cpu", "memory_bytes": "mem"},
    )
    assert judge_reply(usage, Reply(200, text)).rows == [
        {"tenant": "a", "cpu_seconds": 3.5, "memory_bytes": 5e6}, {"tenant": 'b"c', "memory_bytes": 1.0},
    ]  # fmt: skip
