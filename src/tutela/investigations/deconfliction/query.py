"""Query whether another authority has the same identifier, without revealing which one (RFC 9497).

- Taking part is the authority's own decision and can be withdrawn at any time. An authority that does not take part is
  not asked and cannot ask.
- An identifier belongs to a case: it has a file reference. Only two things leave the node. The first is the
  identifier's truncated value under the authority's own secret, among filler values. The second, in a query, is a
  blinded point.
- A hit says that another authority has the identifier too. Only that authority can reveal its identity. The asking
  authority contacts it under its own name, with proof that it has the identifier; the other authority decides.
- Events hold numbers, never an identifier, a value or a point.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Invalid, NotFound
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.referral.deconfliction import (
    FILLED_TO,
    MOST_POINTS,
    MOST_VALUES,
    TAG_BYTES,
    HolderSet,
    Question,
)
from tutela.investigations.deconfliction.identifiers import canonical, item_of
from tutela.investigations.errors import NobodyToAsk, NoCentre, NotTakingPart, TooMany
from tutela.investigations.models import (
    AskedQuestion,
    HeldIdentifier,
    Hit,
    TakingPart,
)
from tutela.organisations.errors import NoSigningKey
from tutela.organisations.keys import signing, subject_keys
from tutela.organisations.keys.envelope_encryption import unwrap, wrap
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory
from tutela.tlog import voprf
from tutela.tlog.vrf import Secret

SEALED_IDENTIFIER, SEALED_QUESTION, SEALED_HIT = "deconfliction-identifier", "deconfliction-asked", "deconfliction-hit"
USE = "lookup"
# A file reference has a key of its own identifier's.
SUBJECT, REFERENCE = "identifier", "file_reference"


@dataclass(frozen=True)
class QueryView:
    """One identifier of one's own, with what was found."""

    row: HeldIdentifier
    text: str
    hits: list[Hit]

    @property
    def unasked(self) -> bool:
        """Whether there is a hit that nobody has followed up."""
        return any(getattr(hit, "asked", None) is None for hit in self.hits)


def joined(organisation_id: UUID) -> bool:
    """Whether the organisation takes part. Call inside `acting(actor)`."""
    newest = TakingPart.objects.filter(organisation_id=organisation_id).order_by("-created_at", "-id").first()
    return newest is not None and newest.joined


def take_part(actor: Actor, *, wanted: bool) -> None:
    """Join or leave deconfliction; the Centre is notified. Raises `NoCentre`."""
    actor.require("investigations.answer")
    with acting(actor):
        one_at_a_time(actor)
        if joined(actor.organisation_id) == wanted:
            return
        TakingPart.objects.create(
            organisation_id=actor.organisation_id, joined=wanted, by=actor.reference, by_name=actor.name[:200]
        )
        publish(actor)
        kind = "deconfliction.joined" if wanted else "deconfliction.left"
        record(actor, kind, "organisation", actor.organisation_id)


def hold(actor: Actor, kind: str, value: str, file_reference: str) -> UUID:
    """Enter an identifier of a case. The same twice is one. Raises `Invalid`, `NotTakingPart`, `TooMany`."""
    actor.require("investigations.answer")
    form, reference = canonical(kind, value), typed(file_reference)[:300]
    if not reference:
        raise Invalid("Enter your file reference. Questions are only possible for a case.", field="file_reference")
    with acting(actor):
        one_at_a_time(actor)
        require_part(actor)
        if active().count() >= MOST_VALUES:
            raise TooMany
        mine = voprf.value(secret_of(actor), item_of(kind, form))
        known = active().filter(value=mine).first()
        if known is not None:
            return UUID(str(known.pk))
        row = HeldIdentifier(
            organisation_id=actor.organisation_id,
            kind=kind,
            sealed=wrap(form.encode(), SEALED_IDENTIFIER),
            value=mine,
            file_reference=reference,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        subject_keys.seal_words(actor, SUBJECT, row.pk, row, REFERENCE)
        row.save(force_insert=True)
        publish(actor)
        record(actor, "deconfliction.held", "identifier", row.pk, of=kind)
    return row.pk


def remove(actor: Actor, identifier_id: UUID) -> None:
    """Take an identifier back: it is forgotten here and no longer published. Raises `NotFound`."""
    actor.require("investigations.answer")
    with acting(actor):
        one_at_a_time(actor)
        row = active().select_for_update().filter(pk=identifier_id).first()
        if row is None:
            raise NotFound
        forget(row)
        publish(actor)
        record(actor, "deconfliction.removed", "identifier", row.pk)


def ask(actor: Actor) -> int:
    """Ask all others about up to 64 of one's identifiers, those first that were asked longest ago; returns how many.

    Raises `NotTakingPart`, `NobodyToAsk` where one has none, `NoCentre`.
    """
    actor.require("investigations.answer")
    with acting(actor):
        one_at_a_time(actor)
        require_part(actor)
        rows = list(in_line()[:MOST_POINTS])
        if not rows:
            raise NobodyToAsk
        ask_about(actor, rows)
    return len(rows)


def in_line() -> QuerySet[HeldIdentifier]:
    """One's identifiers in the order of asking, each with its `turn`: when it was last asked about, or is being.

    What a refused question was about keeps the place that it had. Call inside `acting(actor)`.
    """
    rows: QuerySet[HeldIdentifier] = active().annotate(turn=Coalesce("under_way__created_at", "asked_at"))
    return rows.order_by(F("turn").asc(nulls_first=True), "created_at", "id")


def ask_about(actor: Actor, rows: Sequence[HeldIdentifier]) -> None:
    """Ask all others about these, by one question. Call inside `acting(actor)`, one at a time. Raises `NoCentre`."""
    blinded = [voprf.blind(item_of(row.kind, text_of(row))) for row in rows]
    kept = [[str(row.pk), one.blind.hex(), one.point.hex()] for row, one in zip(rows, blinded, strict=True)]
    message = Question(question_id=uuid7(), points=tuple(one.point.hex() for one in blinded))
    asked = AskedQuestion.objects.create(
        organisation_id=actor.organisation_id,
        question_id=message.question_id,
        points=len(rows),
        sealed=wrap(json.dumps(kept).encode(), SEALED_QUESTION),
        by=actor.reference,
    )
    HeldIdentifier.objects.filter(pk__in=[row.pk for row in rows]).update(under_way=asked)
    send(actor, "deconfliction-ask", "questions", message.to_bytes(), message.question_id)
    record(actor, "deconfliction.asked", "organisation", actor.organisation_id, points=len(rows))


def shown(actor: Actor, form: str = "") -> list[QueryView]:
    """One's own identifiers, those with hits first; the look is recorded, with `form` if they are taken away as a file.

    Call inside `acting(actor)`.
    """
    rows = list(active().prefetch_related("hits__asked__answer").order_by("-created_at"))
    record(actor, "deconfliction.viewed", "organisation", actor.organisation_id, identifiers=len(rows), form=form)
    open_references(rows)
    found = [QueryView(row, text_of(row), sorted(row.hits.all(), key=lambda hit: hit.created_at)) for row in rows]
    return sorted(found, key=lambda one: not one.hits)


def text_of(row: HeldIdentifier) -> str:
    """The identifier in its one form; empty once it was taken back."""
    return unwrap(bytes(row.sealed), SEALED_IDENTIFIER).decode() if row.sealed else ""


def open_references(rows: Iterable[HeldIdentifier]) -> None:
    """Put the clear file references into rows that were read, and are not saved. Call inside `acting(actor)`."""
    subject_keys.open_words_all(SUBJECT, [(row.pk, row) for row in rows], REFERENCE)


def secret_of(actor: Actor) -> Secret:
    """The authority's own secret, made when first needed. Call inside `acting(actor)`."""
    try:
        return signing.current_lookup_secret(actor.organisation_id)
    except NoSigningKey:
        lock(f"signing:{actor.organisation_id}:{USE}")
        signing.create_key(actor, USE)
        return signing.current_lookup_secret(actor.organisation_id)


def one_at_a_time(actor: Actor) -> None:
    """Lock the authority's set of identifiers, because each change publishes the whole set.

    A concurrent change that did not see the other would undo it. Two concurrent queries each get their own turn. Call
    inside `acting(actor)`.
    """
    lock(f"deconfliction:{actor.organisation_id}")


def forget(row: HeldIdentifier) -> None:
    """Delete the identifier with its value, so that no request can concern it any more."""
    row.removed_at, row.sealed, row.value, row.file_reference = clock.now(), b"", b"", ""
    row.save(update_fields=["removed_at", "sealed", "value", "file_reference"])
    subject_keys.erase(SUBJECT, row.pk)
    # And so do the blindings that lead from a question's point back to it; the point stays, for the proofs of others.
    for asked in AskedQuestion.objects.select_for_update().exclude(sealed=b""):
        kept = json.loads(unwrap(bytes(asked.sealed), SEALED_QUESTION))
        if any(pk == str(row.pk) for pk, *_rest in kept):
            left = [[pk, "" if pk == str(row.pk) else scalar, *point] for pk, scalar, *point in kept]
            asked.sealed = wrap(json.dumps(left).encode(), SEALED_QUESTION)
            asked.save(update_fields=["sealed"])


def active() -> Any:
    """The identifiers that are held now. Call inside `acting(actor)`."""
    return HeldIdentifier.objects.filter(removed_at=None)


def require_part(actor: Actor) -> None:
    """Raise `NotTakingPart` for an authority that has not joined."""
    if not joined(actor.organisation_id):
        raise NotTakingPart


def publish(actor: Actor) -> None:
    """Tell the Centre the set as it is now; of one that does not take part, none."""
    secret = secret_of(actor)
    mine = [bytes(value)[:TAG_BYTES].hex() for value in active().values_list("value", flat=True)]
    values = _filled(secret, mine) if joined(actor.organisation_id) else ()
    message = HolderSet(set_id=uuid7(), public=secret.public.hex(), values=values, at=clock.now())
    send(actor, "deconfliction-set", "sets", message.to_bytes(), message.set_id)


def _filled(secret: Secret, values: Sequence[str]) -> tuple[str, ...]:
    """Mix the values with filler values that stay the same from set to set, in a neutral order."""
    missing = -len(values) % FILLED_TO if values else FILLED_TO
    others = (
        hmac.new(secret.scalar, b"tutela-fill/1" + number.to_bytes(4), hashlib.sha256).hexdigest()[: 2 * TAG_BYTES]
        for number in range(missing)
    )
    return tuple(sorted({*values, *others}))


def send(actor: Actor, kind: str, path: str, body: bytes, about: UUID) -> None:
    """Send a message of deconfliction to the Centre. Raises `NoCentre`."""
    centre = directory.the_centre()
    if centre is None:
        raise NoCentre
    outbox.send(
        actor, centre.id, kind, f"/api/v1/deconfliction/{path}", body.decode(), key=f"{kind}:{about}", subject_id=about
    )
