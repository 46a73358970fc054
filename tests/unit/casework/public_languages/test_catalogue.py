"""Texts of the public pages: complete, reviewed where a mistake is dangerous, and easy to read."""

from __future__ import annotations

import re
import shlex
from datetime import date
from pathlib import Path

import pytest
from scripts import public_texts

from tests.support.tree import ROOT
from tutela.casework.public_languages import catalogue, checks, names, reviews
from tutela.casework.public_languages.catalogue import Language, Translation
from tutela.victims.public.voices import journey, lessons

# The official languages of the Union (Regulation No 1/1958, Article 1), Ukrainian and Arabic.
OFFICIAL = (
    *("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr"),
    *("hu", "it", "lt", "lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv"),
)
# Fiction for adults begins at 40. Finnish has few and long words, which the formula counts as difficult.
EASY, EASY_FINNISH = 35, 45


def test_languages_are_those_of_the_union_ukrainian_and_arabic() -> None:
    assert sorted([*OFFICIAL, "uk", "ar"]) == list(catalogue.CODES)
    assert [one.code for one in catalogue.languages() if one.direction == "rtl"] == ["ar"]


@pytest.mark.parametrize("code", catalogue.CODES)
def test_a_language_is_complete_and_keeps_the_glossary(code: str) -> None:
    assert checks.problems(code) == []
    assert len(names.countries(code)) == 27


@pytest.mark.parametrize("code", [one.code for one in catalogue.languages() if one.direction == "rtl"])
def test_a_number_reads_the_same_from_right_to_left(code: str) -> None:
    """An ordinary space between digits lets a browser show "116 111" as "111 116"; a no-break space does not."""
    texts = {key: one.text for key, one in catalogue.language(code).texts.items()}
    assert [key for key, text in texts.items() if re.search(r"\d[ \u202f]\d", text)] == []


@pytest.mark.parametrize("code", checks.MEASURED)
def test_sentences_are_easy_to_read(code: str) -> None:
    assert checks.reading_level(code) < (EASY_FINNISH if code == "fi" else EASY)


def test_formula_gives_the_level_of_a_known_text() -> None:
    assert checks.lix(["One two three four.", "Another sentence is here."]) == pytest.approx(4 + 100 * 2 / 8)


def test_every_sentence_of_a_page_is_in_the_catalogue_and_every_critical_key_exists() -> None:
    texts = catalogue.language(catalogue.SOURCE).texts
    assert catalogue.language(catalogue.SOURCE).critical <= set(texts)
    for page in (journey.pages() | lessons.pages()).values():
        shown = {page.heading, *page.sentences, *page.listed, *page.after, *(one.text for one in page.choices)}
        shown |= {key for one in page.sections for key in (one.heading, *one.sentences)}
        assert shown <= set(texts)


def test_a_changed_source_sentence_makes_its_translation_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    source, german = catalogue.language("en"), catalogue.language("de")
    changed = Language("en", "English", "ltr", {**source.texts, "yes": Translation(catalogue.digest("Yes!"), "Yes!")})
    monkeypatch.setattr(catalogue, "language", {"en": changed, "de": german}.__getitem__)
    assert catalogue.stale("de") == ["yes"]
    assert catalogue.say("de", "yes", drafts=True).text == "Yes!"
    assert catalogue.say("de", "no", drafts=True).text == "Nein"


def test_a_review_counts_for_one_pair_of_sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "reviews.toml"
    monkeypatch.setattr(reviews, "FILE", file)
    assert public_texts.main(["review", "de", "Ida Example", "social worker", "2026-11-30", "danger_place"]) == 0
    (found,) = reviews.recorded(file)
    assert (found.reviewer, found.profession, found.day) == ("Ida Example", "social worker", date(2026, 11, 30))
    monkeypatch.setattr(reviews, "recorded", lambda: frozenset({found}))
    shown = catalogue.say("de", "danger_place", drafts=False)
    assert (shown.language, shown.draft) == ("de", False)
    assert catalogue.say("de", "danger_call", drafts=False).language == "en"
    assert catalogue.say("fr", "danger_place", drafts=False).language == "en"
    assert not reviews.reviewed("de", "danger_place", found.source, catalogue.digest("Another sentence."))


def test_commands_of_the_guide_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews, "FILE", tmp_path / "reviews.toml")
    lines = (ROOT / "docs" / "howto" / "public-help.md").read_text().splitlines()
    commands = [shlex.split(one)[2:] for one in lines if "python scripts/public_texts.py " in one]
    assert [one[0] for one in commands] == ["digest", "check", "level", "review"]
    assert [public_texts.main(one) for one in commands] == [0, 0, 0, 0]
    assert public_texts.main(["unknown"]) == 2
    assert len(reviews.recorded(reviews.FILE)) == 2


@pytest.mark.parametrize("wished", [["de-AT"], ["xx", "DE"], ["de", "ar"]])
def test_a_region_is_ignored_and_an_unknown_language_is_skipped(wished: list[str]) -> None:
    assert catalogue.preferred(wished) == "de"
    assert catalogue.preferred(["xx"]) == catalogue.preferred([]) == "en"
