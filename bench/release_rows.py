"""The entries of a bench of releases, written as rows: a million that two organisations stand behind."""

from __future__ import annotations

import hashlib
import hmac
import os
import random
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import derived_rows
import figures

ROWS = int(os.environ.get("SIZE", "500" if figures.QUICK else "1000000"))
CLASS = "eu-2011-93:known-material"
FIRST = "01900000-0000-7000-8000-"


def digest(number: int) -> str:
    """The SHA-256 of an entry."""
    return hashlib.sha256(b"bench entry %d" % number).hexdigest()


def salt(number: int) -> bytes:
    """What an entry's signed acts are salted with."""
    return hashlib.sha256(b"bench salt %d" % number).digest()


def fill(ireland: str, germany: str) -> None:
    """As the tables' owner: entries that two organisations stand behind, each with a SHA-256 and a PDQ hash."""
    import psycopg
    from django.conf import settings
    from django.db import connection

    from tutela.indicators.hashes import blind_index, encryption

    dice, key = random.Random(3), hmac.digest(settings.BLIND_KEY, b"indicator-blind-index", "sha256")

    def blind(kind: str, value: str) -> bytes:
        return hmac.digest(key, f"{kind}:{value}".encode(), "sha256")

    assert blind("pdq", "ab") == blind_index.blind("pdq", "ab")
    tables = ("indicator", "indicatorhash", "certification", "activation")
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    raw.autocommit = True
    with raw.cursor() as cursor:
        # A million rows at once are no act of a node.
        cursor.execute("SET statement_timeout = 0")
        for table in tables:
            cursor.execute(f"ALTER TABLE indicators_{table} DISABLE TRIGGER USER")
        for statement in FILL:
            cursor.execute(statement, {"rows": ROWS, "ireland": ireland, "germany": germany})
        with cursor.copy(
            "COPY indicators_indicatorhash (id, organisation_id, created_at, indicator_id, kind, wrapped, blind,"
            " quality, hasher, sketch, salt) FROM STDIN (FORMAT BINARY)"
        ) as copy:
            copy.set_types(
                ["uuid", "uuid", "timestamptz", "uuid", "text", "bytea", "bytea", "int2", "text", "int8", "bytea"]
            )
            from datetime import UTC, datetime, timedelta
            from uuid import UUID

            at, owner = datetime.now(UTC) - timedelta(hours=3), UUID(ireland)
            for number in range(1, ROWS + 1):
                indicator = UUID(f"{FIRST}{number:012x}")
                look = dice.randbytes(32).hex()
                for which, (kind, value, more, quality) in enumerate(
                    (("sha256", digest(number), "", None), ("pdq", look, dice.randbytes(32).hex(), 90))
                ):
                    row = UUID(f"0190000{which + 1}-0000-7000-8000-{number:012x}")
                    sealed, sketch = encryption.sealed(value + more), number if which else None
                    kept = None if which else salt(number)
                    copy.write_row(
                        (row, owner, at, indicator, kind, sealed, blind(kind, value), quality, "", sketch, kept)
                    )
    for who in ("Hotline Ireland", "Hotline Deutschland"):
        _certify(raw, who, at)
    with raw.cursor() as cursor:
        cursor.execute(derived_rows.INDICATOR_STATES)
        for table in tables:
            cursor.execute(f"ALTER TABLE indicators_{table} ENABLE TRIGGER USER")
    raw.execute("VACUUM ANALYZE")


def _certify(raw: Any, who: str, at: Any) -> None:
    """The signed certifications of one organisation."""
    from types import SimpleNamespace
    from uuid import UUID

    from tutela.events.identifiers import uuid7
    from tutela.events.transaction import acting
    from tutela.indicators.integrity.signing import RegisterSigner
    from tutela.organisations.people import directory
    from tutela.organisations.people.bootstrap import machine

    actor = machine(directory.named(who).id, "bench")
    with acting(actor):
        signer = RegisterSigner(actor)
    raw.autocommit = True
    dice = random.Random(3)
    with (
        raw.cursor() as cursor,
        cursor.copy(
            "COPY indicators_certification (id, organisation_id, created_at, indicator_id, country, by, by_name, round,"
            " envelope) FROM STDIN (FORMAT BINARY)"
        ) as copy,
    ):
        copy.set_types(["uuid", "uuid", "timestamptz", "uuid", "text", "text", "text", "int2", "bytea"])
        for number in range(1, ROWS + 1):
            indicator, look = UUID(f"{FIRST}{number:012x}"), dice.randbytes(32).hex()
            structure = dice.randbytes(32).hex()
            about = SimpleNamespace(number=f"B-{number}", media_type="image", classification=CLASS)
            given = [("sha256", digest(number)), ("pdq", look + structure)]
            signed = signer.sign(about, 1, given, at, indicator, salt(number))
            copy.write_row(
                (uuid7(), actor.organisation_id, at, indicator, actor.country, "system:bench", "Bench", 1, signed)
            )


_ID = f"('{FIRST}' || lpad(to_hex(g), 12, '0'))::uuid"
_AT = "now() - interval '3 hours'"
FILL = (
    f"""INSERT INTO indicators_indicator (id, organisation_id, created_at, number, media_type, classification, series,
  reason, proposed_by, source) SELECT {_ID}, %(ireland)s::uuid, {_AT}, 'B-' || g, 'image', '{CLASS}', '', 'Bench',
  'system:bench', '' FROM generate_series(1, %(rows)s) g""",
    f"""INSERT INTO indicators_activation (id, organisation_id, created_at, indicator_id, round, by)
  SELECT gen_random_uuid(), %(germany)s::uuid, {_AT}, {_ID}, 1, 'system:bench' FROM generate_series(1, %(rows)s) g""",
)
