"""Somebody has the runtime role's connection and fills the disk with what no table of the node knows."""

from __future__ import annotations

import psycopg
import pytest
from django.conf import settings

pytestmark = pytest.mark.usefixtures("cast")


@pytest.fixture
def taken() -> psycopg.Connection:
    """The connection of a taken-over web process."""
    given = settings.DATABASES["default"]
    return psycopg.connect(
        host=given["HOST"], port=given["PORT"], user=given["USER"], password=given["PASSWORD"], dbname=given["NAME"],
        autocommit=True,
    )  # fmt: skip


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


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.heap (x text)",
        "CREATE SCHEMA heap", "CREATE SEQUENCE public.heap", "CREATE DATABASE heap",
        "COPY (SELECT 1) TO '/tmp/heap'", "COPY (SELECT 1) TO PROGRAM 'cat'",
        "CREATE TABLESPACE heap LOCATION '/tmp'", "SELECT pg_create_physical_replication_slot('heap', true)",
        "CREATE PUBLICATION heap FOR ALL TABLES", "VACUUM FULL organisations_person",
    ],
)  # fmt: skip
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
