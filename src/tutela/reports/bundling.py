"""Items merge, people do not.

- An item is known by its SHA-256, else by its SHA-1; the same item in a hundred reports is one row with a hundred
  sightings. Equal perceptual hashes are a likeness and MD5 can be forged: an item with nothing else is its own.
- Reports that share an item share a bundle; a report that shares items with several joins them into one.
- A report is a duplicate only of one by the same provider, of the same service, about the same accounts by all that
  names them, at the same moments, with exactly the same items.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from django.db.models import Count

from tutela.events.actor import Actor
from tutela.events.ids import case_number
from tutela.exchange.report import Report as Wire
from tutela.exchange.report_fields import Item as WireItem
from tutela.exchange.report_fields import Person
from tutela.reports.models import Bundle, Item, Report, Sighting
from tutela.reports.sealing import blind

# What a person is told from another by. Words about somebody (a profile, a remark) are not an identity.
NAMES = ("identifiers", "emails", "other_emails", "phones", "other_phones", "usernames", "profile_urls")
# Joining more than this many reports inside an intake would keep others waiting; they stay two lines instead.
MOST_JOINED = 1000


def digest_of(item: WireItem) -> str | None:
    """The digest that two copies of an item share and nothing else does; None where it has none."""
    for kind in ("sha256", "sha1"):
        if value := getattr(item, kind):
            return f"{kind}:{value}"
    return None


def identity_of(provider_id: UUID, report: Wire) -> bytes:
    """A keyed hash of service, accounts, moments and items. Without one of these nothing is ever a duplicate."""
    accounts = [_account(user) for user in report.users]
    moments = sorted(moments_of(report))
    items = [digest_of(item) for item in report.items]
    if not accounts or not all(accounts) or not moments or not items or None in items:
        return blind("unique", str(report.report_id))
    known = sorted(item for item in items if item)
    return blind("identity", str(provider_id), report.service.name, *sorted(accounts), "|", *moments, "|", *known)


def moments_of(report: Wire) -> set[str]:
    """When what is reported happened: of every address and every sighting."""
    seen = {s.at for item in report.items for s in item.sightings}
    return {at.isoformat() for at in {place.at for place in report.locations} | seen}


def items_of(actor: Actor, report: Wire) -> tuple[Bundle, list[Item]]:
    """The rows of a report's items and the bundle it belongs to. Call inside `acting(actor)`.

    1. The bundles of the items that are known are locked: shared where there is one, alone where several are joined.
       A second look sees what somebody joined meanwhile.
    2. Items that are new get rows, in an order that two intakes share.
    """
    keys = sorted({_key(report, item) for item in report.items})
    bundle = _bundle_of(actor, keys)
    known = set(map(bytes, Item.objects.filter(blind__in=keys).values_list("blind", flat=True)))
    Item.objects.bulk_create(
        [Item(organisation_id=actor.organisation_id, blind=k, bundle=bundle) for k in keys if k not in known],
        ignore_conflicts=True,
    )
    rows = list(Item.objects.filter(blind__in=keys).select_related("bundle"))
    if rows and not any(row.bundle_id == bundle.pk for row in rows):
        return rows[0].bundle, rows  # a twin was faster with the same new item
    return bundle, rows


def reports_of(report: Wire, item: WireItem, *, at_most: int) -> int:
    """How many reports carry an item, counted no further than `at_most`. Call inside `acting(actor)`."""
    rows = Sighting.objects.filter(item__blind=_key(report, item)).values("report").distinct()
    return len(rows[:at_most])


def earlier_equal(identity: bytes) -> Report | None:
    """The report that one of this identity repeats, locked until the transaction ends. Call inside `acting(actor)`."""
    rows = Report.objects.select_for_update().filter(identity=identity, duplicate_of=None)
    return rows.order_by("-created_at").first()


def _key(report: Wire, item: WireItem) -> bytes:
    return blind("item", digest_of(item) or f"item:{report.report_id}:{item.item_id}")


def _bundle_of(actor: Actor, keys: list[bytes]) -> Bundle:
    found = _bundles(keys)
    if not found:
        return Bundle.objects.create(organisation_id=actor.organisation_id, number=case_number("B"))
    _lock(found)
    again = _bundles(keys)
    return _join(again) if len(found) > 1 and set(again) <= set(found) else Bundle.objects.get(pk=again[0])


def _lock(found: list[UUID]) -> None:
    """Several in one order, alone; one shared, so that a widely circulated item keeps nobody waiting."""
    verb = "FOR UPDATE" if len(found) > 1 else "FOR KEY SHARE"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM reports_bundle WHERE id = ANY(%s) ORDER BY id {verb}", [found])  # noqa: S608


def _bundles(keys: list[bytes]) -> list[UUID]:
    return sorted(set(Item.objects.filter(blind__in=keys).values_list("bundle_id", flat=True)))


def _join(found: list[UUID]) -> Bundle:
    """Make one bundle of several: the largest stays."""
    sizes = dict(Report.objects.filter(bundle__in=found).values_list("bundle").annotate(n=Count("pk")))
    kept = max(found, key=lambda pk: (sizes.get(pk, 0), -pk.int))
    for pk in found:
        if pk != kept and sizes.get(pk, 0) <= MOST_JOINED:
            Item.objects.filter(bundle=pk).update(bundle=kept)
            Report.objects.filter(bundle=pk).update(bundle=kept)
    return Bundle.objects.get(pk=kept)


def _account(user: Person) -> str:
    return "\x1e".join(f"{name}={value}" for name in NAMES for value in sorted(set(getattr(user, name))))
