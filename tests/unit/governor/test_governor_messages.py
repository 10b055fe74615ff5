"""Messages and settings survive the way and refuse nonsense."""

from __future__ import annotations

import pytest

from reference_platform.governor.messages import (
    AgentStarted,
    Alert,
    MessageError,
    OperationEnded,
    SetQuota,
    Shutdown,
    TenantUsage,
    Usage,
    decode,
    encode,
)
from reference_platform.governor.settings import EnforcementChoice, GovernorSettings


@pytest.mark.parametrize(
    "message",
    [
        AgentStarted("a", "acme", "u", 7, 99),
        OperationEnded("s1-1", finished=False),
        SetQuota("acme", None, 5),
        Shutdown(),
        Alert(1, 2.5, "runaway", "acme", "a", "cpu", {"seconds": 12.0}),
        Usage([TenantUsage("acme", 1.5, 2, 3.0, 4, 5, 6.5, 7, True)]),
    ],
)
def test_a_message_arrives_as_it_was_sent(message: Shutdown) -> None:
    line = encode(message)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    assert decode(line) == message


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[]", b"7", b'{"message": "Nonsense"}', b'{"message": "Shutdown", "x": 1}']
)
def test_nonsense_is_refused(line: bytes) -> None:
    with pytest.raises(MessageError):
        decode(line)


def test_settings_survive_json_and_keep_defaults() -> None:
    settings = GovernorSettings(cpu_quota_percent=25, enforcement=EnforcementChoice.SIGNALS)
    assert GovernorSettings.from_json(settings.to_json()) == settings
    assert GovernorSettings.from_json('{"hold_seconds": 3}').cpu_quota_percent == 50


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"hold_seconds": 0}', "hold_seconds"),
        ('{"box_percent": -1}', "box_percent"),
        ('{"noisy_seconds": "3"}', "noisy_seconds"),
        ('{"noisy_seconds": true}', "noisy_seconds"),
        ('{"noisy_share": 1.5}', "noisy_share"),
        ('{"enforcement": "magic"}', "magic"),
        ('{"colour": 1}', "colour"),
        ("[]", "one JSON object"),
    ],
)
def test_impossible_settings_are_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        GovernorSettings.from_json(text)
