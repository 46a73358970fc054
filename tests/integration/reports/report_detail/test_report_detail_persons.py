"""What a report says of an account or a child is on the page of whoever judges it and of whoever investigates it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Authority, Centre
from tutela.exchange.report.fields import Person
from tutela.investigations.referral_work import pdf
from tutela.reports.triage import assess

SAID: dict[str, Any] = {
    "usernames": ["name-of-account"],
    "emails": ["first@example.org"],
    "other_emails": ["second@example.org"],
    "phones": ["+386 1 234 56 78"],
    "other_phones": ["+386 1 234 56 79"],
    "identifiers": ["number-of-account"],
    "profile_urls": ["https://example.org/of-account"],
    "profile": "words of a profile",
    "billing": "a bank in Celje",
    "mailing_address": "Street 1, Ljubljana",
    "postal_countries": ["SI"],
    "residence": "SI",
    "account_country": "HR",
    "language": "sl",
    "last_login": "2026-01-02T03:04:05Z",
    "age_group": "teenager",
    "gender": "female",
    "other": "words about somebody",
    "relation": None,
}
SHOWN = {"age_group": "13 to 17", "gender": "female", "last_login": "2026-01-02"}
PRINTED = {"last_login": "2026-01-02 03:04:05"}


@pytest.mark.parametrize("who", ["users", "victims"])
def test_all_that_is_said_of_somebody_is_shown(cast: Cast, who: str) -> None:
    assert set(SAID) == set(Person.model_fields), "a new field is shown, too"
    centre = Centre(cast)
    authority = Authority(centre, "SI")
    person = {name: value for name, value in SAID.items() if value is not None}
    made = centre.file(report(**{who: [person]}))
    assess.assess(centre.analyst, made, "forward", "", seen=0)
    sent = authority.referred(made)
    for client, address in (
        (cast.client(cast.centre, "analyst"), f"/desk/reports/{made}/"),
        (cast.client(authority.machine, "investigator"), f"/desk/inbox/{sent}/"),
    ):
        page = client.get(address).content.decode()
        for name, value in SAID.items():
            said = SHOWN.get(name, value[0] if isinstance(value, list) else value)
            assert said is None or said in page, (address, name)


@pytest.mark.parametrize("who", ["users", "victims"])
def test_all_that_is_said_of_somebody_is_printed(who: str) -> None:
    person = {name: value for name, value in SAID.items() if value is not None}
    more = {
        "other": {"text": "what else is known"},
        "other_data": {"text": "words of a chat"},
        "preservation": {"until": "2027-05-06T07:08:09Z", "reference": "P-77"},
    }
    told = report(**{who: [person]}, **more)
    printed = "\n".join(" ".join(row) for rows in (pdf._people(told), pdf._report(told)) for row in rows)
    for name, value in SAID.items():
        said = PRINTED.get(name, value[0] if isinstance(value, list) else value)
        assert said is None or said in printed, name
    for said in ("what else is known", "words of a chat", "2027-05-06", "P-77"):
        assert said in printed
