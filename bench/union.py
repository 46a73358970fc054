"""A simulated Union: published totals that equal the truth or are refused, and falsified files that are found.

The truth is drawn by a generator that uses none of the rules (`tests/support/simulated_union.py`). Each seed is another
Union of 27 states and 40 providers over three years, with states that count wrongly, late or twice.

Then the public dashboards answer beside ten million reports, as counts of days (`dashboard_rows`): the 95th percentile
of the slowest page. A page that reads a report ends the bench.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import dashboard_rows
import figures
from tests.support import database
from tests.support.false_figures import FALSE_FILES, true_file
from tests.support.simulated_union import FAULTS, FORM, YEARS, SimulatedUnion

from tutela.observatory.comparison import european_aggregate, reconciliation
from tutela.observatory.comparison.comparability_check import check
from tutela.observatory.comparison.reconciliation import Agreement
from tutela.observatory.definitions.coverage import STATES
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.forms.form import forms
from tutela.observatory.operations.refusals import RefusalReason
from tutela.observatory.statements import figures_file
from tutela.tlog.verify import Refused

UNIONS = 1 if figures.QUICK else 100
TODAY = date(2026, 11, 30)
REPORTS = 100_000 if figures.QUICK else 10_000_000
ROUNDS = 2 if figures.QUICK else 40
TARGET_MS = 200
PAGES = (
    "/figures/",
    "/open-data/report-flows/",
    "/open-data/report-quality/",
    "/open-data/catalogue.jsonld",
    *(f"/figures/dashboards/{one}/" for one in ("funnel", "map", "flows", "surges", "quality", "removal")),
)
# Of so many states no total is published.
FEW = 15
PROVIDERS_THAT_DIFFER = 4


def totals(union: SimulatedUnion, year: int, *, few: bool = False) -> list[bool]:
    """For each field of a year, whether it is the truth of the right states, or refused with the right reason."""
    only = STATES[:FEW] if few else STATES
    before = {one.document.country: one.document for one in union.received(year - 1)} if year > YEARS[0] else {}
    period = ReportingPeriod.parse(str(year))
    checked = check(forms()[FORM], period, union.received(year, only=only), before)
    found = []
    for one in european_aggregate.aggregate(checked, TODAY):
        wrong = {state for state, (_why, fields) in FAULTS.items() if one.field.id in fields}
        right = frozenset(STATES) - (wrong if year == YEARS[-1] else set())
        true = union.true_sum(year, one.field.id, one.scope, right)
        refused = RefusalReason.COVERAGE_SMALL in {refusal.reason for refusal in one.refusals}
        found.append(one.total is None and refused if few else one.total == true)
    return found


def reconciled(union: SimulatedUnion) -> bool:
    """Whether exactly the planted pairs differ."""
    pairs = reconciliation.reconcile(*union.providers())
    return sum(one.agreement is Agreement.DIFFERENT for one in pairs) == PROVIDERS_THAT_DIFFER


def falsifications(folder: Path) -> list[bool]:
    """For each false file, whether it is refused."""
    file, policy = true_file(folder)
    figures_file.check(file, policy)
    found = []
    for falsify in FALSE_FILES.values():
        try:
            figures_file.check(falsify(file), policy)
        except Refused:
            found.append(True)
        else:
            found.append(False)
    return found


def dashboards() -> dict[str, float]:
    """Milliseconds of each public page: the 95th percentile. The first round warms up and does not count."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    browser, taken = Client(), {page: list[float]() for page in PAGES}
    for turn in range(ROUNDS + 1):
        for page in PAGES:
            start = time.perf_counter()
            answer = browser.get(page)
            spent = 1000 * (time.perf_counter() - start)
            assert answer.status_code == 200, page
            if turn:
                taken[page].append(spent)
    for page in PAGES:
        with CaptureQueriesContext(connection) as queries:
            browser.get(page)
        assert not [one for one in queries if "reports_report" in one["sql"]], page
    return {page: statistics.quantiles(values, n=20)[-1] for page, values in taken.items()}


def main() -> None:
    """Print the shares and the time."""
    figures.machine()
    right = list[bool]()
    for seed in range(UNIONS):
        union = SimulatedUnion(seed)
        for year in YEARS:
            right += totals(union, year)
        right += totals(union, YEARS[1], few=True)
        right.append(reconciled(union))
    with tempfile.TemporaryDirectory() as folder:
        found = falsifications(Path(folder))
    figures.note(f"{UNIONS} unions, {len(right)} figures, {len(found)} falsified files")
    database.start()
    database.django()
    spent = time.perf_counter()
    counted = dashboard_rows.fill(database.superuser(), REPORTS)
    figures.note(f"volumes of {counted} reports and their tables, written in {time.perf_counter() - spent:.0f} s")
    pages = dashboards()
    for page in sorted(pages, key=lambda one: -pages[one]):
        figures.note(f"{page}: p95 {pages[page]:.1f} ms")
    figures.figure("figures_recomputed", sum(right) / len(right), "share", "=1")
    figures.figure("falsifications_found", sum(found) / len(found), "share", "=1")
    figures.figure("dashboards_p95_10m", max(pages.values()), "ms", f"<={TARGET_MS}")
    figures.report()


if __name__ == "__main__":
    main()
