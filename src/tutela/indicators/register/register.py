"""The life of an indicator: propose, certify, dispute, decide, revoke.

1. A member of the register proposes an item by its digests; that is the first certification.
2. Another organisation, in another country, certifies it.
3. With the second certification the indicator is activated in the same transaction, and a release is ordered.
4. Doubts of a certifier it rests on, of two members, or false positives of two providers suspend it everywhere.
5. The Centre dismisses, and a new round of certifications begins; or it upholds, and revokes.
6. A revocation ends it, puts it on the list of removals in the same transaction, and tells every earlier recipient.

What may follow what is said once, in `lifecycle`; `opinions` holds what changes no state by itself.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import storable
from tutela.exchange.register.video_frames import Film
from tutela.indicators.errors import (
    AlreadyCertified,
    AlreadyDisputed,
    AlreadyRevoked,
    CountsNoLonger,
    JudgedNotCsam,
    KnownItem,
    MostlyLawful,
    NotCertifiable,
    NotInDoubt,
    NotTheSameItem,
    NotTheSameVideo,
    NotVouchedFor,
    OutsidePolicy,
    ResemblesLawful,
    UnderDispute,
)
from tutela.indicators.hashes import lawful_reference, refusal_counts, rejected_items, stored_hashes, video_frames
from tutela.indicators.hashes.stored_hashes import Given
from tutela.indicators.integrity import signing, verification
from tutela.indicators.lifecycle import policy, signals, state, state_machine, transitions
from tutela.indicators.lifecycle.state_machine import Act, Certify, Decide, Doubt, Revoke, Standing, State, Suspend
from tutela.indicators.models import (
    Activation,
    Cause,
    Certification,
    Dispute,
    Ground,
    Indicator,
    IndicatorHash,
    MediaType,
    Revocation,
    VideoShown,
)
from tutela.indicators.register import approvals, possession, provenance
from tutela.indicators.register.possession import Held
from tutela.indicators.register.provenance import NOTHING, Told
from tutela.indicators.safeguards import activation_checks, quarantine, rate_limits
from tutela.law.classification import checked_code
from tutela.organisations.approvals.approve import NOTHING as ALONE
from tutela.organisations.approvals.approve import Approval, Way
from tutela.organisations.errors import ApprovalError

_REFUSALS = {
    "certified": AlreadyCertified,
    "doubted": AlreadyDisputed,
    "suspended": UnderDispute,
    "undisputed": NotInDoubt,
    "category": OutsidePolicy,
    "known": KnownItem,
}


# That a key is asked for tells that nothing refuses the item.
@rate_limits.metered(KnownItem, JudgedNotCsam, ResemblesLawful, MostlyLawful, ApprovalError)
@refusal_counts.counted
def propose(  # noqa: PLR0913 - each is a part of what is proposed
    actor: Actor,
    *,
    given: list[Given],
    media_type: str,
    classification: str,
    reason: str,
    series: str = "",
    film: Film | None = None,
    told: Told = NOTHING,
    way: Way = ALONE,
) -> UUID:
    """Propose an item by its digests, a video by its frames too; it never comes here itself. Returns its id.

    Raises `Invalid` naming the field, `KnownItem` where an active or proposed indicator has one of the digests,
    `JudgedNotCsam`, `OutsidePolicy`, `HeldForFlood`, `ToldTooOften`; as it certifies, too, as `approving.approve`.
    """
    _require_member(actor, "indicators.propose")
    rate_limits.refuse_held(actor)
    _check_words(media_type, reason, series, film)
    found = video_frames.passed(film) if film is not None else None
    stored_hashes.checked(given, found.film.name if found else "")
    told = told.checked()
    _check_class(classification)
    rate_limits.check(actor)
    with acting(actor):
        # Twins that propose one item at the same time: the second finds the first, or what an import has just written.
        stored_hashes.beside_imports()
        found = video_frames.unjudged(found) if found else None
        good = stored_hashes.checked(given, found.film.name if found else "")
        _refuse(good, found.film if found else None)
        row = _indicator(actor, media_type, classification, reason, series)
        row.source, (row.pk, row.number) = told.source, approvals.drawn(actor, way)
        row.save(force_insert=True)
        _keep_hashes(actor, row, good, found, way)
        provenance.keep_all(actor, [(row.pk, told)])
        _certify(actor, row, 1, approvals.approve_proposal(actor, row, good, found.film if found else None, told, way))
        record(actor, "indicator.proposed", "indicator", row.id, number=row.number, classification=classification)
        quarantine.of_proposal(actor, row, good, found.film if found else None)
    return row.id


def _keep_hashes(actor: Actor, row: Indicator, good: list[Given], found: video_frames.Passed | None, way: Way) -> None:
    salts = [approvals.salt(actor, way), *(None for _ in good[1:])]
    IndicatorHash.objects.bulk_create(_row(row, g, salt) for g, salt in zip(good, salts, strict=True))
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


def _refuse(good: list[Given], film: Film | None) -> None:
    """Nobody else proposes these meanwhile; what is known, was judged not to be CSAM, or is lawful, stays out."""
    lock(*(f"hash:{g.kind}:{g.value}" for g in good))
    _refuse_known(good)
    if film is not None:
        video_frames.refuse_known(film)
    rejected_items.refuse(good)
    lawful_reference.refuse([(g.kind, g.value) for g in good])


@rate_limits.metered(NotTheSameItem, NotTheSameVideo)
def certify(actor: Actor, indicator_id: UUID, held: Held | None = None, way: Way = ALONE) -> bool:
    """Stand behind an indicator; behind a video, or what came by an import, with what shows that one holds it.

    Returns whether it became active. Raises `ShowTheVideo`, `NotTheSameVideo`, `ShowTheDigest`, `NotTheSameItem`,
    `AlreadyCertified`, `NotCertifiable`, `UnderDispute`, `HeldForFlood`, `HeldAsOutlier`, `NotFound`, where it
    would become active as `activation_checks.refuse`, and as `approving.approve`.
    """
    _require_member(actor, "indicators.certify")
    with acting(actor):
        film = possession.film_of(indicator_id)
        if film is None:
            return _stand_behind(actor, indicator_id, held, None, way)
        _certifiable(actor, film.indicator, state.of(indicator_id))
    # Before the lock: nobody else waits for a comparison, and frames never change.
    shown = possession.of(actor, film, held)
    with acting(actor):
        return _stand_behind(actor, indicator_id, held, shown, way)


def _stand_behind(actor: Actor, indicator_id: UUID, held: Held | None, shown: VideoShown | None, way: Way) -> bool:
    row, before = _locked(indicator_id)
    now = _certifiable(actor, row, before)
    if shown is None:
        possession.of_imported(row, held)
    begins = now.state is State.ACTIVE and before.state is not State.ACTIVE
    if begins:
        activation_checks.refuse(row)
    approval = approvals.approve(actor, "certify", row, way)
    certification, facts = _certify(actor, row, now.round, approval), dict[str, Any]()
    if shown is not None:
        shown.organisation_id, shown.certification = actor.organisation_id, certification
        shown.save(force_insert=True)
        facts = {"basis": shown.basis, "listed_percent": shown.listed_percent}
    record(actor, "indicator.certified", "indicator", row.id, number=row.number, country=actor.country, **facts)
    if not begins:
        return False
    if row.pk not in verification.check(
        actor, [row.pk], verification.trust({UUID(one) for one, _country in now.certified})
    ):
        raise NotVouchedFor
    Activation.objects.create(organisation_id=actor.organisation_id, indicator=row, round=now.round, by=actor.reference)
    record(actor, "indicator.activated", "indicator", row.id, number=row.number)
    signals.began(row.pk)
    return True


def dispute(actor: Actor, indicator_id: UUID, reason: str, ground: str = Ground.DOUBT) -> bool:
    """Doubt an indicator, with a reason. Returns whether it stopped matching everywhere by that (`lifecycle`, rule
    3)."""
    actor.require("indicators.dispute")
    _needs_reason(reason)
    if ground not in Ground.values:
        raise Invalid("Choose one of: {known}.", field="ground", known=", ".join(Ground.values))
    with acting(actor):
        row, before = _locked(indicator_id)
        hold = rate_limits.hold_of_dispute(actor)
        now = _after(before, Doubt(str(actor.organisation_id), waits=hold is not None))
        Dispute.objects.create(
            organisation_id=actor.organisation_id,
            indicator=row,
            reason=reason.strip()[:300],
            by=actor.reference,
            ground=ground,
            hold=hold,
        )
        record(actor, "indicator.disputed", "indicator", row.id, number=row.number)
        cause = Cause.CERTIFIER if before.rests_on(str(actor.organisation_id)) else Cause.DOUBTS
        return transitions.stop(actor, row, before, now, cause, reason)


def suspend(actor: Actor, indicator_id: UUID, reason: str) -> bool:
    """The Centre stops an active entry everywhere until it decides; returns whether it was active."""
    actor.require("indicators.revoke")
    with acting(actor):
        try:
            row, before = _locked(indicator_id)
        except NotFound:
            return False
        if before.state is not State.ACTIVE:
            return False
        return transitions.stop(actor, row, before, _after(before, Suspend()), Cause.CENTRE, reason)


def decide_dispute(actor: Actor, dispute_id: UUID, *, upheld: bool, reason: str, way: Way = ALONE) -> None:
    """As `decide`, by one of the indicator's open disputes."""
    actor.require("indicators.revoke")
    with acting(actor):
        row = Dispute.objects.filter(pk=dispute_id, decision__isnull=True).first()
    if row is None:
        raise NotFound
    decide(actor, row.indicator_id, upheld=upheld, reason=reason, way=way)


def decide(actor: Actor, indicator_id: UUID, *, upheld: bool, reason: str, way: Way = ALONE) -> None:
    """The Centre settles every open doubt: upheld, it revokes; dismissed, a new round of certifications begins.

    Raises `NotInDoubt` where there is nothing to decide, and as `approving.approve`.
    """
    actor.require("indicators.revoke")
    _needs_reason(reason)
    with acting(actor):
        row, before = _locked(indicator_id)
        _after(before, Decide(upheld))
        chosen = {"decision": "upheld" if upheld else "dismissed"}
        approvals.approve(actor, "decide", row, way, reason=reason, chosen=chosen)
        transitions.settle(actor, indicator_id, upheld=upheld, reason=reason)
        if upheld:
            transitions.end(actor, row, reason)
        else:
            signals.order_head()


def revoke(actor: Actor, indicator_id: UUID, reason: str, way: Way = ALONE) -> None:
    """End an indicator for good; every connected Edge stops matching it within seconds.

    Raises `AlreadyRevoked`, and as `approving.approve`.
    """
    actor.require("indicators.revoke")
    _needs_reason(reason)
    with acting(actor):
        row, before = _locked(indicator_id)
        if before.state is State.REVOKED:
            raise AlreadyRevoked
        _after(before, Revoke())
        approvals.approve(actor, "revoke", row, way, reason=reason)
        transitions.end(actor, row, reason)


def _require_member(actor: Actor, permission: str) -> None:
    actor.require(permission)
    actor.require_verified()
    if actor.organisation_kind not in policy.certifiers():
        raise OutsidePolicy("The policy in force lets no organisation of your kind propose or certify.")


def _locked(indicator_id: UUID) -> tuple[Any, Standing]:
    """The indicator, held until the transaction ends, and where it stands. Raises `NotFound`."""
    lock(f"indicator:{indicator_id}")
    before = state.of(indicator_id)
    return Indicator.objects.get(pk=indicator_id), before


def _certifiable(actor: Actor, row: Indicator, before: Standing) -> Standing:
    """Where the indicator stands once the actor has certified it. Raises as `certify`, but for what it shows."""
    rate_limits.refuse_held(actor, row.organisation_id)
    if before.state is State.REVOKED:
        raise NotCertifiable
    quarantine.refuse_held(row)
    mine = Certification.objects.filter(indicator=row, organisation_id=actor.organisation_id, round=before.round)
    if not any(one == str(actor.organisation_id) for one, _ in before.certified) and mine.exists():
        raise CountsNoLonger
    return _after(before, Certify(str(actor.organisation_id), actor.country))


def _after(before: Standing, act: Act) -> Standing:
    try:
        return state_machine.after(before, act, policy.rules())
    except state_machine.Impossible as error:
        raise _REFUSALS.get(error.reason, AlreadyRevoked) from None


def _certify(actor: Actor, row: Any, number: int, approval: Approval | None = None) -> Certification:
    now = clock.now()
    return Certification.objects.create(
        organisation_id=actor.organisation_id,
        indicator_id=row.pk,
        country=actor.country,
        by=actor.reference,
        by_name=actor.name[:200],
        round=number,
        created_at=now,
        approval_id=approval.pk if approval else None,
        envelope=signing.envelope(actor, row, number, now),
    )


def _row(of: Indicator, g: Given, salt: bytes | None) -> IndicatorHash:
    return IndicatorHash(
        organisation_id=of.organisation_id,
        indicator=of,
        kind=g.kind,
        wrapped=stored_hashes.sealed(g.value + g.structure),
        blind=stored_hashes.blind(g.kind, g.value),
        quality=g.quality,
        hasher=g.hasher,
        sketch=stored_hashes.sketch_of(g),
        salt=salt,
    )


def _check_words(media_type: str, reason: str, series: str, film: Film | None) -> None:
    if media_type not in MediaType.values:
        raise Invalid("Choose one of: {known}.", field="media_type", known=", ".join(MediaType.values))
    if not reason.strip():
        raise Invalid("Say why it belongs in the register.", field="reason")
    for name, text in (("reason", reason), ("series", series)):
        if not storable(text):
            raise Invalid("It holds a character that no text has.", field=name)
    if film is not None and media_type != MediaType.VIDEO:
        raise Invalid("Frames are those of a video; choose this type.", field="media_type")


def _refuse_known(good: list[Given]) -> None:
    # Windows of two pictures of a series may agree; they make none of them known.
    for g in (one for one in good if one.kind != stored_hashes.WINDOW):
        same = IndicatorHash.objects.filter(kind=g.kind, blind=stored_hashes.blind(g.kind, g.value))
        for row in same.select_related("indicator"):
            if not Revocation.objects.filter(indicator=row.indicator).exists():
                raise KnownItem(
                    "{number} has this digest; certify that one instead.", field=g.kind, number=row.indicator.number
                )


def _needs_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid("Say why; the reason is part of the record.", field="reason")
