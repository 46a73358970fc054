"""Without a Centre a report goes to an authority; with time, what it said is erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.detection_world import World, receipt
from tutela import clock
from tutela.detection.candidates import viewing_budget
from tutela.detection.drafts import drafts, dsa_notification, pdf, send
from tutela.detection.errors import AlreadySent
from tutela.detection.models import Candidate
from tutela.detection.outcomes import report_list
from tutela.detection.settings import authorities, services
from tutela.events.errors import NotFound
from tutela.events.transaction import acting
from tutela.exchange.message.canonical_json import parse
from tutela.exchange.report.report import Report
from tutela.law import holds, retention
from tutela.law.models import Tombstone


def test_a_report_is_handed_over_on_paper_where_there_is_no_centre(cast: Cast) -> None:
    world = World(cast)
    made = world.draft()
    assert authorities.seed(world.lead) == 4
    assert authorities.seed(world.lead) == 0
    report = report_list.load_report(world.lead, made).report
    first = authorities.current(world.lead, report)[0]
    assert first.country == "EU", "Europol, where no Member State is known"
    assert first.checked_on is None
    paper = dsa_notification.as_pdf(world.lead, made, first.pk)
    assert paper.startswith(b"%PDF-")
    assert report
    printed = " ".join(f"{row.name} {row.text}" for row in pdf.rows(report))
    assert report.items[0].sha256
    assert all(
        word in printed for word in (str(made), report.items[0].sha256, "acc-1", world.provider.organisation_name)
    )
    data = dsa_notification.as_json(world.lead, made)
    assert Report.from_bytes(data).legal_basis.regime == "dsa_article_18"
    assert data == dsa_notification.as_json(world.lead, made)
    dsa_notification.mark_sent(world.lead, made, first.pk, sent_at=clock.now(), reference="AZ 1")
    found = report_list.load_report(world.lead, made)
    assert (found.line.state, found.dispatches[0].reference, len(found.clocks)) == ("notified", "AZ 1", 2)
    with pytest.raises(AlreadySent):
        drafts.edit(world.lead, made, 1, {})


def test_a_long_report_is_printed_to_its_end(cast: Cast) -> None:
    world = World(cast)
    made = world.draft()
    people = [{"usernames": [f"Ünïcødé-ж-{n}" * 20], "other": "x" * 3000} for n in range(30)]
    drafts.edit(world.lead, made, 1, {"users": people})
    authorities.seed(world.lead)
    paper = dsa_notification.as_pdf(world.lead, made, authorities.current(world.lead)[0].pk)
    assert paper.rstrip().endswith(b"%%EOF")
    assert paper.count(b"/Type /Page\n") > 3


def test_an_ended_address_no_longer_takes_anything(cast: Cast) -> None:
    world = World(cast)
    authorities.seed(world.lead)
    first = authorities.current(world.lead)[0]
    authorities.end(world.lead, first.pk)
    assert first.pk not in {row.pk for row in authorities.current(world.lead)}
    with pytest.raises(NotFound):
        dsa_notification.mark_sent(world.lead, world.draft(), first.pk, sent_at=clock.now(), reference="")


def test_a_spreadsheet_runs_nothing_of_the_export(cast: Cast) -> None:
    world = World(cast)
    formula = services.create(world.lead, "=cmd|calc", services.ServiceInput("hosting", mode="on"))
    given = drafts.ByHand(formula, "new", True, "user_flag", sha256="b" * 64)
    drafts.by_hand(world.reviewer, given)
    file = cast.client(world.provider, "lead").get("/desk/drafts/", {"format": "csv"}).content.decode()
    assert ",'=cmd|calc," in file


def test_time_erases_what_a_report_said_and_not_that_it_was(cast: Cast) -> None:
    world = World(cast)
    centre, kept, held = world.join(), world.draft(), world.draft()
    for one in (kept, held):
        send.send(world.lead, one)
        world.deliver(one, receipt(centre))
    holds.place(
        world.lead,
        "report",
        held,
        asked_by=centre.organisation_id,
        reason="token",
        until=clock.now() + timedelta(days=500),
    )
    machine = replace(world.lead, reference="system:retention")
    retention.run(machine)
    assert report_list.load_report(world.lead, kept).report
    with clock.simulate(clock.now() + timedelta(days=367)):
        retention.run(machine)
        gone = report_list.load_report(world.lead, kept)
        assert (gone.report, gone.line.state) == (None, "received")
        assert gone.receipt
        assert report_list.load_report(world.lead, held).report
    with acting(world.lead):
        assert Tombstone.objects.filter(subject_kind="report", subject_id=str(kept)).count() == 1


def test_an_undecided_candidate_expires(cast: Cast) -> None:
    world = World(cast)
    made = world.candidate()
    viewing_budget.open_item(world.reviewer, made)
    with clock.simulate(clock.now() + timedelta(days=31)):
        retention.run(replace(world.lead, reference="system:retention"))
    with acting(world.lead):
        assert not Candidate.objects.exists()
        assert Tombstone.objects.get().rule == "candidate.expired"


def test_a_report_travels_in_its_one_canonical_form(cast: Cast) -> None:
    world = World(cast)
    data = dsa_notification.as_json(world.lead, world.draft())
    assert isinstance(parse(data), dict)
    assert Report.from_bytes(data).to_bytes() == data
