"""Requests out of an OpenAPI document (3.x): every operation that takes the id of a thing is a way to reach it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from isolation.target.model import FromOpenApi, HttpRequest
from isolation.target.placeholders import PLACEHOLDER

_METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
_CHANGING = ("POST", "PUT", "PATCH", "DELETE")
_DEEPEST = 12
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class OpenApiRequest:
    """One operation that takes the id.

    Attributes:
        name: Method and path as the document writes them.
        request: The call; ``{word}`` of the thing stands where the id belongs.
        changes: Whether it may change something.
    """

    name: str
    request: HttpRequest
    changes: bool


@dataclass(frozen=True, slots=True)
class OpenApiReading:
    """What a document gives: requests, and the operations that could not be made into one, with the reason."""

    requests: tuple[OpenApiRequest, ...]
    skipped: tuple[str, ...]


def read_openapi(
    document: object, source: FromOpenApi, word: str, base: str, headers: Mapping[str, str]
) -> OpenApiReading:
    """Every operation that takes the id of a thing, in path, query or body.

    Args:
        document: The document, as JSON.
        source: Says how the document calls the id.
        word: The word that holds the id.
        base: Address before the paths of the document.
        headers: Headers of every request, with placeholders.

    Returns:
        Requests and what was passed over; a document of another form gives nothing.
    """
    found: list[OpenApiRequest] = []
    skipped: list[str] = []
    root = document if isinstance(document, dict) else {}
    for path, method, operation in _operations(root):
        name = f"{method.upper()} {path}"
        if len(path) > _LONGEST or not path.startswith("/"):
            continue
        parameters = [one for one in (_resolved(root, entry) for entry in operation["parameters"]) if "name" in one]
        body = _body(root, operation)
        takes = any(one["name"] == source.parameter for one in parameters) or source.parameter in _names(body)
        if not takes:
            continue
        others = [p for p in _in_path(path) if p != source.parameter]
        if others:
            skipped.append(f"{name} also takes {', '.join(others)}, which nothing fills")
            continue
        query = {
            str(one["name"]): f"{{{word}}}"
            if one["name"] == source.parameter
            else _example(root, one.get("schema"), "", "")
            for one in parameters
            if one.get("in") == "query" and (one.get("required") or one["name"] == source.parameter)
        }
        request = HttpRequest(
            http=method.upper(),  # type: ignore[arg-type]  # one of the methods above
            url=base.rstrip("/") + path.replace(f"{{{source.parameter}}}", f"{{{word}}}"),
            headers=dict(headers),
            query=query,
            json=_example(root, body, source.parameter, word) if body is not None else None,
        )
        found.append(OpenApiRequest(name, request, method.upper() in _CHANGING))
    return OpenApiReading(tuple(found), tuple(skipped))


def _operations(root: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    paths = root.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        item = _resolved(root, item)
        for method in _METHODS:
            operation = item.get(method)
            if isinstance(operation, dict):
                shared, own = item.get("parameters"), operation.get("parameters")
                parameters = [*(shared if isinstance(shared, list) else ()), *(own if isinstance(own, list) else ())]
                yield str(path), method, {**operation, "parameters": parameters}


def _resolved(root: dict[str, Any], value: object) -> dict[str, Any]:
    """An object, with references inside of the document followed."""
    for _ in range(_DEEPEST):
        if not isinstance(value, dict):
            return {}
        reference = value.get("$ref")
        if not isinstance(reference, str):
            return value
        value = root
        for key in reference.removeprefix("#/").split("/"):
            value = value.get(key.replace("~1", "/").replace("~0", "~")) if isinstance(value, dict) else None
    return {}


def _body(root: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any] | None:
    content = _resolved(root, operation.get("requestBody")).get("content")
    entry = content.get("application/json") if isinstance(content, dict) else None
    return _resolved(root, entry.get("schema")) if isinstance(entry, dict) else None


def _names(schema: dict[str, Any] | None) -> set[str]:
    properties = (schema or {}).get("properties")
    return set(properties) if isinstance(properties, dict) else set()


def _in_path(path: str) -> list[str]:
    return [match.group(2) or match.group(1) for match in PLACEHOLDER.finditer(path)]


def _example(root: dict[str, Any], schema: object, parameter: str, word: str, depth: int = 0) -> Any:
    """The smallest value that a schema takes, with the id where it belongs."""
    given = _resolved(root, schema)
    if depth > _DEEPEST:
        return None
    for key in ("const", "default"):
        if key in given:
            return given[key]
    options = given.get("enum") or given.get("anyOf") or given.get("oneOf") or given.get("allOf")
    if isinstance(options, list) and options:
        return options[0] if "enum" in given else _example(root, options[0], parameter, word, depth + 1)
    kind = given.get("type")
    if kind == "object" or "properties" in given:
        properties, required = given.get("properties"), given.get("required")
        named = properties if isinstance(properties, dict) else {}
        wanted = [*(required if isinstance(required, list) else ()), *([parameter] if parameter in named else ())]
        return {
            name: f"{{{word}}}" if name == parameter else _example(root, named.get(name), parameter, word, depth + 1)
            for name in dict.fromkeys(str(one) for one in wanted)
        }
    return {"string": "x", "integer": 1, "number": 1, "boolean": False, "array": []}.get(str(kind))
