"""New information in duplicates: items merge, people do not, and no statement about them is lost.

Equal service, account, times and items make a duplicate. Everything else may differ: an address or its port, a child, a
place, a danger, texts. A duplicate has new information if no report before it states the same (`exchange/beyond`).

Each duplicate is checked once, when it matters: when its report is forwarded or referred, or was so already. A package
carries those with new information; `duplicates_of` names the others. A possible duplicate of a closed report is checked
on arrival (`Closed`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import batched
from typing import Any

from tutela.exchange.report.new_information import Known
from tutela.exchange.report.report import Report as Wire
from tutela.organisations.errors import Erased
from tutela.reports.models import Report
from tutela.reports.report_encryption import unseal, unseal_all

# A package has room for so many reports, and for so many bytes of them: what takes it in takes 5 MiB.
MOST, MOST_BYTES = 200, 3 << 20
# These limits are the number of duplicates of one report checked in one run, and the number shown on a page.
MOST_LOOKED, MOST_SHOWN = 1000, 50


@dataclass(frozen=True)
class Gathered:
    """A report and its duplicates with new information, oldest first, each with its contents."""

    parts: list[tuple[Report, Wire]] = field(default_factory=list)
    # So many more may bring something, and were not opened.
    unseen: int = 0

    @property
    def report(self) -> Wire:
        return self.parts[0][1]

    @property
    def duplicates(self) -> list[Wire]:
        return [body for _row, body in self.parts[1:]]

    @cached_property
    def carried(self) -> list[tuple[Report, Wire]]:
        """Return what fits into a package: the report, and the duplicates in their order."""
        found, size = self.parts[:1], len(self.report.to_bytes())
        for part in self.parts[1:]:
            size += len(part[1].to_bytes())
            if len(found) == MOST or size > MOST_BYTES:
                break
            found.append(part)
        return found

    @property
    def beyond(self) -> int:
        """The number of further reports with new information that do not fit, as far as is known."""
        return len(self.parts) - len(self.carried) + self.unseen


def merged_content(row: Report, most: int | None = None) -> Gathered:
    """Return all statements about a report's subject, from the report and its duplicates.

    At most `most` duplicates are opened, else `MOST_LOOKED`. Raises `Erased`. Call inside `acting(actor)`.
    """
    first = Wire.from_bytes(unseal(row.report_id, "report", row.report_id, bytes(row.sealed_body)))
    found, known, looked, room = [(row, first)], Known([first]), Looked(), most or MOST_LOOKED
    waiting = row.duplicates.filter(erased_at=None).exclude(brings=False).order_by("created_at", "id")
    rows = list(waiting[:room])
    unseen = max(0, waiting.count() - room) if len(rows) == room else 0
    for one, body in _opened(rows):
        if looked.brings(one, body, known):
            known.add(body)
            found.append((one, body))
    looked.keep()
    return Gathered(found, unseen)


class Looked:
    """Cache whether duplicates have new information: computed once and stored with their rows."""

    def __init__(self) -> None:
        self._new: dict[bool, list[Any]] = {True: [], False: []}

    def brings(self, row: Report, body: Wire, known: Known) -> bool:
        """Return the stored result for a duplicate, or whether it says more than `known`."""
        if row.brings is not None:
            return row.brings
        found = known.lacks(body)
        self._new[found].append(row.pk)
        return found

    def keep(self) -> None:
        """Write what was found. Call inside `acting(actor)`."""
        for brings, keys in self._new.items():
            if keys:
                Report.objects.filter(pk__in=keys).update(brings=brings)


def new_information(original: Report, row: Report) -> Wire | None:
    """Return the contents of a new duplicate if it has new information, else None.

    Raises `Erased`. Call inside `acting(actor)`.
    """
    seen = merged_content(original)
    for one, body in seen.parts:
        if one.pk == row.pk:
            return body
    row.refresh_from_db(fields=["brings"])
    if row.brings is False:
        return None
    # So many stand before it that it was not looked at with them: rather sent twice than not at all.
    body = merged_content(row).report
    row.brings = Known([seen.report, *seen.duplicates]).lacks(body)
    row.save(update_fields=["brings"])
    return body if row.brings else None


def unsent(original: Report) -> tuple[list[tuple[Report, Wire]], list[Any]]:
    """Return waiting duplicates for the next package, and the keys that need not wait longer.

    The package takes as many as it has room for, urgent first. The keys are of these, and of duplicates without new
    information. If there are more than one run checks, some may state what others did: rather sent twice than not at
    all. Raises `Erased`. Call inside `acting(actor)`.
    """
    seen = merged_content(original)
    known, looked, done, size = Known([seen.report, *seen.duplicates]), Looked(), list[Any](), 0
    parts: list[tuple[Report, Wire]] = []
    rows = original.duplicates.filter(erased_at=None, to_send__isnull=False).order_by("-urgent", "created_at", "id")
    for one, body in _opened(rows[:MOST_LOOKED]):
        if looked.brings(one, body, known):
            size += len(body.to_bytes())
            if parts and (len(parts) == MOST or size > MOST_BYTES):
                break
            known.add(body)
            parts.append((one, body))
        done.append(one.pk)
    looked.keep()
    return parts, done


def waits_no_longer(original: Report, keys: Iterable[Any]) -> None:
    """Mark duplicates as sent, or as not to be sent. Call inside `acting(actor)`."""
    original.duplicates.filter(pk__in=[*keys], to_send__isnull=False).update(to_send=None)


class Closed:
    """Contents of closed reports, to compare with possible duplicates; read once for each identity."""

    def __init__(self) -> None:
        self._known: dict[bytes, Known] = {}

    def lacks(self, identity: bytes, report: Wire) -> bool:
        """Return whether a report has information that no report of its identity has.

        Another way in which its sender learnt of it is not new information. Erased contents no longer count. Call
        inside `acting(actor)`.
        """
        if identity not in self._known:
            rows = Report.objects.filter(identity=identity, duplicate_of=None).order_by("created_at", "id")
            self._known[identity] = Known(body for row in rows for body in _bodies(row))
        plain = report.awareness.model_copy(update={"details": None})
        return self._known[identity].lacks(report.model_copy(update={"awareness": plain}))


def _bodies(row: Report) -> list[Wire]:
    try:
        return [body for _row, body in merged_content(row).parts]
    except Erased:
        return []


def _opened(rows: Iterable[Report]) -> Iterator[tuple[Report, Wire]]:
    for part in batched(rows, 50):
        bodies = unseal_all("report", [(one.report_id, one.report_id, bytes(one.sealed_body)) for one in part])
        yield from ((one, Wire.from_bytes(body)) for one, body in zip(part, bodies, strict=True) if body is not None)
