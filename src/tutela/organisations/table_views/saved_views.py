"""Saved views: filters and order of a list under a name, for one person or the whole organisation.

- A list declares which of its filters a view may hold (`offer`); all other parameters of an address are dropped.
- A view shows nothing by itself: it is an address, and the list checks the reader's permission again.
- The person who saved a view may remove it; a shared view may also be removed by a manager of the organisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.db.models import Q, QuerySet

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Conflict, Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.organisations.models import SavedView

MOST_VIEWS = 30
LONGEST_NAME, LONGEST_QUERY = 80, 600


@dataclass(frozen=True)
class Listing:
    """A list that can be viewed in several ways: who may see it, its filters, and the name of the page's address."""

    name: str
    permission: str
    fields: frozenset[str]
    page: str = ""


LISTINGS: dict[str, Listing] = {}


class TooManyViews(Conflict):
    """You have too many views of this list. Remove one."""


@dataclass(frozen=True)
class View:
    """A view as it is shown. `mine`: saved by the reader; `removable`: the reader may remove it."""

    id: UUID
    name: str
    query: str
    shared: bool
    by_name: str
    mine: bool
    removable: bool


def offer(name: str, permission: str, fields: str, page: str = "") -> str:
    """Name a list and its filters, by that of its address where `page` names no other. For the module that shows it.

    The columns that a reader chose are kept with every list.

    Returns the name.
    """
    known = fields.split()
    columns = {f"{one.removesuffix('sort')}columns" for one in known if one.endswith("sort")} or {"columns"}
    LISTINGS[name] = Listing(name, permission, frozenset(known) | columns, page or name)
    return name


def fields_of_page(listing: Listing) -> frozenset[str]:
    """The filters of every list on the same page."""
    return frozenset().union(*(one.fields for one in LISTINGS.values() if one.page == listing.page))


def save(actor: Actor, listing: str, name: str, query: str, *, shared: bool = False) -> View:
    """Keep a view; one of the same name is replaced. Raises `NotFound`, `Invalid` naming the field, `TooManyViews`."""
    known, name = _of_actor(actor, listing), " ".join(typed(name).split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid("The name must have 1 to {most} characters.", field="name", most=LONGEST_NAME)
    kept = only(known, query)
    if len(kept) > LONGEST_QUERY:
        raise Invalid("These filters are too long to save.", field="query")
    with acting(actor):
        mine = SavedView.objects.select_for_update().filter(by=actor.reference, listing=listing, removed_at=None)
        rows = list(mine)
        for row in rows:
            if row.name == name:
                _remove(row)
        if sum(row.removed_at is None for row in rows) >= MOST_VIEWS:
            raise TooManyViews
        made = SavedView(
            organisation_id=actor.organisation_id,
            listing=listing,
            name=name,
            query=kept,
            shared_at=clock.now() if shared else None,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        if not insert_ignore(made):
            raise Conflict
        record(actor, "view.saved", "view", made.pk, listing=listing, shared=shared)
        return _shown(actor, made)


def remove(actor: Actor, view_id: UUID) -> str:
    """Remove a view; returns the name of its list. Raises `NotFound`."""
    with acting(actor):
        row = _visible(actor).select_for_update().filter(pk=view_id).first()
        if row is None or not _shown(actor, row).removable:
            raise NotFound
        _remove(row)
        record(actor, "view.removed", "view", row.pk, listing=row.listing)
        return row.listing


def list_views(actor: Actor, listing: str) -> list[View]:
    """The actor's own views of a list, and those that colleagues share, by name."""
    with acting(actor):
        return [_shown(actor, row) for row in _visible(actor).filter(listing=listing).order_by("name", "pk")]


def exists(actor: Actor, view_id: UUID) -> bool:
    """Whether the actor can see this view."""
    with acting(actor):
        return _visible(actor).filter(pk=view_id).exists()


def only(known: Listing, query: str) -> str:
    """Return those filters of this list that a query has, normalised: the last of duplicates, but all columns."""
    found: dict[str, str] = {}
    for key, value in parse_qsl(query.lstrip("?")[:4000]):
        if key in known.fields and "\0" not in value:
            found[key] = f"{found[key]},{value}" if key.endswith("columns") and key in found else value
    return urlencode(sorted(found.items()))


def _of_actor(actor: Actor, listing: str) -> Listing:
    known = LISTINGS.get(listing)
    if known is None or not actor.can(known.permission):
        raise NotFound
    return known


def _visible(actor: Actor) -> QuerySet[SavedView]:
    return SavedView.objects.filter(Q(by=actor.reference) | ~Q(shared_at=None), removed_at=None)


def _remove(row: SavedView) -> None:
    """Mark a view as removed and delete its query and name: people search for names and numbers."""
    row.removed_at, row.query, row.name = clock.now(), "", ""
    row.save(update_fields=["removed_at", "query", "name"])


def _shown(actor: Actor, row: SavedView) -> View:
    mine, shared = row.by == actor.reference, row.shared_at is not None
    removable = mine or (shared and actor.can("organisation.manage"))
    return View(UUID(str(row.pk)), row.name, row.query, shared, row.by_name, mine, removable)
