"""Entries of a partner list as values, read in parts so that no transaction lasts for the whole list."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.list_access import listed as note_listed
from tutela.events.transaction import acting
from tutela.exchange.hash_lists.entry import HEX, PHOTODNA_BYTES, Listed, digest
from tutela.indicators.models import PartnerEntry, PartnerList
from tutela.indicators.partner_lists import fingerprints
from tutela.indicators.partner_lists.subscriptions import opened

ENTRIES_AT_ONCE = 2000
# Fingerprints of a film have hundreds of kilobytes.
FETCHED_AT_ONCE = 50
PER_PAGE = 50
# NCMEC's short names.
_OURS = {"pdna": "photodna"}


@dataclass(frozen=True)
class EntryLine:
    """Entry as shown on a list's page: its kinds of hash, never a hash."""

    id: UUID
    key: str
    media_type: str
    kinds: list[str]
    classification: str
    at: datetime


def page(actor: Actor, list_id: UUID, number: int = 1) -> tuple[list[EntryLine], bool]:
    """A page of the live entries, and whether there is another. Raises `NotFound`."""
    actor.require("sources.read")
    with acting(actor):
        row = PartnerList.objects.filter(pk=list_id).first()
        if row is None:
            raise NotFound
        start = (number - 1) * PER_PAGE
        live = PartnerEntry.objects.filter(list=row, withdrawn_at=None).order_by("pk")
        rows = list(live[start : start + PER_PAGE + 1])
        note_listed(actor, "partner_entry", (one.pk for one in rows[:PER_PAGE]), page=number, list=row.list_id)
        fetched = fingerprints.fingerprints_of(rows[:PER_PAGE])
        return [_line(one, fetched.get(one.pk)) for one in rows[:PER_PAGE]], len(rows) > PER_PAGE


def listed(
    actor: Actor, slug: str, only: Sequence[UUID] = (), after: UUID | None = None
) -> Iterator[tuple[UUID, Listed]]:
    """Every live entry of a list with its id, or those alone, from the one after `after`; in the order of their ids.

    Each part is read in a transaction of its own; inside `acting(actor)` all of them are one.
    """
    last = after
    while True:
        with acting(actor):
            rows = PartnerEntry.objects.filter(list__list_id=slug, withdrawn_at=None).order_by("pk")
            rows = rows.filter(pk__in=list(only)) if only else rows
            part = list((rows.filter(pk__gt=last) if last else rows)[:ENTRIES_AT_ONCE])
            behind = fingerprints.fetched(part)
        for few in batched(part, FETCHED_AT_ONCE):
            fetched = dict[UUID, dict[str, bytes]]()
            if here := [row for row in few if row.pk in behind]:
                with acting(actor):
                    fetched = fingerprints.fingerprints_of(here)
            for row in few:
                yield row.pk, listed_entry(row, fetched.get(row.pk))
        if len(part) < ENTRIES_AT_ONCE:
            return
        last = part[-1].pk


def listed_entry(row: PartnerEntry, fetched: Mapping[str, bytes] | None = None) -> Listed:
    """Return an entry in the form common to all formats, with its fetched fingerprints. Raises `CannotUnwrap`."""
    said = opened(row)
    wanted = said.get("elsewhere") or ()
    behind = {kind: _read(kind, data) for kind, data in (fetched or {}).items() if kind in wanted}
    found = {kind: text for kind, text in behind.items() if text} | said.get("hashes", {})
    known = {
        kind: tuple(value if isinstance(value, list) else [value])
        for kind, value in ((_OURS.get(kind, kind), value) for kind, value in found.items())
    }
    return Listed(
        row.key,
        known,
        row.media_type,
        said.get("quality"),
        said.get("classification", ""),
        said.get("series", ""),
        said.get("reason", ""),
        row.at,
        said.get("facts", {}),
    )


def _read(kind: str, data: bytes) -> str:
    """Return a fetched fingerprint as text: digits if the kind has them, otherwise base64; empty if it is invalid."""
    ours = _OURS.get(kind, kind)
    if ours != "photodna" and ours not in HEX:
        return base64.b64encode(data).decode()
    raw = PHOTODNA_BYTES if ours == "photodna" else HEX[ours] // 2
    try:
        return digest(ours, data.hex() if len(data) == raw else data.decode("ascii").strip())
    except ValueError:
        return ""


def _line(row: PartnerEntry, fetched: Mapping[str, bytes] | None) -> EntryLine:
    one = listed_entry(row, fetched)
    return EntryLine(row.pk, row.key, row.media_type, sorted(one.hashes), one.classification, row.at)
