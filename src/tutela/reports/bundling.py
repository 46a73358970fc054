"""Items merge, people do not.

- An item is known by its strongest digest; the same item in a hundred reports is one row with a hundred sightings.
- A report joins the bundle of the first of its items that is known, else it opens one.
- A report is a duplicate only of one with the same account, the same event and exactly the same items.
"""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.ids import case_number
from tutela.exchange.report import Report as Wire
from tutela.exchange.report_fields import Item as WireItem
from tutela.exchange.report_fields import Person
from tutela.reports.models import Bundle, Item, Report
from tutela.reports.sealing import blind


def digest_of(item: WireItem) -> str:
    """The strongest digest that an item has; an item without any is its own."""
    for kind in ("sha256", "sha1", "md5"):
        if value := getattr(item, kind):
            return f"{kind}:{value}"
    return f"pdq:{item.pdq[0].hash}" if item.pdq else f"item:{item.item_id}"


def identity_of(provider_id: UUID, report: Wire) -> bytes:
    """A keyed hash of account, event and items. Without an account or a moment nothing is ever a duplicate."""
    accounts = sorted(_account(user) for user in report.users)
    moments = sorted(
        {p.at.isoformat() for p in report.locations} | {s.at.isoformat() for i in report.items for s in i.sightings}
    )
    items = sorted(digest_of(item) for item in report.items)
    if not accounts or not moments or not items:
        return blind("unique", str(report.report_id))
    return blind("identity", str(provider_id), *accounts, "|", *moments, "|", *items)


def items_of(actor: Actor, report: Wire) -> tuple[Bundle, list[Item]]:
    """The rows of a report's items and the bundle it belongs to. Call inside `acting(actor)`."""
    keys = list(dict.fromkeys(blind("item", digest_of(item)) for item in report.items))
    known = {bytes(row.blind): row for row in Item.objects.filter(blind__in=keys).select_related("bundle")}
    first = next((known[key] for key in keys if key in known), None)
    bundle = first.bundle if first else _open(actor)
    missing = [key for key in keys if key not in known]
    Item.objects.bulk_create(
        [Item(organisation_id=actor.organisation_id, blind=key, bundle=bundle) for key in missing],
        ignore_conflicts=True,
    )
    rows = list(Item.objects.filter(blind__in=keys).select_related("bundle"))
    return (rows[0].bundle if first is None and rows else bundle), rows


def earlier_equal(identity: bytes) -> Report | None:
    """The first report with the same account, event and items. Call inside `acting(actor)`."""
    return Report.objects.filter(identity=identity, duplicate_of=None).order_by("created_at").first()


def _open(actor: Actor) -> Bundle:
    return Bundle.objects.create(organisation_id=actor.organisation_id, number=case_number("B"))


def _account(user: Person) -> str:
    known = [*user.identifiers, *user.emails, *user.phones, *user.usernames]
    return known[0] if known else user.to_bytes().decode()
