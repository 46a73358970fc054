"""What the database itself enforces, derived from the models after every migration, so that no table can be forgotten.

1. Every tenant table: ENABLE and FORCE ROW LEVEL SECURITY and one policy (FORCE, because owners are exempt otherwise).
2. Every insert-only table: no UPDATE, DELETE or TRUNCATE for the runtime role, and a trigger that refuses them to
   every role, the owner included.
3. A table that functions alone write (`by_function`): no INSERT either.
4. The runtime role may use every other table and owns none.
5. Functions that run as the owner, triggers, and whatever says where it looks, look in our schema first: a temporary
   table or type of the session's own, which PostgreSQL would otherwise find before ours, tells them nothing.
6. Nobody but their owner may make a trigger of a trigger's function: on a temporary table it would write as the owner
   whatever stands there. Those that stand go on firing.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection, models

from tutela.events.models import tenancy_of

RUNTIME_ROLE = "tutela_app"
MINE = "organisation_id = nullif(current_setting('tutela.organisation', true), '')::uuid"
REGISTER = "current_setting('tutela.register', true) = 'on'"
AUDIT = "current_setting('tutela.audit', true) = 'on'"
# Who may read; who may write is always the owner alone.
READERS = {
    "own": MINE,
    "register": f"({MINE}) OR {REGISTER}",
    "audit": f"({MINE}) OR {AUDIT}",
    "given": f"({MINE}) OR {MINE.replace('organisation_id', 'grantee_id', 1)}",
}

# Tables without a model, or Django's own, that no request writes: an event taken out of the queue would have no place.
_BY_FUNCTION = ("django_migrations", "accountability_waiting_event")


def protect_after_migrate(sender: Any, **_: Any) -> None:
    """Runs once per `migrate`, after the last application's tables stand, as the role that owns them."""
    last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
    if sender.label != last.label:
        return
    # In one message, which is one transaction: at no moment does a table stand without its policies.
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(statements()))


def statements() -> list[str]:
    """All statements, safe to repeat."""
    out = [
        f"GRANT USAGE ON SCHEMA public TO {RUNTIME_ROLE}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {RUNTIME_ROLE}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {RUNTIME_ROLE}",
        *(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {RUNTIME_ROLE}" for table in _BY_FUNCTION),
        _REFUSE_FUNCTION,
    ]
    for model in apps.get_models():
        if (tenancy := tenancy_of(model)) is not None:
            out += _policy(model, tenancy)
        if getattr(model, "insert_only", False):
            out += _insert_only(model)
        if getattr(model, "by_function", False):
            out.append(f'REVOKE INSERT, UPDATE, DELETE ON "{model._meta.db_table}" FROM {RUNTIME_ROLE}')
    return [*out, _OUR_TABLES_FIRST]


_REFUSE_FUNCTION = """
CREATE OR REPLACE FUNCTION tutela_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is refused: rows of this table are never changed', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$"""

_OUR_TABLES_FIRST = f"""
DO $ours$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT p.oid::regprocedure AS name, p.prorettype = 'trigger'::regtype AS of_trigger,
      p.proconfig @> ARRAY['search_path=public, pg_temp'] IS TRUE AS ours_first
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.proowner = current_user::regrole
      AND p.proname NOT LIKE 'procrastinate%'
      AND (p.prosecdef OR p.prorettype = 'trigger'::regtype
        OR EXISTS (SELECT FROM unnest(p.proconfig) said WHERE said LIKE 'search_path=%'))
  LOOP
    IF NOT one.ours_first THEN
      EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_temp', one.name);
    END IF;
    IF one.of_trigger THEN
      EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, {RUNTIME_ROLE}', one.name);
    END IF;
  END LOOP;
END $ours$"""  # noqa: S608 - a constant of ours


def _policy(model: type[models.Model], tenancy: str) -> list[str]:
    table = model._meta.db_table
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        *(f'DROP POLICY IF EXISTS tutela_{verb} ON "{table}"' for verb in ("read", "insert", "update", "delete")),
        f'CREATE POLICY tutela_read ON "{table}" FOR SELECT USING ({READERS[tenancy]})',
        f'CREATE POLICY tutela_insert ON "{table}" FOR INSERT WITH CHECK ({MINE})',
        f'CREATE POLICY tutela_update ON "{table}" FOR UPDATE USING ({MINE}) WITH CHECK ({MINE})',
        f'CREATE POLICY tutela_delete ON "{table}" FOR DELETE USING ({MINE})',
    ]


def _insert_only(model: type[models.Model]) -> list[str]:
    table = model._meta.db_table
    return [
        f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM {RUNTIME_ROLE}',
        f'DROP TRIGGER IF EXISTS tutela_refuse_rows ON "{table}"',
        f"""CREATE TRIGGER tutela_refuse_rows BEFORE UPDATE OR DELETE ON "{table}"
            FOR EACH ROW EXECUTE FUNCTION tutela_refuse()""",
        f'DROP TRIGGER IF EXISTS tutela_refuse_all ON "{table}"',
        f"""CREATE TRIGGER tutela_refuse_all BEFORE TRUNCATE ON "{table}"
            FOR EACH STATEMENT EXECUTE FUNCTION tutela_refuse()""",
    ]
