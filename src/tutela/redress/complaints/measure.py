"""Record what a complaint is about: the measure, its report or notice, the exact entry, the account, who decided.

Nobody records a measure before the account is proved (`account_proof`), nor one of another notice than was proved.

1. A report is named by its number at this provider; technology, list, entries and deciders are then known.
2. A notice is named by its number; the host's deciders and the notifier are then known. A hotline names a notice that
   it sent, a Coordinating Authority the Centre or authority whose measure it is.
3. A complaint about a report or notice about which a complaint is decided repeats that one. Its person gets the same
   decision, unless somebody finds something new in it.
4. Who decided before is only ever added to: the people of the measure, and of every earlier decision about the same
   report or notice.
5. The account counts for the rule on misuse alone. It is stored as a keyed digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.casework.search.keys import key_of
from tutela.casework.search.values import ValueKind, value
from tutela.detection.outcomes import measure_facts as report_facts
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.law import clocks
from tutela.organisations.people import directory, members
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.organisations.vocabulary.roles_and_permissions import AUTHORITIES
from tutela.redress.complaints import account_proof, rows
from tutela.redress.errors import UnknownReport
from tutela.redress.models import Complainant, Complaint, ComplaintStage, ComplaintStepKind, MeasureKind
from tutela.takedown.host_desk import measure_facts as notice_facts
from tutela.takedown.notices import sent_notices


@dataclass(frozen=True)
class MeasureInput:
    """What a person enters. `deciders` are IDs of colleagues, for a measure that Tutela does not know."""

    complainant: str
    measure: str
    measure_at: datetime | None = None
    informed_at: datetime | None = None
    report: str = ""
    notice: str = ""
    entry: UUID | None = None
    account: str = ""
    deciders: Sequence[UUID] = ()
    against: UUID | None = None


def record_measure(actor: Actor, complaint_id: UUID, given: MeasureInput) -> None:
    """Record the measure. Raises `NoProof`, `Invalid` naming the field, `UnknownReport`, `ComplaintDecided`."""
    actor.require(rows.DECIDE)
    _check(given)
    with acting(actor):
        row = rows.locked(complaint_id)
        rows.require_open(row)
        _proved(actor, row, given)
        row.complainant, row.measure = given.complainant, given.measure
        row.measure_at, row.informed_at = given.measure_at, given.informed_at
        row.deciders = sorted({*row.deciders, *(f"person:{one}" for one in given.deciders)})
        _report(row, given)
        if actor.organisation_kind == "hotline":
            _sent_notice(row, given)
        else:
            _notice(row, given)
        _against(actor, row, given)
        row.account_key = _account(actor, given) or row.account_key
        row.repeats_id = _earlier(row)
        row.deciders = sorted({*row.deciders, *_decided_before(row)})
        row.save()
        clocks.start(actor, rows.CLOCK, rows.SUBJECT, row.pk, row.received_at)
        rows.step(actor, row, ComplaintStepKind.MEASURE)


def colleagues(actor: Actor) -> list[tuple[UUID, str]]:
    """People of the organisation who may have decided."""
    return [(one.id, one.name) for one in members.members_of(actor.organisation_id) if one.active]


def overseen(actor: Actor) -> list[DirectoryEntry]:
    """The Centre and the authorities of the directory, for a Coordinating Authority."""
    if actor.organisation_kind != "coordinating_authority":
        return []
    kinds = ("centre", *sorted(AUTHORITIES))
    found = [one for kind in kinds for one in directory.list_organisations(kind=kind) if one.verified]
    return [one for one in found if one.id != actor.organisation_id]


def _proved(actor: Actor, row: Complaint, given: MeasureInput) -> None:
    """The measure is of the account, or of the notice, that was proved. Raises `NoProof`, `Invalid`."""
    proof, account = account_proof.required(row), _account(actor, given)
    if proof.notice_number and given.notice.strip().upper() != proof.notice_number:
        raise Invalid(
            "The statement that was proved is about notice {number}.", field="notice", number=proof.notice_number
        )
    if proof.kind in account_proof.CODES and account is not None and account != bytes(row.account_key or b""):
        raise Invalid("The code was for another account.", field="account")


def _account(actor: Actor, given: MeasureInput) -> bytes | None:
    named = given.account.strip()
    return key_of(actor.organisation_id, value(ValueKind.ACCOUNT, named)) if named else None


def _report(row: Complaint, given: MeasureInput) -> None:
    """Rule 1."""
    row.report_id = row.indicator_id = None
    if not given.report.strip():
        row.indicator_id = given.entry
        return
    found = report_facts.by_number(given.report)
    if found is None:
        raise UnknownReport(field="report")
    if given.entry is not None and given.entry not in found.entries:
        raise Invalid("Choose an entry on which this report rests.", field="entry")
    row.report_id, row.technology, row.list_id = found.report_id, found.technology, found.list_id
    row.indicator_id = given.entry or (found.entries[0] if len(found.entries) == 1 else None)
    row.measure_at = row.measure_at or found.at
    row.deciders = sorted({*row.deciders, *found.deciders})


def _notice(row: Complaint, given: MeasureInput) -> None:
    """Rule 2."""
    row.notice_number = ""
    if not given.notice.strip():
        return
    found = notice_facts.by_number(given.notice)
    if found is None:
        raise Invalid("Your organisation has received no notice with this number.", field="notice")
    row.notice_number = found.number
    row.measure_at = row.measure_at or found.decided_at
    row.technology = row.technology or "notice"
    row.deciders = sorted({*row.deciders, *found.deciders})


def _sent_notice(row: Complaint, given: MeasureInput) -> None:
    """Rule 2, of a hotline."""
    row.notice_number = ""
    if not given.notice.strip():
        return
    found = sent_notices.sent_with(given.notice)
    if found is None:
        raise Invalid("Your organisation has sent no notice with this number.", field="notice")
    row.notice_number, row.technology = found.number, "notice"


def _against(actor: Actor, row: Complaint, given: MeasureInput) -> None:
    """Rule 2, of a Coordinating Authority."""
    row.against_id, row.against_name = None, ""
    if given.against is None:
        return
    found = next((one for one in overseen(actor) if one.id == given.against), None)
    if found is None:
        raise Invalid("Choose the Centre or an authority of the directory.", field="against")
    row.against_id, row.against_name = found.id, found.name[:200]


def _earlier(row: Complaint) -> UUID | None:
    """Rule 3."""
    known = Complaint.objects.exclude(pk=row.pk).exclude(stage=ComplaintStage.OPEN).filter(repeats_id=None)
    if row.report_id is not None:
        known = known.filter(report_id=row.report_id)
    elif row.notice_number:
        known = known.filter(notice_number=row.notice_number)
    else:
        return None
    # An earlier reversal needs no complaint: only a measure that stays is complained about again.
    return known.filter(decision__outcome="uphold").order_by("received_at").values_list("pk", flat=True).first()


def _decided_before(row: Complaint) -> set[str]:
    """Rule 4: who decided earlier complaints about the same report or notice."""
    if row.report_id is not None:
        same = Complaint.objects.filter(report_id=row.report_id)
    elif row.notice_number:
        same = Complaint.objects.filter(notice_number=row.notice_number)
    else:
        return set()
    found = same.exclude(pk=row.pk).exclude(decision=None)
    return set(found.values_list("decision__by", flat=True))


def _check(given: MeasureInput) -> None:
    if given.complainant not in set(Complainant) - {Complainant.UNKNOWN}:
        raise Invalid("Choose who complains.", field="complainant")
    if given.measure not in set(MeasureKind) - {MeasureKind.UNKNOWN}:
        raise Invalid("Choose the measure.", field="measure")
    for name in ("measure_at", "informed_at"):
        moment = getattr(given, name)
        if moment is not None and moment > clock.now():
            raise Invalid("The time is in the future.", field=name)
    if given.measure_at and given.informed_at and given.informed_at < given.measure_at:
        raise Invalid("The person cannot be informed before the measure.", field="informed_at")
    if len(given.account) > 300:
        raise Invalid("Enter at most {most} characters.", field="account", most=300)
