"""Export of a list in an external format: the register's for grant holders, partner lists for readers.

Every export is an event with the format and the number of exported entries. Values that the format cannot express are
counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import batched
from typing import Any, Protocol, TextIO
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.hash_lists import icse, mapped_columns, pairs, stix_writer, vics_writer
from tutela.exchange.hash_lists.entry import LOOKS, VPDQ, Left, Listed
from tutela.exchange.register.video_frames import as_vpdq
from tutela.indicators.access.grants import current_grant
from tutela.indicators.errors import NoGrant
from tutela.indicators.hashes import encryption, validation, video_frames
from tutela.indicators.integrity import invalidation, verification
from tutela.indicators.lifecycle.queries import TEST_ENTRY, with_state
from tutela.indicators.models import IndicatorFilm, IndicatorHash, PartnerList, Taken
from tutela.indicators.partner_lists import entries as partner_lists_entries
from tutela.indicators.register import votes
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import downloads
from tutela.organisations.people import directory

FORMATS = ("csv", "jsonl", "vics-1.2", "vics-1.3", "vics-2.0", "icse", "stix", "hma")
ENTRIES_AT_ONCE = 2000
# Why an entry was proposed is what one organisation wrote for those who certify.
REASONS_NOT_EXPORTED = "reasons of proposers, which remain in the register"
UNSOUND = "entries without enough valid certifications"


class ExportSink(Protocol):
    """Writer of a format; counts what it left out and what it wrote."""

    left: Left
    written: int

    def write(self, file: TextIO, entries: Any) -> None:
        """Every entry that the format can say."""
        ...


def sink(form: str, author: str, *, categories: dict[str, int] | None = None, profile: str = "Default") -> ExportSink:
    """The writer of a format. Raises `Invalid`."""
    if form in ("csv", "jsonl"):
        return mapped_columns.MappedWriter(lines_of_json=form == "jsonl")
    if form == "icse":
        return icse.IcseWriter()
    if form == "hma":
        return pairs.PairsWriter()
    if form == "stix":
        return stix_writer.StixWriter(author, clock.now())
    if form not in FORMATS or not re.fullmatch(r"\w{1,40}", profile):
        raise Invalid("Choose one of: {known}.", field="format", known=", ".join(FORMATS))
    return vics_writer.VicsWriter(form.removeprefix("vics-"), categories or {}, profile)


def export(actor: Actor, list_id: str, file: TextIO, writer: ExportSink, form: str) -> int:
    """Write a list to a file; returns how many entries there were. Raises `NoGrant`, `NotFound`."""
    if list_id == version_files.LIST_ID:
        return _register(actor, file, writer, form)
    with acting(actor):
        if not PartnerList.objects.filter(list_id=list_id, ended_at=None).exists():
            raise NotFound
        counted = _Counted(one for _id, one in partner_lists_entries.listed(actor, list_id))
        writer.write(file, counted)
        record(actor, "list.exported", "list", list_id, format=form, entries=counted.count, left_out=writer.left.names)
    return counted.count


def _register(actor: Actor, file: TextIO, writer: ExportSink, form: str) -> int:
    found = directory.the_centre()
    if found is None:
        raise NotFound
    centre = directory.acting_for(found, actor.reference, actor.name).with_purpose("database_access")
    with acting(centre):
        mine = actor.organisation_id == centre.organisation_id
        if not actor.verified or not (mine or current_grant(version_files.LIST_ID, actor.organisation_id)):
            raise NoGrant
        # The fetch is noted before anything is read, so that this recipient is also notified of revocations made
        # meanwhile.
        downloads.note(centre, actor.organisation_id, version_files.LIST_ID, Taken.EXPORT)
    unsound = list[UUID]()
    with acting(centre):
        counted = _Counted(_active(unsound))
        writer.write(file, counted)
        if counted.count:
            writer.left.names[REASONS_NOT_EXPORTED] = counted.count
        if unsound:
            writer.left.names[UNSOUND] = len(unsound)
        record(
            centre,
            "list.exported",
            "list",
            version_files.LIST_ID,
            format=form,
            entries=counted.count,
            recipient=actor.organisation_id,
            left_out=writer.left.names,
        )
    invalidation.suspend_unverified(centre, unsound)
    return counted.count


class _Counted:
    """Entries as they are asked for, and how many there were."""

    def __init__(self, found: Iterator[Listed]) -> None:
        self._found, self.count = found, 0

    def __iter__(self) -> Iterator[Listed]:
        for one in self._found:
            self.count += 1
            yield one


def _active(unsound: list[UUID]) -> Iterator[Listed]:
    """Return active indicators with valid certifications; the others are added to `unsound`."""
    now = verification.trust_store()
    # Readers of a file do not know that a test entry matches nothing.
    real = with_state().filter(state="active").exclude(TEST_ENTRY)
    rows = real.order_by("pk").iterator(chunk_size=ENTRIES_AT_ONCE)
    for some in batched(rows, ENTRIES_AT_ONCE):
        good = verification.sealed_ids([row.pk for row in some], now)
        unsound += (row.pk for row in some if row.pk not in good)
        part = [row for row in some if row.pk in good]
        known: dict[UUID, dict[str, list[str]]] = {row.pk: {} for row in part}
        qualities: dict[UUID, int] = {}
        # What names the frames of a video stands for the frames themselves, which come below.
        rows_of = IndicatorHash.objects.filter(indicator_id__in=list(known)).exclude(kind=validation.FRAMES)
        for row in rows_of.order_by("pk"):
            value, own = encryption.opened(row), known[row.indicator_id]
            digits = validation.HEX.get(row.kind, LOOKS["window"])
            own.setdefault(row.kind, []).append(value[:digits])
            if value[digits:]:
                own.setdefault("structure", []).append(value)
            if row.kind in validation.LOOKS:
                qualities[row.indicator_id] = min(row.quality or 0, qualities.get(row.indicator_id, 100))
        classes = votes.classes(known)
        moves = dict(IndicatorFilm.objects.filter(indicator__in=list(known)).values_list("indicator", "pk"))
        for row in part:
            if row.pk in moves:
                # One at a time: a long film has megabytes.
                film = video_frames.opened(IndicatorFilm.objects.get(pk=moves[row.pk]))
                known[row.pk][VPDQ] = [as_vpdq(film)]
            yield Listed(
                row.number,
                {kind: tuple(values) for kind, values in known[row.pk].items()},
                row.media_type,
                qualities.get(row.pk),
                classes.get(row.pk, row.classification),
                row.series,
                at=row.created_at,
                facts={"source": row.source} if row.source else {},
            )
