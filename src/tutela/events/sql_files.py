"""SQL of functions, triggers, policies and rights: files of each domain, applied after every `migrate`.

Migrations make tables, constraints and indexes. Everything else that the database enforces is in `<domain>/sql/*.sql`,
one file per topic. `apply` makes the database match the files, in one transaction:

1. Drop every trigger and policy of the tables in schema `public` that the owner has.
2. Execute every file: domains in the order of their layers, files by name. Each file can be repeated.
3. Drop the owner's functions that no file made.

So a trigger, policy, function or right that was changed by hand is restored, and an object that a later version no
longer has is gone. Objects of the job queue and rights of other roles are unchanged.

The models say which tables have a tenancy, are insert-only, or are written by functions only. The files read this list
as the setting `tutela.tables`, so that no table can be forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import CommandError
from django.db import OperationalError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from psycopg.errors import LockNotAvailable

from tutela.events.models import tenancy_of

RUNTIME_ROLE = "tutela_app"
# Less than the second after which the database looks for deadlocks.
_PATIENCE, _ATTEMPTS = "500ms", 20
MOST_NAMED = 10

# Two processes that migrate at once wait for each other. Files may name each other's functions: bodies are not checked
# before all of them stand.
_BEGIN = "SELECT pg_advisory_xact_lock(hashtext('tutela.sql_files')); SET LOCAL check_function_bodies = off"
_CLEAR = """
DO $clear$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT t.tgname AS name, t.tgrelid::regclass AS held FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relowner = current_user::regrole
      AND c.relname NOT LIKE 'procrastinate%' AND NOT t.tgisinternal
  LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', one.name, one.held);
  END LOOP;
  FOR one IN SELECT polname AS name, polrelid::regclass AS held FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relowner = current_user::regrole
  LOOP
    EXECUTE format('DROP POLICY %I ON %s', one.name, one.held);
  END LOOP;
END $clear$"""
# What this transaction made or replaced, it wrote; whatever another one wrote is in no file.
_LEFT_OVER = """
DO $left$
DECLARE
  one regprocedure;
BEGIN
  FOR one IN SELECT p.oid FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.proowner = current_user::regrole
      AND p.proname NOT LIKE 'procrastinate%'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
      AND p.xmin <> pg_current_xact_id()::xid
  LOOP
    EXECUTE format('DROP FUNCTION %s', one);
  END LOOP;
END $left$"""


class UnknownMigrations(CommandError):
    """The database has migrations that this version does not know ({names}): it belongs to another version of Tutela.

    Run the version that made it. To move to this one, export its data with that version and set up a new installation.
    """

    def __init__(self, names: list[str]) -> None:
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        text = " ".join((type(self).__doc__ or "").split())
        super().__init__(text.format(names=", ".join(names[:MOST_NAMED]) + more))


def files() -> Iterator[Path]:
    """Every file in the order in which it is applied."""
    for config in apps.get_app_configs():
        if config.name.startswith("tutela."):
            yield from sorted((Path(config.path) / "sql").glob("*.sql"))


def statements() -> Iterator[str]:
    """Statements that `apply` executes, in this order and in one transaction; safe to repeat."""
    yield _BEGIN
    yield f"SELECT set_config('tutela.tables', $tables${json.dumps(_tables())}$tables$, true)"
    yield _CLEAR
    yield from (path.read_text() for path in files())
    yield _LEFT_OVER


def apply() -> None:
    """Make functions, triggers, policies and rights what the files say, as the tables' owner, in one transaction.

    A running node reads these tables meanwhile. Two that each wait for a table of the other would be a deadlock, for
    which the database could end the reader. So this one gives up before that and begins again; in the end it waits.
    """
    for patience in (*[_PATIENCE] * _ATTEMPTS, "0"):
        try:
            with transaction.atomic(durable=True), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [patience])
                for statement in statements():
                    cursor.execute(statement)
            return
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable) or patience == "0":
                raise


def apply_after_migrate(sender: Any, **_: Any) -> None:
    """Receiver of `post_migrate`: applies once, after the last application's tables stand."""
    if sender.label == [config for config in apps.get_app_configs() if config.models_module is not None][-1].label:
        apply()


def refuse_unknown(sender: Any, **_: Any) -> None:
    """Receiver of `pre_migrate`: raises `UnknownMigrations` before anything is done to another version's database."""
    if sender.label == "events" and (found := unknown_migrations()):
        raise UnknownMigrations(found)


def unknown_migrations() -> list[str]:
    """Migrations of our domains that were applied to the database and are not of this version."""
    loader = MigrationLoader(connection)
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("tutela.")}
    return sorted(
        f"{label}.{name}"
        for label, name in loader.applied_migrations
        if label in ours and (label, name) not in loader.disk_migrations
    )


def _tables() -> list[dict[str, object]]:
    return [
        {
            "name": model._meta.db_table,
            "tenancy": tenancy_of(model),
            "insert_only": getattr(model, "insert_only", False),
            "by_function": getattr(model, "by_function", False),
        }
        for model in apps.get_models()
    ]
