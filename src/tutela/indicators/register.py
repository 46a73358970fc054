"""The life of an indicator: propose, certify, dispute, decide, revoke.

1. A member of the register proposes an item by its digests; that is the first certification.
2. Another organisation, in another country, certifies it.
3. With the second certification the indicator is activated in the same transaction, and a release is ordered.
4. A dispute suspends it at once, everywhere; the Centre dismisses or upholds.
5. A revocation ends it, puts it on the list of removals in the same transaction, and tells every earlier recipient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.ids import case_number
from tutela.events.locking import lock
from tutela.events.recording import record
from tutela.indicators import hashes
from tutela.indicators.errors import AlreadyCertified, AlreadyRevoked, KnownItem, NotCertifiable
from tutela.indicators.hashes import Given
from tutela.indicators.models import (
    Activation,
    Certification,
    Dispute,
    DisputeDecision,
    Indicator,
    IndicatorHash,
    MediaType,
    Revocation,
)
from tutela.indicators.queries import with_state
from tutela.law.classification import checked_code

JURISDICTIONS_NEEDED = 2
# Told inside the transaction of a revocation, for `app/wiring.py`: (actor, indicator id, reason).
Listener = Callable[[Actor, UUID, str], None]
_on_revoked: list[Listener] = []


def on_revoked(listener: Listener) -> None:
    """Subscribe to revocations. For `app/wiring.py`."""
    _on_revoked.append(listener)


def propose(
    actor: Actor, *, given: list[Given], media_type: str, classification: str, reason: str, series: str = ""
) -> UUID:
    """Propose an item by its digests; it never comes here itself. Returns the indicator's id.

    Raises `Invalid` naming the field, `KnownItem` where an active or proposed indicator has one of the digests.
    """
    actor.require("indicators.propose")
    actor.require_verified()
    if media_type not in MediaType.values:
        raise Invalid("Choose one of: {known}.", field="media_type", known=", ".join(MediaType.values))
    if not reason.strip():
        raise Invalid("Say why it belongs in the register.", field="reason")
    good = hashes.checked(given)
    checked_code(classification)
    with acting(actor):
        # Twins that propose one item at the same time: the second finds the first.
        lock(*(f"hash:{g.kind}:{g.value}" for g in good))
        _refuse_known(good)
        row = Indicator.objects.create(
            organisation_id=actor.organisation_id, number=case_number("I"), media_type=media_type, series=series[:16],
            classification=classification, reason=reason.strip()[:300], proposed_by=actor.reference,
        )  # fmt: skip
        IndicatorHash.objects.bulk_create(
            IndicatorHash(
                organisation_id=actor.organisation_id, indicator=row, kind=g.kind,
                wrapped=hashes.sealed(g.value + g.structure), blind=hashes.blind(g.kind, g.value), quality=g.quality,
                hasher=g.hasher,
            )
            for g in good
        )  # fmt: skip
        _certify(actor, row)
        record(actor, "indicator.proposed", "indicator", row.id, number=row.number, classification=classification)
    return row.id


def certify(actor: Actor, indicator_id: UUID) -> bool:
    """Stand behind an indicator. Returns whether it became active by that.

    Raises `AlreadyCertified`, `NotCertifiable`, `NotFound`.
    """
    actor.require("indicators.certify")
    actor.require_verified()
    with acting(actor):
        lock(f"indicator:{indicator_id}")
        row = _visible(indicator_id)
        if row.state == "revoked":
            raise NotCertifiable
        if row.certifications.filter(organisation_id=actor.organisation_id).exists():
            raise AlreadyCertified
        _certify(actor, row)
        record(actor, "indicator.certified", "indicator", row.id, number=row.number, country=actor.country)
        return _activate_if_enough(actor, row)


def dispute(actor: Actor, indicator_id: UUID, reason: str) -> None:
    """Doubt an indicator, with a reason: it stops matching everywhere until the Centre decides."""
    actor.require("indicators.dispute")
    _needs_reason(reason)
    with acting(actor):
        lock(f"indicator:{indicator_id}")
        row = _visible(indicator_id)
        Dispute.objects.create(
            organisation_id=actor.organisation_id, indicator=row, reason=reason.strip()[:300], by=actor.reference
        )
        record(actor, "indicator.disputed", "indicator", row.id, number=row.number)
        _order_head()


def decide_dispute(actor: Actor, dispute_id: UUID, *, upheld: bool, reason: str) -> None:
    """The Centre dismisses a dispute, or upholds it and revokes."""
    actor.require("indicators.revoke")
    _needs_reason(reason)
    with acting(actor):
        row = Dispute.objects.filter(pk=dispute_id).select_related("indicator").first()
        if row is None or DisputeDecision.objects.filter(dispute=row).exists():
            raise NotFound
        DisputeDecision.objects.create(
            organisation_id=actor.organisation_id, dispute=row, upheld=upheld, reason=reason[:300], by=actor.reference
        )
        record(actor, "dispute.decided", "indicator", row.indicator_id, upheld=upheld)
        if upheld and not Revocation.objects.filter(indicator=row.indicator).exists():
            revoke(actor, row.indicator_id, reason)
        else:
            _order_head()


def revoke(actor: Actor, indicator_id: UUID, reason: str) -> None:
    """End an indicator for good; every connected Edge stops matching it within seconds."""
    actor.require("indicators.revoke")
    _needs_reason(reason)
    with acting(actor):
        lock(f"indicator:{indicator_id}")
        row = _visible(indicator_id)
        if row.state == "revoked":
            raise AlreadyRevoked
        Revocation.objects.create(
            organisation_id=actor.organisation_id, indicator=row, reason=reason.strip()[:300], by=actor.reference
        )
        record(actor, "indicator.revoked", "indicator", row.id, number=row.number)
        _order_head()
        for listener in _on_revoked:
            listener(actor, row.id, reason)


def _visible(indicator_id: UUID) -> Any:
    row = with_state().filter(pk=indicator_id).first()
    if row is None:
        raise NotFound
    return row


def _certify(actor: Actor, row: Indicator) -> None:
    Certification.objects.create(
        organisation_id=actor.organisation_id, indicator=row, country=actor.country, by=actor.reference,
        by_name=actor.name[:200],
    )  # fmt: skip


def _activate_if_enough(actor: Actor, row: Indicator) -> bool:
    """Two organisations in two countries. The database checks the same again (migration 0002)."""
    countries = set(row.certifications.values_list("country", flat=True))
    if len(countries) < JURISDICTIONS_NEEDED or Activation.objects.filter(indicator=row).exists():
        return False
    Activation.objects.create(organisation_id=actor.organisation_id, indicator=row, by=actor.reference)
    record(actor, "indicator.activated", "indicator", row.id, number=row.number)
    _order_release()
    return True


def _refuse_known(good: list[Given]) -> None:
    # Windows of two pictures of a series may agree; they make none of them known.
    for g in (one for one in good if one.kind != hashes.WINDOW):
        same = IndicatorHash.objects.filter(kind=g.kind, blind=hashes.blind(g.kind, g.value))
        for row in same.select_related("indicator"):
            if not Revocation.objects.filter(indicator=row.indicator).exists():
                raise KnownItem(
                    "{number} has this digest; certify that one instead.", field=g.kind, number=row.indicator.number
                )


def _needs_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid("Say why; the reason is part of the record.", field="reason")


def _order_release() -> None:
    from tutela.indicators.jobs import publish

    publish.defer()


def _order_head() -> None:
    from tutela.indicators.jobs import refresh_head

    refresh_head.defer()
