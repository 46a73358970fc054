"""Acts on the register, described exactly, for what their organisation asks of its people (`organisations.approving`).

An entry is named with its number, its present round and a digest over the commitments to its hashes: the same that its
certifications sign, so that whoever verifies a certification sees that the security key was asked about these hashes.
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
from tutela.exchange.approval import Act, ActSubject, covered
from tutela.exchange.films import Film
from tutela.indicators import hashes, signing_acts, vouching
from tutela.indicators.hashes import Given
from tutela.indicators.models import Indicator, IndicatorHash
from tutela.organisations import approving
from tutela.organisations.approving import NOTHING, Approval, Way


def entries(ids: Sequence[UUID]) -> tuple[ActSubject, ...]:
    """Entries as an act names them, by their numbers. Call inside `acting(actor)`."""
    given, rounds = defaultdict[UUID, list[tuple[str, str]]](list), vouching.rounds(ids)
    for one in IndicatorHash.objects.filter(indicator__in=ids):
        given[one.indicator_id].append((one.kind, hashes.opened(one)))
    return tuple(
        ActSubject(
            id=pk, name=number, round=rounds.get(pk, 1), hashes=covered(signing_acts.commitments(pk, given[pk]))
        )
        for pk, number in Indicator.objects.filter(pk__in=ids).order_by("number").values_list("pk", "number")
    )  # fmt: skip


def approve(
    actor: Actor, name: str, row: Any, given: Way = NOTHING, *, reason: str = "",
    chosen: Mapping[str, str] | None = None,
) -> Approval | None:  # fmt: skip
    """What stands for an act about one entry, where anything has to. Call inside `acting(actor)`, with its lock.

    Raises as `approving.approve`.
    """
    if not approving.guards(actor, name, given):
        return None
    act = Act(name=name, subjects=entries([row.pk]), reason=reason.strip()[:300], chosen=dict(chosen or {}))
    return approving.approve(actor, act, given)


def approve_many(actor: Actor, ids: Sequence[UUID], given: Way = NOTHING) -> Way:
    """What stands for certifying several entries, for each of them to be certified with. Inside `acting(actor)`."""
    if not ids or not approving.guards(actor, "certify_many", given):
        return NOTHING
    return approving.approve(actor, Act(name="certify_many", subjects=entries(ids)), given) or NOTHING


def keyed(given: Iterable[Given], film: Film | None) -> str:
    """What stands for the hashes of a proposal, which has no number yet: a digest under a key of the node's."""
    said = sorted(f"{one.kind}:{one.value}{one.structure}:{one.quality}" for one in given)
    made = hashlib.sha256("\n".join(said).encode() + (film.name.encode() if film else b"")).digest()
    return hmac.digest(hmac.digest(settings.BLIND_KEY, b"proposal-approved", "sha256"), made, "sha256").hex()
