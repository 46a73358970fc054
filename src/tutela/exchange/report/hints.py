"""Advice before a report is sent: contents that are present but will not help. Never a refusal.

`completeness` reports empty fields. Hints report content that will not help:
- an address from an internal network;
- a time for which logs no longer exist;
- an address that is not of the upload;
- an item in circulation, as its provider itself states.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from tutela.exchange.message.translatable_text import TextCode
from tutela.exchange.message.translatable_text import marked as _
from tutela.exchange.report.fields import NetworkLocation, Spread
from tutela.exchange.report.report import Report

# RFC 1918, 4193, 3927, 4291 and loopback: addresses that lead to nobody.
_INSIDE = tuple(
    ip_network(net)
    for net in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
        "::1/128",
    )
)
# RFC 6598: shared by many subscribers of one carrier, by construction.
_SHARED = ip_network("100.64.0.0/10")
# Logs of who had an address are kept for some months where they are kept at all.
OLD = timedelta(days=180)
# An address so near to a sighting counts as that of the upload.
NEAR = timedelta(days=1)
# A sender's clock may be ahead by this much. A later time is in the future, whatever the sender states.
SKEW = timedelta(hours=1)


class HintCode(TextCode):
    """Fault of some content. The last two are known to the Centre alone."""

    INSIDE_ADDRESS = "inside_address", _("an internal network address identifies nobody; enter the external address")
    SHARED_WITHOUT_PORT = (
        "shared_without_port",
        _("many subscribers share this address; without a port it identifies nobody"),
    )
    FUTURE_MOMENT = "future_moment", _("this time is in the future: a clock or a time zone is wrong")
    OLD_MOMENT = "old_moment", _("{days} days ago: records of who had the address are kept for months only")
    NO_UPLOAD_ADDRESS = "no_upload_address", _("no address belongs to the upload; the upload address matters most")
    MEME = "meme", _("stated as shared without malice: the uploader and the details specific to this case count")
    CIRCULATES = "circulates", _("stated as widely circulated: add details specific to this case")
    REPEATS = "repeats", _("you filed this report before: same account, same event, same items")
    WIDELY_CIRCULATED = "widely_circulated", _("circulates widely: details specific to this case count")


@dataclass(frozen=True, slots=True)
class Hint:
    """A field, what is wrong with it, and the values of that code's text."""

    field: str
    code: HintCode
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)


def hints(report: Report, now: datetime) -> list[Hint]:
    """All present but unhelpful content, in the order of the report."""
    return [*_addresses(report, now), *_ahead(report, now), *_upload(report), *_spread(report)]


def _addresses(report: Report, now: datetime) -> Iterator[Hint]:
    places = [(f"locations.{i}", place) for i, place in enumerate(report.locations)]
    for i, item in enumerate(report.items):
        places += [(f"items.{i}.sightings.{j}.network", s.network) for j, s in enumerate(item.sightings) if s.network]
    for path, place in places:
        yield from _address(path, place, now)


def _address(path: str, place: NetworkLocation, now: datetime) -> Iterator[Hint]:
    address = ip_address(str(place.ip))
    if any(address in net for net in _INSIDE if net.version == address.version):
        yield Hint(
            f"{path}.ip",
            HintCode.INSIDE_ADDRESS,
        )
    if address.version == _SHARED.version and address in _SHARED and place.port is None:
        yield Hint(
            f"{path}.port",
            HintCode.SHARED_WITHOUT_PORT,
        )
    if place.at > now + SKEW:
        yield Hint(f"{path}.at", HintCode.FUTURE_MOMENT)
    elif now - place.at > OLD:
        days = (now - place.at).days
        yield Hint(
            f"{path}.at",
            HintCode.OLD_MOMENT,
            {"days": days},
        )


def _ahead(report: Report, now: datetime) -> Iterator[Hint]:
    """Moments other than those of addresses that have not come."""
    moments = [("issuance.issued_at", report.issuance.issued_at)]
    for i, item in enumerate(report.items):
        moments += [(f"items.{i}.sightings.{j}.at", seen.at) for j, seen in enumerate(item.sightings)]
    for path, at in moments:
        if at > now + SKEW:
            yield Hint(path, HintCode.FUTURE_MOMENT)


def _upload(report: Report) -> Iterator[Hint]:
    sightings = [s for item in report.items for s in item.sightings]
    if not sightings or not report.locations or any(s.network for s in sightings):
        return
    if not any(abs(place.at - s.at) <= NEAR for place in report.locations for s in sightings):
        yield Hint(
            "locations",
            HintCode.NO_UPLOAD_ADDRESS,
        )


def _spread(report: Report) -> Iterator[Hint]:
    """Hints by the provider's own statement alone."""
    for i, item in enumerate(report.items):
        said = item.spread or ()
        if Spread.MEME in said:
            yield Hint(
                f"items.{i}.spread",
                HintCode.MEME,
            )
        elif Spread.CIRCULATES in said:
            yield Hint(
                f"items.{i}.spread",
                HintCode.CIRCULATES,
            )
