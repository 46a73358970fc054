"""Exact descriptions of register actions for an organisation's approvals (`organisations.approvals.approve`).

An indicator is named with its number, its current round and a digest over the commitments to its hashes. Its
certifications sign the same digest, so a verifier sees that the security key confirmed these hashes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings

from tutela.events.actor import Actor
from tutela.events.identifiers import case_number, uuid7
from tutela.exchange.register.approval import Act, ActSubject, covered
from tutela.exchange.register.video_frames import Film
from tutela.indicators.hashes import encryption
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.integrity import signing, verification
from tutela.indicators.models import Indicator, IndicatorHash
from tutela.indicators.register.provenance import Provenance
from tutela.organisations.approvals import approve as approvals_approve
from tutela.organisations.approvals.approve import NO_INPUT, Approval, Way


def entries(ids: Sequence[UUID]) -> tuple[ActSubject, ...]:
    """Entries as an act names them, by their numbers. Call inside `acting(actor)`."""
    given, rounds = defaultdict[UUID, list[tuple[str, str]]](list), verification.rounds(ids)
    salts = signing.salts(ids)
    for one in IndicatorHash.objects.filter(indicator__in=ids):
        given[one.indicator_id].append((one.kind, encryption.opened(one)))
    return tuple(
        ActSubject(
            id=pk, name=number, round=rounds.get(pk, 1), hashes=covered(signing.commitments(salts[pk], given[pk]))
        )
        for pk, number in Indicator.objects.filter(pk__in=ids).order_by("number").values_list("pk", "number")
    )


def approve(
    actor: Actor,
    name: str,
    row: Any,
    given: Way = NO_INPUT,
    *,
    reason: str = "",
    chosen: Mapping[str, str] | None = None,
) -> Approval | None:
    """Return the approval of an act about one entry; None if none is required. Call inside `acting(actor)`, with its
    lock.

    Raises as `approve.approve`.
    """
    given = approvals_approve.begun(actor, given)
    if not approvals_approve.guards(actor, name, given):
        return None
    act = Act(name=name, subjects=entries([row.pk]), reason=reason.strip()[:300], chosen=dict(chosen or {}))
    return approvals_approve.approve(actor, act, given)


def approve_many(actor: Actor, ids: Sequence[UUID], given: Way = NO_INPUT) -> Way:
    """Return the approval for certifying several indicators, to be used for each.

    If no approval is required, the result says so, and no indicator asks again. Inside `acting(actor)`.
    """
    given = approvals_approve.begun(actor, given)
    if not ids or not approvals_approve.guards(actor, "certify_many", given):
        return approvals_approve.of_each(given)
    approval = approvals_approve.approve(actor, Act(name="certify_many", subjects=entries(ids)), given)
    return approval or approvals_approve.of_each(given)


def drawn(actor: Actor, given: Way = NO_INPUT) -> tuple[UUID, str]:
    """Return id and number of a new entry: those in the request to its proposer's security key, or fresh ones.

    A proposal thereby names its entry as every other act does. Call inside `acting(actor)`.
    """
    asked = approvals_approve.asked(actor, "propose", given)
    return (asked.subjects[0].id, asked.subjects[0].name) if asked else (uuid7(), case_number("I"))


def salt(actor: Actor, given: Way = NO_INPUT) -> bytes | None:
    """Return the salt of a new entry's commitments. Inside `acting`.

    None for a guarded proposal: it is made twice, with the same commitments.
    """
    return (
        None if approvals_approve.guards(actor, "propose", approvals_approve.begun(actor, given)) else signing.drawn()
    )


def approve_proposal(
    actor: Actor, row: Any, good: Iterable[HashValue], film: Film | None, told: Provenance, given: Way = NO_INPUT
) -> Approval | None:
    """Return the approval of a proposal: the indicator, its hashes and all other statements.

    Call inside `acting(actor)`. Raises as `approve.approve`.
    """
    given = approvals_approve.begun(actor, given)
    if not approvals_approve.guards(actor, "propose", given):
        return None
    chosen = {
        "type": row.media_type,
        "class": row.classification,
        "series": row.series,
        "source": row.source,
        "given": _keyed(good, film),
        **_law(told),
    }
    return approve(
        actor, "propose", row, given, reason=row.reason, chosen={n: text for n, text in chosen.items() if text}
    )


def _law(told: Provenance) -> dict[str, str]:
    """Return a proposal's statements about the law of countries, one line each."""
    said = {f"law {one.country}": "illegal" if one.illegal else "lawful" for one in told.legality}
    return said | {f"norm {one.country}": one.norm for one in told.legality}


def _keyed(given: Iterable[HashValue], film: Film | None) -> str:
    """Return a keyed digest of hashes, qualities, structures and frames.

    None of them can then change after the approval.
    """
    said = sorted(f"{one.kind}:{one.value}{one.structure}:{one.quality}" for one in given)
    made = hashlib.sha256("\n".join(said).encode() + (film.name.encode() if film else b"")).digest()
    return hmac.digest(hmac.digest(settings.BLIND_KEY, b"proposal-approved", "sha256"), made, "sha256").hex()
