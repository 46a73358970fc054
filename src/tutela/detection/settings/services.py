"""Services of the provider and their terms: kind, channel, mode, reviewers, budget, links."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import UUID

from tutela import clock
from tutela.detection.errors import UnknownService
from tutela.detection.models import Service, Terms
from tutela.detection.models.settings import Mode, ReviewRule
from tutela.detection.settings import media_links
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.law import detection_gate
from tutela.organisations.people import directory

# No study gives a safe number of pictures a day; fewer than these are opened if exact copies stay closed.
USUAL_BUDGET, USUAL_STOP, MOST = 20, 40, 200


@dataclass(frozen=True)
class ServiceInput:
    """Input for the terms of a service."""

    kind: str
    channel: str = "public"
    technology: str = "hash"
    mode: str = "shadow"
    review_rule: str = "one"
    media_link: str = ""
    exposure_budget: int = USUAL_BUDGET
    exposure_stop: int = USUAL_STOP


@dataclass(frozen=True)
class ServiceView:
    """A service as the desk shows it, with its legal basis today."""

    id: UUID
    name: str
    terms: Terms
    decision: detection_gate.GateDecision


def create(actor: Actor, name: str, wanted: ServiceInput) -> UUID:
    """Set up a service. Raises `Invalid` naming the field."""
    actor.require("detection.settings")
    if not name.strip():
        raise Invalid("Enter the service name that your Edge sends.", field="name")
    _check(actor, wanted)
    with acting(actor):
        if Service.objects.filter(name=name.strip()).exists():
            raise Invalid("A service with this name already exists.", field="name")
        row = Service.objects.create(organisation_id=actor.organisation_id, name=name.strip()[:160])
        _set(actor, row, wanted)
        record(actor, "service.created", "service", row.id, **asdict(wanted))
    return row.id


def change(actor: Actor, service_id: UUID, wanted: ServiceInput) -> None:
    """Let new terms hold from now on; the earlier ones stay in the history."""
    actor.require("detection.settings")
    _check(actor, wanted)
    with acting(actor):
        row = _own(service_id)
        _set(actor, row, wanted)
        record(actor, "service.changed", "service", row.id, **asdict(wanted))


def list_services(actor: Actor) -> list[ServiceView]:
    """The services by name, each with its terms and its basis today."""
    actor.require("detection.read")
    with acting(actor):
        return [_listed(row) for row in Service.objects.order_by("name")]


def called(name: str) -> list[UUID]:
    """The services of this name, looked up first: a join would read everything that is of any. Within `acting`."""
    return list(Service.objects.filter(name=name).values_list("pk", flat=True))


def load_service(actor: Actor, service_id: UUID) -> tuple[ServiceView, list[Terms]]:
    """One service and all its terms, newest first."""
    actor.require("detection.read")
    with acting(actor):
        row = _own(service_id)
        return _listed(row), list(row.terms.order_by("-created_at", "-id"))


def named(name: str | None) -> Service:
    """The service a message means; without a name, the only one. Call inside `acting(actor)`."""
    rows = list(Service.objects.filter(name=name) if name else Service.objects.all()[:2])
    if len(rows) != 1:
        raise UnknownService() if name else UnknownService("Name the service: your desk has no service, or several.")
    return rows[0]


def terms_of(service: Service) -> Terms:
    """The terms that hold now. Call inside `acting(actor)`."""
    return service.terms.order_by("-created_at", "-id")[0]


def activity(terms: Terms, channel: str | None = None) -> detection_gate.Activity:
    """Activity for the legal-basis check.

    A message that names one of the law's own channels is judged by that channel.
    """
    return detection_gate.Activity(
        terms.kind, channel if channel in detection_gate.Channel.values else terms.channel, terms.technology
    )


def make_link_key(actor: Actor, service_id: UUID) -> str:
    """A new key for links into the provider's storage, in hex; it is shown this once. The one before ends."""
    actor.require("detection.settings")
    with acting(actor):
        row = _own(service_id)
        text = media_links.new_key(actor, row)
        record(actor, "service.link_key", "service", row.id)
    return text


def _listed(row: Service) -> ServiceView:
    terms = terms_of(row)
    decision = detection_gate.decide(activity(terms), clock.now().date(), row.organisation_id)
    return ServiceView(row.id, row.name, terms, decision)


def _own(service_id: UUID) -> Service:
    row = Service.objects.filter(pk=service_id).first()
    if row is None:
        raise NotFound
    return row


def _set(actor: Actor, row: Service, wanted: ServiceInput) -> None:
    Terms.objects.create(
        organisation_id=actor.organisation_id,
        service=row,
        by=actor.reference,
        by_name=actor.name[:200],
        **asdict(wanted),
    )


def _check(actor: Actor, wanted: ServiceInput) -> None:
    words = {
        "kind": detection_gate.ServiceKind,
        "channel": detection_gate.Channel,
        "technology": detection_gate.Technology,
        "mode": Mode,
        "review_rule": ReviewRule,
    }
    for name, choices in words.items():
        if getattr(wanted, name) not in choices.values:
            raise Invalid("Choose one of: {known}.", field=name, known=", ".join(choices.values))
    if not 1 <= wanted.exposure_budget <= wanted.exposure_stop <= MOST:
        raise Invalid(
            "The daily limit must be between the recommended limit and {most} a day.", field="exposure_stop", most=MOST
        )
    if wanted.media_link:
        media_links.check_template(wanted.media_link, directory.entry(actor.organisation_id).media_origin)
