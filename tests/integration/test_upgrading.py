"""A database of an earlier version, with work in it, becomes today's: what columns now say is what the rows said."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tutela.app.runtime.embedded_postgres import Cluster

pytestmark = pytest.mark.slow

# The last migrations before columns were derived from rows.
EARLIER = {"reports": "0001_initial", "detection": "0002_holds"}
# Without what follows every whole migration: it protects the tables of today.
PART_OF_THE_WAY = """
import sys, django
from django.core.management import call_command
from django.db.models.signals import post_migrate
django.setup()
post_migrate.receivers.clear()
call_command("migrate", sys.argv[1], sys.argv[2], verbosity=0)
"""
EMPTY = {
    "uuid": "gen_random_uuid()",
    "character varying": "''",
    "text": "''",
    "integer": "0",
    "smallint": "0",
    "bigint": "0",
    "boolean": "false",
    "timestamp with time zone": "now()",
    "bytea": "'\\x00'",
    "jsonb": "'{}'",
    "ARRAY": "'{}'",
    "date": "now()",
    "inet": "'192.0.2.1'",
}


class Old:
    """A cluster with the tables of an earlier version. `put` writes as the superuser, past every rule of today."""

    def __init__(self, folder: Path) -> None:
        self.cluster = Cluster(folder)
        self.cluster.ensure()
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("TUTELA_", "DATABASE_URL", "DJANGO_"))},
            "TUTELA_DATA": str(folder),
            "TUTELA_ROLE": "owner",
            "DJANGO_SETTINGS_MODULE": "tutela.app.settings",
        }
        for app, name in EARLIER.items():
            self.run("-c", PART_OF_THE_WAY, app, name)
        self.connection = psycopg.connect(self.cluster.url("postgres"), autocommit=True)
        self.connection.execute("SET session_replication_role = replica")
        self.organisation = uuid4()

    def migrate(self) -> None:
        """To today's version, as an installation does it."""
        self.run("-m", "django", "migrate", "-v", "0")

    def run(self, *arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], env=self.env, check=True)

    def put(self, table: str, /, **values: Any) -> UUID:
        """A row; columns that must have something and are not given are empty."""
        columns = self.connection.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
            " AND is_nullable = 'NO' AND column_default IS NULL",
            [table],
        ).fetchall()
        assert columns, table
        made = uuid4()
        values = {"id": made, "organisation_id": self.organisation, **values}
        empty = {name: EMPTY[kind] for name, kind in columns if name not in values}
        empty |= {name: f"'{made.hex[:12]}'" for name in ("number", "fingerprint") if empty.get(name) == "''"}
        names = ", ".join([*values, *empty])
        marks = ", ".join([*["%s"] * len(values), *empty.values()])
        self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))
        return made

    def states(self, table: str) -> dict[UUID, tuple[Any, ...]]:
        extra = {"reports_report": "decision, decided_at IS NOT NULL", "detection_candidate": "urgent"}.get(table)
        rows = self.connection.execute(f"SELECT id, state{', ' + extra if extra else ''} FROM {table}")
        return {row[0]: row[1:] for row in rows.fetchall()}


@pytest.fixture
def old() -> Iterator[Old]:
    with tempfile.TemporaryDirectory(prefix="tutela-old-") as folder:
        Path(folder).chmod(0o711)
        made = Old(Path(folder))
        yield made
        made.connection.close()
        made.cluster.stop()


def _report(old: Old, bundle: UUID, *decisions: str) -> UUID:
    made = old.put("reports_report", bundle_id=bundle, report_id=uuid4())
    for minute, decision in enumerate(decisions):
        at = f"2026-01-01T00:{minute:02}:00Z"
        old.put("reports_assessment", report_id=made, decision=decision, created_at=at)
    return made


def test_reports_candidates_and_drafts_stand_where_their_rows_say(old: Old) -> None:
    bundle = old.put("reports_bundle")
    expected: dict[UUID, tuple[Any, ...]] = {
        _report(old, bundle): ("open", "", False),
        _report(old, bundle, "ask"): ("asked", "ask", False),
        _report(old, bundle, "unfounded"): ("unfounded", "unfounded", True),
        _report(old, bundle, "unfounded", "forward"): ("forward", "forward", True),
        _report(old, bundle, "forward", "erroneous"): ("erroneous", "erroneous", True),
    }
    for state in ("referred", "answered"):
        made = _report(old, bundle, "forward")
        referral = old.put("reports_referral", report_id=made, referral_id=uuid4())
        if state == "answered":
            old.put("reports_outcome", referral_id=referral, outcome_id=uuid4(), kind="taken_up")
        expected[made] = (state, "forward", True)

    candidates = {old.put("detection_candidate"): ("open", False)}
    for reviews, state in ((1, "second"), (2, "disputed")):
        made = old.put("detection_candidate")
        for _ in range(reviews):
            old.put("detection_review", candidate_id=made, by=str(uuid4()), how="viewed")
        old.put("detection_urgentmark", candidate_id=made)
        candidates[made] = (state, True)

    drafts = {old.put("detection_draft"): ("drafted",)}
    sent = old.put("detection_draft")
    old.put("detection_sending", draft_id=sent, number=1)
    drafts[sent] = ("waiting",)
    dropped = old.put("detection_draft")
    old.put("detection_discard", draft_id=dropped)
    drafts[dropped] = ("discarded",)

    old.migrate()
    assert old.states("reports_report") == expected
    assert old.states("detection_candidate") == candidates
    assert old.states("detection_draft") == drafts


def test_when_and_to_whom_old_reports_went_is_known_and_old_decisions_are_asked_for_no_code(old: Old) -> None:
    first, last = uuid4(), uuid4()
    twice, erased, never = (old.put("detection_draft") for _ in range(3))
    for number, (recipient, day) in enumerate([(first, 1), (last, 2)], 1):
        at = f"2026-01-0{day}T00:00:00Z"
        old.put("detection_sending", draft_id=twice, number=number, recipient_id=recipient, created_at=at)
    old.put("detection_receipt", draft_id=erased, centre_id=first, received_at="2026-01-03T00:00:00Z")
    for draft, kind, reason in ((twice, "received", "Which port?"), (erased, "received", "")):
        old.put("detection_receivedfeedback", draft_id=draft, kind=kind, reason=reason, feedback_id=uuid4())
    report = _report(old, old.put("reports_bundle"), "unfounded")

    old.migrate()
    rows = old.connection.execute(
        "SELECT id, sent_at::date::text, sent_to, asked, lacking, why_not, given_back FROM detection_draft"
    )
    assert {row[0]: row[1:] for row in rows} == {
        twice: ("2026-01-01", last, True, None, "", ""),
        erased: ("2026-01-03", first, False, None, "", ""),
        never: (None, None, False, None, "", ""),
    }
    assert old.connection.execute("SELECT decision, reason_code FROM reports_assessment").fetchall() == [
        ("unfounded", "")
    ]
    with pytest.raises(psycopg.errors.CheckViolation, match="unfounded_says_why"):
        old.put("reports_assessment", report_id=report, decision="unfounded")
