"""The everyday adapter and the token mint: from the target file's words to frames and back."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest

from isolation.drive.platform.tenants import TokenMint, new_run_id
from isolation.target.adapter import FrameKind, JsonAdapter, UnknownRequest
from isolation.target.target import Target

SECRET = "a secret of these tests, long enough to be one"
TARGET: dict[str, Any] = {
    "name": "made up",
    "doors": {"tenant_door": "ws://127.0.0.1:1"},
    "token": {
        "algorithm": "HS256",
        "secret": "s",
        "lifetime": "5 min",
        "claims": {"iss": "me", "org": "{tenant}", "sub": "{user}"},
    },
    "handshake": {"header": "X-Token", "value": "Token {token}"},
    "frames": {
        "kind": "type",
        "correlation": "ref",
        "accepted": ["working"],
        "answered": ["result", "stored"],
        "refused": ["problem"],
        "error_code": "why",
        "cancelled_code": "stopped",
        "result": "body",
        "agent": "who",
        "service_milliseconds": "ms",
        "welcome": "hello",
        "session": "sid",
    },
    "requests": {
        "work": {"op": "run", "job": {"kind": "cpu", "ms": "{milliseconds}", "text": "as it is"}, "agent": "{agent}"},
    },
    "capabilities": [],
}


@pytest.fixture
def adapter() -> JsonAdapter:
    return JsonAdapter(Target.model_validate(TARGET))


def test_the_token_travels_where_the_target_file_says(adapter: JsonAdapter) -> None:
    assert adapter.headers("abc") == {"X-Token": "Token abc"}


def test_arguments_are_filled_in_with_their_types_and_missing_ones_left_out(adapter: JsonAdapter) -> None:
    frame = json.loads(adapter.encode("work", "c-1", {"milliseconds": 2.5, "unused": 1}))
    assert frame == {"ref": "c-1", "op": "run", "job": {"kind": "cpu", "ms": 2.5, "text": "as it is"}}


def test_an_argument_that_looks_like_a_place_holder_is_not_filled_again(adapter: JsonAdapter) -> None:
    frame = json.loads(adapter.encode("work", "c-1", {"agent": "{milliseconds}", "milliseconds": 1}))
    assert frame["agent"] == "{milliseconds}"


def test_an_unknown_request_is_refused_with_the_known_ones(adapter: JsonAdapter) -> None:
    with pytest.raises(UnknownRequest, match="no request 'wrok'; it has work"):
        adapter.encode("wrok", "c-1", {})


@pytest.mark.parametrize(
    ("frame", "kind", "code"),
    [
        ({"type": "working"}, FrameKind.ACCEPTED, ""),
        ({"type": "result"}, FrameKind.ANSWERED, ""),
        ({"type": "stored", "why": "no error"}, FrameKind.ANSWERED, ""),
        ({"type": "problem", "why": "full"}, FrameKind.REFUSED, "full"),
        ({"type": "problem"}, FrameKind.REFUSED, ""),
        ({"type": "problem", "why": "stopped"}, FrameKind.CANCELLED, "stopped"),
        ({"type": "hello"}, FrameKind.WELCOME, ""),
        ({"type": "beat"}, FrameKind.OTHER, ""),
        ({}, FrameKind.OTHER, ""),
    ],
)
def test_a_frame_means_what_the_target_file_says(
    adapter: JsonAdapter, frame: dict[str, Any], kind: FrameKind, code: str
) -> None:
    read = adapter.read(json.dumps({**frame, "ref": "c-1"}))
    assert (read.kind, read.code, read.correlation_id) == (kind, code, "c-1")


def test_what_an_answer_carries_is_read(adapter: JsonAdapter) -> None:
    frame = {"type": "result", "ref": "c-1", "body": {"x": 1}, "who": "agent-7", "ms": 12.5, "sid": "s-1"}
    read = adapter.read(json.dumps(frame))
    assert (read.result, read.agent, read.service_seconds, read.session) == ({"x": 1}, "agent-7", 0.0125, "s-1")


@pytest.mark.parametrize(
    "text", ["", "{", b"\xff\xfe", "null", "3", '["result"]', "[" * 100_000, '{"type": ["result"]}']
)
def test_what_cannot_be_read_is_no_answer(adapter: JsonAdapter, text: str | bytes) -> None:
    assert adapter.read(text).kind is FrameKind.OTHER


def test_a_token_says_who_it_is_for_and_how_long() -> None:
    mint = TokenMint(Target.model_validate(TARGET).token, SECRET)
    claims = jwt.decode(mint.mint("t-1", "u-1"), SECRET, algorithms=["HS256"])
    assert (claims["iss"], claims["org"], claims["sub"]) == ("me", "t-1", "u-1")
    assert claims["exp"] - claims["iat"] == 300
    assert claims["nbf"] == claims["iat"]


def test_no_two_tokens_and_no_two_runs_are_the_same() -> None:
    mint = TokenMint(Target.model_validate(TARGET).token, SECRET)
    assert mint.mint("t-1", "u-1") != mint.mint("t-1", "u-1")
    assert new_run_id() != new_run_id()


def test_a_token_with_any_claims_can_be_signed() -> None:
    mint = TokenMint(Target.model_validate(TARGET).token, SECRET)
    token = mint.sign({"sub": "u-1"}, {"kid": "../key"})
    assert jwt.decode(token, SECRET, algorithms=["HS256"]) == {"sub": "u-1"}
    assert jwt.get_unverified_header(token)["kid"] == "../key"
