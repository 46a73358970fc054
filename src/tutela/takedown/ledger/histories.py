"""Histories of cases with notices, read from their rows for the ledger. No address is unsealed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.law import holds
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.ledger.entries import AnswerGiven, CaseHistory, HostAnswer, LedgerEntry, SentNotice, every_entry
from tutela.takedown.ledger.hold_time import Span
from tutela.takedown.models import Assessment, Availability, HostTrace, Notice, NoticeStep, Recheck, StepKind, Verdict

READ = "takedown.read"
# A registry's free text may hold an e-mail address or a link instead of a name.
_CONTACT = re.compile(r"\S*(?:@|://|\bwww\.)\S*", re.IGNORECASE)


@dataclass(frozen=True)
class LedgerPeriod:
    """Days of the first notice of an entry, both included, in UTC. None does not restrict."""

    since: date | None = None
    until: date | None = None

    def has(self, moment: datetime) -> bool:
        """Whether a moment is in this period."""
        day = moment.astimezone(UTC).date()
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    @classmethod
    def of_year(cls, year: int) -> LedgerPeriod:
        """A calendar year."""
        return cls(date(year, 1, 1), date(year, 12, 31))


EVER = LedgerPeriod()


@dataclass
class _Rows:
    """Rows of one case, as they are read."""

    notices: list[SentNotice] = field(default_factory=list)
    answers: list[AnswerGiven] = field(default_factory=list)
    absences: list[datetime] = field(default_factory=list)
    reappearances: list[datetime] = field(default_factory=list)
    found_legal: list[datetime] = field(default_factory=list)

    def history(self, held: Iterable[Span]) -> CaseHistory:
        return CaseHistory(
            tuple(sorted(self.notices, key=lambda one: one.at)),
            tuple(self.answers),
            tuple(self.absences),
            tuple(sorted(self.reappearances)),
            tuple(self.found_legal),
            tuple(held),
        )


def load_entries(actor: Actor, period: LedgerPeriod, at: datetime) -> list[LedgerEntry]:
    """The entries of the actor's organisation that began in a period, as they were at a moment."""
    return [one for one in every_entry(load_histories(actor, period), at) if period.has(one.begun)]


def load_histories(actor: Actor, period: LedgerPeriod = EVER) -> list[CaseHistory]:
    """Whole histories of the cases about which a notice left in a period."""
    actor.require(READ)
    with acting(actor):
        rows = defaultdict[UUID, _Rows](_Rows)
        cases = _cases(period)
        _add_notices(rows, cases)
        _add_rechecks(rows, cases)
        for case, at, kind in _steps(cases):
            rows[case].answers.append(AnswerGiven(at, HostAnswer(kind)))
        # A host that restores access lets it reappear, also before anybody looks.
        restored = NoticeStep.objects.filter(notice__case__in=cases, kind=StepKind.RESTORED)
        for case, at in restored.values_list("notice__case_id", "created_at"):
            rows[case].reappearances.append(at)
        legal = Assessment.objects.filter(case__in=cases, verdict=Verdict.LEGAL).order_by("created_at", "pk")
        for case, at in legal.values_list("case_id", "created_at"):
            rows[case].found_legal.append(at)
        held = holds.content_spans(SUBJECT, rows)
    spans = {case: [Span(*one) for one in some] for case, some in held.items()}
    return [rows[case].history(spans.get(str(case), ())) for case in sorted(rows)]


def _cases(period: LedgerPeriod) -> QuerySet[Notice, Any]:
    sent = Notice.objects.exclude(sent_at=None).exclude(state=StepKind.FAILED)
    if period.since:
        sent = sent.filter(sent_at__gte=datetime.combine(period.since, time(), UTC))
    if period.until:
        sent = sent.filter(sent_at__lt=datetime.combine(period.until, time(), UTC) + timedelta(days=1))
    return sent.values("case_id")


def _add_notices(rows: dict[UUID, _Rows], cases: QuerySet[Notice, Any]) -> None:
    """Country and label are those of the newest trace and assessment when the notice was written."""
    countries = _before(HostTrace.objects.filter(case__in=cases), "location_country")
    labels = _before(Assessment.objects.filter(case__in=cases, verdict=Verdict.ILLEGAL), "label")
    sent = Notice.objects.filter(case__in=cases).exclude(sent_at=None).exclude(state=StepKind.FAILED)
    for case, written, at, provider in sent.values_list("case_id", "created_at", "sent_at", "provider"):
        if at is not None:
            country, label = _newest(countries[case], written), _newest(labels[case], written)
            rows[case].notices.append(SentNotice(at, plain_name(provider), country, label))


def _add_rechecks(rows: dict[UUID, _Rows], cases: QuerySet[Notice, Any]) -> None:
    wanted = (Availability.ABSENT, Availability.REAPPEARED)
    looks = Recheck.objects.filter(case__in=cases, finding__in=wanted).order_by("created_at", "pk")
    for case, at, finding in looks.values_list("case_id", "created_at", "finding"):
        row = rows[case]
        (row.absences if finding == Availability.ABSENT else row.reappearances).append(at)


def _steps(cases: QuerySet[Notice, Any]) -> Iterable[tuple[UUID, datetime, str]]:
    answers = NoticeStep.objects.filter(notice__case__in=cases, kind__in=list(HostAnswer))
    return answers.order_by("created_at", "pk").values_list("notice__case_id", "created_at", "kind")


def _before(found: QuerySet[Any, Any], column: str) -> dict[UUID, list[tuple[datetime, str]]]:
    made = defaultdict[UUID, list[tuple[datetime, str]]](list)
    for case, at, value in found.order_by("created_at", "pk").values_list("case_id", "created_at", column):
        made[case].append((at, value))
    return made


def _newest(values: list[tuple[datetime, str]], moment: datetime) -> str:
    return next((value for at, value in reversed(values) if at <= moment), "")


def plain_name(provider: str) -> str:
    """A provider's name without e-mail addresses and links."""
    return " ".join(_CONTACT.sub(" ", provider).split())
