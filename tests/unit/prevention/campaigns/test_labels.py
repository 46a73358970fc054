"""A campaign's design decides which words may be said of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tutela.prevention.campaigns.labels import Label, Measurement, label_of, words_refused


@pytest.mark.parametrize(
    ("given", "label"),
    [
        (Measurement("none"), Label.NOTHING),
        (Measurement("reach"), Label.SEEN),
        (Measurement("after", 50), Label.REMEMBERED),
        (Measurement("before_after", 199), Label.REMEMBERED),
        (Measurement("before_after", 200), Label.CHANGED),
        (Measurement("before_after", 2000, has_interval=True), Label.CHANGED),
        (Measurement("comparison", 200), Label.CHANGED),
        (Measurement("comparison", 200, has_interval=True), Label.EFFECT),
        (Measurement("comparison", 150, has_interval=True), Label.REMEMBERED),
        (Measurement("time_series", points_before=7, has_interval=True), Label.SEEN),
        (Measurement("time_series", points_before=8, has_interval=True), Label.EFFECT),
        (Measurement("stepped", 400, has_interval=True), Label.EFFECT),
    ],
)
def test_a_design_allows_one_label(given: Measurement, label: Label) -> None:
    assert label_of(given) is label


@pytest.mark.parametrize(
    "statement",
    [
        "The campaign was effective.",
        "Its EFFECTIVENESS is clear.",
        "Die Kampagne war wirksam.",
        "La campagne était efficace.",
        "La campaña fue eficaz.",
        "Kampanjen var effektiv.",
        "It reduced abuse.",
    ],
)
def test_a_word_of_effect_is_refused_without_a_comparison(statement: str) -> None:
    assert words_refused(statement, Measurement("before_after", 500))
    shown = Measurement("comparison", 500, has_interval=True, excludes_zero=True)
    assert not words_refused(statement, shown)
    assert words_refused(statement, replace(shown, excludes_zero=False))


def test_a_plain_statement_passes() -> None:
    assert words_refused("12,000 people saw it; 40 % remembered it.", Measurement("after", 300)) == []
