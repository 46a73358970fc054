"""Indicators claimed by a report, compared with the register.

A provider names the indicator that matched an item. This is only a claim until the register confirms it. An indicator
with another digest does not support the report and is not affected by its outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from tutela.events.advisory_locks import lock_shared
from tutela.exchange.report.fields import IndicatorMatch, Item
from tutela.exchange.report.report import Report
from tutela.indicators.register import lookups
from tutela.indicators.register.lookups import Claimed, LookupResult

REGISTER = "register"


@dataclass(frozen=True)
class Foundation:
    """Indicators that a report refers to.

    `active`: active ones that carry a digest of the item. `carried`: also inactive ones. `concerned`: also those that a
    perceptual rule named without proof in the hash sent (a mirrored copy). Only their withdrawal is notified.
    `certified`: every item is an exact copy of an active one. `series`: the codes of active ones.
    """

    active: frozenset[UUID] = frozenset()
    carried: frozenset[UUID] = frozenset()
    concerned: frozenset[UUID] = frozenset()
    certified: bool = False
    series: frozenset[str] = frozenset()


def claims_of(report: Report) -> Foundation:
    """Look the report's entries up. Call inside `acting(actor)` of a member of the register."""
    return look_up([report])[0]


def of_all(reports: Sequence[Report]) -> list[Foundation]:
    """Look up, as `claims_of`, incoming reports. A concurrent revocation is seen here, or runs later and finds the
    reports.
    """
    entries = {match.entry_id for report in reports for _item, match in register_matches(report)}
    if not entries:
        return [Foundation()] * len(reports)
    lock_shared(*(f"indicator:{entry}" for entry in entries))
    return look_up(reports)


def look_up(reports: Sequence[Report]) -> list[Foundation]:
    """Look up, as `claims_of`, several reports in one query."""
    items = [item for report in reports for item in report.items]
    looked_up = iter(lookups.look_up_all([_claims(item) for item in items]))
    return [_of(report, [next(looked_up) for _ in report.items]) for report in reports]


def _claims(item: Item) -> dict[UUID, list[Claimed]]:
    claimed = _claimed(item)
    return {match.entry_id: claimed for match in item.matches if match.source_kind == REGISTER}


def _of(report: Report, of_items: list[dict[UUID, LookupResult]]) -> Foundation:
    found = [(entry, one) for of_item in of_items for entry, one in of_item.items()]
    carried = frozenset(entry for entry, one in found if one.carries)
    near = {match.entry_id for _item, match in register_matches(report) if not match.rule.startswith("exact")}
    return Foundation(
        active=frozenset(entry for entry, one in found if _stands(one)),
        carried=carried,
        concerned=carried | (near & {entry for entry, _one in found}),
        certified=bool(of_items) and all(any(_counts(one) for one in of_item.values()) for of_item in of_items),
        series=frozenset(one.series for _entry, one in found if _stands(one) and one.series),
    )


def _stands(one: LookupResult) -> bool:
    return one.carries and one.state == "active"


def _counts(one: LookupResult) -> bool:
    return one.exact and one.state == "active"


def register_matches(report: Report) -> Iterator[tuple[Item, IndicatorMatch]]:
    """Every match with the public register, with its item."""
    for item in report.items:
        for match in item.matches:
            if match.source_kind == REGISTER:
                yield item, match


def _claimed(item: Item) -> list[Claimed]:
    exact = [Claimed(kind, value) for kind in ("sha256", "sha1", "md5") if (value := getattr(item, kind))]
    return exact + [Claimed("pdq", one.hash, one.quality) for one in item.pdq]
