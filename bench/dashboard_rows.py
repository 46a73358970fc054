"""A Centre with three years of daily volumes of many providers, its public tables, and releases of every provider.

Dashboards read no report, so what a desk would count from ten million reports is written as the counts of days.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from figures import QUICK

COUNTRIES = ("DE", "FR", "PL", "IT", "ES", "NL", "IE", "BE", "SE", "AT", "CZ", "PT")
PROVIDERS, YEARS, MONTHS = (8, 1, 3) if QUICK else (40, 3, 36)
VOLUMES = """
INSERT INTO reports_volume
  (id, organisation_id, created_at, day, provider_id, country, kind, reports, duplicates, urgent, complete)
SELECT gen_random_uuid(), %(centre)s, now(), %(first)s::date + d, (%(providers)s::uuid[])[p],
  (%(countries)s::text[])[c], 'known', n, n / 10, 0, 80 * n
FROM generate_series(0, %(days)s - 1) d, generate_series(1, %(many)s) p,
  generate_series(1, cardinality(%(countries)s::text[])) c,
  LATERAL (SELECT ceil(%(reports)s::float * (1 + (p + c + d) %% 3) / 2 / %(days)s / %(many)s
    / cardinality(%(countries)s::text[]))::int AS n) counted
"""


def fill(url: str, reports: int) -> int:
    """Write it; returns how many reports the volumes count."""
    import psycopg
    from tests.support.cast import Cast

    from tutela import clock
    from tutela.observatory.tables import store

    cast = Cast()
    providers = [cast.organisation(f"Provider {n}", "provider", COUNTRIES[n % 8]) for n in range(PROVIDERS)]
    days, today = 365 * YEARS, clock.now().date()
    values: dict[str, Any] = {
        "centre": cast.centre.organisation_id,
        "first": today - timedelta(days=days),
        "days": days,
        "many": PROVIDERS,
        "providers": [one.organisation_id for one in providers],
        "countries": list(COUNTRIES),
        "reports": reports,
    }
    with psycopg.connect(url) as connected:
        connected.execute(VOLUMES, values)
        counted = connected.execute("SELECT sum(reports) FROM reports_volume").fetchone()
        connected.execute("ANALYZE reports_volume")
    store.store_complete(cast.centre)
    for one in providers:
        _releases(one, today)
    return int(counted[0]) if counted else 0


def _releases(provider: Any, today: date) -> None:
    """A release for each of the last months, as readers see them; nobody verifies these."""
    from tutela.events.transaction import acting
    from tutela.observatory.definitions.event_queries import queries_of
    from tutela.observatory.models import FigureRelease, PublishedFigure

    with acting(provider):
        for number in range(1, MONTHS + 1):
            end = (today.replace(day=1) - timedelta(days=30 * (MONTHS - number))).replace(day=1) - timedelta(days=1)
            row = FigureRelease.objects.create(
                organisation_id=provider.organisation_id,
                created_at=datetime.combine(end, time(12), UTC),
                number=number,
                period_start=end.replace(day=1),
                period_end=end,
                position=number,
                head="0" * 64,
                digest=f"{number:064x}",
                key="0" * 64,
                envelope=b"{}",
                event_id=uuid4(),
                by="system:bench",
                by_name="Bench",
            )
            PublishedFigure.objects.bulk_create(
                PublishedFigure(
                    organisation_id=provider.organisation_id,
                    release=row,
                    definition=query.definition_key,
                    query=query.name,
                    value=1000 + number,
                    salt="0" * 64,
                )
                for query in queries_of("provider")
            )
