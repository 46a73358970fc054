"""Downloads of a release: each access is checked and recorded; all recipients get the same bytes.

Each access is checked against the recipient's grant. Every fetch of a version is an event. An Edge polls the head every
second, too often for the log. Polls are counted by recipient and day (`Polled`). The first poll of a day is an event
with the count of the last such day.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Max

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.indicators.access.grants import current_grant
from tutela.indicators.errors import NoGrant, NoSuchRelease
from tutela.indicators.models import Fetcher, Grant, Head, Polled, Release, Taken
from tutela.indicators.release_files import removals, version_files
from tutela.indicators.releases import certified_set
from tutela.indicators.releases.errors import NotLoggedYet
from tutela.tlog.proof import Proof

SEEN_PRECISION = timedelta(seconds=5)


def head_for(centre: Actor, sender: Actor, list_id: str, in_use: int | None) -> tuple[bytes, datetime]:
    """The newest head for an organisation with a grant, and until when that lasts; `in_use` is the version it uses.

    Raises `NoGrant` or `NoSuchRelease`.
    """
    with acting(centre):
        until = _check_grant(sender, list_id).valid_to
        return _head_for(centre, sender, list_id, in_use), until


def for_recipient(centre: Actor, sender: Actor, list_id: str, version: int, part: str) -> bytes:
    """A manifest, a proof or a snapshot for an organisation with a grant. Raises `NoGrant` or `NoSuchRelease`."""
    with acting(centre):
        _check_grant(sender, list_id)
        row = Release.objects.filter(list_id=list_id, version=version).first()
        if row is None:
            raise NoSuchRelease
        record(centre, f"release.{part}_fetched", "release", f"{list_id}:{version}", recipient=sender.organisation_id)
        if part == "proof":
            return _proof(row)
        if part == "manifest":
            return bytes(row.manifest)
        return _part(row.version, changes=part == "changes")


def presence_for(centre: Actor, sender: Actor, list_id: str, version: int, chosen: Sequence[tuple[UUID, int]]) -> bytes:
    """Return proofs as JSON that parts of some entries are in a version's certified set, for holders of the list.

    Without entries there is nothing to prove. Raises `NoGrant`, `NoSuchRelease`, `NotLoggedYet`.
    """
    with acting(centre):
        _check_grant(sender, list_id)
        row = Release.objects.filter(list_id=list_id, version=version).first()
        if row is None or not chosen:
            raise NoSuchRelease
        shown = certified_set.presences(centre, row, chosen)
        record(
            centre,
            "release.presence_fetched",
            "release",
            f"{list_id}:{version}",
            recipient=sender.organisation_id,
            entries=len(chosen),
        )
    return json.dumps({"proofs": [[one.to_json() for one in proofs] for proofs in shown]}).encode()


def removed_for(centre: Actor, sender: Actor, list_id: str, sha256: str) -> bytes:
    """The file of removed ids that a head names. Raises `NoGrant` or `NoSuchRelease`."""
    with acting(centre):
        _check_grant(sender, list_id)
        if list_id != version_files.LIST_ID:
            raise NoSuchRelease
        data = removals.read(version_files.folder(), sha256)
        record(
            centre,
            "release.removed_fetched",
            "release",
            f"{list_id}:removed",
            recipient=sender.organisation_id,
            removed=len(data) // 16,
        )
    return data


def _check_grant(sender: Actor, list_id: str) -> Grant:
    grant = current_grant(list_id, sender.organisation_id) if sender.verified else None
    if grant is None:
        raise NoGrant
    return grant


def recipients() -> list[Fetcher]:
    """Return the recipients of the register's list, by which way and as of which head.

    Call inside `acting(actor)`.
    """
    return list(Fetcher.objects.filter(list_id=version_files.LIST_ID).order_by("-at"))


def newest_sequence() -> int:
    """Sequence of the newest head of the register's list; 0 before the first. Call inside `acting(actor)`."""
    head = Head.objects.filter(list_id=version_files.LIST_ID).order_by("-sequence").first()
    return head.sequence if head else 0


def sequence_after(moment: datetime) -> int:
    """Sequence of the first head made after a moment, or the next one to come; 0 before the first head of all.

    Heads follow one another by sequence: none before one that was made before the moment was made after it, whatever a
    wrong clock wrote.
    """
    heads = Head.objects.filter(list_id=version_files.LIST_ID)
    before = heads.filter(created_at__lt=moment).aggregate(last=Max("sequence"))["last"]
    first = heads.order_by("sequence").values_list("sequence", flat=True).first()
    return before + 1 if before is not None else first or 0


def edges_behind(sequence: int, since: datetime) -> list[UUID]:
    """Recipients whose Edge was seen since a moment and has not fetched a head of at least this sequence.

    Call inside `acting(actor)`.
    """
    rows = Fetcher.objects.filter(list_id=version_files.LIST_ID, way=Taken.EDGE, at__gte=since, sequence__lt=sequence)
    return list(rows.values_list("recipient_id", flat=True))


def note(centre: Actor, recipient_id: UUID, list_id: str, way: str) -> None:
    """A recipient has taken the list by another way than a head: an entry that ends concerns it too.

    Call inside `acting(centre)`. The Centre itself is no recipient.
    """
    if recipient_id != centre.organisation_id:
        head = Head.objects.filter(list_id=list_id).order_by("-sequence").first()
        _note(centre, recipient_id, list_id, way, head, head.version if head else 0)


def _note(centre: Actor, recipient_id: UUID, list_id: str, way: str, head: Head | None, version: int) -> None:
    Fetcher.objects.update_or_create(
        list_id=list_id,
        recipient_id=recipient_id,
        way=way,
        organisation_id=centre.organisation_id,
        defaults={"sequence": head.sequence if head else 0, "version": version, "at": clock.now()},
    )


def _head_for(centre: Actor, sender: Actor, list_id: str, in_use: int | None) -> bytes:
    head = Head.objects.filter(list_id=list_id).order_by("-sequence").first()
    if head is None:
        raise NoSuchRelease
    seen = Fetcher.objects.filter(list_id=list_id, recipient_id=sender.organisation_id, way=Taken.EDGE).first()
    # Of an Edge that does not say what it uses, the newest that it was told of stands.
    stands = (head.sequence, head.version if in_use is None else in_use)
    if seen is None or (seen.sequence, seen.version) != stands or clock.now() - seen.at > SEEN_PRECISION:
        _note(centre, sender.organisation_id, list_id, Taken.EDGE, head, stands[1])
    _count(centre, sender.organisation_id, list_id)
    return bytes(head.envelope)


def _count(centre: Actor, recipient_id: UUID, list_id: str) -> None:
    """One poll more of this day (UTC)."""
    day = clock.now().date()
    mine = Polled.objects.filter(list_id=list_id, recipient_id=recipient_id)
    today, more = mine.filter(day=day), {"times": F("times") + 1}
    if today.update(**more):
        return
    before = mine.order_by("-day").first()
    first = Polled(organisation_id=centre.organisation_id, list_id=list_id, recipient_id=recipient_id, day=day)
    if not insert_ignore(first):
        today.update(**more)
        return
    said: dict[str, Any] = {"day": before.day.isoformat(), "times": before.times} if before else {}
    record(centre, "release.polled", "release", f"{list_id}:head", recipient=recipient_id, **said)


def _part(version: int, *, changes: bool) -> bytes:
    try:
        return version_files.read(version, changes=changes)
    except OSError:
        raise NoSuchRelease from None


def _proof(release: Release) -> bytes:
    """The release's entry in the log with its proof, in one file: a .tlog-proof whose extra is the entry."""
    try:
        entry = certified_set.log_entry(release)
    except NotLoggedYet:
        raise NoSuchRelease from None
    return bytes(replace(Proof.parse(entry.proof), extra=entry.data))
