"""What the Centre and an authority no longer keep when its time is over, and what stays."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from tests.cast import Cast
from tests.integration.reports.world import Authority, Centre
from tests.reporting import report
from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.investigations import answering
from tutela.investigations import desk as authority_desk
from tutela.law import retention
from tutela.law.models import Tombstone
from tutela.organisations import erasable
from tutela.organisations.errors import Erased
from tutela.organisations.sealing import CannotUnwrap
from tutela.reports import desk, triage
from tutela.reports.models import Referral
from tutela.reports.sealing import unseal

DAY = timedelta(days=1)


def after(days: int, actor: Actor) -> None:
    """The retention job as it runs some days from now."""
    with clock.simulate(clock.now() + days * DAY):
        retention.run(actor)


def erased(centre: Centre, report_id: UUID) -> bool:
    full = desk.open_report(centre.analyst, report_id)
    assert (full.body is None) == (full.row.erased_at is not None)
    return full.body is None


def test_an_unfounded_report_goes_when_nobody_can_complain_any_longer(cast: Cast) -> None:
    centre = Centre(cast)
    made, open_one = centre.file(report()), centre.file(report())
    triage.assess(centre.analyst, made, "unfounded", "A landscape.", seen=0)
    after(199, cast.centre)
    assert not erased(centre, made)
    after(201, cast.centre)
    assert erased(centre, made)
    assert not erased(centre, open_one)
    with acting(cast.centre):
        assert Tombstone.objects.filter(rule="report.unfounded", subject_id=str(made)).count() == 1
    page = cast.client(cast.centre, "analyst").get(f"/desk/reports/{made}/").content.decode()
    assert "The contents were erased" in page
    assert "A landscape." in page


def test_the_package_goes_with_the_report_and_a_year_after_it_was_closed(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "DK")
    made = centre.file(authority.report())
    referral = authority.referred(made)
    answering.acknowledge(authority.investigator, referral)
    after(1000, cast.centre)
    assert not erased(centre, made), "nobody has closed it"
    answering.report_outcome(authority.investigator, referral, kind="closed", reason="", release="provider")
    authority.answer()
    after(364, cast.centre)
    assert not erased(centre, made)
    with acting(cast.centre):
        sealed = bytes(Referral.objects.get(report__report_id=made).sealed_body)
        assert made.hex in unseal(made, "referral", referral, sealed).decode().replace("-", "")
    after(366, cast.centre)
    assert erased(centre, made)
    with acting(cast.centre), pytest.raises(Erased):
        unseal(made, "referral", referral, sealed)
    after(366, authority.machine)
    full = authority_desk.open_referral(authority.investigator, referral)
    assert (full.package, full.raw, bool(full.row.erased_at)) == (None, b"", True)
    client = cast.client(authority.machine, "investigator")
    assert "The contents were erased" in client.get(f"/desk/inbox/{referral}/").content.decode()
    answer = client.get(f"/desk/inbox/{referral}/package.json", follow=True)
    assert answer.redirect_chain == [(f"/desk/inbox/{referral}/", 302)]


def test_what_repeats_a_report_goes_with_it_and_a_hold_keeps_both(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "AT")
    first = authority.report()
    made = centre.file(first)
    twin = centre.file(first.model_copy(update={"report_id": type(made)(int=made.int ^ 1)}))
    assert centre.row(twin).duplicate_of == centre.row(made)
    referral = authority.referred(made)
    with clock.simulate(clock.now() + 1000 * DAY):
        until = clock.now() + 200 * DAY
        answering.ask_hold(authority.investigator, referral, reason="An operation", until=until)
        authority.answer()
    after(1100, cast.centre)
    assert not erased(centre, made)
    after(1201, cast.centre)
    assert erased(centre, made)
    assert erased(centre, twin)
    triage.declare_erroneous(centre.lead, made, "It was never right", revoke=True)


def test_a_body_opens_in_its_own_place_alone(cast: Cast) -> None:
    with acting(cast.centre):
        sealed = erasable.seal(cast.centre, "report", "1", b"body", "report:1")
        assert erasable.unseal("report", "1", sealed, "report:1") == b"body"
        with pytest.raises(CannotUnwrap):
            erasable.unseal("report", "1", sealed, "report:2")
        for broken in (sealed[:-1], sealed[:12], sealed[:-1] + bytes([sealed[-1] ^ 1])):
            with pytest.raises(CannotUnwrap):
                erasable.unseal("report", "1", broken, "report:1")
        assert erasable.erase("report", "1")
        assert not erasable.erase("report", "1")
        with pytest.raises(Erased):
            erasable.unseal("report", "1", sealed, "report:1")
