"""A report also goes to a CyberTipline interface: the accounts there, the switch, sending and taking back.

1. Test and production are two accounts; a switch says which is used, and tests count as nothing.
2. The report is checked against the interface's rules before anything is stored.
3. It is opened at once and filed after the grace, in which it can be taken back. The steps are `tip_steps`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from tutela import clock
from tutela.detection import sending
from tutela.detection.drafting import latest, text_of
from tutela.detection.errors import AlreadyTipped, CannotTip, NoEndpoint, NothingToRetract
from tutela.detection.models import Discard, Draft, Tip, TipEndpoint, TipMode, TipState
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.ids import uuid7
from tutela.events.recording import record
from tutela.exchange.cybertip.client import Client, Said
from tutela.exchange.cybertip.fieldmap import Carried, carried
from tutela.exchange.cybertip.writing import CannotSubmitError, submission
from tutela.exchange.errors import ExchangeError
from tutela.exchange.outgoing import AddressRefusedError, Guarded, check_base
from tutela.exchange.report import Report
from tutela.exchange.report_fields import Item
from tutela.exchange.writing import typed
from tutela.organisations import erasable, outgoing
from tutela.organisations.sealing import unwrap, wrap

KIND = "report"
MOST_GRACE = 600
UNDER_WAY = (TipState.WAITING, TipState.OPEN)


@dataclass(frozen=True)
class Wanted:
    """An account as somebody enters it; an empty password keeps the one before."""

    base: str
    username: str
    password: str
    email: str
    with_files: bool
    grace_minutes: int


@dataclass(frozen=True)
class Endpoints:
    """Both accounts, and which is used."""

    test: TipEndpoint | None
    production: TipEndpoint | None
    in_earnest: bool

    @property
    def used(self) -> TipEndpoint | None:
        return self.production if self.in_earnest else self.test


@dataclass(frozen=True)
class Outlook:
    """What a recipient would get of a draft: field by field, or why it cannot be sent."""

    endpoint: TipEndpoint | None
    fields: list[Carried]
    problem: str
    tips: list[Tip]
    number: str

    @property
    def under_way(self) -> Tip | None:
        return next((tip for tip in self.tips if tip.state in UNDER_WAY), None)


def endpoints(actor: Actor) -> Endpoints:
    """What is set."""
    with acting(actor):
        return _endpoints()


def set_endpoint(actor: Actor, wanted: Wanted, *, production: bool) -> None:
    """Let reports go there from now on; an empty address ends it. Raises `Invalid` naming the field."""
    actor.require("detection.settings")
    with acting(actor):
        before = _newest(production)
        row = TipEndpoint(
            organisation_id=actor.organisation_id, production=production, base=_base(wanted.base),
            username=_username(wanted), email=typed(wanted.email), with_files=wanted.with_files,
            grace_minutes=wanted.grace_minutes, by=actor.reference, by_name=actor.name[:200],
        )  # fmt: skip
        if not 0 <= wanted.grace_minutes <= MOST_GRACE:
            raise Invalid("Between 0 and {most} minutes.", field="grace_minutes", most=MOST_GRACE)
        if row.base and not (wanted.password or (before and before.base)):
            raise Invalid("Enter the password that the recipient issued.", field="password")
        secret = wanted.password.encode() or (password_of(before).encode() if before else b"")
        row.wrapped_password = wrap(secret if row.base else b"", f"tip-endpoint:{row.pk}")
        row.save()
        record(actor, "tip_endpoint.set", "tip_endpoint", row.pk, production=production, base=row.base)


def choose(actor: Actor, *, production: bool) -> None:
    """Send in earnest from now on, or tests. Raises `NoEndpoint` where that account is not set."""
    actor.require("detection.settings")
    with acting(actor):
        found = _newest(production)
        if production and (found is None or not found.base):
            raise NoEndpoint
        TipMode.objects.create(
            organisation_id=actor.organisation_id, production=production, by=actor.reference, by_name=actor.name[:200]
        )
        record(actor, "tip_endpoint.chosen", "tip_endpoint", actor.organisation_id, production=production)


def ask(actor: Actor, *, production: bool, way: Guarded | None = None) -> Said:
    """Ask the interface whether the account is let in. Raises `NoEndpoint`, `Invalid` with what went wrong."""
    actor.require("detection.settings")
    with acting(actor):
        found = _newest(production)
        if found is None or not found.base:
            raise NoEndpoint
        client = client_of(found, way)
    try:
        return client.status()
    except ExchangeError as error:
        raise Invalid("No answer: {reason}", field="base", reason=str(error)) from None


def outlook(actor: Actor, draft_id: UUID) -> Outlook:
    """What would arrive of a draft, and what was sent of it so far. Raises `NotFound`."""
    actor.require("detection.read")
    with acting(actor):
        row = Draft.objects.filter(pk=draft_id).first()
        if row is None:
            raise NotFound
        used, tips = _endpoints().used, list(row.tips.select_related("endpoint").order_by("-created_at"))
        revision = row.revisions.order_by("-number").first()
        if revision is None:
            return Outlook(used, [], "", tips, row.number)
        report = sending.without_withdrawn(text_of(revision))
        files = items_to_pass_on(used, row, report) if used else ()
        problem = ""
        if used:
            try:
                submission(sending.dated(actor, report), used.email, files, clock.now())
            except CannotSubmitError as error:
                problem = str(error)
        return Outlook(used, carried(report, with_files=bool(files)), problem, tips, row.number)


def send(actor: Actor, draft_id: UUID) -> UUID:
    """Let a report go to the interface in use; returns the sending's id.

    Raises `NoEndpoint`, `AlreadyTipped`, `CannotTip` with the element, `RestsOnNothing`, `Unseen`, `NotFound`.
    """
    actor.require("detection.report")
    now = clock.now()
    with acting(actor):
        row = _locked(draft_id)
        used = _endpoints().used
        if used is None or not used.base:
            raise NoEndpoint
        report = sending.dated(actor, sending.founded(row, text_of(latest(row))))
        try:
            submission(report, used.email, items_to_pass_on(used, row, report), now)
        except CannotSubmitError as error:
            raise CannotTip("The interface would refuse this: {reason}", reason=str(error)) from None
        if row.tips.filter(endpoint__production=used.production, state=TipState.FINISHED).exists() and used.production:
            raise AlreadyTipped
        tip = Tip(
            id=uuid7(), organisation_id=actor.organisation_id, draft=row, endpoint=used, sha256=report.fingerprint(),
            next_at=now, by=actor.reference, by_name=actor.name[:200],
        )  # fmt: skip
        tip.sealed_report = erasable.seal(actor, KIND, row.pk, report.to_bytes(), f"tip:{tip.pk}")
        try:
            with transaction.atomic():
                tip.save()
        except IntegrityError:
            raise AlreadyTipped from None
        if used.production:
            sending.start_clocks(actor, row)
        record(actor, "tip.begun", KIND, row.pk, tip=tip.pk, production=used.production, sha256=tip.sha256)
        _enqueue(tip)
    return tip.pk


def retract(actor: Actor, draft_id: UUID) -> None:
    """Take back what is not filed yet. Raises `NothingToRetract`: of what is filed the recipient has to be asked."""
    actor.require("detection.report")
    with acting(actor):
        row = _locked(draft_id)
        tip = row.tips.select_for_update().filter(state__in=UNDER_WAY).first()
        if tip is None:
            raise NothingToRetract
        if not tip.to_retract:
            tip.to_retract, tip.next_at = True, clock.now()
            tip.save(update_fields=["to_retract", "next_at"])
            record(actor, "tip.retracting", KIND, row.pk, tip=tip.pk)
        _enqueue(tip)


def report_of(tip: Tip) -> Report:
    """The report as it goes out. Call inside `acting(actor)`. Raises `Erased`."""
    sealed = bytes(tip.sealed_report)
    return Report.from_bytes(erasable.unseal(KIND, tip.draft_id, sealed, f"tip:{tip.pk}"))


def items_to_pass_on(endpoint: TipEndpoint, row: Draft, report: Report) -> tuple[Item, ...]:
    """The items whose bytes the provider's storage can give: those of a candidate. Call inside `acting(actor)`."""
    if not endpoint.with_files or row.candidate_ref is None:
        return ()
    terms = row.service.terms.order_by("-created_at", "-id").first()
    return report.items if terms and terms.media_link else ()


def client_of(endpoint: TipEndpoint, way: Guarded | None = None) -> Client:
    """The account, ready to be used."""
    return Client(endpoint.base, endpoint.username, password_of(endpoint), way or Guarded(outgoing.networks()))


def password_of(endpoint: TipEndpoint) -> str:
    """The account's password, for the client alone. Call inside `acting(actor)`."""
    return unwrap(bytes(endpoint.wrapped_password), f"tip-endpoint:{endpoint.pk}").decode()


def erase(draft: Draft) -> None:
    """Leave nothing of what was sent; its key goes with the report's. Within `acting(actor)`, for retention."""
    draft.tips.filter(state__in=UNDER_WAY).update(
        state=TipState.REFUSED, ended_at=clock.now(), last_error="erased before it was filed"
    )
    draft.tips.update(sealed_report=b"", files=[])


def due(actor: Actor, now: datetime) -> list[UUID]:
    """The sendings whose next step is due. For the job of every minute."""
    with acting(actor):
        rows = Tip.objects.filter(state__in=UNDER_WAY, next_at__lte=now)
        return list(rows.order_by("next_at").values_list("pk", flat=True)[:500])


def _endpoints() -> Endpoints:
    mode = TipMode.objects.order_by("-created_at", "-id").first()
    found: dict[bool, Any] = {kind: _newest(kind) for kind in (False, True)}
    test, production = (row if row is not None and row.base else None for row in (found[False], found[True]))
    return Endpoints(test, production, bool(mode and mode.production))


def _newest(production: bool) -> TipEndpoint | None:
    return TipEndpoint.objects.filter(production=production).order_by("-created_at", "-id").first()


def _locked(draft_id: UUID) -> Draft:
    row = Draft.objects.select_for_update().filter(pk=draft_id).first()
    if row is None:
        raise NotFound
    if Discard.objects.filter(draft=row).exists():
        raise NotFound("This draft was discarded.")
    return row


def _base(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return check_base(text.strip(), outgoing.networks())
    except AddressRefusedError as error:
        raise Invalid("This address cannot be used: {reason}", field="base", reason=str(error)) from None


def _username(wanted: Wanted) -> str:
    name = wanted.username.strip()
    if wanted.base.strip() and (not name or ":" in name):
        raise Invalid("A user name, without a colon.", field="username")
    return name


def _enqueue(tip: Tip) -> None:
    from tutela.detection.jobs import advance_soon

    advance_soon(tip.organisation_id, tip.pk)
