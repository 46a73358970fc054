"""Somebody has the runtime role's connection and fills the disk with what no table of the node knows."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.support.drills import until
from tutela.app.runtime.embedded_postgres import Cluster

pytestmark = pytest.mark.usefixtures("cast")


@pytest.fixture
def taken() -> psycopg.Connection:
    """The connection of a taken-over web process."""
    given = settings.DATABASES["default"]
    return psycopg.connect(
        host=given["HOST"],
        port=given["PORT"],
        user=given["USER"],
        password=given["PASSWORD"],
        dbname=given["NAME"],
        autocommit=True,
    )


@pytest.mark.parametrize(
    "make", ["lo_creat(-1)", "lo_create(0)", "lo_from_bytea(0, 'x')", "lo_import('/etc/hostname')"]
)
def test_no_large_object_is_made(taken: psycopg.Connection, make: str) -> None:
    with taken, pytest.raises(psycopg.errors.InsufficientPrivilege):
        taken.execute(f"SELECT {make}")


def test_temporary_files_have_a_limit_that_the_role_cannot_lift(taken: psycopg.Connection) -> None:
    with taken:
        assert taken.execute("SHOW temp_file_limit").fetchone() == ("8GB",)
        for lift in (
            "SET temp_file_limit = -1",
            "ALTER ROLE tutela_app SET temp_file_limit = -1",
            "RESET temp_file_limit",
        ):
            try:
                taken.execute(lift)
            except psycopg.errors.InsufficientPrivilege:
                continue
        assert taken.execute("SHOW temp_file_limit").fetchone() == ("8GB",)


def test_the_limit_holds_a_sort_and_no_temporary_table_which_ends_with_its_session() -> None:
    """What PostgreSQL does not bound for a role: the threat model says so. A change here is a change there."""
    given = settings.DATABASES["default"]
    url = Cluster(Path(settings.DATA_DIR)).url("postgres", given["NAME"])
    with psycopg.connect(url, autocommit=True) as asked:
        before = _temporary(asked)
        with psycopg.connect(url, autocommit=True) as limited:
            for one in ("SET temp_file_limit = '1MB'", "SET work_mem = '64kB'", "SET ROLE tutela_app"):
                limited.execute(one)  # type: ignore[call-overload]
            with pytest.raises(psycopg.errors.ConfigurationLimitExceeded):
                limited.execute("SELECT md5(n::text) FROM generate_series(1, 200000) n ORDER BY 1")
            limited.execute("CREATE TEMPORARY TABLE heap AS SELECT md5(n::text) FROM generate_series(1, 60000) n")
            assert _temporary(asked) - before > 1 << 20
        until("it is gone with its session", lambda: _temporary(asked) <= before, 30)


def _temporary(asked: psycopg.Connection) -> int:
    """Bytes of all sessions' temporary tables."""
    row = asked.execute(
        "SELECT coalesce(sum(pg_relation_size(oid)), 0)::bigint FROM pg_class WHERE relpersistence = 't'"
    ).fetchone()
    return int(row[0]) if row else 0


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.heap (x text)",
        "CREATE SCHEMA heap",
        "CREATE SEQUENCE public.heap",
        "CREATE DATABASE heap",
        "COPY (SELECT 1) TO '/tmp/heap'",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "CREATE TABLESPACE heap LOCATION '/tmp'",
        "SELECT pg_create_physical_replication_slot('heap', true)",
        "CREATE PUBLICATION heap FOR ALL TABLES",
        "VACUUM FULL organisations_person",
    ],
)
def test_nothing_else_that_takes_room_is_made(taken: psycopg.Connection, statement: str) -> None:
    refused = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)
    with taken:
        if statement.startswith("VACUUM"):
            taken.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
            told: list[str] = []
            taken.execute(statement)
            assert any("permission denied" in one for one in told)
            return
        with pytest.raises(refused):
            taken.execute(statement)
