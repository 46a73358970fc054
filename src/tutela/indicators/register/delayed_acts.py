"""Acts of the register that wait for undo when they are done on several indicators (`casework.undo`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tutela.casework.undo.actions import Action
from tutela.events.actor import Actor
from tutela.indicators.cases import KIND
from tutela.indicators.register import certify, dispute, revoke
from tutela.indicators.register.errors import NotActive

CERTIFY, DISPUTE, SUSPEND = "indicator.certify", "indicator.dispute", "indicator.suspend"


def _certify(actor: Actor, indicator_id: UUID, said: Mapping[str, Any]) -> None:
    # Without a proof: a failed one must count, also where the act is only tried.
    certify.certify(actor, indicator_id)


def _dispute(actor: Actor, indicator_id: UUID, said: Mapping[str, Any]) -> None:
    dispute.dispute(actor, indicator_id, said["reason"], said["ground"])


def _suspend(actor: Actor, indicator_id: UUID, said: Mapping[str, Any]) -> None:
    if not revoke.suspend(actor, indicator_id, said["reason"]):
        raise NotActive


# They need no state to rest on: everything is checked again when they take effect.
ACTIONS = (
    Action(CERTIFY, KIND, "indicators.certify", _("Certification"), _certify),
    Action(DISPUTE, KIND, "indicators.dispute", _("Dispute"), _dispute),
    Action(SUSPEND, KIND, "indicators.revoke", _("Suspension"), _suspend),
)
