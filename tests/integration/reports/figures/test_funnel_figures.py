"""The funnel, volumes by week and the quality of each provider's reports."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.events.errors import NotFound
from tutela.events.identifiers import uuid7
from tutela.events.models import Event, EventFacts
from tutela.events.transaction import acting
from tutela.exchange.referral.outcome import Outcome, OutcomeKind, ReleaseLevel
from tutela.reports.figures import funnel, provider_quality, volumes
from tutela.reports.referrals import outcomes
from tutela.reports.triage import assess
from tutela.reports.web import figure_files

PAGES = ("funnel/", "funnel/weeks/", "volumes/", "providers/")


def said(centre: Centre, authority: Authority, referral: UUID, kind: str, release: str) -> None:
    message = Outcome(
        outcome_id=uuid7(),
        referral_id=referral,
        kind=OutcomeKind(kind),
        at=clock.now(),
        authority="Kriminalamt",
        release=ReleaseLevel(release),
    )
    outcomes.take_outcome(centre.machine, authority.machine, message)


def test_the_funnel_counts_each_report_once_and_never_rises(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "AU")
    provider = cast.organisation("Funnelled", "provider", "IE")
    wanted = funnel.FunnelFilter(provider=provider.organisation_name)

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
    assess.declare_erroneous(centre.lead, sent[2].report_id, "token", revoke=False)
    found = figures()
    assert found == {
        "report": (4, None),
        "referred": (2, None),
        "taken_up": (2, 2),
        "person_identified": (2, 1),
        "victim_identified": (1, 1),
        "charged": (1, 1),
        "convicted": (1, 1),
    }
    for branch in funnel.funnel(centre.analyst, wanted).branches:
        assert all(earlier >= later for earlier, later in pairwise(branch.values)), branch.name
        released = [one.released for one in branch.steps if one.released is not None]
        assert all(earlier >= later for earlier, later in pairwise(released)), branch.name
    (line,) = funnel.reports(centre.analyst, "convicted", wanted)
    assert next(figure_files.report_lines([line]))[0] == "report_id"
    assert line.id == sent[0].report_id, "a conviction leads back to its report"
    with pytest.raises(NotFound):
        funnel.reports(centre.analyst, "nothing", wanted)


def test_the_chart_of_each_branch_never_rises_where_a_victim_was_found_and_nobody_charged(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "NZ")
    provider = cast.organisation("Branched", "provider", "IE")
    sent = [authority.report() for _ in range(3)]
    for one in sent:
        centre.file(one, provider)
    victim, other, charged = (authority.referred(one.report_id) for one in sent)
    said(centre, authority, victim, "victim_identified", "statistics")
    said(centre, authority, other, "victim_identified", "statistics")
    said(centre, authority, charged, "charged", "statistics")
    found = funnel.funnel(centre.analyst, funnel.FunnelFilter(provider=provider.organisation_name))
    assert {one.name: one.values for one in found.branches} == {
        "prosecution": [3, 3, 3, 1, 1, 0],
        "victims": [3, 3, 3, 2],
    }
    page = cast.client(cast.centre, "analyst").get(f"/desk/reports/funnel/?provider={provider.organisation_name}")
    assert page.content.decode().count('class="card chart-figure"') == 2


def test_a_figure_leads_to_every_report_and_the_look_is_on_record(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(funnel, "REPORTS_AT_ONCE", 2)
    centre = Centre(cast)
    provider = cast.organisation("Traced", "provider", "IE")
    made = [str(centre.file(report(), provider)) for _ in range(5)]
    address = f"/desk/reports/funnel.csv?step=report&provider={provider.organisation_name}"
    answer = cast.client(cast.centre, "analyst").get(address)
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[attr-defined]
    assert [line[0] for line in lines[1:]] == made
    with acting(centre.machine):
        events = Event.objects.filter(kind="report.listed", at__lte=clock.now()).order_by("-at", "-id")[:3]
        rows = EventFacts.objects.filter(event_id__in=[one.pk for one in events])
        known = {one.event_id: json.loads(one.facts) for one in rows}
        shown = [known[one.pk] for one in reversed(events)]
    assert [one for part in shown for one in part["shown"]] == made
    assert {(part["form"], part["step"]) for part in shown} == {("csv", "report")}


def test_figures_are_of_a_time_and_a_country(cast: Cast) -> None:
    centre = Centre(cast)
    provider = cast.organisation("Dated", "provider", "IE")
    name = provider.organisation_name
    centre.file(report(geography=[{"country": "FR", "derived_from": "ip"}]), provider)
    centre.file(report(geography=[]), provider)
    today = clock.now().date()
    counted = {
        "fr": funnel.FunnelFilter(provider=name, country="fr"),
        "europol": funnel.FunnelFilter(provider=name, country="Europol"),
        "today": funnel.FunnelFilter(today, today, name),
        "before": funnel.FunnelFilter(None, today - timedelta(days=1), name),
    }
    found = {key: funnel.funnel(centre.analyst, one).steps[0].reports for key, one in counted.items()}
    assert found == {"fr": 1, "europol": 1, "today": 2, "before": 0}


def test_the_funnel_is_of_a_kind_too_by_the_first_that_a_report_names(cast: Cast) -> None:
    centre = Centre(cast)
    provider = cast.organisation("Kinds", "provider", "IE")
    made = {kind: centre.file(report(kinds=[kind, *more]), provider) for kind, *more in (["known", "new"], ["new"])}
    for kind, report_id in made.items():
        wanted = funnel.FunnelFilter(provider=provider.organisation_name, kind=kind)
        assert funnel.funnel(centre.analyst, wanted).of("report") == 1
        assert [one.id for one in funnel.reports(centre.analyst, "report", wanted)] == [report_id]
        today = replace(wanted, until=clock.now().date())
        assert funnel.funnel(centre.analyst, today).of("report") == 1, "of days that no kept row is of"
    answer = cast.client(cast.centre, "analyst").get(
        f"/desk/reports/funnel.csv?provider={provider.organisation_name}&kind=solicitation"
    )
    assert "report,,0," in answer.content.decode()


def test_volumes_and_quality_are_of_the_reports(cast: Cast) -> None:
    centre = Centre(cast)
    provider = cast.organisation("Careless", "provider", "IE")
    bare = [centre.file(report(users=[], geography=[]), provider) for _ in range(3)]
    whole = report()
    centre.file(whole, provider)
    centre.file(whole.model_copy(update={"report_id": uuid7()}), provider)
    assess.assess(centre.analyst, bare[0], "unfounded", "no", seen=0, code="not_sexual")
    assess.assess(centre.analyst, whole.report_id, "forward", "", seen=0)
    volumes.count(centre.machine)
    table = volumes.by_week(centre.analyst, "provider")
    row = next(one for one in table.rows if one.label == provider.organisation_name)
    assert (row.weeks[-1], row.total) == (5, 5)
    assert figure_files.volume_lines(table)[0][-1] == "sum"
    line = next(one for one in provider_quality.providers(centre.analyst) if one.id == provider.organisation_id)
    assert (line.reports, line.duplicates, line.decided, line.relevant, line.unfounded) == (5, 1, 2, 1, 1)
    detail = provider_quality.provider(centre.analyst, provider.organisation_id)
    assert {one.field: one.reports for one in detail.missing}["users"] == 3
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
