"""Links between reports other than a shared item: keyed hashes of their data, found by an index.

A link explains and suggests; it joins nothing. The kind is the first byte of sixteen; a keyed hash follows. Kinds:

- an account by each of its names at one service;
- an address with its port at one second;
- the same text (also of a chat);
- the same MD5 or SHA-1;
- the same perceptual hash;
- items of one series (`series` joins by it).

Different files with the same MD5 or SHA-1 can be made. An item reported with different digests is found by the digest
that both reports have. People decide whether it is one item, and merge the bundles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from tutela.exchange.report.fields import NAMES, ContentKind, Item, NetworkLocation, themselves
from tutela.exchange.report.report import Report as Wire
from tutela.reports.models import UNSHOWN, Bundle, Near, Report
from tutela.reports.report_encryption import blind

ACCOUNT, PLACE, WORDS, PICTURE, SERIES, MD5, SHA1 = b"a", b"n", b"t", b"p", b"s", b"m", b"h"
LABELS = {
    ACCOUNT: _("the same account"),
    PLACE: _("the same address, port and second"),
    WORDS: _("the same text"),
    PICTURE: _("the same perceptual hash"),
    SERIES: _("the same series"),
    MD5: _("the same MD5 (different files can be made to share one: compare before you merge)"),
    SHA1: _("the same SHA-1 (different files can be made to share one: compare before you merge)"),
}
# Shorter texts are too common to be a link.
FEWEST_WORDS = 8
MOST_TRAITS = 60
# The least quality of a PDQ hash by which pictures are compared, of 100.
LEAST = 50
# Of a likeness that many share nothing follows.
MOST_ALIKE = 200
MOST_SHOWN = 50
# Under a policy an array's index is not used: a function of the owner's asks, for the organisation that acts alone.
COMPARE_SQL = "SELECT reports_alike(%s, %s::bytea[], %s, %s)"

# How an item looks: one PDQ hash, of 32 bytes, of a picture; of a video those of its different frames, ascending.
type View = tuple[bytes, ...]


@dataclass(frozen=True)
class Alike:
    """A report of another bundle, and everything in which it is like this one; or how something of it looks alike."""

    row: Report
    labels: list[object]
    near: Near | None = None


def near_in(bundle: Bundle) -> list[Near]:
    """Visually similar items of a bundle, the nearest first. Call inside `acting(actor)`."""
    rows = Near.objects.filter(report__bundle=bundle, other__bundle=bundle).exclude(report=F("other"))
    return list(rows.select_related("report", "other").order_by("distance", "pk")[:MOST_SHOWN])


def near_outside(bundle: Bundle) -> list[Alike]:
    """Reports of other bundles with something that looks alike: people have split them, or it is a frame of a video."""
    found: dict[Report, Near] = {}
    for inside, outside in (("report", "other"), ("other", "report")):
        rows = Near.objects.filter(**{f"{inside}__bundle": bundle}).exclude(**{f"{outside}__bundle": bundle})
        for row in rows.select_related(f"{outside}__bundle").order_by("distance", "pk")[:MOST_SHOWN]:
            other = getattr(row, outside)
            found[other] = min(row, found.get(other, row), key=lambda near: near.rank)
    return [Alike(row, [], near) for row, near in sorted(found.items(), key=lambda pair: pair[1].rank)]


def traits_of(report: Wire) -> list[bytes]:
    """Return the keyed hashes of a report, without duplicates, at most `MOST_TRAITS`.

    Accounts come first; the other kinds take turns, so that many of one kind leave room for each of the others.
    """
    others = zip_longest(_places(report), _words(report), _pictures(report), _digests(report))
    found = [*_accounts(report), *(one for turn in others for one in turn if one)]
    return [*dict.fromkeys(found)][:MOST_TRAITS]


def accounts_in(traits: Iterable[bytes | memoryview] | None) -> list[bytes]:
    """Link keys among a report's traits that name its accounts, sorted."""
    return sorted({bytes(one) for one in traits or () if bytes(one)[:1] == ACCOUNT})


def alike(bundle: Bundle) -> list[Alike]:
    """Reports outside a bundle that are like one in it, those that share most first. Call inside `acting(actor)`."""
    inside: set[bytes] = set()
    for traits in Report.objects.filter(bundle=bundle).order_by("-created_at").values_list("traits", flat=True)[:500]:
        inside |= {bytes(one) for one in traits or ()}
    if not inside:
        return []
    with connection.cursor() as cursor:
        cursor.execute(COMPARE_SQL, [bundle.organisation_id, sorted(inside), bundle.pk, MOST_ALIKE])
        others = [pk for (pk,) in cursor.fetchall()]
    rows = Report.objects.filter(pk__in=others).select_related("bundle").order_by("-created_at")
    rows = rows.defer(*(name for name in UNSHOWN if name != "traits"))
    found: dict[Report, list[bytes]] = defaultdict(list)
    for row in rows:
        found[row] = sorted({bytes(one)[:1] for one in row.traits or () if bytes(one) in inside})
    ranked = sorted(found.items(), key=lambda pair: -len(pair[1]))
    return [Alike(row, [LABELS[kind] for kind in kinds]) for row, kinds in ranked]


def _trait(kind: bytes, *parts: str) -> bytes:
    return kind + blind("trait", kind.decode(), *parts)[:15]


def _accounts(report: Wire) -> Iterable[bytes]:
    for user in themselves(report.users):
        for name in NAMES:
            for value in getattr(user, name):
                yield _trait(ACCOUNT, report.service.name, name, value)


def _places(report: Wire) -> Iterable[bytes]:
    seen: list[NetworkLocation] = [*report.locations]
    seen += [s.network for item in report.items for s in item.sightings if s.network]
    for place in seen:
        if place.port is not None:
            yield _trait(PLACE, str(place.ip), str(place.port), str(int(place.at.timestamp())))


def _words(report: Wire) -> Iterable[bytes]:
    said = [part.text or "" for part in (report.other_data, report.other) if part]
    for text in (*said, *_chats(report.service.details or "")):
        words = text.casefold().split()
        if len(words) >= FEWEST_WORDS:
            yield _trait(WORDS, " ".join(words))


def _chats(details: str) -> Iterable[str]:
    """Yield the text of each incident in the CyberTipline's details, without identifying names."""
    chat: list[str] | None = None
    for line in details.split("\n"):
        if not (path := _path(line)):
            if chat is not None:
                chat.append(line)
            continue
        yield from ["\n".join(chat)] if chat else []
        chat = [line[len(path) + 2 :]] if path.casefold().endswith("content") else None
    yield from ["\n".join(chat)] if chat else []


def _path(line: str) -> str:
    """Return the path at the start of an entry; empty in continued lines of a text."""
    path = line.partition(": ")[0]
    names = path.split("/")
    return path if "Incident" in names[0] and all(name.isidentifier() for name in names) else ""


def _digests(report: Wire) -> Iterable[bytes]:
    for item in report.items:
        yield from (_trait(kind, value) for kind, value in ((MD5, item.md5), (SHA1, item.sha1)) if value)


def _pictures(report: Wire) -> Iterable[bytes]:
    for _item, view in views_of(report):
        for value in view:
            yield _trait(PICTURE, value.hex())


def views_of(report: Wire) -> list[tuple[Item, View]]:
    """Return the comparable views of a report's items.

    Poor hashes resemble many and are skipped. A hash without a frame is a view of a picture. The hashes of frames are
    one view together. A single frame is the view of a picture, which has no other frame; for a video it is not
    significant.
    """
    found: list[tuple[Item, View]] = []
    for item in report.items:
        good = [(one.frame, bytes.fromhex(one.hash)) for one in item.pdq if one.quality >= LEAST]
        frames = tuple(sorted({value for frame, value in good if frame is not None}))
        found += [(item, (value,)) for frame, value in good if frame is None]
        if len(frames) > 1 or (frames and item.kind != ContentKind.VIDEO):
            found.append((item, frames))
    return found
