"""The search over all desks at a million reports: median and 95th percentile of each kind of value.

The rows are those of the bench of pages (`report_rows`); what is searched for was filed by the real intake, except an
address that one in a hundred reports names. Each search is the whole request of a signed-in person, with its event.
`SIZE=200000` for another size than the usual one.
"""

from __future__ import annotations

import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import figures
from report_desks import COMMON, ROWS, Desks
from tests.support import database

ROUNDS = 2 if figures.QUICK else 50
TARGET_MS = 200
FOUND, NOTHING = "badge", "Nothing that you may see matches."
ADDRESS = "203.0.113.77"


def unlimited() -> None:
    """Nobody searches as fast as a bench."""
    from tutela.casework.search import search
    from tutela.events.rate_limits import RateLimit
    from tutela.indicators.register import search as register_search

    for module, name in ((search, "SEARCHES"), (search, "PERSON_SEARCHES"), (register_search, "DIGESTS_PER_HOUR")):
        setattr(module, name, RateLimit("bench", timedelta(hours=1), 10**9))


def asked(desks: Desks) -> dict[str, tuple[Any, str, str]]:
    """(browser, text, what the page must say) of each kind of value."""
    from tests.support.detection_world import body
    from tests.support.reporting import account, item, report

    from tutela.detection.models import Draft
    from tutela.events.transaction import acting
    from tutela.investigations.models import Referral
    from tutela.reports.models import Report

    digest, centre = "ab" * 32, desks.centre
    sent = report(
        items=[item(digest)],
        users=[account("needle")],
        locations=[{"ip": ADDRESS, "at": report().issuance.issued_at.isoformat()}],
        preservation={"until": report().issuance.issued_at.isoformat(), "reference": "KEEP 7/26"},
    )
    number = centre.row(centre.file(sent)).number
    referral = desks.authority.referred(centre.file(desks.authority.report(users=[account("pin")])))
    draft = desks.provider.draft(body())
    with acting(centre.machine):
        old = Report.objects.order_by("created_at")[ROWS // 2]
    with acting(desks.authority.machine):
        case = Referral.objects.get(referral_id=referral).number
    with acting(desks.provider.provider):
        own = Draft.objects.get(pk=draft).number
    lead, investigator, reviewer = desks.lead, desks.investigator, desks.reviewer
    return {
        "centre_number": (lead, number, FOUND),
        "centre_old_number": (lead, old.number, FOUND),
        "centre_id": (lead, str(old.report_id), FOUND),
        "centre_referral": (lead, case, FOUND),
        "centre_digest": (lead, digest, FOUND),
        "centre_account": (lead, "account-needle", FOUND),
        "centre_email": (lead, "needle@mail.example", FOUND),
        "centre_ip": (lead, ADDRESS, FOUND),
        "centre_common_ip": (lead, COMMON, FOUND),
        "centre_reference": (lead, "keep 7/26", FOUND),
        "centre_words": (lead, "kriminalamt", FOUND),
        "centre_nothing": (lead, "nobody has this", NOTHING),
        "authority_number": (investigator, case, FOUND),
        "authority_account": (investigator, "account-pin", FOUND),
        "authority_nothing": (investigator, "nobody has this", NOTHING),
        "provider_number": (reviewer, own, FOUND),
        "provider_nothing": (reviewer, "nobody has this", NOTHING),
    }


def measure(searches: dict[str, tuple[Any, str, str]]) -> dict[str, list[float]]:
    """Milliseconds of every search, in turns; the first turn warms up and does not count."""
    taken = {name: list[float]() for name in searches}
    for turn in range(ROUNDS + 1):
        for name, (browser, text, said) in searches.items():
            start = time.perf_counter()
            answer = browser.post("/desk/search/", {"q": text, "reason": "assessment"})
            spent = 1000 * (time.perf_counter() - start)
            assert answer.status_code == 200, (name, answer.status_code)
            assert said in answer.content.decode(), name
            if turn:
                taken[name].append(spent)
    return taken


def main() -> None:
    figures.machine()
    database.start(None)
    database.django()
    desks = Desks()
    figures.note(f"{ROWS} reports with what hangs on them, written in {figures.seconds(desks.fill):.0f} s")
    desks.sign_in()
    unlimited()
    searches = asked(desks)
    database.durable()
    taken = measure(searches)
    p95 = {name: statistics.quantiles(values, n=20)[-1] for name, values in taken.items()}
    for name in sorted(p95, key=lambda one: -p95[one]):
        figures.note(f"{name}: median {statistics.median(taken[name]):.1f} ms, p95 {p95[name]:.1f} ms")
    figures.figure("search_p95_1m", max(p95.values()), "ms", f"<={TARGET_MS}")
    figures.report()


if __name__ == "__main__":
    main()
