"""Age group and gender as a sender states them: read from what other formats say, and never guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from tests.support.cybertips import report as tip
from tests.support.cybertips import user as person_of_tip
from tests.unit.exchange.cybertip.test_parser import made
from tests.unit.exchange.cybertip.test_police_json_cybertip import document
from tutela.exchange.cybertip.police_json import read_police
from tutela.exchange.report.age_and_gender import AgeGroup, Gender, age_group, gender
from tutela.exchange.report.fields import Person

DAY = datetime(2026, 2, 10, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("born", "years", "group"),
    [
        ("", "12", "child"),
        ("", "13", "teenager"),
        ("", "17", "teenager"),
        ("", "18", "adult"),
        ("", "150", "adult"),
        ("2013-02-10", "", "teenager"),
        ("2013-02-11", "", "child"),
        ("2008-02-11", "", "teenager"),
        ("2008-02-10Z", "", "adult"),
        ("2008-02-29", "40", "teenager"),
        ("no date", "40", "adult"),
        ("", "", None),
        ("", "-3", None),
        ("", "9" * 30, None),
        ("2030-01-01", "", None),
        ("", "about ten", None),
    ],
)
def test_an_age_or_a_date_of_birth_says_a_group(born: str, years: str, group: str | None) -> None:
    assert age_group(DAY, born, years) == group


def test_a_word_that_is_not_known_says_no_gender() -> None:
    assert [gender(word) for word in ("Female", " MALE ", "unknown", "")] == [Gender.FEMALE, Gender.MALE, None, None]


def test_an_age_group_alone_makes_nobody() -> None:
    """Else a child of whom nothing but this is said would make a report more urgent."""
    with pytest.raises(ValidationError, match="must identify a person or an account"):
        Person.model_validate({"age_group": "teenager", "gender": "female"})
    assert Person.model_validate({"age_group": "teenager", "other": "token"}).age_group is AgeGroup.TEENAGER
    with pytest.raises(ValidationError):
        Person.model_validate({"age_group": "15", "other": "token"})


def test_a_tip_says_the_age_group_of_its_people_and_keeps_the_age_in_words() -> None:
    login = "<ipCaptureEvent><ipAddress>192.0.2.1</ipAddress><eventName>Login</eventName></ipCaptureEvent>"
    linked = f"<associatedAccount type='Linked'><dateOfBirth>1980-01-01</dateOfBirth>{login}</associatedAccount>"
    holder = "<personOrUserReportedPerson><age>15</age></personOrUserReportedPerson><espIdentifier>u-1</espIdentifier>"
    child = "<victimPerson><dateOfBirth>2020-05-01</dateOfBirth></victimPerson>"
    value: Any = made(tip(after=person_of_tip(holder + linked) + person_of_tip(child, "victim")))
    groups = [(one["age_group"], one["gender"]) for one in (*value["users"], *value["victims"])]
    assert groups == [("teenager", None), ("adult", None), ("child", None)]
    assert "age: 15" in value["users"][0]["other"]


def test_the_json_of_the_police_says_both() -> None:
    said = document()
    person = said["reportedInformation"]["reportedPeople"]["reportedPersons"][0]
    person |= {"approximateAge": 16, "gender": "Male"}
    user = read_police(said).users[0]
    assert (user.age_group, user.gender) == (AgeGroup.TEENAGER, Gender.MALE)
    assert "approximateAge: 16" in (user.other or "")
    assert "gender: Male" in (user.other or "")
    person |= {"approximateAge": None, "gender": "N/A"}
    user = read_police(said).users[0]
    assert (user.age_group, user.gender) == (None, None)
