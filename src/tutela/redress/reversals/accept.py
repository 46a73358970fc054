"""A person's answer to a reversal that another organisation sent, and the further hops at the Centre.

1. The Centre accepts: the report is undone, its entries stop, each authority that ever had a package and each source of
   the entry gets the reversal, the figures have the error. All of it is one transaction.
2. The Centre may spare the entries: the items are listed correctly, and the report was wrong about something else.
3. Every organisation may answer that it keeps what it has, with a reason of the closed list. Nothing is undone then.
4. A hotline or an authority answers for its own records: corrected, erased or kept. A provider for its measure.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import timedelta
from uuid import UUID

from tutela import clock
from tutela.casework.assignment import claim
from tutela.events.actor import Actor
from tutela.events.errors import Conflict, Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.redress.reversal import Consequence, KeptBecause
from tutela.indicators.register import revoke as register_revoke
from tutela.indicators.register import sources
from tutela.indicators.releases import downloads, head
from tutela.organisations.errors import Erased
from tutela.organisations.people import directory
from tutela.redress import enqueue
from tutela.redress.errors import ReversalEnded
from tutela.redress.ledger import entries
from tutela.redress.models import FINAL, Hop, HopKind, HopState, Reversal
from tutela.redress.reversals import begin, hops
from tutela.redress.reversals.begin import RecipientCopy
from tutela.reports.errors import AlreadyDecided
from tutela.reports.referrals import report_recipients
from tutela.reports.triage import assess
from tutela.takedown.host_desk import measure_facts as notice_facts

# An Edge that was not seen for so long is not connected: it learns of the entry's end before it matches again.
CONNECTED_FOR = timedelta(hours=24)
REASON = "A complaint was upheld: this was an error."


@dataclass(frozen=True)
class OwnAnswer:
    """What happened to what is here. `because` for what is kept; consequences that the error had here."""

    state: str
    because: str = ""
    consequences: tuple[str, ...] = ()


def accept(actor: Actor, reversal_id: UUID, *, spare: bool = False) -> None:
    """Rules 1 and 2, for a Centre. Raises `ReversalEnded`, `UnknownReversal`."""
    _require_centre(actor)
    with acting(actor):
        row = _open(reversal_id)
        _decided(actor, row, accepted=True)
        reports = report_recipients.recipients_of([UUID(one) for one in row.report_ids])
        stopped = _entries(row, reports, spare=spare)
        _undo_reports(actor, row, reports, spare=spare)
        _stop(actor, row, stopped)
        _tell(actor, row, reports, stopped)
        _count(actor, row, stopped)
        hops.settle(actor, row)


def keep(actor: Actor, reversal_id: UUID, because: str) -> None:
    """Rule 3. Raises `Invalid`, `ReversalEnded`, `UnknownReversal`."""
    actor.require(hops.ANSWER)
    _check_kept(because)
    with acting(actor):
        row = _open(reversal_id)
        _decided(actor, row, accepted=False)
        if not row.hops.exists():
            hops.add(actor, row, HopKind.RECORD)
        for hop in row.hops.exclude(state__in=FINAL):
            hops.step(actor, hop, HopState.KEPT, because=because)
        hops.settle(actor, row)


def answer(actor: Actor, hop_id: UUID, given: OwnAnswer) -> None:
    """Rule 4, and the own measure of a provider that began a reversal. Raises `Invalid`, `HopAnswered`."""
    actor.require(hops.ANSWER)
    if given.state not in FINAL:
        raise Invalid("Choose corrected, erased or kept.", field="state")
    if given.state == HopState.KEPT:
        _check_kept(given.because)
    elif given.because:
        raise Invalid("Enter a reason only for what is kept.", field="because")
    if unknown := set(given.consequences) - set(Consequence):
        raise Invalid("Unknown consequence: {name}", field="consequences", name=min(unknown))
    with acting(actor):
        hop = _own_hop(hop_id)
        row = hops.locked(hop.reversal_id)
        hop = Hop.objects.get(pk=hop.pk)
        hops.step(actor, hop, HopState(given.state), because=given.because, consequences=given.consequences)
        if hop.kind == HopKind.MEASURE and given.state == HopState.CORRECTED:
            _restore(actor, row)
        if row.accepted is None:
            _decided(actor, row, accepted=given.state != HopState.KEPT)
        hops.settle(actor, row)


def _restore(actor: Actor, row: Reversal) -> None:
    """A provider that has given content back says so to the notifier too, by the notice's own reversal."""
    if not row.notice_number or actor.organisation_kind != "provider":
        return
    number = row.notice_number
    if row.sender_id is not None:
        number = notice_facts.by_reference(row.sender_id, row.notice_number) or ""
    with suppress(Erased):
        notice_facts.restore_all(changed(actor, permissions=actor.permissions | {"hosting.decide"}), number, REASON)


def told_otherwise(actor: Actor, hop_id: UUID, given: OwnAnswer) -> None:
    """Record the answer of a recipient that was told another way (by telephone, by file). Raises as `answer`."""
    actor.require(hops.ANSWER)
    if given.state not in FINAL:
        raise Invalid("Choose corrected, erased or kept.", field="state")
    if given.state == HopState.KEPT:
        _check_kept(given.because)
    with acting(actor):
        found = Hop.objects.filter(pk=hop_id, kind__in=hops.OTHER_SIDE).first()
        if found is None:
            raise NotFound
        row = hops.locked(found.reversal_id)
        hop = Hop.objects.get(pk=found.pk)
        because = given.because if given.state == HopState.KEPT else ""
        hops.step(actor, hop, HopState(given.state), because=because, consequences=given.consequences)
        hops.settle(actor, row)


def pass_edges(actor: Actor, hop_id: UUID) -> bool:
    """Finish the hop of the Edges once every connected one has the newer head. For a job; whether it is finished."""
    with acting(actor):
        found = Hop.objects.filter(pk=hop_id, kind=HopKind.EDGES).exclude(state__in=FINAL).first()
        if found is None:
            return False
        row = hops.locked(found.reversal_id)
        hop = Hop.objects.get(pk=found.pk)
        # An entry that no published version has needs no new head: the present one says it already.
        current = head.refresh_head(actor)
        wanted = min(hop.head or 0, current.sequence) if current is not None else 0
        if hop.state in FINAL or downloads.edges_behind(wanted, clock.now() - CONNECTED_FOR):
            return False
        hops.step(actor, hop, HopState.CORRECTED)
        hops.settle(actor, row)
        return True


def _require_centre(actor: Actor) -> None:
    actor.require(hops.ANSWER)
    if actor.organisation_kind != "centre":
        raise NotFound


def _open(reversal_id: UUID) -> Reversal:
    row = hops.locked(reversal_id)
    if row.accepted is not None or row.sender_id is None:
        raise ReversalEnded
    return row


def _own_hop(hop_id: UUID) -> Hop:
    hop = Hop.objects.filter(pk=hop_id, kind__in=(HopKind.MEASURE, HopKind.RECORD)).first()
    if hop is None:
        raise NotFound
    return hop


def _decided(actor: Actor, row: Reversal, *, accepted: bool) -> None:
    row.accepted = accepted
    row.save(update_fields=["accepted"])
    claim.decided(actor, hops.SUBJECT, row.pk)
    record(actor, "reversal.answered", hops.SUBJECT, row.pk, accepted=accepted)


def _check_kept(because: str) -> None:
    if because not in set(KeptBecause):
        raise Invalid("Choose why it is kept.", field="because")


def _entries(row: Reversal, reports: list[report_recipients.ReportRecipients], *, spare: bool) -> list[UUID]:
    """The entries that stop: the one that the reversal names. Entries of the report are stopped by its undoing."""
    if spare:
        return []
    named = [row.indicator_id] if row.indicator_id is not None else []
    return [one for one in named if sources.sources_of(one)[0] is not None]


def _undo_reports(
    actor: Actor, row: Reversal, reports: list[report_recipients.ReportRecipients], *, spare: bool
) -> None:
    if not reports:
        return
    hop = hops.add(actor, row, HopKind.REPORT)
    kept = False
    undoing = changed(actor, permissions=actor.permissions | {"reports.erroneous", "indicators.revoke"})
    for one in reports:
        if one.erroneous:
            continue
        try:
            # Only the entry that was wrong stops: of the others nothing is known to be wrong.
            assess.declare_erroneous(undoing, one.report_id, REASON, revoke=False, spare=True)
        except AlreadyDecided:
            continue
        except Conflict:
            # It repeats another report, with whose decision it stands and falls: nothing was undone by this.
            kept = True
    if hop is not None and kept:
        hops.step(actor, hop, HopState.KEPT, because=KeptBecause.SEPARATE_REASON)
    elif hop is not None:
        hops.step(actor, hop, HopState.CORRECTED)


def _stop(actor: Actor, row: Reversal, stopped: Collection[UUID]) -> None:
    """Stop the entries everywhere, and wait for each connected Edge. Without a head no Edge has the list."""
    if not stopped:
        return
    hop = hops.add(actor, row, HopKind.REGISTER)
    deciding = changed(actor, permissions=actor.permissions | {"indicators.revoke"})
    for one in stopped:
        register_revoke.suspend(deciding, one, REASON)
    if hop is not None:
        hops.step(actor, hop, HopState.CORRECTED)
    since = [one for one in map(sources.stopped_at, stopped) if one is not None]
    if since and (sequence := downloads.sequence_after(max(since))):
        hops.add(actor, row, HopKind.EDGES, head=sequence)
        enqueue.pass_edges(actor.organisation_id)


def _tell(
    actor: Actor, row: Reversal, reports: list[report_recipients.ReportRecipients], stopped: Collection[UUID]
) -> None:
    holders: dict[UUID, list[UUID]] = {}
    for one in reports:
        for authority, _name in one.authorities:
            holders.setdefault(authority, []).append(one.report_id)
    for authority, ids in sorted(holders.items()):
        if authority != actor.organisation_id:
            begin.tell(actor, row, HopKind.AUTHORITY, authority, RecipientCopy(tuple(ids)))
    for entry in stopped:
        proposer, others = sources.sources_of(entry)
        for source in (proposer, *others):
            kind = directory.entry(source).kind if source else ""
            # An authority that certified the entry keeps its own word; a hotline corrects the case behind it.
            if source is not None and kind == "hotline":
                begin.tell(actor, row, HopKind.HOTLINE, source, RecipientCopy(indicator=entry))


def _count(actor: Actor, row: Reversal, stopped: Collection[UUID]) -> None:
    """The figures have the error; the hop of the statistics is done with that."""
    proposers = [sources.sources_of(one)[0] for one in stopped]
    source = next((one for one in proposers if one is not None), None)
    entries.enter(actor, row, entries.ErrorFacts(provider_id=row.sender_id, source_id=source))
    hop = hops.add(actor, row, HopKind.STATISTICS)
    if hop is not None:
        hops.step(actor, hop, HopState.CORRECTED)
