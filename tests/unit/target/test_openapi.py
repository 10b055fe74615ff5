"""Requests out of OpenAPI documents: every operation that takes the id, and nothing breaks on a strange document."""

from __future__ import annotations

import copy
import random
from typing import Any

from isolation.target.interpreter.openapi import read_openapi
from isolation.target.model import FromOpenApi

SOURCE = FromOpenApi(url="{base}/openapi.json", parameter="thread_id")
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/threads": {"post": {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}},
        "/threads/{thread_id}": {
            "parameters": [{"$ref": "#/components/parameters/Thread"}],
            "get": {}, "delete": {},
            "patch": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Patch"}}}}},
        },
        "/threads/{thread_id}/runs/{run_id}": {"get": {"parameters": [{"$ref": "#/components/parameters/Thread"}]}},
        "/search": {"get": {"parameters": [
            {"name": "thread_id", "in": "query"}, {"name": "limit", "in": "query", "required": True, "schema": {"type": "integer"}},
            {"name": "offset", "in": "query", "schema": {"type": "integer"}}]}},
        "/move": {"post": {"requestBody": {"content": {"application/json": {"schema": {
            "type": "object", "required": ["to"], "properties": {"thread_id": {"type": "string"}, "to": {"enum": ["a", "b"]}}}}}}}},
    },
    "components": {
        "parameters": {"Thread": {"name": "thread_id", "in": "path", "required": True}},
        "schemas": {"Patch": {"type": "object", "required": ["title", "deep"], "properties": {
            "title": {"type": "string"}, "deep": {"$ref": "#/components/schemas/Patch"}, "free": {"type": "string"}}}},
    },
}  # fmt: skip


def test_every_operation_that_takes_the_id() -> None:
    reading = read_openapi(DOCUMENT, SOURCE, "thread", "{base}", {"Authorization": "Bearer {token}"})
    by_name = {one.name: one for one in reading.requests}
    assert set(by_name) == {
        "GET /threads/{thread_id}", "DELETE /threads/{thread_id}", "PATCH /threads/{thread_id}", "GET /search", "POST /move",
    }  # fmt: skip
    assert by_name["GET /threads/{thread_id}"].request.url == "{base}/threads/{thread}"
    assert by_name["GET /threads/{thread_id}"].request.headers == {"Authorization": "Bearer {token}"}
    assert not by_name["GET /threads/{thread_id}"].changes
    assert by_name["DELETE /threads/{thread_id}"].changes
    assert by_name["GET /search"].request.query == {"thread_id": "{thread}", "limit": 1}
    assert by_name["POST /move"].request.json_body == {"to": "a", "thread_id": "{thread}"}
    assert reading.skipped == ("GET /threads/{thread_id}/runs/{run_id} also takes run_id, which nothing fills",)


def test_a_schema_that_contains_itself_ends() -> None:
    patch = read_openapi(DOCUMENT, SOURCE, "thread", "{base}", {}).requests[1:3]
    assert any(isinstance(one.request.json_body, dict) and one.request.json_body["title"] == "x" for one in patch)


def test_a_damaged_document_gives_less_and_never_breaks() -> None:
    rng = random.Random(11)
    strange: list[Any] = [None, 5, "x", [], {}, [None], {"$ref": "#/paths"}, {"$ref": 5}, {"$ref": "#/nowhere"}]
    for _ in range(3_000):
        damaged = copy.deepcopy(DOCUMENT)
        place: Any = damaged
        for _ in range(rng.randint(1, 6)):
            keys = (
                list(place) if isinstance(place, dict) else list(range(len(place))) if isinstance(place, list) else []
            )
            if not keys:
                break
            key = rng.choice(keys)
            if rng.random() < 0.3 or not isinstance(place[key], (dict, list)):
                place[key] = rng.choice(strange)
                break
            place = place[key]
        read_openapi(damaged, SOURCE, "thread", "{base}", {})
    for document in strange:
        assert read_openapi(document, SOURCE, "thread", "{base}", {}).requests == ()
