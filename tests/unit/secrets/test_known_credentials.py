"""Credentials are found whole, cut and encoded, and accuse only who must not see them."""

from __future__ import annotations

import base64

import pytest

from isolation.record.secrets.credentials import THE_PLATFORM, Credential, CredentialKind
from isolation.record.secrets.known_texts import KnownTexts
from isolation.scenarios.secrets.known_credentials import KnownCredentials, Person, credentials_of_platform

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0.q8Zt0mLr2yBv5nXw7cKd9fHj1sPa3gEo6uIi4tRbWxY"
PASSWORD = "Vb3kLq8ZsWn5Tx1RyMd7Jf2Hc9g"
ANN, BOB = Person("tenant-01", "run-u001"), Person("tenant-02", "run-u002")
OF_ANN = Credential(CredentialKind.USER, "token of ann", ANN.tenant, ANN.user, TOKEN)
OF_ACME = Credential(CredentialKind.STORE, "password", ANN.tenant, "", PASSWORD)
KEY = Credential(CredentialKind.PLATFORM, "key", THE_PLATFORM, "", "k" * 8 + PASSWORD)


@pytest.mark.parametrize("before", range(9))
@pytest.mark.parametrize(
    "write",
    [
        lambda text: text,
        lambda text: text.hex().encode(),
        lambda text: text.hex().upper().encode(),
        base64.b64encode,
        lambda text: base64.urlsafe_b64encode(b"user:" + text),
        lambda text: text[-20:],
    ],
)
def test_each_form_is_found_at_every_place(before: int, write) -> None:  # type: ignore[no-untyped-def]
    known = KnownTexts([PASSWORD, TOKEN, "shortpass1"])
    for number, text in enumerate((PASSWORD, TOKEN)):
        found = {hit.number for hit in known.find(b"#" * before + write(text.encode()) + b" more text")}
        assert found == {number}


def test_the_header_of_a_token_is_no_secret() -> None:
    assert not list(KnownTexts([TOKEN]).find(TOKEN.rpartition(".")[0].encode() + b" and more"))


def test_a_text_is_found_across_blocks() -> None:
    known = KnownTexts([PASSWORD])
    for begin in range((1 << 18) - 30, (1 << 18) + 3):
        ends = {hit.end for hit in known.find(b"\0" * begin + PASSWORD.encode() + b"\0" * 9)}
        assert ends == {begin + 16, begin + len(PASSWORD)}


def test_whoever_is_not_its_owner_is_a_stranger() -> None:
    known = KnownCredentials([OF_ANN, OF_ACME, KEY])
    assert known.strangers(OF_ANN, [ANN]) == []
    assert known.strangers(OF_ANN, [BOB]) == [BOB]
    assert known.strangers(OF_ANN, []) == [Person("")]
    assert known.strangers(OF_ACME, [ANN]) == [ANN]
    assert known.strangers(KEY, [ANN]) == [ANN]


def test_an_agent_may_hold_its_tenants_password_and_a_store_its_own_table() -> None:
    processes = KnownCredentials([OF_ACME], processes=True)
    assert processes.strangers(OF_ACME, [ANN]) == []
    assert processes.strangers(OF_ACME, [BOB]) == [BOB]
    assert KnownCredentials([OF_ANN], at_rest=True).strangers(OF_ANN, []) == []
    assert KnownCredentials([OF_ANN], at_rest=True).strangers(OF_ANN, [BOB]) == [BOB]


def test_of_an_address_only_the_password_is_secret() -> None:
    secrets = {"database": "postgresql://boss:p%40ssword-of-boss@127.0.0.1/x", "log_folder": "/tmp/logs", "none": ""}
    assert [one.text for one in credentials_of_platform(secrets)] == ["p@ssword-of-boss"]
