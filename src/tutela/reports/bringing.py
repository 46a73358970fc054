"""What reports that repeat one say beyond it: items merge, people do not, and nothing that is said of them is lost.

Service, account, moments and items make a repetition; all else may differ: an address or its port, a child, a place, a
danger, words. A repetition brings something where it says what no report before it says (`exchange/beyond`).

Whether one brings something is looked at once, when it matters: when its report is forwarded or referred, or stands
there already. A package carries those that do; `duplicates_of` names the others. What would repeat a closed report is
looked at as it comes (`Closed`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import batched
from typing import Any

from tutela.exchange.beyond import Known
from tutela.exchange.report import Report as Wire
from tutela.organisations.errors import Erased
from tutela.reports.models import Report
from tutela.reports.sealing import unseal, unseal_all

# A package has room for so many reports, and for so many bytes of them: what takes it in takes 5 MiB.
MOST, MOST_BYTES = 200, 3 << 20
# Of one report so many repetitions are looked at in one go.
MOST_LOOKED = 1000


@dataclass(frozen=True)
class Gathered:
    """A report and the repetitions that bring something, the oldest first, each with what it says."""

    parts: list[tuple[Report, Wire]] = field(default_factory=list)
    # So many more have not been looked at.
    unseen: int = 0

    @property
    def report(self) -> Wire:
        return self.parts[0][1]

    @property
    def repetitions(self) -> list[Wire]:
        return [body for _row, body in self.parts[1:]]

    @cached_property
    def carried(self) -> list[tuple[Report, Wire]]:
        """What a package has room for: the report, and the repetitions in their order."""
        found, size = self.parts[:1], len(self.report.to_bytes())
        for part in self.parts[1:]:
            size += len(part[1].to_bytes())
            if len(found) == MOST or size > MOST_BYTES:
                break
            found.append(part)
        return found

    @property
    def beyond(self) -> int:
        """How many more bring something, as far as is known, and have no room."""
        return len(self.parts) - len(self.carried) + self.unseen


def of(row: Report) -> Gathered:
    """Everything that is said of what a report is about. Raises `Erased`. Call inside `acting(actor)`."""
    first = Wire.from_bytes(unseal(row.report_id, "report", row.report_id, bytes(row.sealed_body)))
    found, known = [(row, first)], Known([first])
    new: dict[bool, list[Any]] = {True: [], False: []}
    waiting = row.duplicates.filter(erased_at=None).exclude(brings=False).order_by("created_at", "id")
    for one, body in _opened(waiting[:MOST_LOOKED]):
        brings = one.brings if one.brings is not None else known.lacks(body)
        if one.brings is None:
            new[brings].append(one.pk)
        if brings:
            known.add(body)
            found.append((one, body))
    for brings, keys in new.items():
        Report.objects.filter(pk__in=keys).update(brings=brings)
    unseen = row.duplicates.filter(erased_at=None, brings=None).count() if waiting.count() > MOST_LOOKED else 0
    return Gathered(found, unseen)


def news(original: Report, row: Report) -> Wire | None:
    """What a new repetition says, if it brings something. Raises `Erased`. Call inside `acting(actor)`."""
    seen = of(original)
    for one, body in seen.parts:
        if one.pk == row.pk:
            return body
    row.refresh_from_db(fields=["brings"])
    if row.brings is False:
        return None
    # So many stand before it that it was not looked at with them: rather sent twice than not at all.
    body = of(row).report
    row.brings = Known([seen.report, *seen.repetitions]).lacks(body)
    row.save(update_fields=["brings"])
    return body if row.brings else None


class Closed:
    """What closed reports say, for those of one moment that would repeat them: it is read once for each identity."""

    def __init__(self) -> None:
        self._known: dict[bytes, Known] = {}

    def lacks(self, identity: bytes, report: Wire) -> bool:
        """Whether a report says what none of its identity says; that its sender learnt of it otherwise is no news.

        What has been erased says nothing any more. Call inside `acting(actor)`.
        """
        if identity not in self._known:
            rows = Report.objects.filter(identity=identity, duplicate_of=None).order_by("created_at", "id")
            self._known[identity] = Known(body for row in rows for body in _bodies(row))
        plain = report.awareness.model_copy(update={"details": None})
        return self._known[identity].lacks(report.model_copy(update={"awareness": plain}))


def _bodies(row: Report) -> list[Wire]:
    try:
        return [body for _row, body in of(row).parts]
    except Erased:
        return []


def _opened(rows: Iterable[Report]) -> Iterator[tuple[Report, Wire]]:
    for part in batched(rows, 50):
        bodies = unseal_all("report", [(one.report_id, one.report_id, bytes(one.sealed_body)) for one in part])
        yield from ((one, Wire.from_bytes(body)) for one, body in zip(part, bodies, strict=True) if body is not None)
