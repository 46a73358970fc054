"""Which figures tell of persons, and that each definition has one query wherever it is computed."""

from __future__ import annotations

import pytest

from tutela.observatory.definitions.event_queries import QUERIES, query_of
from tutela.observatory.definitions.units import STAGES_OF_PERSONS, Unit

FIGURES = {query.definition_key: query for queries in QUERIES.values() for query in queries}
OF_PERSONS = {"person_identified", "victim_identified", "charged", "convicted"}


def test_the_centre_alone_publishes_outcomes_about_persons() -> None:
    found = {
        (kind, one.definition_key.split(".")[-1].split("/")[0])
        for kind, queries in QUERIES.items()
        for one in queries
        if one.definition.stage in STAGES_OF_PERSONS
    }
    assert found == {("centre", name) for name in OF_PERSONS}


@pytest.mark.parametrize("key", sorted(FIGURES))
def test_every_figure_but_one_of_addresses_tells_of_persons(key: str) -> None:
    definition = FIGURES[key].definition
    assert definition.tells_of_persons == (definition.unit is not Unit.URL)


def test_a_definition_has_one_query() -> None:
    names = {(one.definition_key, one.name) for queries in QUERIES.values() for one in queries}
    assert len(names) == len(FIGURES)
    assert all(query_of(key) == query for key, query in FIGURES.items())
    assert query_of("ncmec.files/1") is None
