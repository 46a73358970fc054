"""The language that a text is set in: what was asked, what the report declares, where the provider is established."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.reporting import account, report
from tutela.detection.notices.language import OFFICIAL, Choice, choose, spoken
from tutela.detection.notices.sentences import load

KNOWN = load(None)


def _users(*tags: str | None) -> list[dict[str, object]]:
    return [{**account(), **({"language": tag} if tag else {})} for tag in tags]


@pytest.mark.parametrize(
    ("tags", "asked", "country", "expected"),
    [
        (["de"], "fr", "IE", Choice("fr", "asked")),
        (["de"], "pt-BR", "IE", Choice("pt", "asked")),
        (["de"], "xx", "IE", Choice("de", "declared")),
        (["de-AT"], "", "FR", Choice("de", "declared")),
        (["de-AT", None, "de"], "", "FR", Choice("de", "declared")),
        (["de", "fr"], "", "SE", Choice("sv", "establishment", "de, fr", "SE")),
        (["uk"], "", "SE", Choice("sv", "establishment", "uk", "SE")),
        ([None], "", "MT", Choice("mt", "establishment", "", "MT")),
        ([None], "", "US", Choice("en", "usual")),
        (["uk"], "", "US", Choice("en", "usual", "uk")),
        ([], "", "", Choice("en", "usual")),
    ],
)
def test_what_is_asked_goes_before_what_is_declared_and_that_before_the_country(
    tags: list[str | None], asked: str, country: str, expected: Choice
) -> None:
    assert choose(report(users=_users(*tags)), country, asked, KNOWN) == expected


def test_an_erased_report_declares_nothing() -> None:
    assert choose(None, "IT", "", KNOWN) == Choice("it", "establishment", "", "IT")


def test_where_somebody_lives_or_was_seen_decides_nothing() -> None:
    user = {**account(), "residence": "PL", "account_country": "CZ", "mailing_address": "Praha"}
    given_ = report(users=[user], geography=[{"country": "HU", "derived_from": "ip"}])
    assert choose(given_, "IE", "", KNOWN) == Choice("en", "establishment", "", "IE")


def test_every_member_state_has_an_official_language_with_a_text() -> None:
    assert len(OFFICIAL) == 27
    assert set(OFFICIAL.values()) <= set(KNOWN)


@given(st.text(max_size=40), st.text(max_size=3))
def test_whatever_is_asked_there_is_a_text(asked: str, country: str) -> None:
    found = choose(None, country, asked, KNOWN)
    assert found.code in KNOWN
    assert (found.by == "asked") is bool(spoken(asked, KNOWN))
