"""Receive signed returns of others, as files or by the API, check them against each other, and add up what may be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.signed_envelope import Envelope, trusted_keys, verify
from tutela.observatory.comparison.comparability_check import CheckedReturns, ReceivedDocument, check
from tutela.observatory.definitions.coverage import state_of
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.errors import NotAReturn, ReceivedBefore, UnknownForm
from tutela.observatory.forms.content import CONTEXT, NotAReturnDocument, ReturnDocument
from tutela.observatory.forms.form import forms
from tutela.observatory.models import ReceivedReturn
from tutela.organisations.keys import signing
from tutela.organisations.messages import message_signing
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry

RECEIVE = "returns.receive"
SUBJECT = "received_return"
MOST_BYTES = 1_000_000
MOST_RETURNS = 5000


def receive(actor: Actor, data: bytes, key: str) -> UUID:
    """Keep a signed return; `key` is the sender's public key, received by another way.

    Raises `NotAReturn`, `ReceivedBefore`.
    """
    actor.require(RECEIVE)
    return _kept(actor, _read(data, [key.strip()]), data, key.strip().lower())


def receive_from(sender: Actor, centre: DirectoryEntry, data: bytes) -> UUID:
    """Keep a return that an organisation of the directory sends itself, signed with a key of its own.

    Sent again, it is answered as before. Raises `NotAReturn`.
    """
    known = signing.public_keys(sender.organisation_id, message_signing.use_of(sender.organisation_kind))
    keys = {one.key_id: one.public.hex() for one in known if one.state != "revoked"}
    document = _read(data, list(keys.values()))
    _require_own(sender, document)
    actor = directory.acting_for(centre, sender.reference, sender.name)
    with acting(actor):
        before = ReceivedReturn.objects.filter(digest=document.digest).values_list("pk", flat=True).first()
        return before or _kept(actor, document, data, keys[Envelope.from_bytes(data).key_id])


def _require_own(sender: Actor, document: ReturnDocument) -> None:
    """A key says who signed; the return itself must not say that it is of somebody else. Raises `NotAReturn`."""
    if sender.organisation_kind not in forms()[document.form].organisations:
        raise NotAReturn("The form {form} is of other organisations.", field="file", form=document.form)
    if (document.sender, document.country) != (sender.organisation_name, sender.country):
        raise NotAReturn("The return is of another organisation than its sender.", field="file")


def _kept(actor: Actor, document: ReturnDocument, data: bytes, key: str) -> UUID:
    with acting(actor):
        if ReceivedReturn.objects.filter(digest=document.digest).exists():
            raise ReceivedBefore
        row = ReceivedReturn(
            organisation_id=actor.organisation_id,
            form=document.form,
            sender=document.sender[:200],
            country=document.country,
            period_start=document.period.start,
            period_end=document.period.end,
            version=document.number,
            content=json.loads(document.to_bytes()),
            digest=document.digest,
            key=key,
            envelope=data,
            by=actor.reference,
        )
        row.save(force_insert=True)
        record(
            actor,
            "return.received",
            SUBJECT,
            row.pk,
            form=document.form,
            country=document.country,
            version=document.number,
            digest=document.digest,
        )
    return row.pk


def checked(actor: Actor, form_name: str, period: ReportingPeriod) -> CheckedReturns:
    """The returns of a period, checked against each other and the period before. Raises `UnknownForm`."""
    actor.require(RECEIVE)
    form = forms().get(form_name)
    if form is None:
        raise UnknownForm
    with acting(actor):
        rows = list(ReceivedReturn.objects.filter(form=form.id).defer("envelope").order_by("created_at")[:MOST_RETURNS])
    received = [ReceivedDocument(ReturnDocument.from_json(row.content), row.created_at.date(), row.key) for row in rows]
    before: dict[str, ReturnDocument] = {}
    for one in sorted(received, key=lambda one: (one.document.period, one.document.number)):
        if one.document.period.end < period.start:
            before[one.document.country] = one.document
    return check(form, period, received, before)


def periods(actor: Actor) -> list[tuple[str, ReportingPeriod]]:
    """Forms and periods of which returns were received, the newest first."""
    actor.require(RECEIVE)
    with acting(actor):
        found = ReceivedReturn.objects.values_list("form", "period_start", "period_end").distinct()
        return [
            (form, ReportingPeriod(start, end)) for form, start, end in found.order_by("-period_start", "form")[:200]
        ]


def _read(data: bytes, keys: Sequence[str]) -> ReturnDocument:
    if len(data) > MOST_BYTES:
        raise NotAReturn("The file is longer than {most} bytes.", field="file", most=MOST_BYTES)
    try:
        document = ReturnDocument.from_bytes(verify(Envelope.from_bytes(data), CONTEXT, trusted_keys(keys)))
    except (ExchangeError, NotAReturnDocument) as error:
        raise NotAReturn(why=str(error)) from None
    if document.form not in forms():
        raise NotAReturn("The form {form} is unknown.", field="file", form=document.form[:40])
    if not forms()[document.form].has_length(document.period):
        form, period = document.form, document.period
        raise NotAReturn("The form {form} has other periods than {period}.", field="file", form=form, period=period)
    if state_of(document.country) is None:
        raise NotAReturn("{country} is no Member State.", field="file", country=document.country[:10])
    if document.cut_off > clock.now().date():
        raise NotAReturn("The data of the return end in the future.", field="file")
    return document
