"""Under which conditions an address shows what was reported: recorded, sealed, and opened for a look."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

import structlog
from django.db.models import F

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.takedown.look import Conditions
from tutela.exchange.takedown.web_address import WebAddress
from tutela.organisations.errors import Erased
from tutela.organisations.keys import subject_keys
from tutela.organisations.keys.envelope_encryption import CannotUnwrap
from tutela.takedown import case_rows as rows
from tutela.takedown.intake.open_case import address_in, address_purpose
from tutela.takedown.models import AccessConditions, TakedownCase

log = structlog.get_logger("tutela.takedown")
# Conditions that are headers of the request.
SENT = ("referrer", "cookie", "device")


def set_conditions(actor: Actor, case_id: UUID, given: Conditions) -> None:
    """Store under which conditions an address shows what was reported; sealed, the newest counts. Raises `Erased`."""
    actor.require("takedown.assess")
    if not all(one.isprintable() for one in asdict(given).values()):
        raise Invalid("Conditions must not contain control characters.", field="conditions")
    for name in SENT:
        if not getattr(given, name).isascii():
            raise Invalid("Use ASCII characters only, as a browser sends them.", field=name)
    with acting(actor):
        case = rows.locked(case_id)
        if case.erased_at is not None:
            raise Erased
        row = AccessConditions(
            organisation_id=actor.organisation_id, case=case, by=actor.reference, by_name=actor.name[:200]
        )
        body = json.dumps(asdict(given)).encode()
        row.sealed = subject_keys.seal(actor, rows.SUBJECT, case.pk, body, _purpose(row))
        row.save()
        named = ",".join(sorted(name for name, value in asdict(given).items() if value))
        record(actor, "takedown.conditions_set", rows.SUBJECT, case.pk, named=named)


def conditions_of(case: TakedownCase) -> Conditions:
    """The conditions that count. Raises `Erased`. Call inside `acting(actor)`."""
    row = case.conditions.filter(created_at__gte=case.sealed_since).order_by("-created_at").first()
    if row is None:
        return Conditions()
    sealed = bytes(row.sealed)
    body = subject_keys.unseal(rows.SUBJECT, case.pk, sealed, _purpose(row))
    return Conditions(**json.loads(body))


def readable(cases: Sequence[TakedownCase]) -> list[tuple[UUID, WebAddress, Conditions]]:
    """What a look at each needs. A case that cannot be opened is left out, and keeps no other waiting."""
    newest = AccessConditions.objects.filter(case__in=cases, created_at__gte=F("case__sealed_since"))
    conditions = {row.case_id: row for row in newest.order_by("case", "-created_at").distinct("case")}
    with_some = [one for one in cases if one.pk in conditions]
    bodies = [(one.pk, bytes(one.sealed_address), address_purpose(one.pk)) for one in cases]
    bodies += [(one.pk, bytes(conditions[one.pk].sealed), _purpose(conditions[one.pk])) for one in with_some]
    opened = _opened(bodies)
    addresses = dict(zip((one.pk for one in cases), opened, strict=False))
    said = dict(zip((one.pk for one in with_some), opened[len(cases) :], strict=True))
    found = []
    for case in cases:
        address, condition = addresses[case.pk], said.get(case.pk)
        if address is None or (case.pk in said and condition is None):
            log.warning("case cannot be opened", case=str(case.pk))
            continue
        asked = Conditions(**json.loads(condition)) if condition else Conditions()
        found.append((case.pk, address_in(address), asked))
    return found


def _opened(bodies: Sequence[tuple[UUID, bytes, str]]) -> list[bytes | None]:
    try:
        return subject_keys.unseal_all(rows.SUBJECT, bodies)
    except CannotUnwrap:
        # One of them: each for itself.
        return [_opened_alone(*one) for one in bodies]


def _opened_alone(case_id: UUID, sealed: bytes, purpose: str) -> bytes | None:
    try:
        return subject_keys.unseal(rows.SUBJECT, case_id, sealed, purpose)
    except (Erased, CannotUnwrap):
        return None


def _purpose(row: AccessConditions) -> str:
    return f"takedown:{row.pk}:conditions"
