"""The JSON schema of target files, for editors: names and kinds of values are completed and explained while typing.

It says less than the reader does: sections that do not fit together are found by ``check``.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel

from isolation.target import model
from isolation.target.model.session import BadCredential
from isolation.target.model.surroundings import PidInLine

_STEPS = ("HttpStep", "CommandStep", "WebSocketStep", "FileStep", "PrometheusStep")
_YES_NO = {"enum": [True, False, "yes", "no"]}


def target_schema() -> dict[str, Any]:
    """The schema; equal for equal models."""
    schema: dict[str, Any] = model.Target.model_json_schema(by_alias=True)
    definitions = schema["$defs"]
    for described in _models():
        _describe(schema if described is model.Target else definitions.get(described.__name__, {}), described)
    definitions["OperatorStep"] = _any_step(definitions)
    schema["properties"]["operator"]["additionalProperties"] = {"$ref": "#/$defs/OperatorStep"}
    requests = schema["properties"]["requests"]
    requests["patternProperties"] = dict.fromkeys(requests["patternProperties"], _request())
    schema["properties"]["processes"]["anyOf"].append({"const": "none"})
    definitions["Session"]["properties"]["events"]["anyOf"].append({"const": "as connect"})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Target file of the tenant-isolation acceptance suite",
        **_without_titles(schema),
    }


def _models() -> list[type[BaseModel]]:
    named = [getattr(model, name) for name in model.__all__]
    return [one for one in (*named, BadCredential, PidInLine) if isinstance(one, type) and issubclass(one, BaseModel)]


def _describe(schema: dict[str, Any], described: type[BaseModel]) -> None:
    text = "\n".join(base.__doc__ or "" for base in described.__mro__ if issubclass(base, BaseModel))
    for name, field in described.model_fields.items():
        found = re.search(rf"^ +{name}: (.*)$", text, re.MULTILINE)
        entry = schema.get("properties", {}).get(field.alias or name)
        if found and entry is not None:
            entry["description"] = found.group(1).replace("``", "'")
    if schema:
        schema["description"] = (described.__doc__ or "").split("\n")[0].replace("``", "'")


def _any_step(definitions: dict[str, Any]) -> dict[str, Any]:
    """A step of which ``operator_base`` may hold a part: nothing is required."""
    properties: dict[str, Any] = {}
    for name in _STEPS:
        properties.update(definitions[name]["properties"])
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "description": "A step; what all of them share stands in 'operator_base'.",
    }


def _request() -> dict[str, Any]:
    """An object with ``http`` is a call, one with ``emit`` an event, everything else a message."""
    event = {"if": {"type": "object", "required": ["emit"]}, "then": {"$ref": "#/$defs/EmitRequest"}}
    return {
        "if": {"type": "object", "required": ["http"]},
        "then": {"$ref": "#/$defs/HttpRequest"},
        "else": event,
    }


def _without_titles(value: Any, is_map: bool = False) -> Any:
    """The same without the titles that say nothing new; truth is written yes or no as well."""
    if isinstance(value, list):
        return [_without_titles(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") == "boolean" and not is_map:
        value = {**{key: entry for key, entry in value.items() if key != "type"}, **_YES_NO}
    return {
        key: entry if key == "default" else _without_titles(entry, is_map=key in ("properties", "$defs"))
        for key, entry in value.items()
        if is_map or key != "title" or not isinstance(entry, str)
    }
