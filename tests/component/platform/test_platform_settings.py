"""Settings are checked on load, and arrive in the gateway as they were set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reference_platform.command_line import main
from reference_platform.governor.settings import EnforcementChoice
from reference_platform.handover import Handover, Ready
from reference_platform.services import ServiceAddresses
from reference_platform.settings import PlatformSettings, SettingsError, load_settings


def test_assignments_win_over_the_file_and_options_over_both(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"message_rate": 10, "message_burst": 20, "port": 1, "governor": {"box_percent": 5}}))
    settings = load_settings(file, ["message_rate=30", "port=2", "governor.cpu_quota_percent=25"], port=3)
    assert (settings.message_rate, settings.message_burst, settings.port) == (30, 20, 3)
    assert (settings.governor.box_percent, settings.governor.cpu_quota_percent) == (5, 25)


@pytest.mark.parametrize(
    ("assignment", "named"),
    [
        ("message_rate=0", "message_rate"),
        ("message_rate=nan", "message_rate"),
        ("resume_seconds=-1", "resume_seconds"),
        ("port=65536", "port"),
        ("connection_limit=1.5", "connection_limit"),
        ("clickhouse=perhaps", "clickhouse"),
        ("folder=/tmp", "folder"),
        ("colour=blue", "colour"),
        ("governor.colour=blue", "governor.colour"),
        ("governor.noisy_share=1.5", "noisy_share"),
        ("governor.enforcement=magic", "enforcement"),
        ("governor=3", "governor"),
        ("nonsense", "NAME=VALUE"),
    ],
)
def test_an_impossible_setting_is_refused_by_name_in_one_sentence(assignment: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named) as refused:
        load_settings(None, [assignment])
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", ["[]", "{", '{"message_rate": "quick"}'])
def test_an_impossible_settings_file_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "settings.json"
    file.write_text(content)
    with pytest.raises(SettingsError):
        load_settings(file, [])


def test_the_handover_arrives_as_it_was_sent_and_hides_its_secrets() -> None:
    addresses = ServiceAddresses("127.0.0.1", 1, "test", "admin", "secret-1", "127.0.0.1", 2, "admin", "secret-2")
    settings = load_settings(None, ["governor.enforcement=signals", "port=7"])
    handover = Handover(settings, addresses, "secret-3", "secret-4", Path("/logs"), {"supervisor": 1})
    line = handover.to_secret_line()
    assert "\n" not in line
    assert Handover.from_secret_line(line) == handover
    assert handover.settings.governor.enforcement is EnforcementChoice.SIGNALS
    assert "secret" not in repr(handover)


def test_the_ready_line_arrives_and_nothing_else_is_taken_for_it() -> None:
    ready = Ready(1, 2, "by signals")
    assert Ready.from_line(ready.to_line()) == ready
    for line in ("", "hello", "{}", "[]"):
        with pytest.raises((ValueError, TypeError)):
            Ready.from_line(line)


def test_help_names_every_setting_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    for name in PlatformSettings.model_fields.keys() - {"folder", "governor"}:
        assert f"  {name}=" in text
    assert "  governor.cpu_quota_percent=50.0" in text


def test_defects_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-defects"]) == 0
    assert "Traceback" not in capsys.readouterr().out


def test_a_missing_package_of_the_gateway_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("reference_platform.command_line.find_spec", lambda name: None if name == "jwt" else object())
    assert main([]) == 2
    assert "PyJWT" in capsys.readouterr().err
