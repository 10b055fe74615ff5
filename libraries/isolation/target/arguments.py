"""What each request and each operation of the operator can be given: the words that its placeholders may name."""

from __future__ import annotations

from collections.abc import Mapping

from isolation.target.words import OperatorOperation, OperatorWord, RequestKind

IDENTITY = frozenset({"tenant", "user", "role"})
"""Words of every user; ``role`` only where the file has roles."""
EVERY_REQUEST = frozenset({"id", "now", "nonce", "of", "as_role"})
"""The request's own id, the time, a nonce, another user whose things are addressed, a role that is only asserted."""
ARGUMENTS: Mapping[RequestKind, frozenset[str]] = {
    kind: frozenset(names.split())
    for kind, names in {
        RequestKind.TYPICAL: "milliseconds",
        RequestKind.CPU: "milliseconds",
        RequestKind.HEAVY: "milliseconds megabytes",
        RequestKind.DISK: "megabytes",
        RequestKind.MEMORY: "megabytes seconds",
        RequestKind.ENDLESS_LOOP: "seconds",
        RequestKind.MEMORY_PRESSURE: "megabytes seconds",
        RequestKind.IO_LOAD: "seconds",
        RequestKind.MESSAGE_FLOOD: "seconds bytes",
        RequestKind.MEMORY_LEAK: "megabytes_per_minute seconds",
        RequestKind.HANDLE_LEAK: "count",
        RequestKind.CONNECTION_LEAK: "count",
        RequestKind.WARM_UP: "megabytes seconds",
        RequestKind.BOUNDED_CACHE: "megabytes seconds",
        RequestKind.SAW_TOOTH: "megabytes seconds period_seconds",
        RequestKind.DATABASE: "rows repeat",
        RequestKind.MESSAGES: "count bytes",
        RequestKind.NOOP: "thread",
        RequestKind.REPORT: "text thread",
        RequestKind.ASK: "question",
        RequestKind.REMEMBER: "text agent",
        RequestKind.RECALL: "agent",
        RequestKind.EXECUTE: "work agent thread",
        RequestKind.CANCEL: "target",
        RequestKind.HISTORY: "thread",
        RequestKind.AGENT_CREATE: "agent_type thread",
        RequestKind.AGENT_GET: "agent thread",
        RequestKind.AGENT_LIST: "thread",
        RequestKind.AGENT_STOP: "agent",
        RequestKind.AGENT_RESET: "agent",
        RequestKind.AGENT_REMOVE: "agent",
        RequestKind.STATE_PUT: "scope key value",
        RequestKind.STATE_GET: "scope key",
        RequestKind.STATE_LIST: "scope prefix",
        RequestKind.STATE_DELETE: "scope key",
        RequestKind.HISTORY_APPEND: "thread entry",
        RequestKind.HISTORY_READ: "thread limit",
        RequestKind.SUBSCRIBE: "topic",
        RequestKind.UNSUBSCRIBE: "topic",
        RequestKind.SESSION_RESUME: "session sequence",
        RequestKind.ORCHESTRATE: "text thread",
    }.items()
}
"""Arguments of the suite's own requests; one that is not here has none."""
OPERATION_ARGUMENTS: Mapping[OperatorOperation, frozenset[str]] = {
    OperatorOperation.ALERTS: frozenset({"after"}),
    OperatorOperation.AUDIT: frozenset({"after"}),
    OperatorOperation.QUOTA: frozenset({"tenant", "user", "cpu_percent", "memory_bytes"}),
    OperatorOperation.RESIDUE: frozenset({"tenant", "user"}),
    OperatorOperation.REMOVE: frozenset({"tenant", "user"}),
    OperatorOperation.CREDENTIALS: frozenset({"tenant", "user"}),
    OperatorOperation.ANNOUNCE: frozenset({"text"}),
    OperatorOperation.RESTART_AGENT: frozenset({"agent", "user", "tenant"}),
    OperatorOperation.FOOTPRINT: frozenset({"tenant", "user"}),
    OperatorOperation.REVOKE_ROLE: frozenset({"tenant", "user", "role"}),
    OperatorOperation.GRANT_ROLE: frozenset({"tenant", "user", "role"}),
    OperatorOperation.REMOVE_USER: frozenset({"tenant", "user"}),
    OperatorOperation.SUSPEND_TENANT: frozenset({"tenant"}),
    OperatorOperation.REINSTATE_TENANT: frozenset({"tenant"}),
    OperatorOperation.REVOKE_TOKEN: frozenset({"tenant", "user", "token", "token_id"}),
    OperatorOperation.LOG_OUT: frozenset({"tenant", "user", "session"}),
}
OPERATION_NEEDS: Mapping[OperatorOperation, tuple[frozenset[str], ...]] = {
    OperatorOperation.QUOTA: (frozenset({"tenant", "user"}), frozenset({"cpu_percent", "memory_bytes"})),
    OperatorOperation.RESIDUE: (frozenset({"tenant", "user"}),),
    OperatorOperation.REMOVE: (frozenset({"tenant", "user"}),),
    OperatorOperation.CREDENTIALS: (frozenset({"tenant", "user"}),),
    OperatorOperation.ANNOUNCE: (frozenset({"text"}),),
    OperatorOperation.RESTART_AGENT: (frozenset({"agent"}),),
    OperatorOperation.FOOTPRINT: (frozenset({"tenant", "user"}),),
    OperatorOperation.REVOKE_ROLE: (frozenset({"user"}),),
    OperatorOperation.GRANT_ROLE: (frozenset({"user"}),),
    OperatorOperation.REMOVE_USER: (frozenset({"user"}),),
    OperatorOperation.SUSPEND_TENANT: (frozenset({"tenant"}),),
    OperatorOperation.REINSTATE_TENANT: (frozenset({"tenant"}),),
    OperatorOperation.REVOKE_TOKEN: (frozenset({"token", "token_id"}),),
    OperatorOperation.LOG_OUT: (frozenset({"session"}),),
}
"""Placeholders without which an operation would not say what it is about: one of each group."""
ROWS: Mapping[OperatorOperation, tuple[frozenset[str], ...]] = {
    OperatorOperation.USAGE: (frozenset({OperatorWord.TENANT, OperatorWord.USER}),),
    OperatorOperation.COUNTERS: (frozenset({OperatorWord.TENANT, OperatorWord.USER}),),
    OperatorOperation.ALERTS: (
        frozenset({OperatorWord.KIND}),
        frozenset({OperatorWord.TENANT, OperatorWord.USER, OperatorWord.AGENT}),
    ),
    OperatorOperation.AUDIT: (frozenset({OperatorWord.KIND}),),
    OperatorOperation.SESSIONS: (frozenset({OperatorWord.TENANT, OperatorWord.USER}),),
    OperatorOperation.AGENTS: (frozenset({OperatorWord.TENANT, OperatorWord.USER}),),
}
"""Operations whose answer has rows, and the words that each row must have: one of each group."""
