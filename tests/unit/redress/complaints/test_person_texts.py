"""Texts to a complainant name no report, list or authority, whatever the measure, the decision and the reason."""

from __future__ import annotations

import re

import pytest

from tutela.casework.public_languages import catalogue
from tutela.redress.complaints.person_texts import (
    correction_text,
    decision_text,
    draft_text,
    standard_text,
    unproved_text,
)
from tutela.redress.models import DecisionOutcome, MeasureKind, ReasonCode, StandardReason
from tutela.redress.models.complaints import REVERSING

NEVER = re.compile(r"\b(report|list|hash|digest|distance|match|centre|police|investigat|hold)", re.IGNORECASE)
MEASURES = [one for one in MeasureKind.values if one != MeasureKind.UNKNOWN]


@pytest.mark.parametrize("measure", MEASURES)
def test_no_decision_names_what_detection_or_an_authority_does(measure: str) -> None:
    for outcome in DecisionOutcome.values:
        fits = [one for one in ReasonCode.values if (one in REVERSING) == (outcome != DecisionOutcome.UPHOLD)]
        for reason in fits:
            said = decision_text("en", "K-1", measure, outcome, reason)
            assert not NEVER.search(said), said


@pytest.mark.parametrize("measure", MEASURES)
def test_no_correction_does_either(measure: str) -> None:
    said = correction_text("en", "K-1", [measure], ["time", "erased", "kept"])
    assert not NEVER.search(said), said


def test_a_report_reads_like_any_other_measure() -> None:
    texts = [decision_text("en", "K-1", one, "uphold", "terms") for one in (MeasureKind.REPORT, MeasureKind.OTHER)]
    assert texts[0] == texts[1]


def test_texts_are_in_the_language_of_the_person() -> None:
    texts = {key: one.text for key, one in catalogue.language("ar").texts.items()}
    for outcome in DecisionOutcome.values:
        for reason in ReasonCode.values:
            for measure in MeasureKind.values:
                said = decision_text("ar", "K-1", measure, outcome, reason)
                assert texts["d_decided"] % {"number": "K-1"} in said
                assert not re.search("[a-z]", said), said
    said = correction_text("ar", "K-1", MEASURES, ["time", "erased", "kept"])
    assert not re.search("[a-z]", said), said


@pytest.mark.parametrize("language", [one for one in catalogue.CODES if one != "en"])
def test_standard_reasons_and_the_neutral_text_are_in_every_public_language(language: str) -> None:
    english = {str(one.label) for one in StandardReason} | set(unproved_text("en", "K-1").split("\n\n"))
    said = {standard_text(language, (one,)) for one in StandardReason} | set(
        unproved_text(language, "K-1").split("\n\n")
    )
    assert len(said) == len(english)
    assert not said & english


def test_the_neutral_text_and_standard_reasons_name_no_measure_and_no_detection() -> None:
    for said in (unproved_text("en", "K-1"), standard_text("en", StandardReason.values)):
        assert not NEVER.search(said), said
    assert not re.search("remov|suspen|restrict|account was", unproved_text("en", "K-1"))


@pytest.mark.parametrize("upheld", [True, False])
def test_a_draft_fits_its_decision(upheld: bool) -> None:
    draft = draft_text("en", upheld=upheld)
    assert ("does not change the result" in draft) is upheld
    assert ("the decision was wrong" in draft) is not upheld
