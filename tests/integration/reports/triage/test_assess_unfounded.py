"""Why a report is unfounded, as a code: asked for, kept, sent, counted."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.support.cast import Cast
from tests.support.markup import flat
from tests.support.reporting import report
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.law import holds
from tutela.organisations.keys.envelope_encryption import unwrap
from tutela.reports.figures import provider_quality, volumes
from tutela.reports.intake import submit
from tutela.reports.models import Assessment, FeedbackHeld
from tutela.reports.report_detail import report_detail
from tutela.reports.state import hold_queue
from tutela.reports.triage import assess


def told(centre: Centre, provider: Actor) -> list[dict[str, Any]]:
    """What is on its way to the provider, as it is sent."""
    rows = centre.messages(provider, "feedback")
    return [json.loads(unwrap(bytes(one.sealed_body), f"outbox:{one.key}")) for one in rows]


@pytest.mark.parametrize(
    ("code", "reason", "field"),
    [
        ("", "A quay.", "code"),
        ("unheard_of", "x", "code"),
        ("centre_error", "x", "code"),
        ("other", " ", "reason"),
    ],
)
def test_what_is_unfounded_says_why_by_a_code(cast: Cast, code: str, reason: str, field: str) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    with pytest.raises(Invalid) as refused:
        assess.assess(centre.analyst, made, "unfounded", reason, seen=0, code=code)
    assert refused.value.field == field
    assert centre.row(made).state == "open"


def test_the_database_keeps_the_codes(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    given = {"organisation_id": cast.centre.organisation_id, "reason": "", "by": "x", "by_name": "x"}
    for decision, code in (("unfounded", ""), ("unfounded", "unheard_of"), ("forward", "adults")):
        with pytest.raises(IntegrityError), acting(centre.machine), transaction.atomic():
            Assessment.objects.create(report=centre.row(made), decision=decision, reason_code=code, **given)


def test_the_code_is_told_beside_the_words_and_to_whoever_repeats_it(cast: Cast) -> None:
    centre = Centre(cast)
    provider = cast.organisation("Told why", "provider", "IE")
    sent = report()
    made = centre.file(sent, provider)
    assess.assess(centre.analyst, made, "unfounded", "", seen=0, code="family_or_medical")
    again = centre.file(sent.model_copy(update={"report_id": uuid7()}), provider)
    said = told(centre, provider)
    assert [(one["report_id"], one["kind"], one["reason_code"]) for one in said] == [
        (str(made), "not_relevant", "family_or_medical"),
        (str(again), "not_relevant", "family_or_medical"),
    ]
    assert all("reason" not in one for one in said)
    sender = cast.actor(provider, "lead")
    found = submit.status_of(sender, centre.entry, made)
    assert found
    assert found["told"][-1]["reason_code"] == "family_or_medical"  # type: ignore[index]


def test_undoing_has_a_code_of_its_own_and_other_decisions_have_none(cast: Cast) -> None:
    centre = Centre(cast)
    provider = cast.organisation("Undone", "provider", "IE")
    made = centre.file(report(), provider)
    assess.assess(centre.analyst, made, "ask", "Which account?", seen=0, code="adults")
    assess.assess(centre.analyst, made, "forward", "", seen=1, code="adults")
    assess.declare_erroneous(centre.lead, made, "Wrong after all", revoke=False)
    codes = [one.reason_code for one in report_detail.open_report(centre.analyst, made).assessments]
    assert codes == ["", "", "centre_error"]
    assert told(centre, provider)[-1]["reason_code"] == "centre_error"


def test_a_code_waits_with_its_words_while_a_hold_stands(cast: Cast) -> None:
    centre = Centre(cast)
    provider = cast.organisation("Held back", "provider", "IE")
    authority = Authority(centre, "HR")
    made = centre.file(authority.report(), provider)
    authority.referred(made)
    with acting(centre.machine):
        holds.place(
            centre.machine,
            "report",
            made,
            asked_by=authority.machine.organisation_id,
            reason="x",
            until=clock.now() + timedelta(days=2),
        )
    assess.declare_erroneous(centre.lead, made, "Wrong", revoke=False)
    with acting(centre.machine):
        assert [one.reason_code for one in FeedbackHeld.objects.filter(report=centre.row(made))] == ["centre_error"]
    with clock.simulate(clock.now() + timedelta(days=3)):
        hold_queue.release_ended(centre.machine)
    assert told(centre, provider)[-1]["reason_code"] == "centre_error"


def test_a_form_without_a_code_comes_back_as_it_was_filled_in(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    client = cast.client(cast.centre, "analyst")
    address = f"/desk/reports/{made}/assess/"
    answer = client.post(address, {"decision": "unfounded", "reason": "A quay at noon", "seen": 0})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose why the report is unfounded" in text
    assert "A quay at noon" in text
    assert 'value="unfounded" data-key="u" checked' in flat(text)
    assert client.post(address, {"seen": 0}).status_code == 422
    fields = {"decision": "unfounded", "code": "not_sexual", "reason": "A quay at noon", "seen": 0}
    assert client.post(address, fields).status_code == 302
    assert "nothing in the report is sexual" in client.get(f"/desk/reports/{made}/").content.decode()


def test_the_quality_of_a_provider_counts_reasons_that_stand(cast: Cast) -> None:
    centre = Centre(cast)
    provider = cast.organisation("Reasoned", "provider", "IE")
    made = [centre.file(report(), provider) for _ in range(4)]
    for one, code in zip(made, ("adults", "adults", "empty", "empty"), strict=True):
        assess.assess(centre.analyst, one, "unfounded", "", seen=0, code=code)
    assess.assess(centre.analyst, made[3], "forward", "", seen=1)
    volumes.count(centre.machine)
    found = provider_quality.provider(centre.analyst, provider.organisation_id).reasons
    assert [(one.code, one.reports, round(one.share, 2)) for one in found] == [("adults", 2, 0.67), ("empty", 1, 0.33)]
    everybody = {one.code: one.reports for one in provider_quality.reasons(centre.analyst)}
    assert everybody["adults"] >= 2
    client = cast.client(cast.centre, "analyst")
    address = f"/desk/reports/providers/{provider.organisation_id}/"
    assert "everyone in the report is evidently an adult" in client.get(address).content.decode()
    rows = list(csv.reader(io.StringIO(client.get(address, {"format": "why-csv"}).content.decode())))
    assert rows == [["reason", "reports", "share"], ["adults", "2", "0.667"], ["empty", "1", "0.333"]]
    overall = client.get("/desk/reports/providers/", {"format": "why-csv"}).content.decode()
    assert overall.startswith("reason,reports,share")


def test_a_provider_of_whose_reports_nothing_was_unfounded_reads_so(cast: Cast) -> None:
    centre = Centre(cast)
    provider = cast.organisation("Founded", "provider", "IE")
    page = cast.client(centre.machine, "analyst").get(f"/desk/reports/providers/{provider.organisation_id}/")
    assert "No report was found unfounded." in page.content.decode()
