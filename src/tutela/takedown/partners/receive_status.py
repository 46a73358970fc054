"""Record the statuses of a case that a partner works on.

1. Only the partner that was sent a case reports its statuses. For everybody else the case does not exist.
2. A number is one status. The same status again changes nothing; another one with its number is refused.
3. Statuses may come in any order, if together they are an order that there can be. The highest number counts.
4. A verified absence there closes the case here, and it is rechecked. A reappearance opens it again.
5. A case that a person took back keeps the history, and nothing follows from it.
"""

from __future__ import annotations

from tutela import clock
from tutela.events.actor import Actor
from tutela.exchange.takedown.hotline_message import ActionKind, HotlineStatus, in_order
from tutela.organisations.messages import inbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.takedown import case_rows as rows
from tutela.takedown.errors import StatusOutOfOrder, UnknownTransfer
from tutela.takedown.models import (
    WITH_PARTNER,
    Availability,
    Stage,
    TakedownCase,
    Transfer,
    TransferState,
    TransferStepKind,
)
from tutela.takedown.partners import send_case
from tutela.takedown.rechecks import check, schedule

FINISHED = (ActionKind.REMOVED, ActionKind.UNAVAILABLE, ActionKind.NOT_ILLEGAL)


def receive(sender: Actor, hotline: DirectoryEntry, key: str, body: bytes) -> tuple[int, str]:
    """Record a status, once. Raises `UnknownTransfer`, `StatusOutOfOrder`, or a ValidationError."""
    status = HotlineStatus.from_bytes(body)
    actor = directory.acting_for(hotline, sender.reference, sender.organisation_name)

    def work() -> tuple[int, str]:
        if not sender.verified or sender.organisation_kind != "hotline":
            raise UnknownTransfer
        mine = Transfer.objects.filter(reference=status.case_reference, partner__peer_id=sender.organisation_id)
        found = mine.select_related("partner").first()
        if found is None or found.partner.ended_at is not None:
            raise UnknownTransfer
        case = rows.locked(found.case_id)
        if status.location != case.number:
            raise UnknownTransfer(field="location")
        row = Transfer.objects.select_for_update().get(pk=found.pk)
        _record(actor, case, row, status, sender.country)
        return 201, "{}"

    return inbox.once(actor, sender.organisation_id, key, body, work)


def _record(actor: Actor, case: TakedownCase, row: Transfer, status: HotlineStatus, country: str) -> None:
    told = row.steps.filter(sequence__isnull=False).values_list("sequence", "kind", "sha256")
    known = {number: (kind, digest) for number, kind, digest in told if number is not None}
    digest, kind = status.fingerprint(), status.action.kind
    if status.sequence in known:
        if known[status.sequence][1] != digest:
            raise StatusOutOfOrder(field="sequence")
        return
    order = {number: ActionKind(one) for number, (one, _digest) in known.items()} | {status.sequence: kind}
    if not in_order(tuple(order[number] for number in sorted(order))):
        raise StatusOutOfOrder(field="action")
    moved = status.hosting.country or "" if status.hosting else ""
    send_case.step(
        actor,
        row,
        TransferStepKind(kind),
        at=status.action.at,
        reason=status.action.reason or "",
        country=moved,
        sequence=status.sequence,
        sha256=digest,
    )
    _note_receipt(row, status)
    if status.sequence == max(order):
        _go_on(actor, case, row, kind, moved != "" and moved != country)


def _note_receipt(row: Transfer, status: HotlineStatus) -> None:
    """A status may come before the receipt: both say that the partner has the case."""
    row.partner_reference = row.partner_reference or status.own_reference
    if row.state == TransferState.WAITING:
        row.state = TransferState.ACCEPTED
    row.save(update_fields=["state", "partner_reference"])


def _go_on(actor: Actor, case: TakedownCase, row: Transfer, kind: ActionKind, left: bool) -> None:
    """Rules 4 and 5. `left`: the host is in another country now."""
    again = kind is ActionKind.REAPPEARED and row.state == TransferState.ENDED
    if not again and row.state not in WITH_PARTNER:
        return
    if kind in FINISHED or (kind is ActionKind.MOVED and left):
        row.state = TransferState.ENDED
    elif again and not case.transfers.filter(state__in=WITH_PARTNER).exists():
        row.state = TransferState.ACCEPTED
    row.save(update_fields=["state"])
    if kind is ActionKind.HOST_SAYS_REMOVED and case.stage == Stage.RECHECK:
        case.availability, case.next_check_at = Availability.HOST_SAYS, clock.now()
        case.save(update_fields=["availability", "next_check_at"])
    elif kind is ActionKind.REMOVED and case.stage in (Stage.ACT, Stage.RECHECK):
        check.found_by_partner(actor, case, Availability.ABSENT)
    elif kind is ActionKind.REAPPEARED:
        _reappeared(actor, case, row)
    elif row.state == TransferState.ENDED:
        send_case.to_act(case)


def _reappeared(actor: Actor, case: TakedownCase, row: Transfer) -> None:
    """The case opens again, and waits for the partner if the partner has it."""
    if case.stage == Stage.ASSESS:
        return
    check.found_by_partner(actor, case, Availability.REAPPEARED)
    if case.stage == Stage.ACT and row.state in WITH_PARTNER:
        case.stage, case.next_check_at = Stage.RECHECK, schedule.first(clock.now())
        case.save(update_fields=["stage", "next_check_at"])
