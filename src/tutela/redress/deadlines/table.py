"""Table of deadlines: each with its length, citation and status. It is data; the clocks that run are of `law`.

A deadline with the status "proposal" or "unchecked" obliges nobody here. "own" is a period of our own, where the act
says "without undue delay" or nothing.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

FILE = Path(__file__).with_name("deadlines.toml")
STATUSES = {
    "in_force": _("in force"),
    "proposal": _("proposal, simulated"),
    "unchecked": _("not checked"),
    "own": _("own period"),
}


@dataclass(frozen=True)
class Deadline:
    """One deadline. `clock` runs it, if it is run; `row` is its number in the table of clocks of the reference."""

    code: str
    duty: str
    who: str
    citation: str
    status: str
    months: int = 0
    days: int = 0
    hours: int = 0
    extra_months: int = 0
    extra_days: int = 0
    clock: str = ""
    row: int = 0

    @property
    def length(self) -> str:
        """Length with its unit."""
        return _spelt(self.months, self.days, self.hours) or str(_("at once"))

    @property
    def extension(self) -> str:
        """Longest extension with its unit."""
        return _spelt(self.extra_months, self.extra_days, 0) or "—"

    @property
    def status_label(self) -> object:
        """Status as a label."""
        return STATUSES[self.status]


def _spelt(months: int, days: int, hours: int) -> str:
    parts = [
        ngettext("%(n)s month", "%(n)s months", months) % {"n": months} if months else "",
        ngettext("%(n)s day", "%(n)s days", days) % {"n": days} if days else "",
        ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours} if hours else "",
    ]
    return ", ".join(one for one in parts if one)


@cache
def table() -> tuple[Deadline, ...]:
    """Every deadline, in the order of the file. Raises `ValueError` for a status or a code that is there twice."""
    rows = tuple(Deadline(**one) for one in tomllib.loads(FILE.read_text())["deadline"])
    codes = [one.code for one in rows]
    if len(set(codes)) < len(codes) or any(one.status not in STATUSES for one in rows):
        raise ValueError("A deadline has an unknown status, or its code is there twice.")
    return rows
