"""Erasure for `law.retention`: each function deletes the rows older than a given time and names them.

An authority's hold and an extended deadline keep a report. Its skeleton (number, receipt, steps) always stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tutela.casework.assignment import erasure
from tutela.detection.candidates import outcomes
from tutela.detection.models import Candidate, Draft, FiledElsewhere, Outcome, Revision, Sending
from tutela.detection.settings.queries import candidates, under_way
from tutela.events.actor import Actor
from tutela.law import clocks, holds
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox


def erase_rejected(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Candidates closed because their indicator was withdrawn: nothing was confirmed, nothing is kept.

    A rejection deletes at once, in the reviewer's own transaction.
    """
    ended = Outcome.objects.filter(kind__in=("rejected", "withdrawn"), created_at__lte=before).values("subject_id")
    for row in Candidate.objects.filter(pk__in=ended):
        subject = str(row.pk)
        erasure.erase("candidate", row.pk)
        row.delete()
        yield "candidate", subject


def erase_expired(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Candidates that nobody decided in time."""
    waiting = candidates().filter(created_at__lte=before, state__in=("open", "second", "disputed", "stopped"))
    for pk in list(waiting.values_list("pk", flat=True)):
        row = Candidate.objects.select_for_update().get(pk=pk)
        if Outcome.objects.filter(subject_id=pk).exists():
            continue
        outcomes.end(actor, row, "expired")
        row.delete()
        erasure.erase("candidate", pk)
        yield "candidate", str(pk)


def erase_preserved(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Erase the text of reports and their candidates twelve months after drafting."""
    for draft in Draft.objects.filter(created_at__lte=before, revisions__isnull=False).distinct():
        # A sending that has not ended after so long is ended by `upload_steps`, and the report goes with the next run.
        if holds.held("report", draft.pk) or _still_running(draft) or under_way(draft):
            continue
        Revision.objects.filter(draft=draft).delete()
        Draft.objects.filter(pk=draft.pk).update(found_by=None)
        Sending.objects.filter(draft=draft).delete()
        outbox.forget(actor, draft.pk)
        draft.tips.update(sealed_report=b"", files=[])
        subject_keys.erase("report", draft.pk)
        erasure.erase("draft", draft.pk)
        if draft.candidate_ref:
            Candidate.objects.filter(pk=draft.candidate_ref).delete()
            erasure.erase("candidate", draft.candidate_ref)
        yield "report", str(draft.pk)
    # What was told of a report after that had a key again.
    late = subject_keys.lingering("report", before)
    for pk in Draft.objects.filter(pk__in=late, revisions__isnull=True).values_list("pk", flat=True):
        if not holds.held("report", pk):
            subject_keys.erase("report", pk)
            yield "report", str(pk)
    # Of what was filed another way the words of the Centre are all that lies here.
    for pk in FiledElsewhere.objects.filter(report_id__in=late).values_list("report_id", flat=True):
        if not holds.held("report", pk):
            subject_keys.erase("report", pk)
            yield "report", str(pk)


def _still_running(draft: Draft) -> bool:
    standing = [s for spec, s in clocks.of_subject("report", draft.pk) if spec.kind == "preservation"]
    return any(one.state in ("running", "paused") for one in standing)
