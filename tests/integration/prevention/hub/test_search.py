"""Search finds forms of a word, words of other languages, and by facets. Hostile words break nothing."""

from __future__ import annotations

import pytest

from tests.support.cast import Cast
from tests.support.prevention_world import Curators
from tutela.prevention.hub import citations, public_pages, search
from tutela.prevention.hub.search import HubSearch


def _found(words: str, language: str = "en", **facets: str) -> set[object]:
    return {one.subject_id for one in search.matching(HubSearch(words, language, facets), 500)}


def test_forms_of_a_word_and_words_of_other_languages_are_found(cast: Cast) -> None:
    curators = Curators(cast)
    made = curators.programme("Quokka", summary="Therapies for prisoners in lighthouses.", settings=["prison"])
    assert made in _found("quokka therapy lighthouse")
    assert made in _found("quokka behandlung", "de")
    assert made in _found("quokka", setting="prison", country="SE")
    assert made not in _found("quokka", country="MT")


@pytest.mark.parametrize("words", ["'", "& | !", "a:*", "quokka & (", "\\", "%", "ъ" * 300, "quokka\0"])
def test_hostile_words_break_nothing(cast: Cast, words: str) -> None:
    wanted = search.read({"q": words, "stage": "'", "grade": "x" * 900}, "xx", 1)
    assert search.search(wanted).total >= 0


def test_a_citation_holds_no_field_of_its_reader(cast: Cast) -> None:
    curators = Curators(cast)
    study = curators.trial(curators.programme(), (0.6, 0.4, 0.9), title="Numbat {trial}\nER  - \nTY  - X")
    cited = public_pages.cited([one for one in search.matching(HubSearch("numbat"), 10) if one.subject_id == study])
    assert citations.ris(cited).count("\nER  -") == 1
    assert r"\{trial\}" in citations.bibtex(cited)
    assert "NCT" in citations.csl_json(cited)
