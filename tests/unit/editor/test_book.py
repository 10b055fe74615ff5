"""The phrase book: every sentence with what may stand in its places, and as a page."""

from __future__ import annotations

from scenario_editor.book import phrase_book
from scenario_editor.check import said_by
from scenario_editor.page import book_page, subjects
from scenario_editor.rehearsal import rehearse

SENTENCES = [sentence for chapter in phrase_book() for sentence in chapter.sentences]


def test_every_sentence_says_its_own_example_and_can_be_rehearsed() -> None:
    assert len(SENTENCES) > 100
    for sentence in SENTENCES:
        values = sentence.values(said_by(sentence))
        assert values is not None, f"{sentence.file}:{sentence.line}: the example is another sentence"
        rehearse(sentence, values)


def test_every_place_says_what_may_stand_there() -> None:
    untold = {(s.text, p.name) for s in SENTENCES for p in s.places if p.asks_for.startswith("words")}
    assert untold == {("Every tenant should get its fair share at ${share} of the machine", "share")}


def test_words_that_are_few_are_named() -> None:
    places = {place.name: place.words for sentence in SENTENCES for place in sentence.places if place.words}
    assert places["resource"] == ("CPU", "memory")
    assert "a restart of the platform" in places["occasion"]
    assert places["kind"] == ("memory", "file descriptor", "connection")


def test_a_claim_names_its_limits_and_what_it_stands_on() -> None:
    entries = {entry.text: entry for subject in subjects() for entry in (*subject.experiments, *subject.claims)}
    leak = entries["The [kind] leak of tenant [number] should be reported within [time]"]
    assert leak.limits == ("RI-3: leak named ≤ 60 s",)
    assert "Nine tenants leak, run away, or only look suspicious" in leak.stands_on
    assert any("leaks [leaked]" in text for text in leak.stands_on)
    assert leak.promises == ("RI-3",)


def test_the_page_stands_alone_and_holds_every_sentence() -> None:
    html = book_page()
    assert "<script" not in html
    assert "http" not in html.replace("http-equiv", "")
    for sentence in SENTENCES:
        assert sentence.file in html
    assert html.count("<pre>") == len(SENTENCES)
