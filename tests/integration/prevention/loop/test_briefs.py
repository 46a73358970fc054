"""A brief keeps the grades of its day, and says which have changed."""

from __future__ import annotations

import pytest

from tests.support.cast import Cast
from tests.support.prevention_world import Curators
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.prevention.loop import briefs


def test_a_brief_has_all_grades_with_citations_and_says_what_changed(cast: Cast) -> None:
    curators = Curators(cast)
    programme = curators.programme()
    study = curators.trial(programme, (0.6, 0.4, 0.9))
    curators.judged(study)
    brief = briefs.issue(curators.first, "Harbours", "What we know.", [programme])
    with acting(curators.first):
        row = briefs.find(brief)
        assert [one["grade"] for one in row.claims] == ["B"]
        assert "Trial of lighthouses" in row.claims[0]["cited"][0]
        assert briefs.changed_since(row) == []
    curators.judged(curators.trial(programme, (1.25, 1.05, 1.49)))
    with acting(curators.first):
        assert len(briefs.changed_since(briefs.find(brief))) == 1


def test_a_brief_without_a_programme_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid):
        briefs.issue(Curators(cast).first, "Harbours", "What we know.", [])
