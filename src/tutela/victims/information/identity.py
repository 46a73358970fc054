"""Identity of the person who asks: checked by a person, and its proof deleted.

No form takes a copy. A proof that came by letter or message is destroyed, and a person records that. Nothing is
answered before both are recorded.
"""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.victims.information import rows
from tutela.victims.information.rows import WORK
from tutela.victims.models import InformationRequest, InformationStepKind

S = InformationStepKind
# How a proof was seen, and whether a copy was left that must be destroyed.
METHODS = {
    "proof_in_person": (_("document seen in person"), False),
    "proof_electronic": (_("electronic identification"), False),
    "proof_video": (_("document seen in a video call"), False),
    "proof_copy": (_("copy by letter or message"), True),
    "proof_known": (_("known to the desk from a support case"), False),
}


def check(actor: Actor, request_id: UUID, method: str, *, proved: bool) -> None:
    """Record how identity was proved, or that it was not. Without a copy, the proof counts as deleted at once."""
    actor.require(WORK)
    if method not in METHODS:
        raise Invalid("Choose how identity was proved.", field="method")
    with acting(actor):
        row = rows.locked_open(request_id)
        rows.step(actor, row, S.IDENTIFIED if proved else S.NOT_IDENTIFIED, method)
        if not METHODS[method][1]:
            rows.step(actor, row, S.PROOF_DELETED)


def delete_proof(actor: Actor, request_id: UUID) -> None:
    """Record that every copy of the proof is destroyed."""
    actor.require(WORK)
    with acting(actor):
        rows.step(actor, rows.locked_open(request_id), S.PROOF_DELETED)


def proved(row: InformationRequest) -> bool:
    """Whether identity is proved by the newest check, and its proof deleted after it."""
    kinds = _since_check(row)
    return kinds[:1] == [S.IDENTIFIED] and S.PROOF_DELETED in kinds


def proof_left(row: InformationRequest) -> bool:
    """Whether a copy of a proof may still exist: the newest check has no deletion after it."""
    kinds = _since_check(row)
    return bool(kinds) and S.PROOF_DELETED not in kinds


def _since_check(row: InformationRequest) -> list[str]:
    """Kinds of the newest check and of what followed it."""
    kinds = [one.kind for one in row.steps.filter(kind__in=(S.IDENTIFIED, S.NOT_IDENTIFIED, S.PROOF_DELETED))]
    checks = [place for place, kind in enumerate(kinds) if kind != S.PROOF_DELETED]
    return kinds[checks[-1] :] if checks else []
