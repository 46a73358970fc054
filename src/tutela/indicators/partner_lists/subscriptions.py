"""Subscriptions to partner lists: entered by an entitled organisation and read on schedule (`sync`).

These are provider lists: rows of their own, seen by their organisation alone, never indicators and never active. An
organisation that wants an entry in the register proposes it like any other item, and others certify it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext_noop as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Conflict, Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.feeds.http_client import AddressRefusedError, check_base
from tutela.indicators import enqueue
from tutela.indicators.models import (
    About,
    Format,
    PartnerCheckpoint,
    PartnerEntry,
    PartnerGrant,
    PartnerList,
    PartnerPull,
    PartnerUndo,
)
from tutela.indicators.release_files import partner_snapshots
from tutela.indicators.release_files.version_files import LIST_ID
from tutela.organisations.keys.envelope_encryption import unwrap, wrap
from tutela.organisations.vocabulary import allowed_networks

SHORTEST, LONGEST = 5, 7 * 24 * 60
PULLS_SHOWN = 50
# A list whose last good pull is older than three of its intervals is late.
LATE_AFTER = 3
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?")
_ASKED = {
    "name": _("Enter a name."),
    "source": _("Enter the source. Every entry keeps its source."),
    "legal_basis": _("Enter the legal basis for holding the list."),
    "secret": _("Enter the secret."),
}


@dataclass(frozen=True)
class SubscriptionInput:
    """A list as somebody enters it. `every` in minutes; `secret` as the format needs it."""

    list_id: str
    name: str
    source: str
    format: str
    about: str
    base_url: str
    username: str
    secret: str
    every: int
    legal_basis: str


@dataclass(frozen=True)
class SubscriptionView:
    """A list as its page shows it. `age` since the last pull that came to its end; None before the first."""

    row: PartnerList
    live: int
    withdrawn: int
    last: PartnerPull | None
    good: PartnerPull | None
    age: timedelta | None
    late: bool
    # Whether the newest file can be undone.
    undoable: bool


def enter(actor: Actor, wanted: SubscriptionInput) -> UUID:
    """Add a list. Raises `Invalid` naming the field, `Conflict` if its name is taken."""
    actor.require("sources.manage")
    actor.require_verified()
    base_url = _checked(wanted)
    with acting(actor):
        row = PartnerList(
            organisation_id=actor.organisation_id,
            list_id=wanted.list_id,
            name=wanted.name.strip()[:120],
            source=wanted.source.strip()[:80],
            format=wanted.format,
            about=wanted.about,
            base_url=base_url,
            username=wanted.username.strip()[:120],
            every=wanted.every,
            legal_basis=wanted.legal_basis.strip()[:120],
            by=actor.reference,
        )
        row.wrapped_secret = wrap(wanted.secret.encode(), f"partner:{row.pk}")
        if not insert_ignore(row):
            raise Conflict("Another list has this name. Choose another name.", field="list_id")
        PartnerCheckpoint.objects.create(organisation_id=actor.organisation_id, list=row)
        record(
            actor,
            "partner_list.entered",
            "partner_list",
            row.pk,
            list=row.list_id,
            source=row.source,
            format=row.format,
        )
        enqueue_sync(row)
    return UUID(str(row.pk))


def enter_file(actor: Actor, list_id: str, source: str, about: str, legal_basis: str) -> UUID:
    """Add a list that is supplied as files. Raises `Invalid` naming the field, `Conflict` if its name is taken."""
    actor.require("sources.manage")
    actor.require_verified()
    wanted = SubscriptionInput(list_id, source, source, Format.FILE, about, "", "", "-", LONGEST, legal_basis)
    _check_words(wanted)
    with acting(actor):
        row = PartnerList(
            organisation_id=actor.organisation_id,
            list_id=list_id,
            name=source.strip()[:120],
            format=Format.FILE,
            source=source.strip()[:80],
            about=about,
            every=0,
            wrapped_secret=b"",
            legal_basis=legal_basis.strip()[:120],
            by=actor.reference,
        )
        if not insert_ignore(row):
            raise Conflict("Another list has this name. Choose another name.", field="list_id")
        PartnerCheckpoint.objects.create(organisation_id=actor.organisation_id, list=row)
        record(
            actor,
            "partner_list.entered",
            "partner_list",
            row.pk,
            list=row.list_id,
            source=row.source,
            format=row.format,
        )
    return UUID(str(row.pk))


def end(actor: Actor, list_id: UUID, reason: str) -> None:
    """Read it no more and erase what was read of it. Raises `Invalid`, `NotFound`."""
    actor.require("sources.manage")
    with acting(actor):
        # The lock lets a version that is being built store its snapshot first, and no version is started after it.
        lock(f"partner-release:{list_id}")
        # A page that is being stored is committed first, and none is stored after.
        PartnerCheckpoint.objects.select_for_update().filter(list_id=list_id).first()
        row = PartnerList.objects.select_for_update().filter(pk=list_id, ended_at=None).first()
        if row is None:
            raise NotFound
        if not reason.strip():
            raise Invalid("Enter a reason. The reason is part of the record.", field="reason")
        row.ended_at, row.ended_by, row.wrapped_secret = clock.now(), actor.reference, b""
        row.save(update_fields=["ended_at", "ended_by", "wrapped_secret"])
        erased, _ = PartnerEntry.objects.filter(list=row).delete()
        PartnerUndo.objects.filter(list=row).delete()
        PartnerGrant.objects.filter(list=row, ended_at=None).update(ended_at=row.ended_at)
        record(
            actor, "partner_list.ended", "partner_list", row.pk, list=row.list_id, erased=erased, reason=reason[:300]
        )
    partner_snapshots.forget(row.list_id)


def pull_now(actor: Actor, list_id: UUID) -> None:
    """Read what is new, now. Raises `NotFound`."""
    actor.require("sources.manage")
    with acting(actor):
        enqueue_sync(served(list_id))


def enqueue_sync(row: PartnerList) -> None:
    """Enqueue a pull, unless one waits already. Call inside `acting(actor)`."""
    enqueue.pull_list(row.organisation_id, row.pk)


def list_subscriptions(actor: Actor) -> list[SubscriptionView]:
    """Every list of the actor's organisation, ended ones last."""
    actor.require("sources.read")
    with acting(actor):
        return [_shown(row) for row in PartnerList.objects.order_by("ended_at", "name")]


def state_of(one: SubscriptionView) -> str:
    """`ended`, `failed`, `late`, `unread` or `good`."""
    if one.row.ended_at is not None:
        return "ended"
    if one.last is not None and one.last.error:
        return "failed"
    return "late" if one.late else "good" if one.last else "unread"


def load_subscription(actor: Actor, list_id: UUID) -> tuple[SubscriptionView, list[PartnerPull]]:
    """A list with its last pulls. Raises `NotFound`."""
    actor.require("sources.read")
    with acting(actor):
        row = PartnerList.objects.filter(pk=list_id).first()
        if row is None:
            raise NotFound
        return _shown(row), list(row.pulls.order_by("-created_at")[:PULLS_SHOWN])


def due(actor: Actor) -> list[PartnerList]:
    """Lists whose time has come. Call inside `acting(actor)`."""
    now = clock.now()
    rows = PartnerList.objects.filter(ended_at=None).exclude(format=Format.FILE)
    return [row for row in rows if (last := _newest(row)) is None or now - last.created_at >= _interval(row)]


def served(list_id: UUID) -> PartnerList:
    """Return an active list read from an address.

    Call inside `acting(actor)`. Raises `NotFound`.
    """
    row = PartnerList.objects.filter(pk=list_id, ended_at=None).exclude(format=Format.FILE).first()
    if row is None:
        raise NotFound
    return row


def passed_on() -> list[PartnerList]:
    """Lists that were granted to somebody. Call inside `acting(actor)` of their owner."""
    return list(PartnerList.objects.filter(ended_at=None, grants__isnull=False, grants__ended_at=None).distinct())


def opened(row: PartnerEntry) -> dict[str, Any]:
    """Return the source's content of an entry. Raises `CannotUnwrap`."""
    found: dict[str, Any] = json.loads(unwrap(bytes(row.sealed), "partner-entry"))
    return found


def _shown(row: PartnerList) -> SubscriptionView:
    counted = PartnerEntry.objects.filter(list=row).aggregate(
        live=Count("pk", filter=Q(withdrawn_at=None)), withdrawn=Count("pk", filter=~Q(withdrawn_at=None))
    )
    good = row.pulls.filter(error="", ended_at__isnull=False).order_by("-created_at").first()
    age = clock.now() - good.created_at if good else None
    since = good.created_at if good else row.created_at
    served = row.ended_at is None and row.format != Format.FILE
    late = served and clock.now() - since > LATE_AFTER * _interval(row)
    return SubscriptionView(row, counted["live"], counted["withdrawn"], _newest(row), good, age, late, _undoable(row))


def _undoable(row: PartnerList) -> bool:
    return row.ended_at is None and PartnerUndo.objects.filter(list=row).exists()


def _newest(row: PartnerList) -> PartnerPull | None:
    return PartnerPull.objects.filter(list=row).order_by("-created_at").first()


def _interval(row: PartnerList) -> timedelta:
    return timedelta(minutes=row.every)


def _check_words(wanted: SubscriptionInput) -> None:
    if not _SLUG.fullmatch(wanted.list_id) or wanted.list_id == LIST_ID:
        raise Invalid(
            "Use up to 62 lowercase letters, digits and hyphens, and not the short name of the register.",
            field="list_id",
        )
    for field, choices in (("format", Format.values), ("about", About.values)):
        if getattr(wanted, field) not in choices:
            raise Invalid("Choose one of: {known}.", field=field, known=", ".join(choices))
    for field, asked in _ASKED.items():
        if not getattr(wanted, field).strip():
            raise Invalid(asked, field=field)


def _checked(wanted: SubscriptionInput) -> str:
    _check_words(wanted)
    if wanted.format == Format.FILE:
        raise Invalid("Use `tutela import --into` for files.", field="format")
    if wanted.format == Format.STOPNCII and "," not in wanted.secret:
        raise Invalid("Enter both keys: the key for fetching, a comma, the subscription key.", field="secret")
    if len(wanted.secret) > 500:
        raise Invalid("The secret is too long. Use at most 500 characters.", field="secret")
    if not SHORTEST <= wanted.every <= LONGEST:
        raise Invalid(
            "The read interval must be from {least} to {most} minutes.", field="every", least=SHORTEST, most=LONGEST
        )
    try:
        return check_base(wanted.base_url.strip()[:300], allowed_networks.networks())
    except AddressRefusedError as error:
        raise Invalid("This address cannot be used: {reason}", field="base_url", reason=error.detail) from None
