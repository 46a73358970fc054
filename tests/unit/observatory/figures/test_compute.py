"""A count of few persons is withheld, and so is one of few reports that tells of them."""

from __future__ import annotations

import pytest

from tutela.observatory.definitions.units import Missing
from tutela.observatory.figures.compute import ComputedFigure
from tutela.observatory.figures.queries import QUERIES

FIGURES = {query.definition_key: query for queries in QUERIES.values() for query in queries}
OF_PERSONS = sorted(
    key
    for key in FIGURES
    if key.split(".")[-1].split("/")[0] in {"person_identified", "victim_identified", "charged", "convicted"}
)


@pytest.mark.parametrize("key", OF_PERSONS)
def test_few_reports_with_a_person_are_withheld(key: str) -> None:
    shown = [ComputedFigure(FIGURES[key], value, None).shown for value in (0, 1, 4, 5)]
    assert shown == [0, Missing.SUPPRESSED, Missing.SUPPRESSED, 5]


def test_the_centre_alone_publishes_outcomes_about_persons() -> None:
    telling = {kind for kind, queries in QUERIES.items() for one in queries if one.definition.tells_of_persons}
    assert telling == {"centre"}


def test_the_other_figures_are_shown() -> None:
    others = [ComputedFigure(query, 1, None).shown for key, query in FIGURES.items() if key not in OF_PERSONS]
    assert others
    assert set(others) == {1}
