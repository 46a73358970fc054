"""Entries of a list of another as proposals for the register, one by one or all at once.

1. Whoever may propose asks for it, with the class and the reason that the register needs; `propose()` notes it.
2. `work()` does it in the background, as an import does: each entry an indicator with its event, under the source's
   name. What is known already, and what has no usable hash, is refused with the reason and counted.
3. A proposal is a proposal: nothing is active before another organisation in another country has certified it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, TextIO
from uuid import UUID

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.ids import uuid7
from tutela.events.recording import record
from tutela.exchange.lists.listed import Left, Listed
from tutela.indicators import flooding, foreign_entries, import_lists, importing
from tutela.indicators.errors import OutsidePolicy
from tutela.indicators.import_lines import BadLine, Defaults
from tutela.indicators.models import ForeignList, ForeignProposing
from tutela.law.classification import checked_code
from tutela.matching.records import MIN_QUALITY
from tutela.organisations import directory

MOST_CHOSEN = 500
NAMED = 20
SHOWN = 10


def propose(
    actor: Actor,
    list_id: UUID,
    entries: Sequence[UUID],
    *,
    classification: str,
    reason: str,
    quality: int | None = None,
) -> UUID:
    """Order proposals of these entries, or of all where none is named. Returns the run.

    Raises `Invalid` naming the field, `OutsidePolicy`, `HeldForFlood`, `NotFound`.
    """
    importing.check(actor)
    actor.require("sources.manage")
    if not reason.strip():
        raise Invalid("Say why they belong in the register.", field="reason")
    if len(entries) > MOST_CHOSEN:
        raise Invalid("Choose up to {most}, or all.", field="entries", most=MOST_CHOSEN)
    if quality is not None and not MIN_QUALITY <= quality <= 100:
        raise Invalid("From {least} to 100.", field="quality", least=MIN_QUALITY)
    checked_code(classification)
    if importing.judge()(classification):
        raise OutsidePolicy
    flooding.refuse_held(actor)
    with acting(actor):
        row = ForeignList.objects.filter(pk=list_id, ended_at=None).first()
        if row is None:
            raise NotFound
        made = ForeignProposing.objects.create(
            organisation_id=actor.organisation_id, list=row, run_id=uuid7(), chosen="\n".join(map(str, entries)),
            classification=classification, reason=reason.strip()[:300], quality=quality, by=actor.reference,
            by_name=actor.name[:200],
        )  # fmt: skip
        record(
            actor, "foreign.proposing", "foreign_list", row.pk, list=row.list_id, run=made.run_id,
            chosen=len(entries), classification=classification,
        )  # fmt: skip
        _defer(actor.organisation_id, made.pk)
    return UUID(str(made.run_id))


def work(organisation_id: UUID, proposing_id: UUID) -> None:
    """Do what was asked. Once: a second call for the same row does nothing. For the job."""
    owner = directory.acting_for(directory.entry(organisation_id), "system:proposing", "Proposals")
    with acting(owner):
        asked = ForeignProposing.objects.select_related("list").filter(pk=proposing_id, ended_at=None).first()
    if asked is None:
        return
    actor = directory.acting_for(
        directory.entry(organisation_id), asked.by, asked.by_name, frozenset({"indicators.propose"})
    )
    entries = _Entries(actor, asked)
    reader = import_lists.Reader(
        entries, Defaults(classification=asked.classification, reason=asked.reason), importing.judge()
    )
    bad = list[str]()

    def note(one: BadLine) -> None:
        if len(bad) < NAMED:
            bad.append(f"{one.line}: {one.field}: {one.reason}")

    report = importing.run_entries(
        actor, asked.run_id, reader.read(None), source=asked.list.source, of=f"list:{asked.run_id}",
        told=lambda _: None, bad=note,
    )  # fmt: skip
    with acting(owner):
        asked.accepted, asked.refused, asked.ended_at = report.accepted, report.refused, clock.now()
        asked.reasons, asked.unmapped = "\n".join(bad), "\n".join(reader.unmapped)
        asked.save()


def runs(actor: Actor, list_id: UUID) -> list[ForeignProposing]:
    """What was proposed out of a list, the newest first."""
    actor.require("sources.read")
    with acting(actor):
        return list(ForeignProposing.objects.filter(list_id=list_id).order_by("-created_at")[:SHOWN])


class _Entries:
    """The entries as a source of `import_lists`."""

    def __init__(self, actor: Actor, asked: ForeignProposing) -> None:
        self.left = Left()
        self._actor, self._asked = actor, asked

    def read(self, file: TextIO | Any) -> Iterator[Listed]:
        """Every chosen entry; PDQ hashes of unknown quality as was asked."""
        only = [UUID(one) for one in self._asked.chosen.split()]
        for _id, one in foreign_entries.listed(self._actor, self._asked.list.list_id, only):
            yield self._fit(one)

    def _fit(self, one: Listed) -> Listed:
        if "pdq" not in one.hashes or one.quality is not None:
            return one
        if self._asked.quality is not None:
            return replace(one, quality=self._asked.quality)
        self.left.note("pdq without a quality")
        return replace(one, hashes={kind: values for kind, values in one.hashes.items() if kind != "pdq"})


def _defer(organisation_id: UUID, proposing_id: UUID) -> None:
    from tutela.indicators.jobs import propose_entries

    propose_entries.defer(organisation_id=str(organisation_id), proposing_id=str(proposing_id))
