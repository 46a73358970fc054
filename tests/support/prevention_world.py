"""A Centre with curators, a programme and a study, for tests of prevention."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from uuid import UUID

from tests.support.cast import Cast
from tutela.events.actor import Actor
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.prevention.knowledge import grades, judge, programmes, studies
from tutela.prevention.knowledge.programmes import ProgrammeInput
from tutela.prevention.knowledge.studies import ResultInput, StudyInput
from tutela.prevention.models import GradeEntry

LOW = dict.fromkeys(judge.DOMAINS, "low")


def number() -> str:
    """A registration number that no other test has."""
    return f"NCT{uuid7().int % 10**8:08d}"


class Curators:
    """Two curators of the Centre, and what they enter."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    @cached_property
    def first(self) -> Actor:
        return self.cast.actor(self.cast.centre, "analyst")

    @cached_property
    def second(self) -> Actor:
        return self.cast.actor(self.cast.centre, "lead")

    def programme(self, name: str = "Harbour", **facts: object) -> UUID:
        """A programme of a name that no other test has."""
        given = {"stages": ["before"], "targets": ["worried"], "settings": ["clinic"], "countries": ["SE"], **facts}
        return programmes.enter(self.first, ProgrammeInput(f"{name} {number()}", "a report", **given))  # type: ignore[arg-type]

    def trial(self, programme: UUID, effect: tuple[float, float, float], **facts: object) -> UUID:
        """A registered trial of a programme, with a risk ratio of reoffending and its interval."""
        return studies.enter(self.first, self.trial_input(programme, effect, **facts))

    def trial_input(self, programme: UUID, effect: tuple[float, float, float], **facts: object) -> StudyInput:
        """What `trial` enters."""
        result = ResultInput(
            programme, "record", "reoffending", "offended", "community", "risk_ratio", effect[0], effect[1], effect[2]
        )
        given: dict[str, object] = {
            "title": "Trial of lighthouses",
            "design": "randomised",
            "status": "published",
            "source": "its registry",
            "registration": number(),
            "registered_before": True,
            "harms_looked_for": True,
            "published": date(2024, 1, 1),
            "year": 2024,
            "follow_up_months": 24,
            "attrition_percent": 5,
            "results": (result,),
        }
        return StudyInput(**(given | facts))  # type: ignore[arg-type]

    def judged(self, study: UUID, level: str = "low") -> None:
        """Two curators judge a study alike."""
        for curator in (self.first, self.second):
            judge.judge(curator, study, dict.fromkeys(judge.DOMAINS, level))

    def grade(self, programme: UUID, kind: str = "record") -> GradeEntry:
        """The newest grade of the claim of a kind."""
        with acting(self.first):
            return next(one for one in grades.newest_entries(programme).values() if one.kind == kind)
