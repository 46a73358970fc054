"""A Centre with its people, an authority that answers, and the messages between them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date
from uuid import UUID, uuid4

from django.apps import apps

from tests.support.cast import Cast
from tests.support.post import deliver, introduce
from tests.support.reporting import report
from tutela.events.actor import Actor
from tutela.events.tenant_model import TenantModel
from tutela.events.transaction import acting
from tutela.exchange.report.report import Report
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.register import certify, detail, propose
from tutela.law import acts, classification, clocks
from tutela.organisations.models import OutboxMessage
from tutela.organisations.people import directory
from tutela.reports.intake import submit
from tutela.reports.models import Referral
from tutela.reports.models import Report as Row
from tutela.reports.referrals import refer
from tutela.reports.triage import assess


class Centre:
    """One Centre. `analyst` and `lead` are two people; `authority` is Europol's stand-in for the country given."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.machine = cast, cast.centre
        self.analyst = cast.actor(cast.centre, "analyst")
        self.lead = cast.actor(cast.centre, "analyst", "lead")

    def file(self, sent: Report, provider: Actor | None = None) -> UUID:
        """A provider files a report; returns its id."""
        organisation = (provider or self.cast.pixelpost).organisation_id
        sender = directory.acting_for(directory.entry(organisation), "key:test", "Edge", frozenset({"reports.submit"}))
        submit.receive(sender, self.entry, str(uuid4()), sent.to_bytes())
        return sent.report_id

    @property
    def entry(self) -> directory.DirectoryEntry:
        return directory.entry(self.machine.organisation_id)

    def row(self, report_id: UUID) -> Row:
        with acting(self.machine):
            return Row.objects.select_related("bundle", "duplicate_of").get(report_id=report_id)

    def told(self, report_id: UUID) -> list[str]:
        """What the provider was told of a report, in order."""
        with acting(self.machine):
            rows = self.row(report_id).feedback.order_by("created_at", "id")
            return list(rows.values_list("kind", flat=True))

    def clocks(self, report_id: UUID) -> dict[str, str]:
        with acting(self.machine):
            return {spec.kind: standing.state for spec, standing in clocks.of_subject("report", report_id)}

    def messages(self, recipient: Actor, kind: str) -> list[OutboxMessage]:
        with acting(self.machine):
            rows = OutboxMessage.objects.filter(recipient_id=recipient.organisation_id, kind=kind)
            return list(rows.order_by("created_at"))

    def deliver(self, recipient: Actor) -> None:
        """Deliver what waits for one organisation alone: the Centre is shared by all tests."""
        import httpx
        from django.core.wsgi import get_wsgi_application

        from tutela.organisations.messages import delivery

        with acting(self.machine):
            rows = OutboxMessage.objects.filter(recipient_id=recipient.organisation_id, answered_at=None)
            waiting = list(rows.order_by("created_at").values_list("pk", flat=True))
        with httpx.Client(transport=httpx.WSGITransport(app=get_wsgi_application())) as client:
            for pk in waiting:
                assert delivery.deliver_now(self.machine.organisation_id, pk, client) is None


class Authority:
    """The authority of a country, connected to the Centre both ways; that of an earlier test is none any longer."""

    def __init__(self, centre: Centre, country: str) -> None:
        self.centre, self.country = centre, country
        self.machine = centre.cast.authority_of(country)
        self.investigator = centre.cast.actor(self.machine, "investigator")
        introduce(centre.cast, centre.machine, self.machine, "referrals:submit")
        introduce(centre.cast, self.machine, centre.machine, "outcomes:submit", "referrals:read")

    def report(self, **changes: object) -> Report:
        """A report that points to this country."""
        return report(**{"geography": [{"country": self.country, "derived_from": "ip"}], **changes})

    def referred(self, report_id: UUID) -> UUID:
        """Refer a report, found relevant before if nobody did; returns the referral's id once it has arrived."""
        row = self.centre.row(report_id)
        with acting(self.centre.machine):
            count = row.assessments.count()
        if row.state != "forward":
            assess.assess(self.centre.analyst, report_id, "forward", "", seen=count)
        refer.refer(self.centre.analyst, report_id)
        self.centre.deliver(self.machine)
        with acting(self.centre.machine):
            newest = Referral.objects.filter(report__report_id=report_id).order_by("-created_at").first()
        assert newest
        return newest.referral_id

    def answer(self) -> None:
        """Deliver what the authority has said."""
        deliver(self.machine)


_shared: dict[str, Authority] = {}


def shared(cast: Cast, country: str) -> Authority:
    """The authority of a country that several tests share, and a new one where another test has taken its place."""
    known = _shared.get(country)
    if known is None or not stands(known.machine, country):
        known = _shared[country] = Authority(Centre(cast), country)
    return known


def stands(authority: Actor, country: str) -> bool:
    """Whether this is still the authority of its country: there is one, and a test may have made another."""
    now = directory.authority_for(country)
    return now is not None and now.id == authority.organisation_id


def entry_of(cast: Cast, digest: str) -> UUID:
    """An active entry of the register with this digest."""
    value = {"value": "known-material", "label": "Material within Art. 2(c)"}
    scheme = {"code": "eu-2011-93", "title": "T", "version": "2011", "source": "D", "values": [value]}
    classification.import_scheme(cast.centre, scheme)
    made = propose.propose(
        cast.hotline_ie,
        given=[HashValue("sha256", digest)],
        media_type="image",
        classification="eu-2011-93:known-material",
        reason="x",
    )
    certify.certify(cast.hotline_de, made)
    return made


def state_of_entry(cast: Cast, entry: UUID) -> str:
    """What the register says of an entry."""
    return detail.load_detail(cast.hotline_ie, entry).line.state


def in_clear(actor: Actor, words: str) -> list[str]:
    """The tables in which an organisation's rows say these words for everybody who reads the database."""
    with acting(actor):
        tables = [m for m in apps.get_models() if issubclass(m, TenantModel)]
        return [m.__name__ for m in tables if any(words in str(row) for row in m._default_manager.values_list())]


@contextlib.contextmanager
def law(cast: Cast, act: str) -> Iterator[None]:
    """An act as if it had been in force since 2020 and somebody had read it; a proposal again afterwards."""
    lead, said = cast.actor(cast.centre, "lead"), {"checked": True, "applies_to": None, "note": "test"}
    acts.seed()
    acts.record_reading(lead, act, status="in_force", applies_from=date(2020, 1, 1), **said)  # type: ignore[arg-type]
    try:
        yield
    finally:
        acts.record_reading(lead, act, status="proposal", applies_from=None, **said)  # type: ignore[arg-type]
