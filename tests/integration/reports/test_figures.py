"""The funnel, volumes by week and the quality of each provider's reports."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from django.test import Client

from tests.cast import Cast
from tests.integration.reports.world import Authority, Centre
from tests.reporting import report
from tutela import clock
from tutela.events.acting import acting
from tutela.events.errors import NotFound
from tutela.events.ids import uuid7
from tutela.events.recording import timeline
from tutela.exchange.outcome import Outcome, OutcomeKind, ReleaseLevel
from tutela.reports import funnel, outcomes, quality, triage, volumes

PAGES = ("funnel/", "volumes/", "providers/")


def said(centre: Centre, authority: Authority, referral: UUID, kind: str, release: str) -> None:
    message = Outcome(
        outcome_id=uuid7(), referral_id=referral, kind=OutcomeKind(kind), at=clock.now(), authority="Kriminalamt",
        release=ReleaseLevel(release),
    )  # fmt: skip
    outcomes.take_outcome(centre.machine, authority.machine, message)


def test_the_funnel_counts_each_report_once_and_never_rises(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "AU")
    provider = cast.organisation("Funnelled", "provider", "IE")
    wanted = funnel.Wanted(provider=provider.organisation_name)

    def figures() -> dict[str, tuple[int, int | None]]:
        return {one.name: (one.reports, one.released) for one in funnel.funnel(centre.analyst, wanted).steps}

    sent = [authority.report() for _ in range(4)]
    for one in sent:
        centre.file(one, provider)
    centre.file(sent[0].model_copy(update={"report_id": uuid7()}), provider)  # a repetition counts no second time
    assert figures()["report"] == (4, None)
    convicted, identified = (authority.referred(sent[n].report_id) for n in (0, 1))
    undone = authority.referred(sent[2].report_id)
    said(centre, authority, convicted, "convicted", "statistics")
    said(centre, authority, identified, "person_identified", "centre_only")
    said(centre, authority, identified, "victim_identified", "statistics")
    said(centre, authority, undone, "charged", "statistics")
    triage.declare_erroneous(centre.lead, sent[2].report_id, "token", revoke=False)
    found = figures()
    assert found == {
        "report": (4, None), "referred": (2, None), "taken_up": (2, 2), "person_identified": (2, 1),
        "victim_identified": (1, 1), "charged": (1, 1), "convicted": (1, 1),
    }  # fmt: skip
    chain = [found[name][0] for name in funnel.STEPS if name != "victim_identified"]
    assert all(earlier >= later for earlier, later in pairwise(chain))
    head, line = funnel.reports(centre.analyst, "convicted", wanted)
    assert head[0] == "report_id"
    assert line[0] == str(sent[0].report_id), "a conviction leads back to its report"
    with pytest.raises(NotFound):
        funnel.reports(centre.analyst, "nothing", wanted)


def test_a_figure_of_many_leads_to_every_report_in_several_files(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(funnel, "MOST_IDS", 2)
    centre = Centre(cast)
    provider = cast.organisation("In files", "provider", "IE")
    filed = [centre.file(report(), provider) for _ in range(5)]
    wanted = funnel.Wanted(provider=provider.organisation_name)
    (first, *_rest) = funnel.funnel(centre.analyst, wanted).steps
    assert (first.reports, [*first.files]) == (5, [1, 2, 3])
    browser, found = cast.client(cast.centre, "analyst"), list[str]()
    page = browser.get(f"/desk/reports/funnel/?provider={provider.organisation_name}").content.decode()
    for number in first.files:
        assert f"step=report&amp;page={number}" in page
        query = {"step": "report", "page": number, "provider": provider.organisation_name}
        text = browser.get("/desk/reports/funnel.csv", query).content.decode()
        found += [row["report_id"] for row in csv.DictReader(io.StringIO(text))]
    assert found == [str(one) for one in filed]
    with acting(centre.machine):
        looks = [one.facts for one in timeline("list", "report") if one.facts and one.facts.get("step") == "report"]
    assert [one["count"] for one in looks][-3:] == [2, 2, 1]


def test_figures_are_of_a_time_and_a_country(cast: Cast) -> None:
    centre = Centre(cast)
    provider = cast.organisation("Dated", "provider", "IE")
    name = provider.organisation_name
    centre.file(report(geography=[{"country": "FR", "derived_from": "ip"}]), provider)
    centre.file(report(geography=[]), provider)
    today = clock.now().date()
    counted = {
        "fr": funnel.Wanted(provider=name, country="fr"), "europol": funnel.Wanted(provider=name, country="Europol"),
        "today": funnel.Wanted(today, today, name), "before": funnel.Wanted(None, today - timedelta(days=1), name),
    }  # fmt: skip
    found = {key: funnel.funnel(centre.analyst, one).steps[0].reports for key, one in counted.items()}
    assert found == {"fr": 1, "europol": 1, "today": 2, "before": 0}


def test_volumes_and_quality_are_of_the_reports(cast: Cast) -> None:
    centre = Centre(cast)
    provider = cast.organisation("Careless", "provider", "IE")
    bare = [centre.file(report(users=[], geography=[]), provider) for _ in range(3)]
    whole = report()
    centre.file(whole, provider)
    centre.file(whole.model_copy(update={"report_id": uuid7()}), provider)
    triage.assess(centre.analyst, bare[0], "unfounded", "no", seen=0, code="not_sexual")
    triage.assess(centre.analyst, whole.report_id, "forward", "", seen=0)
    volumes.count(centre.machine)
    table = volumes.by_week(centre.analyst, "provider")
    row = next(one for one in table.rows if one[0] == provider.organisation_name)
    assert (row[1][-1], row[2]) == (5, 5)
    assert table.as_csv()[0][-1] == "sum"
    line = next(one for one in quality.providers(centre.analyst) if one.id == provider.organisation_id)
    assert (line.reports, line.duplicates, line.decided, line.relevant, line.unfounded) == (5, 1, 2, 1, 1)
    detail = quality.provider(centre.analyst, provider.organisation_id)
    assert dict(detail.missing)["users"] == 3
    assert detail.weeks.values[-1] == 5
    page = cast.client(cast.centre, "analyst").get(f"/desk/reports/providers/{provider.organisation_id}/")
    assert "users" in page.content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_pages_and_files_are_the_desks_alone(cast: Cast, client: Client, address: str) -> None:
    address = f"/desk/reports/{address}"
    assert client.get(address).status_code == 302
    assert cast.client(cast.pixelpost, "lead").get(address).status_code == 404
    browser = cast.client(cast.centre, "analyst")
    assert browser.get(address).status_code == 200
    answer = browser.get(f"{address}?format=csv", follow=True)
    assert answer["Content-Type"].startswith("text/csv")
    assert len(next(csv.reader(io.StringIO(answer.content.decode())))) > 2
    assert browser.get(f"{address}?since=nonsense&until=2026-13-01&by=nothing").status_code == 200
