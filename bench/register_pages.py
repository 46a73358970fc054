"""The register's lists at a size, a dossier, and the start pages of who works on it: median and 95th percentile.

The entries have no events and the log none of them: pages that read these are measured with what acts here left.

The rows are written by one statement a table, as the tables' owner, without their triggers and before their indexes,
and then counted as the migration counts what it finds: what is measured are the pages. `SIZE=1000000` for another size
than the usual one.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import figures
from derived_rows import INDICATOR_STATES
from psycopg import ClientCursor

ROWS = int(os.environ.get("SIZE", "3000" if figures.QUICK else "200000"))
ROUNDS = 2 if figures.QUICK else 20
TARGET_MS = 200
TABLES = ("indicator", "indicatorhash", "certification", "activation", "suspension", "revocation", "dispute")
# Of all: one in so many is only proposed, was stopped, was revoked, is doubted.
FILL = """
INSERT INTO indicators_indicator (id, organisation_id, created_at, number, media_type, classification, series, reason,
  proposed_by, source, run_id)
SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(g), 12, '0'))::uuid, %(first)s::uuid,
  now() - interval '1 day' - g * interval '1 second', 'B-' || g, CASE WHEN g %% 7 = 0 THEN 'video' ELSE 'image' END,
  'eu-2011-93:known-material', 'S-' || g %% 5000, 'Bench', 'system:bench', 'Bench',
  '01900000-0000-7000-8000-000000000000'::uuid
FROM generate_series(1, %(rows)s) g;
INSERT INTO indicators_indicatorhash
  (id, organisation_id, created_at, indicator_id, kind, wrapped, blind, hasher, sketch)
SELECT uuidv7(), organisation_id, created_at, id, kind, sealed, sha256((number || kind)::bytea), '',
  CASE WHEN kind = 'pdq' THEN hashtextextended(number, 0) END
FROM indicators_indicator, (VALUES ('sha256', %(sha256)s::bytea), ('md5', %(md5)s::bytea), ('pdq', %(pdq)s::bytea))
  k(kind, sealed) WHERE number LIKE 'B-%%';
INSERT INTO indicators_certification (id, organisation_id, created_at, indicator_id, country, by, by_name, round)
SELECT uuidv7(), organisation_id, created_at, id, 'IE', 'system:bench', 'Bench', 1
FROM indicators_indicator WHERE number LIKE 'B-%%';
INSERT INTO indicators_certification (id, organisation_id, created_at, indicator_id, country, by, by_name, round)
SELECT uuidv7(), %(second)s::uuid, created_at, id, 'DE', 'system:bench', 'Bench', 1
FROM indicators_indicator WHERE number LIKE 'B-%%' AND substr(number, 3)::int %% 8 <> 0;
INSERT INTO indicators_activation (id, organisation_id, created_at, indicator_id, round, by)
SELECT uuidv7(), %(second)s::uuid, created_at, id, 1, 'system:bench'
FROM indicators_indicator WHERE number LIKE 'B-%%' AND substr(number, 3)::int %% 8 <> 0;
INSERT INTO indicators_suspension (id, organisation_id, created_at, indicator_id, round, cause, reason, faults, by)
SELECT uuidv7(), %(first)s::uuid, created_at, id, 1, 'centre', 'Bench', '[]', 'system:bench'
FROM indicators_indicator WHERE number LIKE 'B-%%' AND substr(number, 3)::int %% 5003 = 1;
INSERT INTO indicators_revocation (id, organisation_id, created_at, indicator_id, reason, by)
SELECT uuidv7(), %(first)s::uuid, created_at, id, 'Bench', 'system:bench'
FROM indicators_indicator WHERE number LIKE 'B-%%' AND substr(number, 3)::int %% 211 = 1;
INSERT INTO indicators_dispute (id, organisation_id, created_at, indicator_id, ground, reason, by)
SELECT uuidv7(), %(first)s::uuid, created_at, id, 'doubt', 'Bench', 'system:bench'
FROM indicators_indicator WHERE number LIKE 'B-%%' AND substr(number, 3)::int %% 9001 = 2;
INSERT INTO indicators_importbatch (id, organisation_id, created_at, run_id, file_sha256, source, lines, accepted,
  refused, by, bare, looks, quality)
SELECT uuidv7(), %(first)s::uuid, now() - g * interval '1 minute',
  ('01900000-0000-7000-8000-' || lpad(to_hex(g / 20), 12, '0'))::uuid, md5((g / 20)::text), 'Bench ' || g / 200,
  5000 * (g %% 20 + 1), 5000, g %% 7, 'system:bench', 0, 5000, 90
FROM generate_series(0, %(rows)s / 1000) g"""

REFERENCES = (
    "SELECT format('ALTER TABLE %%I ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid)),"
    " format('ALTER TABLE %%I DROP CONSTRAINT %%I', conrelid::regclass, conname)"
    " FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::text[]::regclass[])"
)
INDEXES = (
    "SELECT indexdef, format('DROP INDEX %%I', indexname) FROM pg_indexes WHERE tablename = ANY(%s)"
    " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)"
)


def fill(values: dict[str, str | int]) -> None:
    """In a process of the tables' owner."""
    import django

    django.setup()
    from django.db import connection

    with connection.cursor() as cursor:
        # Millions of rows at once are no act of a node.
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE indicators_{table} DISABLE TRIGGER USER")
        taken = _taken_away(cursor)
        for statement in FILL.split(";\n"):
            # Within a block: the guard wants an actor for a statement on a tenant's table, and an owner has none.
            filled = ClientCursor(connection.connection).mogrify(statement, values)
            cursor.execute(f"DO $bench$ BEGIN {filled}; END $bench$")
        for statement in [*taken, "ANALYZE"]:
            cursor.execute(statement)
        cursor.execute(
            "DO $bench$ BEGIN DELETE FROM indicators_indicatornow; DELETE FROM indicators_statetally; END $bench$"
        )
        cursor.execute(f"DO $bench$ BEGIN {INDICATOR_STATES}; END $bench$")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE indicators_{table} ENABLE TRIGGER USER")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _taken_away(cursor: Any) -> list[str]:
    """Takes indexes and references away while rows are written; the statements that make them again of all at once."""
    tables, again = [f"indicators_{one}" for one in TABLES], list[str]()
    for select in (REFERENCES, INDEXES):
        cursor.execute(select, [tables])
        for makes, drops in cursor.fetchall():
            cursor.execute(drops)
            again.append(makes)
    return again[::-1]


def pages() -> None:
    """Every page, in turns."""
    from tests.support import database

    database.django()
    from tests.support.cast import Cast

    from tutela.events.transaction import acting
    from tutela.indicators.audits import sample_selection
    from tutela.indicators.hashes.validation import HashValue
    from tutela.indicators.models import Indicator
    from tutela.indicators.register import certify, detail, propose
    from tutela.law import classification

    cast = Cast()
    values = [{"value": "known-material", "label": "Known"}]
    scheme = {"code": "eu-2011-93", "title": "T", "version": "1", "source": "D", "values": values}
    classification.import_scheme(cast.centre, scheme)
    first, second = cast.hotline_ie, cast.hotline_de
    filling = figures.seconds(lambda: _fill(str(first.organisation_id), str(second.organisation_id)))
    value = "ab" * 32
    made = propose.propose(
        first,
        given=[HashValue("sha256", value)],
        media_type="image",
        classification="eu-2011-93:known-material",
        reason="Assessed",
    )
    certify.certify(second, made)
    number = detail.load_detail(first, made).line.number
    with acting(first):
        assert Indicator.objects.count() == ROWS + 1
    lead, auditor = cast.client(cast.centre, "lead"), cast.client(cast.auditor, "auditor")
    drew = figures.seconds(lambda: sample_selection.draw(cast.actor(cast.centre, "lead"), 300, "Bench"))
    mine, other = cast.client(first, "analyst"), cast.client(second, "analyst")
    base = "/desk/indicators/"
    asked = {
        "list": (mine, base),
        "list_page_100": (mine, f"{base}?page=100"),
        "proposed": (mine, f"{base}?state=proposed"),
        "active": (mine, f"{base}?state=active"),
        "suspended": (mine, f"{base}?state=suspended"),
        "revoked": (mine, f"{base}?state=revoked"),
        "to_certify": (other, f"{base}?state=mine_to_certify"),
        "to_certify_proposer": (mine, f"{base}?state=mine_to_certify"),
        "by_digest": (mine, f"{base}?text={value}"),
        "by_number": (mine, f"{base}?text={number}"),
        "by_series": (mine, f"{base}?series=S-77"),
        "series_and_state": (mine, f"{base}?series=S-77&state=active"),
        "nothing": (mine, f"{base}?text=nothing"),
        "film": (mine, f"{base}?media=video"),
        "film_active": (mine, f"{base}?media=video&state=active"),
        "film_revoked": (mine, f"{base}?media=video&state=revoked"),
        "film_suspended": (mine, f"{base}?media=video&state=suspended"),
        "certify_films": (other, f"{base}?state=mine_to_certify&media=video"),
        "series_to_certify": (other, f"{base}?state=mine_to_certify&series=S-77"),
        **{f"disputes_{sort or 'open'}": (mine, f"{base}disputes/?sort={sort}") for sort in ("", "since", "-since")},
        "disputes_state": (mine, f"{base}disputes/?state=open"),
        "imports_found": (mine, f"{base}imports/?source=h 1"),
        **{
            f"imports_{sort}": (mine, f"{base}imports/?sort={sort}")
            for sort in ("", "source", "-when", "proposed", "-refused")
        },
        "dossier": (mine, f"{base}{made}/"),
        "today_proposer": (mine, "/desk/"),
        "today_certifier": (other, "/desk/"),
        "today_lead": (lead, "/desk/"),
        "today_auditor": (auditor, "/desk/"),
        "releases": (lead, f"{base}releases/"),
        "alerts": (lead, f"{base}alerts/"),
        "samples": (lead, f"{base}samples/"),
        "review": (other, f"{base}review/"),
    }
    taken = {name: list[float]() for name in asked}
    for turn in range(ROUNDS + 1):
        for name, (browser, address) in asked.items():
            start = time.perf_counter()
            answer = browser.get(address)
            spent = 1000 * (time.perf_counter() - start)
            assert answer.status_code == 200, (name, answer.status_code)
            if turn:
                taken[name].append(spent)
    figures.note(f"{ROWS} indicators with three hashes each, filled in {filling:.0f} s; {ROUNDS} rounds")
    figures.note(f"a sample of 300 is drawn in {drew:.1f} s")
    worst = 0.0
    for name, values_ in taken.items():
        p95 = statistics.quantiles(values_, n=20)[-1]
        worst = max(worst, p95)
        figures.note(f"{name}: median {statistics.median(values_):.1f} ms, p95 {p95:.1f} ms")
    figures.figure("register_page_p95", worst, "ms", f"<={TARGET_MS}")


def _fill(first: str, second: str) -> None:
    from tutela.indicators.hashes import encryption, validation

    # Each opens; that they are all the same value is nothing to a page.
    sealed = {
        kind: "\\x" + encryption.sealed("ab" * (validation.HEX[kind] // 2)).hex() for kind in ("sha256", "md5", "pdq")
    }
    values = {"first": first, "second": second, "rows": ROWS, **sealed}
    command = [sys.executable, __file__, "fill", json.dumps(values)]
    subprocess.run(command, check=True, env={**os.environ, "TUTELA_ROLE": "owner"})


if __name__ == "__main__":
    if sys.argv[1:2] == ["fill"]:
        fill(json.loads(sys.argv[2]))
        sys.exit()
    figures.machine()
    pages()
    figures.report()
