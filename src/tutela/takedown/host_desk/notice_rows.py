"""Rows of received notices: found, locked and opened. Call inside `acting(actor)`."""

from __future__ import annotations

from uuid import UUID

from tutela.exchange.takedown.notice import Notice as Wire
from tutela.organisations.keys import subject_keys
from tutela.takedown.errors import UnknownNotice
from tutela.takedown.models import HostAction, IncomingNotice

SUBJECT = "hosting"
READ, DECIDE = "hosting.read", "hosting.decide"


def find(notice_id: UUID) -> IncomingNotice:
    """A received notice. Raises `UnknownNotice`."""
    row = IncomingNotice.objects.filter(pk=notice_id).first()
    if row is None:
        raise UnknownNotice
    return row


def locked(notice_id: UUID) -> IncomingNotice:
    """A received notice, locked until the transaction ends. Raises `UnknownNotice`."""
    row = IncomingNotice.objects.select_for_update().filter(pk=notice_id).first()
    if row is None:
        raise UnknownNotice
    return row


def wire_of(row: IncomingNotice) -> Wire:
    """The notice as it was received. Raises `Erased`."""
    return Wire.from_bytes(subject_keys.unseal(SUBJECT, row.pk, bytes(row.sealed), purpose(row.pk)))


def purpose(notice_id: UUID) -> str:
    """The purpose for which a notice is sealed."""
    return f"hosting:{notice_id}:notice"


def newest_actions(row: IncomingNotice) -> dict[int, str]:
    """The action that counts for each address, by its place."""
    rows = row.decisions.order_by("sequence").values_list("places__place", "places__action")
    return {place: action for place, action in rows if place is not None}


def in_effect(actions: dict[int, str]) -> list[int]:
    """Places of addresses that are removed or disabled."""
    return sorted(place for place, one in actions.items() if one in (HostAction.REMOVED, HostAction.DISABLED))
