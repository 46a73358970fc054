"""Recomputation of claims from public tables: the number by the table, and whether the sentence holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tutela.observatory.importers import ncmec

# "Almost" and "more than" are read as within 10 % of the rounded number.
ROUNDING = 0.1
YEAR = 2019


@dataclass(frozen=True)
class Recomputed:
    """What a public table gives for a claim.

    `text` has the number for people; `holds` says whether the sentence does.
    """

    number: float
    text: str
    table: str
    holds: bool


def recompute(name: str) -> Recomputed:
    """Recompute a claim by the name in its `recomputed_by`. Raises `KeyError`."""
    return RECOMPUTED[name]()


def _union() -> Recomputed:
    number = ncmec.union(YEAR).number
    holds = 725_000 < number < 725_000 * (1 + ROUNDING)
    return Recomputed(number, f"{number:,.0f}", "NCMEC, reports by country, 2019", holds)


def _world() -> Recomputed:
    """Both halves of the sentence: 1 million in 2010, almost 17 million in 2019."""
    before, number = ncmec.all_reports(2010).number, ncmec.all_reports(YEAR).number
    began = 1_000_000 * (1 - ROUNDING) < before < 1_000_000 * (1 + ROUNDING)
    holds = began and 17_000_000 * (1 - ROUNDING) < number < 17_000_000
    return Recomputed(number, f"2010: {before:,.0f}; 2019: {number:,.0f}", "NCMEC, all reports", holds)


def _largest_sender() -> Recomputed:
    number = ncmec.by_sender(YEAR)["Meta"].number
    share = number / ncmec.senders_total(YEAR).number
    holds = round(100 * share) == 94 and 16_000_000 * (1 - ROUNDING) < number < 16_000_000
    return Recomputed(number, f"{number:,.0f} ({share:.2%})", "NCMEC, reports by sender, 2019", holds)


def _small_senders() -> Recomputed:
    small = {name: int(one.number) for name, one in ncmec.by_sender(YEAR).items() if one.number < 1000}
    text = ", ".join(f"{name} {number}" for name, number in sorted(small.items(), key=lambda one: -one[1]))
    holds = len(small) > 1 and min(small.values()) < 10
    return Recomputed(len(small), text, "NCMEC, reports by sender, 2019", holds)


RECOMPUTED: dict[str, Callable[[], Recomputed]] = {
    "ncmec.union": _union,
    "ncmec.world": _world,
    "ncmec.largest_sender": _largest_sender,
    "ncmec.small_senders": _small_senders,
}
