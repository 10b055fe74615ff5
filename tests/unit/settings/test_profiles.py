"""Profiles: all that exist can be used, and what is wrong in one is said in one sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from isolation.settings.errors import SettingsError
from isolation.settings.profile import Profile

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "profiles"
NAMES = sorted(file.stem for file in FOLDER.glob("*.yaml"))


@pytest.fixture
def profiles(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "profiles"))


def change(profiles: Path, old: str, new: str) -> Path:
    """Change one place in the quick profile."""
    file = profiles / "quick.yaml"
    text = file.read_text()
    assert text.count(old) == 1, f"'{old}' should be in the quick profile once"
    file.write_text(text.replace(old, new))
    return file


def complaint(profiles: Path, name: str = "quick") -> str:
    with pytest.raises(SettingsError) as caught:
        Profile.load(profiles, name)
    assert "\n" not in str(caught.value), "one sentence"
    assert caught.value.__context__ is None or caught.value.__suppress_context__, "without the parser's traceback"
    return str(caught.value)


def test_the_four_profiles_of_the_contract_are_there() -> None:
    assert {"quick", "nightly", "full", "soak"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_profile_can_be_used(name: str) -> None:
    profile = Profile.load(FOLDER, name)
    assert profile.name == name
    assert profile.startup.users >= 100 or name == "nightly"


def test_the_scales_of_the_contract_are_kept() -> None:
    full, nightly, soak, quick = (Profile.load(FOLDER, name) for name in ("full", "nightly", "soak", "quick"))
    assert full.stress.tenants >= 50
    assert full.startup.users >= 100
    assert full.recovery.agents >= 25
    assert nightly.steady.tenants >= 10
    assert soak.leaks.sustained >= 300
    assert full.sampling <= 1
    assert not quick.strict
    assert all(profile.strict for profile in (full, nightly, soak))


def test_quantities_arrive_in_base_units(profiles: Path) -> None:
    change(profiles, "block: 1500 ms", "block: 2 min")
    assert Profile.load(profiles, "quick").campaign.block == 120


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    sentence = complaint(FOLDER, "qiuck")
    assert "no profile 'qiuck'" in sentence
    assert all(name in sentence for name in NAMES)


@pytest.mark.parametrize("name", ["../quick", "quick.yaml", ""])
def test_a_name_that_is_no_profile_is_refused(name: str) -> None:
    assert "there is no profile" in complaint(FOLDER, name)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("block: 1500 ms", "block: 1500", ["campaign.block", "1500", "with a unit", "'30 s'"]),
        ("block: 1500 ms", "block: 1500 parsecs", ["campaign.block", "1500 parsecs", "ms", "'30 s'"]),
        ("block: 1500 ms", "block: 0 s", ["campaign.block", "0 s", "greater than 0"]),
        ("block: 1500 ms", "block: 48 h", ["campaign.block", "48 h", "86400"]),
        ("block: 1500 ms", "block: -1 s", ["campaign.block", "-1 s", "negative"]),
        ("block: 1500 ms", "block: '1,5 s'", ["campaign.block", "1,5", "not a number"]),
        ("block: 1500 ms", "blok: 1500 ms", ["campaign.block", "is missing"]),
        ("block: 1500 ms", "block: 1500 ms\n  bolck: 1 s", ["campaign.bolck", "not a known setting", "block, slices"]),
        ("controls: 5 blocks", "controls: 10", ["campaign.controls", "10", "'10 tenants'"]),
        ("controls: 5 blocks", "controls: 2.5 blocks", ["campaign.controls", "2.5", "whole number"]),
        ("controls: 5 blocks", "controls: true", ["campaign.controls", "True"]),
        ("controls: 5 blocks", "controls: [10]", ["campaign.controls"]),
        ("pairs: 7 pairs", "pairs: 7", ["campaign.pairs", "7", "'10 tenants'"]),
        ("stolen: 2 %", "stolen: 2 s", ["campaign.stolen", "2 s", "'50 %'"]),
        ("cpu: 50 %", "cpu: 50 MB", ["quota.cpu", "50 MB", "'50 %'"]),
        ("memory: 256 MB", "memory: 256 %", ["quota.memory", "256 %", "'256 MB'"]),
        ("rate: 5 requests/s", "rate: 5", ["steady.rate", "5", "'5 requests/s'"]),
        ("strict: false", "strict: perhaps", ["strict", "perhaps", "boolean"]),
        ("name: quick", "name: quack", ["name", "quack", "'quick'"]),
        ("name: quick", "name: quick\ncolour: red", ["colour", "not a known setting", "sampling"]),
        ("campaign:", "campagne:", ["campaign", "is missing"]),
    ],
)
def test_what_is_wrong_is_named_with_file_place_value_and_what_would_be_right(
    profiles: Path, old: str, new: str, words: list[str]
) -> None:
    file = change(profiles, old, new)
    sentence = complaint(profiles)
    assert str(file) in sentence
    for word in words:
        assert word in sentence


def test_a_file_that_is_no_yaml_is_named_with_the_line(profiles: Path) -> None:
    (profiles / "quick.yaml").write_text("name: quick\n  purpose: [\n")
    assert "quick.yaml (line 2)" in complaint(profiles)


def test_an_empty_file_is_refused(profiles: Path) -> None:
    (profiles / "quick.yaml").write_text("")
    assert "quick.yaml" in complaint(profiles)
