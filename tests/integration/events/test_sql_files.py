"""The catalogue of a migrated database is what the files say; what somebody changed by hand is put right."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import psycopg.sql
import pytest
from django.apps import apps

from tests.support import catalogue
from tests.support.migrated import copied
from tutela.events import sql_files
from tutela.events.models import tenancy_of

TEXT = "\n".join(path.read_text() for path in sql_files.files())
OURS = "relnamespace = 'public'::regnamespace AND relname NOT LIKE 'procrastinate%'"
FUNCTION = re.compile(r"^CREATE OR REPLACE FUNCTION (\w+)\(", re.M)
TRIGGER = re.compile(r"^CREATE OR REPLACE TRIGGER (\w+)\s.*?\bON (\w+)", re.M | re.S)
VERBS = ("read", "insert", "update", "delete")
MODELS = apps.get_models()


@pytest.fixture(scope="module")
def copied_database() -> Iterator[str]:
    """The owner's address of a database that no other test uses: files take locks on every table."""
    with tempfile.TemporaryDirectory(prefix="tutela-sql-") as folder:
        cluster = copied(Path(folder))
        yield cluster.url("tutela_owner")
        cluster.stop()


@pytest.fixture
def owner(copied_database: str) -> Iterator[psycopg.Connection[Any]]:
    """The tables' owner, whose work is undone."""
    with psycopg.connect(copied_database) as connection:
        yield connection
        connection.rollback()


def apply(connection: psycopg.Connection[Any]) -> None:
    for statement in sql_files.statements():
        connection.execute(statement.encode())


def pairs(connection: psycopg.Connection[Any], query: str) -> set[tuple[str, ...]]:
    return set(connection.execute(query.encode()).fetchall())


def test_every_function_is_named_in_a_file_and_every_one_named_is_there(owner: psycopg.Connection[Any]) -> None:
    named = FUNCTION.findall(TEXT)
    assert len(named) == len(set(named)) > 60
    found = pairs(
        owner,
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname NOT LIKE 'procrastinate%'",
    )
    assert found == {(name,) for name in named}


def test_every_trigger_is_named_in_a_file_or_of_an_insert_only_table(owner: psycopg.Connection[Any]) -> None:
    named = TRIGGER.findall(TEXT)
    assert len(named) == len(set(named)) > 50
    refusing = {
        (name, model._meta.db_table)
        for model in MODELS
        if getattr(model, "insert_only", False)
        for name in ("tutela_refuse_rows", "tutela_refuse_all")
    }
    found = pairs(
        owner,
        "SELECT tgname, relname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid"
        f" WHERE NOT tgisinternal AND tgenabled = 'O' AND {OURS}",
    )
    assert found == {*named} | refusing


def test_policies_and_closed_tables_are_those_of_the_models(owner: psycopg.Connection[Any]) -> None:
    tenants = {model._meta.db_table for model in MODELS if tenancy_of(model) is not None}
    closed = pairs(owner, "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND relkind = 'r'")
    assert closed == {(table,) for table in tenants}
    found = pairs(owner, "SELECT policyname, tablename FROM pg_policies")
    assert found == {(f"tutela_{verb}", table) for table in tenants for verb in VERBS}


def test_nobody_but_the_owner_and_the_runtime_role_has_rights_on_tables(owner: psycopg.Connection[Any]) -> None:
    found = pairs(
        owner,
        "SELECT grantee::regrole::text FROM pg_class, aclexplode(relacl)"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'v', 'p')",
    )
    assert found == {("tutela_owner",), (sql_files.RUNTIME_ROLE,)}


def test_applying_again_changes_nothing(owner: psycopg.Connection[Any]) -> None:
    before = catalogue.dumped(owner)
    apply(owner)
    assert catalogue.dumped(owner) == before
    apply(owner)
    assert catalogue.dumped(owner) == before


def test_every_body_is_valid_once_all_stand(owner: psycopg.Connection[Any]) -> None:
    """They are not looked at as they are made, for files name each other's functions."""
    owner.execute("SELECT set_config('tutela.tables', '[]', true)")
    for path in sql_files.files():
        if path.name != "row_security.sql":
            owner.execute(path.read_bytes())


BY_HAND = {
    "a dropped trigger": "DROP TRIGGER accountability_queue ON events_event",
    "a disabled trigger": "ALTER TABLE events_event DISABLE TRIGGER accountability_queue",
    "another trigger": "CREATE TRIGGER added BEFORE UPDATE ON law_act FOR EACH ROW EXECUTE FUNCTION tutela_refuse()",
    "a changed function": "CREATE OR REPLACE FUNCTION organisations_asks(who uuid, what text) RETURNS boolean"
    " LANGUAGE sql STABLE AS 'SELECT false'",
    "a dropped function": "DROP FUNCTION accountability_waiting()",
    "a function for all": "GRANT EXECUTE ON FUNCTION accountability_queue() TO PUBLIC",
    "a table for all": "GRANT SELECT ON events_event TO PUBLIC",
    "a wider grant": "GRANT UPDATE, DELETE ON events_event TO tutela_app",
    "a column's grant": "GRANT UPDATE (kind) ON events_event TO tutela_app",
    "a lacking grant": "REVOKE SELECT ON events_event FROM tutela_app",
    "another policy": "CREATE POLICY added ON events_event USING (true)",
    "a changed policy": "ALTER POLICY tutela_read ON events_event USING (true)",
    "an open table": "ALTER TABLE events_event DISABLE ROW LEVEL SECURITY",
    "a table that binds no owner": "ALTER TABLE events_event NO FORCE ROW LEVEL SECURITY",
    "a table closed besides": "ALTER TABLE law_act ENABLE ROW LEVEL SECURITY",
}


@pytest.mark.parametrize("statement", BY_HAND.values(), ids=BY_HAND)
def test_what_somebody_changed_by_hand_is_put_right(owner: psycopg.Connection[Any], statement: str) -> None:
    before = catalogue.dumped(owner)
    owner.execute(statement.encode())
    assert catalogue.dumped(owner) != before
    apply(owner)
    assert catalogue.dumped(owner) == before


class Copy:
    """A database of its own, and `migrate` of the command line."""

    def __init__(self, folder: Path) -> None:
        self.cluster = copied(folder)
        own = ("TUTELA_", "DATABASE_URL", "DJANGO_")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(own)} | {"TUTELA_DATA": str(folder)}
        self.owner = psycopg.connect(self.cluster.url("tutela_owner"), autocommit=True)

    def cli(self, command: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "tutela.app.cli", command]
        return subprocess.run(line, env=self.env, capture_output=True, text=True, check=False)


@pytest.fixture
def copy() -> Iterator[Copy]:
    with tempfile.TemporaryDirectory(prefix="tutela-sql-") as folder:
        made = Copy(Path(folder))
        try:
            yield made
        finally:
            made.owner.close()
            made.cluster.stop()


def test_migrate_puts_right_also_where_no_migration_is_to_run(copy: Copy) -> None:
    before = catalogue.dumped(copy.owner)
    copy.owner.execute("DROP TRIGGER accountability_queue ON events_event")
    copy.owner.execute("CREATE FUNCTION left_over() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'")
    done = copy.cli("migrate")
    assert done.returncode == 0, done.stderr
    assert catalogue.dumped(copy.owner) == before


def test_a_database_of_another_version_is_left_as_it_is(copy: Copy) -> None:
    copy.owner.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('reports', '0002_standing', now())")
    copy.owner.execute("DROP TRIGGER accountability_queue ON events_event")
    before = catalogue.dumped(copy.owner)
    done = copy.cli("migrate")
    assert done.returncode == 2
    assert "reports.0002_standing" in done.stderr
    assert "set up a new installation" in done.stderr
    assert "Traceback" not in done.stderr
    assert catalogue.dumped(copy.owner) == before
    assert "1 from another version" in copy.cli("doctor").stdout


def test_a_reader_never_loses_against_the_files(copy: Copy) -> None:
    """Whoever reads one table and wants another one, which the files hold, gets it: the files begin again."""
    line = [sys.executable, "-m", "tutela.app.cli", "migrate"]
    with psycopg.connect(copy.cluster.url("tutela_owner")) as reader:
        reader.execute("SELECT FROM reports_report LIMIT 1")
        migrating = subprocess.Popen(line, env=copy.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            for held in _tables_that_the_files_hold(copy, migrating):
                reader.execute(psycopg.sql.SQL("SELECT FROM {} LIMIT 1").format(psycopg.sql.Identifier(held)))
            reader.commit()
            said, _nothing = migrating.communicate(timeout=300)
        finally:
            migrating.kill()
    assert migrating.returncode == 0, said


def _tables_that_the_files_hold(copy: Copy, migrating: subprocess.Popen[bytes]) -> list[str]:
    """As soon as the files wait for the reader: what they hold meanwhile."""
    held: list[str] = []
    while not held:
        assert migrating.poll() is None
        rows = copy.owner.execute(
            "SELECT c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
            " WHERE l.mode = 'AccessExclusiveLock' AND l.granted AND c.relkind = 'r' AND EXISTS"
            " (SELECT FROM pg_locks w WHERE w.pid = l.pid AND NOT w.granted AND w.locktype = 'relation') LIMIT 1"
        ).fetchall()
        held = [name for (name,) in rows]
    return held
