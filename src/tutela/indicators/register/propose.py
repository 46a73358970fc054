"""Propose an indicator: the first certification of an item, by its digests."""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import storable
from tutela.exchange.register.video_frames import Film
from tutela.indicators.errors import OutsidePolicy
from tutela.indicators.hashes import (
    lawful_reference,
    refusal_counts,
    rejected_items,
    stored_hashes,
    validation,
    video_frames,
)
from tutela.indicators.hashes.errors import JudgedNotCsam, KnownItem, MostlyLawful, ResemblesLawful
from tutela.indicators.hashes.stored_hashes import new_row, refuse_known
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.lifecycle import policy
from tutela.indicators.models import (
    Indicator,
    IndicatorHash,
    MediaType,
)
from tutela.indicators.register import approvals, provenance
from tutela.indicators.register.certify import write_certification
from tutela.indicators.register.preconditions import require_member
from tutela.indicators.register.provenance import NO_PROVENANCE, Provenance
from tutela.indicators.safeguards import quarantine, rate_limits
from tutela.law.classification import checked_code
from tutela.organisations.approvals.approve import NO_INPUT as ALONE
from tutela.organisations.approvals.approve import ApprovalInput, Way
from tutela.organisations.errors import ApprovalError

# That a key is asked for tells that nothing refuses the item.
_REVEALING = (KnownItem, JudgedNotCsam, ResemblesLawful, MostlyLawful, ApprovalError)


def propose(  # noqa: PLR0913 - each is a part of what is proposed
    actor: Actor,
    *,
    given: list[HashValue],
    media_type: str,
    classification: str,
    reason: str,
    series: str = "",
    film: Film | None = None,
    told: Provenance = NO_PROVENANCE,
    way: Way = ALONE,
) -> UUID:
    """Propose an item by its digests, a video by its frames too; it never comes here itself. Returns its id.

    Raises `Invalid` naming the field, `KnownItem` where an active or proposed indicator has one of the digests,
    `JudgedNotCsam`, `OutsidePolicy`, `HeldForFlood`, `TooManyRefusals`; as it certifies, too, as `approve.approve`.
    """
    answered = isinstance(way, ApprovalInput) and bool(way.answer)
    with rate_limits.metered(actor, *_REVEALING, answered=answered), refusal_counts.counted(actor):
        _require_proposer(actor)
        _check_words(media_type, reason, series, film)
        found = video_frames.passed(film) if film is not None else None
        validation.checked(given, found.film.name if found else "")
        told = told.checked()
        _check_class(classification)
        rate_limits.check(actor)
        with acting(actor):
            # Of twins that propose one item at the same time the second finds the first, or what an import has just
            # written.
            stored_hashes.exclude_imports()
            found = video_frames.unjudged(found) if found else None
            film = found.film if found else None
            good = validation.checked(given, film.name if film else "")
            _refuse(good, film)
            row = _indicator(actor, media_type, classification, reason, series)
            row.source, (row.pk, row.number) = told.source, approvals.drawn(actor, way)
            _write(actor, row, good, found, told, way)
        return row.id


def _write(
    actor: Actor,
    row: Indicator,
    good: list[HashValue],
    found: video_frames.Passed | None,
    told: Provenance,
    way: Way,
) -> None:
    film = found.film if found else None
    row.save(force_insert=True)
    _keep_hashes(actor, row, good, found, way)
    provenance.keep_all(actor, [(row.pk, told)])
    write_certification(actor, row, 1, approvals.approve_proposal(actor, row, good, film, told, way))
    record(actor, "indicator.proposed", "indicator", row.id, number=row.number, classification=row.classification)
    quarantine.of_proposal(actor, row, good, film)


def _keep_hashes(
    actor: Actor, row: Indicator, good: list[HashValue], found: video_frames.Passed | None, way: Way
) -> None:
    salts = [approvals.salt(actor, way), *(None for _ in good[1:])]
    IndicatorHash.objects.bulk_create(new_row(row, g, salt) for g, salt in zip(good, salts, strict=True))
    if found:
        video_frames.keep([(actor.organisation_id, row.pk, found)])


def _indicator(actor: Actor, media_type: str, classification: str, reason: str, series: str) -> Indicator:
    return Indicator(
        organisation_id=actor.organisation_id,
        media_type=media_type,
        series=series[:16],
        classification=classification,
        reason=reason.strip()[:300],
        proposed_by=actor.reference,
    )


def _check_class(classification: str) -> None:
    checked_code(classification)
    if not policy.rules().permits(classification):
        raise OutsidePolicy


def _refuse(good: list[HashValue], film: Film | None) -> None:
    """Nobody else proposes these meanwhile; what is known, was judged not to be CSAM, or is lawful, stays out."""
    lock(*(f"hash:{g.kind}:{g.value}" for g in good))
    refuse_known(good)
    if film is not None:
        video_frames.refuse_known(film)
    rejected_items.refuse(good)
    lawful_reference.refuse([(g.kind, g.value) for g in good])


def _require_proposer(actor: Actor) -> None:
    require_member(actor, "indicators.propose")
    rate_limits.refuse_held(actor)


def _check_words(media_type: str, reason: str, series: str, film: Film | None) -> None:
    if media_type not in MediaType.values:
        raise Invalid("Choose one of: {known}.", field="media_type", known=", ".join(MediaType.values))
    if not reason.strip():
        raise Invalid("Enter why this item belongs in the register.", field="reason")
    for name, text in (("reason", reason), ("series", series)):
        if not storable(text):
            raise Invalid("Remove control characters.", field=name)
    if film is not None and media_type != MediaType.VIDEO:
        raise Invalid("Only a video has frames. Choose the media type for a video.", field="media_type")
