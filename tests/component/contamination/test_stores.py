"""What users saved is read back from every store with its owner; nothing is changed by reading."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from component.contamination.stage import Stage
from isolation.drive.probe.callers import Caller
from isolation.drive.stores.store_clickhouse import NoClickHouse
from isolation.drive.stores.store_redis import TYPES, ChannelWatch, plant_controls, remove_controls
from isolation.drive.stores.stores import read_clickhouse, read_files, read_redis, read_rows
from isolation.drive.stores.traces import traces_of
from isolation.record.secrets.pieces import NotReadable, Piece


@pytest.fixture(scope="module", autouse=True)
def work(stage: Stage) -> None:
    """Ann saves and asks something."""

    async def save() -> None:
        caller = await Caller(stage.person("acme", "ann"), stage.access).open()
        await caller.ask("state_put", scope="profile", key="me", value={"company": "the company of ann"})
        await caller.ask("history_append", thread="main", entry="the history of ann")
        await caller.ask("ask", question="the question of ann")
        await caller.close()

    asyncio.run(save())


def pieces_with(found: list[Piece | NotReadable], text: str) -> list[Piece]:
    assert not [entry for entry in found if isinstance(entry, NotReadable)]
    return [entry for entry in found if isinstance(entry, Piece) and text.encode() in entry.data]


def test_rows_are_found_with_tenant_and_user_as_their_hint(stage: Stage) -> None:
    found = read_rows(stage.doors.secret("database"))
    (profile,) = pieces_with(found, "the company of ann")
    (entry,) = pieces_with(found, "the history of ann")
    assert profile.place == "PostgreSQL platform.profiles" and entry.place == "PostgreSQL platform.history"
    for piece in (profile, entry):
        assert "tenant_acme" in piece.owner_hint and "ann" in piece.owner_hint.split()
        assert "the" not in piece.owner_hint.split()


def test_values_are_found_under_their_keys(stage: Stage) -> None:
    (answer,) = pieces_with(list(read_redis(stage.doors.secret("cache"))), "the question of ann")
    assert answer.place == "Redis string" and answer.owner_hint.startswith("t:acme:")


def test_rows_roles_and_keys_of_a_run_are_traces_of_it(stage: Stage) -> None:
    stores = {"postgresql": stage.doors.secret("database"), "redis": stage.doors.secret("cache")}
    seen = traces_of("acme", stores)
    assert {"PostgreSQL platform.profiles", "role tenant_acme", "Redis string"} <= set(seen.found) and not seen.missed
    assert traces_of("nobody-of-that-name", stores).found == []
    broken = traces_of("acme", {"redis": "redis://127.0.0.1:1/0"})
    assert not broken.found and broken.missed == ["a store that cannot be read (ConnectionError)"]


def test_every_type_of_value_is_read_and_the_controls_are_removed(stage: Stage) -> None:
    address = stage.doors.secret("cache")
    keys = plant_controls(address, "control:1", "planted")
    planted = pieces_with(list(read_redis(address)), "planted")
    remove_controls(address, keys)
    assert {piece.place for piece in planted} == {f"Redis {kind}" for kind in TYPES}
    assert not pieces_with(list(read_redis(address)), "control:1")


def test_messages_on_channels_are_heard(stage: Stage) -> None:
    watch = ChannelWatch(stage.doors.secret("cache"))
    watch.publish("t:acme:news", "a message")
    time.sleep(0.3)
    assert [(piece.owner_hint, piece.data) for piece in watch.end()] == [("t:acme:news", b"t:acme:news\na message")]


def test_rows_of_the_embedded_analytics_store_are_read_from_a_copy(stage: Stage) -> None:
    pytest.importorskip("chdb")
    time.sleep(1.5)
    found = read_clickhouse(stage.doors.secret("analytics"), "planted")
    assert [piece.place for piece in pieces_with(found, "planted")] == ["ClickHouse control"]
    rows = pieces_with(found, "ann")
    assert rows and all("acme" in row.owner_hint.split() for row in rows)


def test_an_analytics_store_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    pytest.importorskip("chdb")
    with pytest.raises(NoClickHouse, match="is not there"):
        read_clickhouse(str(tmp_path / "nowhere"), "planted")


def test_log_files_are_read_line_by_line(stage: Stage) -> None:
    found = list(read_files(Path(stage.doors.secret("log_folder")), "log"))
    (log,) = [piece for piece in found if isinstance(piece, Piece) and piece.place == "log gateway.jsonl"]
    assert log.looks == max(1, log.data.count(b"\n"))


def test_a_folder_that_is_not_there_is_not_taken_for_empty(tmp_path: Path) -> None:
    (entry,) = read_files(tmp_path / "nowhere", "log")
    assert isinstance(entry, NotReadable)
