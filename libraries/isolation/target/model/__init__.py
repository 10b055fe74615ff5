"""What stands in a target file, as plain data: one model for each section."""

from __future__ import annotations

from isolation.target.model.messages import (
    AnswerMode,
    Complete,
    Correlation,
    EmitRequest,
    FrameRequest,
    FrameRule,
    HttpRequest,
    Poll,
    RequestTemplate,
)
from isolation.target.model.session import Beat, Connect, Credential, Events, Session, Tenants
from isolation.target.model.steps import (
    CommandStep,
    FileStep,
    HttpStep,
    JwtRecipe,
    JwtStep,
    PrometheusStep,
    Step,
    WebSocketStep,
)
from isolation.target.model.surroundings import (
    Launch,
    Limits,
    LogFolder,
    Processes,
    Ready,
    Store,
    Stores,
    TargetWords,
)
from isolation.target.model.target import Target
from isolation.target.model.terms import JsonObject, Matcher, When
from isolation.target.model.things import FromOpenApi, Thing

__all__ = [
    "AnswerMode",
    "Beat",
    "CommandStep",
    "Complete",
    "Connect",
    "Correlation",
    "Credential",
    "EmitRequest",
    "Events",
    "FileStep",
    "FrameRequest",
    "FrameRule",
    "FromOpenApi",
    "HttpRequest",
    "HttpStep",
    "JsonObject",
    "JwtRecipe",
    "JwtStep",
    "Launch",
    "Limits",
    "LogFolder",
    "Matcher",
    "Poll",
    "Processes",
    "PrometheusStep",
    "Ready",
    "RequestTemplate",
    "Session",
    "Step",
    "Store",
    "Stores",
    "Target",
    "TargetWords",
    "Tenants",
    "Thing",
    "WebSocketStep",
    "When",
]
