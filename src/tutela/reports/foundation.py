"""What a report says that it rests on, compared with the register.

A provider names the entry that an item agreed with. That is a claim until the register says so: an entry that carries
another digest neither speaks for the report nor is touched by what becomes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from tutela.events.locking import lock_shared
from tutela.exchange.report import Report
from tutela.exchange.report_fields import IndicatorMatch, Item
from tutela.indicators import checking
from tutela.indicators.checking import Claimed, Found

REGISTER = "register"


@dataclass(frozen=True)
class Foundation:
    """`active`: entries that stand and carry a digest of the item. `carried`: the same, standing or not.

    `concerned`: also those that a perceptual rule named, where the hash sent cannot show it (a mirrored copy): their
    withdrawal is told, and nothing else follows from them.
    """

    active: frozenset[UUID] = frozenset()
    carried: frozenset[UUID] = frozenset()
    concerned: frozenset[UUID] = frozenset()


def of(report: Report) -> Foundation:
    """Look the report's entries up. Call inside `acting(actor)` of a member of the register."""
    return _found([report])[0]


def of_all(reports: Sequence[Report]) -> list[Foundation]:
    """The same for reports that come in: a revocation waits until they are in, and then finds them; or it is seen."""
    entries = {match.entry_id for report in reports for _item, match in register_matches(report)}
    if not entries:
        return [Foundation()] * len(reports)
    lock_shared(*(f"indicator:{entry}" for entry in entries))
    return _found(reports)


def _found(reports: Sequence[Report]) -> list[Foundation]:
    looked_up = checking.look_up_all([_claims(report) for report in reports])
    return [_of(report, found) for report, found in zip(reports, looked_up, strict=True)]


def _claims(report: Report) -> dict[UUID, list[Claimed]]:
    claims: dict[UUID, list[Claimed]] = {}
    for item, match in register_matches(report):
        claims.setdefault(match.entry_id, []).extend(_claimed(item))
    return claims


def _of(report: Report, found: Mapping[UUID, Found]) -> Foundation:
    carried = frozenset(entry for entry, one in found.items() if one.carries)
    near = {match.entry_id for _item, match in register_matches(report) if not match.rule.startswith("exact")}
    return Foundation(
        active=frozenset(entry for entry in carried if found[entry].state == "active"),
        carried=carried,
        concerned=carried | (near & set(found)),
    )


def register_matches(report: Report) -> Iterator[tuple[Item, IndicatorMatch]]:
    """Every match with the public register, with its item."""
    for item in report.items:
        for match in item.matches:
            if match.source_kind == REGISTER:
                yield item, match


def _claimed(item: Item) -> list[Claimed]:
    exact = [Claimed(kind, value) for kind in ("sha256", "sha1", "md5") if (value := getattr(item, kind))]
    return exact + [Claimed("pdq", one.hash, one.quality) for one in item.pdq]
