"""File a return: prefilled from the ledger, validated, signed, and kept with every earlier version."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from tutela import clock
from tutela.accountability.chain import event_counts
from tutela.events import advisory_locks
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import sign
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.definitions.units import Missing
from tutela.observatory.errors import ReturnFaulty, UnknownForm, UnknownReturn
from tutela.observatory.figures.compute import compute
from tutela.observatory.forms.content import CONTEXT, Line, ReturnDocument
from tutela.observatory.forms.form import Form, FormField, forms, forms_of
from tutela.observatory.forms.validation import FoundFault, validate
from tutela.observatory.models import FiledReturn
from tutela.observatory.returns.domain_values import domain_values
from tutela.organisations.messages import message_signing

READ, FILE = "returns.read", "returns.file"
SUBJECT = "return"
MOST_LISTED = 200


@dataclass(frozen=True)
class FiledLine:
    """A filed return in a list."""

    id: UUID
    form: Form
    period: ReportingPeriod
    version: int
    at: datetime
    by_name: str
    late: bool


def form_for(actor: Actor, name: str) -> Form:
    """A form that the actor's organisation files. Raises `UnknownForm`."""
    actor.require(READ)
    found = forms().get(name)
    if found is None or actor.organisation_kind not in found.organisations:
        raise UnknownForm
    return found


def own_forms(actor: Actor) -> list[Form]:
    """Forms that the actor's organisation files."""
    actor.require(READ)
    return forms_of(actor.organisation_kind)


def draft(actor: Actor, form: Form, period: ReportingPeriod) -> ReturnDocument:
    """A return with everything that the ledger knows. Every other value is the code "not available"."""
    actor.require(READ)
    with acting(actor):
        computed = compute(actor, period, event_counts.newest().position)
        since = datetime.combine(period.start, time(), UTC)
        until = datetime.combine(period.end + timedelta(days=1), time(), UTC)
        known = domain_values(actor, form, since, until)
        before = _newest(form, period)
    figures = {one.query.definition_key: str(one.value) for one in computed}
    lines = [
        _line(one, scope, known.get((one.id, scope)) or (figures.get(one.prefill) if not scope else None))
        for one in form.fields
        for scope in form.scopes_of(one)
    ]
    return ReturnDocument(
        form=form.id,
        sender=actor.organisation_name,
        country=actor.country,
        period=period,
        number=before.version + 1 if before else 1,
        cut_off=clock.now().date(),
        source_system="tutela",
        coverage_percent=None,
        lines=tuple(lines),
    )


def check(actor: Actor, document: ReturnDocument) -> list[FoundFault]:
    """Faults of a return, also against the period before."""
    form = form_for(actor, document.form)
    with acting(actor):
        return validate(form, document, _before(form, document.period))


def file(actor: Actor, document: ReturnDocument) -> UUID:
    """Sign and keep a return; returns its id. Raises `ReturnFaulty` with every error, `UnknownForm`, `NoSigningKey`."""
    actor.require(FILE)
    actor.require_verified()
    form = form_for(actor, document.form)
    with acting(actor):
        advisory_locks.lock("observatory.return", str(actor.organisation_id), form.id)
        newest = _newest(form, document.period)
        number = newest.version + 1 if newest else 1
        owned = replace(document, sender=actor.organisation_name, country=actor.country, number=number)
        faults = [one for one in validate(form, owned, _before(form, owned.period)) if one.is_error]
        if faults:
            raise ReturnFaulty(faults=" ".join(map(str, faults[:10])))
        return _kept(actor, form, owned)


def listed(actor: Actor) -> list[FiledLine]:
    """Returns of the actor's organisation, the newest first."""
    actor.require(READ)
    with acting(actor):
        own = FiledReturn.objects.filter(organisation_id=actor.organisation_id)
        rows = list(own.defer("envelope", "content").order_by("-created_at")[:MOST_LISTED])
    return [_listed(row) for row in rows]


def document_of(actor: Actor, return_id: UUID) -> ReturnDocument:
    """A filed return. Raises `UnknownReturn`."""
    return ReturnDocument.from_json(_row(actor, return_id).content)


def signed_file(actor: Actor, return_id: UUID) -> bytes:
    """The signed return, for who receives it. Raises `UnknownReturn`."""
    return bytes(_row(actor, return_id).envelope)


def exists(actor: Actor, return_id: UUID) -> bool:
    """Return true if the actor's organisation has this return."""
    with acting(actor):
        return FiledReturn.objects.filter(pk=return_id, organisation_id=actor.organisation_id).exists()


def _row(actor: Actor, return_id: UUID) -> FiledReturn:
    actor.require(READ)
    with acting(actor):
        row = FiledReturn.objects.filter(pk=return_id, organisation_id=actor.organisation_id).first()
    if row is None:
        raise UnknownReturn
    return row


def _line(field: FormField, scope: str, known: str | None) -> Line:
    if known is None:
        return Line(field.id, missing=Missing.NOT_AVAILABLE.value, scope=scope, definition=field.definition)
    return Line(field.id, value=known, scope=scope, definition=field.definition)


def _newest(form: Form, period: ReportingPeriod) -> FiledReturn | None:
    rows = FiledReturn.objects.filter(form=form.id, period_start=period.start, period_end=period.end)
    return rows.order_by("-version").first()


def _before(form: Form, period: ReportingPeriod) -> ReturnDocument | None:
    """The newest return of the period before."""
    rows = FiledReturn.objects.filter(form=form.id, period_end__lt=period.start).order_by("-period_end", "-version")
    row = rows.first()
    return ReturnDocument.from_json(row.content) if row else None


def _kept(actor: Actor, form: Form, document: ReturnDocument) -> UUID:
    private = message_signing.private_key(actor)
    envelope = sign(document.to_bytes(), CONTEXT, private)
    row = FiledReturn(
        organisation_id=actor.organisation_id,
        form=form.id,
        period_start=document.period.start,
        period_end=document.period.end,
        version=document.number,
        content=json.loads(document.to_bytes()),
        digest=document.digest,
        key=private.public_key().public_bytes_raw().hex(),
        envelope=envelope.to_bytes(),
        by=actor.reference,
        by_name=actor.name[:200],
    )
    row.save(force_insert=True)
    record(
        actor,
        "return.filed",
        SUBJECT,
        row.pk,
        form=form.id,
        start=document.period.start,
        end=document.period.end,
        version=document.number,
        digest=document.digest,
    )
    return row.pk


def _listed(row: FiledReturn) -> FiledLine:
    form, period = forms()[row.form], ReportingPeriod(row.period_start, row.period_end)
    due = form.due_on(period)
    late = due is not None and row.version == 1 and row.created_at.date() > due
    return FiledLine(row.pk, form, period, row.version, row.created_at, row.by_name, late)


def missing_forms(actor: Actor, now: datetime) -> list[tuple[Form, ReportingPeriod]]:
    """Forms and periods of late returns of the actor's organisation."""
    with acting(actor):
        return [(form, period) for owner, form, period in late_forms(now) if owner == actor.organisation_id]


def late_forms(now: datetime) -> list[tuple[UUID, Form, ReportingPeriod]]:
    """Organisation, form and period of each late return. Call inside `acting(actor)`.

    - A return is late after its day until days of its period are all in filed returns, in the next years too.
    - Only periods since the first filed return of a form count: an organisation may be younger than earlier ones.
    - A form that replaces another is owed from its first day on by who filed the one before.
    """
    filed: dict[tuple[UUID, str], list[ReportingPeriod]] = {}
    rows = FiledReturn.objects.order_by("form", "period_start", "period_end")
    for owner, name, *days in rows.values_list("organisation_id", "form", "period_start", "period_end").distinct():
        filed.setdefault((owner, name), []).append(ReportingPeriod(*days))
    owed = dict.fromkeys((owner, form) for owner, name in filed for form in (name, *_continued(name)))
    return [
        (owner, forms()[name], period)
        for owner, name in owed
        for period in _late(forms()[name], filed.get((owner, name), []), now.date())
    ]


def _continued(name: str) -> list[str]:
    """Forms that replace this one."""
    return [one.id for one in forms().values() if one.replaces == name]


def _late(form: Form, filed: Sequence[ReportingPeriod], today: date) -> Iterator[ReportingPeriod]:
    """Periods of the form whose return is late, next to these that were filed."""
    since = min((one.start for one in filed), default=form.first_day or today)
    for one in form.periods(since, today):
        # The first return may begin within a period: nothing is owed of the days before.
        period = ReportingPeriod(max(one.start, since), one.end)
        due = form.due_on(period)
        if due is not None and today > due and not _covered(period, filed):
            yield period


def _covered(period: ReportingPeriod, filed: Sequence[ReportingPeriod]) -> bool:
    """Whether every day of a period is in a filed return."""
    day = period.start
    for one in sorted(filed):
        if one.start <= day:
            day = max(day, one.end + timedelta(days=1))
    return day > period.end
