"""The desks' pages at a million reports: median and 95th percentile of each page, order and search, the worst named.

The rows are written by a few statements (`report_rows`), those that pages open by the real intake, referral and
delivery. Asked are the pages of the Centre's desk, of an authority's inbox with a fifth of what was referred, of a
provider's desk with an eighth of what was filed, and their start pages; each with its orders, its searches and its
hundredth page. Then the order of triage on the pages is compared with a plain sort of all open reports.
`SIZE=200000` for another size than the usual one. `KEPT=/some/folder` keeps what was written there and measures it
again the next time, with the migrations of then; `PAGES=queue` asks the pages alone that have this in their names.
"""

from __future__ import annotations

import os
import pickle
import re
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import figures
from report_desks import ROWS, Desks, Pages
from tests.support import database

# Turns that count, and those before them.
ROUNDS, WARMING = (2, 0) if figures.QUICK else (20, 1)
TARGET_MS = 200
LINK = re.compile(r'href="/desk/reports/([0-9a-f]{8}-[0-9a-f-]{27})/"')
PER_PAGE = 50
KEPT = Path(os.environ["KEPT"]) if os.environ.get("KEPT") else None


def founded() -> Desks:
    """The desks with all that is written there: made now, or those that were kept."""
    if KEPT and (KEPT / "desks").exists():
        desks = object.__new__(Desks)
        vars(desks).update(pickle.loads((KEPT / "desks").read_bytes()))
    else:
        desks = Desks()
        figures.note(f"{ROWS} reports with what hangs on them, written in {figures.seconds(desks.fill):.0f} s")
        if KEPT:
            (KEPT / "desks").write_bytes(pickle.dumps(vars(desks)))
    desks.sign_in()
    return desks


def measure(asked: Pages) -> dict[str, list[float]]:
    """Milliseconds of every page, in turns; the first turn of a full run warms up and does not count."""
    taken = {name: list[float]() for name in asked}
    for turn in range(WARMING + ROUNDS):
        for name, (browser, address) in asked.items():
            start = time.perf_counter()
            answer = browser.get(address)
            spent = 1000 * (time.perf_counter() - start)
            assert answer.status_code == 200, (name, address, answer.status_code)
            if turn >= WARMING:
                taken[name].append(spent)
    return taken


def misplaced(desks: Desks) -> tuple[int, int]:
    """(lines of the queue, those of its first, some far and its last pages that a plain sort has elsewhere)."""
    from tutela.events.transaction import acting
    from tutela.reports.models import Report

    with acting(desks.centre.machine):
        rows = Report.objects.filter(duplicate_of=None, state="open")
        columns = ("urgent", "lane", "urgency", "relevance_order", "created_at", "pk", "bundle", "report_id")
        every = list(rows.order_by().values_list(*columns))
    every.sort(key=lambda row: (not row[0], row[1], -row[2], -row[3], row[4], row[5]))
    first: dict[Any, str] = {}
    for row in every:
        first.setdefault(row[6], str(row[7]))
    right, wrong = list(first.values()), 0
    last = -(-len(right) // PER_PAGE)
    for number in sorted({*range(1, min(last, 20) + 1), *(min(last, far) for far in (50, 100, 400, last))}):
        text = desks.lead.get(f"/desk/reports/?page={number}").content.decode()
        shown = list(dict.fromkeys(LINK.findall(text)))
        due = right[(number - 1) * PER_PAGE : number * PER_PAGE]
        wrong += sum(one != other for one, other in zip(shown, due, strict=False)) + abs(len(shown) - len(due))
    return len(right), wrong


def main() -> None:
    figures.machine()
    database.start(KEPT)
    database.django()
    desks = founded()
    asked = {name: page for name, page in desks.pages().items() if os.environ.get("PAGES", "") in name}
    database.durable()
    figures.note(f"{len(asked)} pages, {ROUNDS} rounds")
    taken = measure(asked)
    p95 = {name: statistics.quantiles(values, n=20)[-1] for name, values in taken.items()}
    over = sum(value > TARGET_MS for value in p95.values())
    figures.note(f"{over} pages above {TARGET_MS} ms; the slowest:")
    for name in sorted(p95, key=lambda one: -p95[one])[: max(20, over)]:
        figures.note(f"{name}: median {statistics.median(taken[name]):.1f} ms, p95 {p95[name]:.1f} ms")
    for desk in ("centre", "authority", "provider"):
        of_desk = [statistics.median(values) for name, values in taken.items() if name.startswith(desk)] or [0.0]
        figures.note(f"{desk}: {len(of_desk)} pages, the middle one {statistics.median(of_desk):.1f} ms")
    lines, wrong = misplaced(desks)
    figures.note(f"{lines} lines in the queue of triage, pages compared with a plain sort of every open report")
    figures.figure("report_page_p95", max(p95.values()), "ms", f"<={TARGET_MS}")
    figures.figure("triage_misplaced", wrong, "lines", "=0")
    figures.report()


if __name__ == "__main__":
    main()
