"""Proposals for the register from entries of a partner list, one by one or all at once.

1. A member with the right to propose requests it, with the class and the reason that the register needs; `propose()`
   stores the request.
2. `work()` runs in the background like an import: each entry becomes an indicator with its event, under the source's
   name. Known entries and entries without a usable hash are refused with the reason and counted. Progress is stored
   with each batch. A killed run continues from there (`due`), and a permanent failure ends with its error.
3. Such runs count as proposals of that hour (`rate_limits`). A run beyond the policy's limit is held for the Centre,
   like anomalous ones (`quarantine`). While the organisation is held, none of its runs continues.
4. Nothing proposed is active before another organisation in another country has certified it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TextIO
from uuid import UUID

from django.db import OperationalError

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound, TutelaError
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.hash_lists.entry import Left, Listed
from tutela.indicators import enqueue
from tutela.indicators.errors import OutsidePolicy
from tutela.indicators.imports import external_formats, runner
from tutela.indicators.imports.batches import LINES_AT_ONCE, Cut, Made
from tutela.indicators.imports.lines import BadLine, Defaults, Proposal
from tutela.indicators.models import PartnerList, PartnerProposing
from tutela.indicators.partner_lists import entries as partner_lists_entries
from tutela.indicators.partner_lists.errors import NodeFault
from tutela.indicators.safeguards import quarantine, rate_limits
from tutela.indicators.safeguards.errors import HeldForFlood
from tutela.law.classification import checked_code
from tutela.matching.files.records import MIN_QUALITY
from tutela.organisations.people import directory

MOST_CHOSEN = 500
MOST_NAMED = 20
MOST_SHOWN = 10
# A job that has not ended by then is ordered again.
RETRY_AFTER = timedelta(minutes=5)


def propose(
    actor: Actor,
    list_id: UUID,
    entries: Sequence[UUID],
    *,
    classification: str,
    reason: str,
    quality: int | None = None,
) -> UUID:
    """Request proposals of these entries, or of all if none is named. Returns the run.

    Raises `Invalid` naming the field, `OutsidePolicy`, `HeldForFlood`, `NotFound`.
    """
    runner.check(actor)
    actor.require("sources.manage")
    _check_choice(entries, classification, reason, quality)
    rate_limits.check(actor)
    with acting(actor):
        row = PartnerList.objects.filter(pk=list_id, ended_at=None).first()
        if row is None:
            raise NotFound
        made = PartnerProposing.objects.create(
            organisation_id=actor.organisation_id,
            list=row,
            run_id=uuid7(),
            chosen="\n".join(map(str, entries)),
            classification=classification,
            reason=reason.strip()[:300],
            quality=quality,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        _record(actor, made, len(entries))
        enqueue_proposals(made)
    return UUID(str(made.run_id))


def _record(actor: Actor, made: PartnerProposing, chosen: int) -> None:
    record(
        actor,
        "partner_list.proposing",
        "partner_list",
        made.list.pk,
        list=made.list.list_id,
        run=made.run_id,
        chosen=chosen,
        classification=made.classification,
    )


def _check_choice(entries: Sequence[UUID], classification: str, reason: str, quality: int | None) -> None:
    if not reason.strip():
        raise Invalid("Enter why these entries belong in the register.", field="reason")
    if len(entries) > MOST_CHOSEN:
        raise Invalid("Choose up to {most} entries, or all entries.", field="entries", most=MOST_CHOSEN)
    if quality is not None and not MIN_QUALITY <= quality <= 100:
        raise Invalid("The quality must be from {least} to 100.", field="quality", least=MIN_QUALITY)
    checked_code(classification)
    if runner.judge()(classification):
        raise OutsidePolicy


def run_proposals(organisation_id: UUID, proposing_id: UUID) -> None:
    """Run a request for proposals from where it stopped; do nothing if it has ended. For the job."""
    owner = directory.acting_for(directory.entry(organisation_id), "system:proposing", "Proposals")
    with acting(owner):
        asked = PartnerProposing.objects.select_related("list").filter(pk=proposing_id, ended_at=None).first()
    if asked is None:
        return
    try:
        rate_limits.refuse_held(owner)
        with rate_limits.metering(owner):
            _Run(asked).work()
    except _Overtaken:
        return
    except HeldForFlood:
        # The Centre must first check the organisation; `due` finds the row until the hold is released.
        return
    except OperationalError:
        # The database was away: `due` finds the row.
        raise
    except TutelaError as error:
        _ended(owner, proposing_id, error)
    except Exception:
        # What it was stands in the log of the node.
        _ended(owner, proposing_id, NodeFault())
        raise
    else:
        _ended(owner, proposing_id)


def due() -> list[PartnerProposing]:
    """Return older requests that have not ended, because their job may have been killed.

    Call inside `acting(owner)`.
    """
    return list(PartnerProposing.objects.filter(ended_at=None, created_at__lt=clock.now() - RETRY_AFTER))


def enqueue_proposals(row: PartnerProposing) -> None:
    """Enqueue `run_proposals`, unless it waits already; two never work on one row. Call inside `acting(owner)`."""
    enqueue.propose_entries(row.organisation_id, row.pk)


def runs(actor: Actor, list_id: UUID) -> list[PartnerProposing]:
    """Return the requests for proposals from a list, newest first."""
    actor.require("sources.read")
    with acting(actor):
        return list(PartnerProposing.objects.filter(list_id=list_id).order_by("-created_at")[:MOST_SHOWN])


def _ended(owner: Actor, proposing_id: UUID, error: TutelaError | None = None) -> None:
    code, values = (error.code, error.stored_values) if error else ("", {})
    with acting(owner):
        PartnerProposing.objects.filter(pk=proposing_id, ended_at=None).update(
            ended_at=clock.now(), error=code, error_values=values
        )


class _Overtaken(Exception):
    """Somebody else has written a batch of this run."""


class _Run:
    """Run of a request from where it stopped: reads entries, and stores its progress with each batch."""

    def __init__(self, asked: PartnerProposing) -> None:
        self._asked, self._begun = asked, asked.lines
        self._actor = directory.acting_for(
            directory.entry(asked.organisation_id), asked.by, asked.by_name, frozenset({"indicators.propose"})
        )
        self._entries = _Entries(self._actor, asked)
        defaults = Defaults(classification=asked.classification, reason=asked.reason)
        self._reader = external_formats.ListReader(self._entries, defaults, runner.judge(), ("number", "time"))
        self._before = Counter(dict(map(_counted, asked.unmapped.splitlines())))
        # Reading is a batch ahead of writing: what was reached at the end of each, by its last line.
        self._marks: dict[int, tuple[UUID | None, str]] = {}

    def work(self) -> None:
        """Run to the end. Raises the error that stops it."""
        asked = self._asked
        runner.run_entries(
            self._actor,
            asked.run_id,
            self._read(),
            source=asked.list.source,
            of=f"list:{asked.run_id}",
            on_batch=self._keep,
        )

    def _read(self) -> Iterator[Proposal | BadLine]:
        line, cut = 0, Cut(LINES_AT_ONCE)
        for line, one in enumerate(self._reader.read(None), 1):
            if cut.after(one):
                self._marks[self._begun + line] = self._mark()
            yield replace(one, line=self._begun + line)
        self._marks[self._begun + line] = self._mark()

    def _mark(self) -> tuple[UUID | None, str]:
        counts = self._before + Counter(dict(map(_counted, self._reader.unmapped)))
        return self._entries.last, "\n".join(f"{name} ({count})" for name, count in counts.items())

    def _keep(self, made: Made) -> None:
        """Within the batch's transaction. Raises `_Overtaken`, `HeldForFlood`."""
        rate_limits.refuse_held(self._actor)
        asked = self._asked
        # Of a whole list a few lines are named; of what was chosen entry by entry the numbers tell of each.
        rate_limits.refused_lines(self._actor, made.told if asked.chosen else min(made.told, MOST_NAMED))
        reasons = [one.stored() for one in sorted(made.bad, key=lambda one: one.line)]
        now = {
            "lines": made.last,
            "accepted": asked.accepted + len(made.indicators),
            "refused": asked.refused + len(made.bad),
            "reasons": [*asked.reasons, *reasons][:MOST_NAMED],
        }
        now["reached"], now["unmapped"] = self._marks.pop(made.last)
        if not PartnerProposing.objects.filter(pk=asked.pk, ended_at=None, lines=asked.lines).update(**now):
            raise _Overtaken
        for name, value in now.items():
            setattr(asked, name, value)
        quarantine.hold_run(self._actor, asked.run_id, rate_limits.of_run(self._actor, len(made.indicators)))


def _counted(line: str) -> tuple[str, int]:
    name, _, count = line.rpartition(" (")
    return name, int(count.rstrip(")"))


class _Entries:
    """The entries as a source of `external_formats`."""

    def __init__(self, actor: Actor, asked: PartnerProposing) -> None:
        self.left = Left()
        self.last: UUID | None = asked.reached
        self._actor, self._asked = actor, asked

    def read(self, file: TextIO | Any) -> Iterator[Listed]:
        """Every chosen entry; PDQ hashes of unknown quality as was asked."""
        only = [UUID(one) for one in self._asked.chosen.split()]
        after = self._asked.reached
        for entry, one in partner_lists_entries.listed(self._actor, self._asked.list.list_id, only, after):
            self.last = entry
            yield self._fit(one)

    def _fit(self, one: Listed) -> Listed:
        if "pdq" not in one.hashes or one.quality is not None:
            return one
        if self._asked.quality is not None:
            return replace(one, quality=self._asked.quality)
        self.left.note("pdq without a quality")
        return replace(one, hashes={kind: values for kind, values in one.hashes.items() if kind != "pdq"})
