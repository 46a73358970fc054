"""What a database has, as sorted lines by which two databases are compared: tables, code, rights, roles.

The order of columns is left out. `python -m tests.support.catalogue URL` prints it.
"""

from __future__ import annotations

import sys
from typing import Any

import psycopg

_RIGHTS = (
    "(SELECT string_agg(coalesce(nullif(r.grantee, 0)::regrole::text, 'PUBLIC') || '=' || r.privilege_type"
    " || CASE WHEN r.is_grantable THEN '*' ELSE '' END, ' ' ORDER BY r.grantee::regrole::text, r.privilege_type)"
    " FROM aclexplode(coalesce({acl}, acldefault({kind}, {owner}))) r)"
)
_OURS = "n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname NOT LIKE 'pg_temp%'"
_RELATION = f"pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND {_OURS}"

QUERIES = {
    "role": "SELECT r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin,"
    " r.rolreplication, r.rolbypassrls, r.rolconnlimit FROM pg_roles r WHERE r.rolname NOT LIKE 'pg\\_%'",
    "membership": "SELECT roleid::regrole::text, member::regrole::text, admin_option FROM pg_auth_members"
    " WHERE roleid::regrole::text NOT LIKE 'pg\\_%'",
    "setting": "SELECT coalesce(d.datname, '-'), coalesce(r.rolname, '-'), s.setconfig::text FROM pg_db_role_setting s"
    " LEFT JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole",
    "database": "SELECT datname, datdba::regrole::text, datcollate, pg_encoding_to_char(encoding), "
    + _RIGHTS.format(acl="datacl", kind="'d'", owner="datdba")
    + " FROM pg_database WHERE datname = current_database()",
    "schema": "SELECT n.nspname, n.nspowner::regrole::text, "
    + _RIGHTS.format(acl="n.nspacl", kind="'n'", owner="n.nspowner")
    + f", obj_description(n.oid, 'pg_namespace') FROM pg_namespace n WHERE {_OURS}",
    "default rights": "SELECT defaclrole::regrole::text, defaclnamespace::regnamespace::text, defaclobjtype::text,"
    " defaclacl::text FROM pg_default_acl",
    "extension": "SELECT extname, extversion FROM pg_extension",
    "event trigger": "SELECT evtname, evtevent, evtfoid::regproc::text, evtenabled::text FROM pg_event_trigger",
    "publication": "SELECT pubname, puballtables FROM pg_publication",
    "relation": "SELECT c.oid::regclass::text, c.relkind::text, c.relpersistence::text, c.relowner::regrole::text,"
    " c.relrowsecurity, c.relforcerowsecurity, c.relreplident::text, c.reloptions::text, c.relispartition,"
    " pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid), "
    + _RIGHTS.format(acl="c.relacl", kind="CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\"", owner="c.relowner")
    + f", obj_description(c.oid, 'pg_class') FROM {_RELATION} WHERE c.relkind NOT IN ('i', 'I')",
    "column": "SELECT c.oid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
    " pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text, a.attstorage::text,"
    " a.attcompression::text, a.attstattarget, a.attoptions::text, a.attcollation::regcollation::text,"
    f" a.attacl::text, col_description(c.oid, a.attnum) FROM {_RELATION} JOIN pg_attribute a ON a.attrelid = c.oid"
    " AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
    " WHERE c.relkind NOT IN ('i', 'I', 'S')",
    # From PostgreSQL 18 on, NOT NULL is a constraint too, with a name that nobody gave.
    "constraint": "SELECT k.conrelid::regclass::text, CASE k.contype WHEN 'n' THEN '' ELSE k.conname END,"
    " k.contype::text, pg_get_constraintdef(k.oid),"
    f" obj_description(k.oid, 'pg_constraint') FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace"
    f" WHERE {_OURS}",
    "index": "SELECT i.indrelid::regclass::text, c.relname, pg_get_indexdef(i.indexrelid), i.indisvalid,"
    f" i.indisclustered, i.indisreplident, c.reloptions::text FROM {_RELATION}"
    " JOIN pg_index i ON i.indexrelid = c.oid",
    "sequence": "SELECT s.schemaname || '.' || s.sequencename, s.data_type::text, s.start_value, s.increment_by,"
    " s.min_value, s.max_value, s.cycle, s.cache_size FROM pg_sequences s",
    "function": "SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid), p.proowner::regrole::text, "
    + _RIGHTS.format(acl="p.proacl", kind="'f'", owner="p.proowner")
    + f", obj_description(p.oid, 'pg_proc') FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND {_OURS}",
    "trigger": "SELECT t.tgrelid::regclass::text, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled::text,"
    " obj_description(t.oid, 'pg_trigger') FROM pg_trigger t WHERE NOT t.tgisinternal",
    "policy": "SELECT schemaname, tablename, policyname, permissive, roles::text, cmd, qual, with_check"
    " FROM pg_policies",
    "view": "SELECT schemaname, viewname, definition FROM pg_views"
    " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    "rule": "SELECT schemaname, tablename, rulename, definition FROM pg_rules"
    " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    "statistics": "SELECT s.stxrelid::regclass::text, s.stxname, s.stxkind::text, (SELECT string_agg(a.attname, ','"
    " ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = s.stxrelid AND a.attnum = ANY (s.stxkeys))"
    " FROM pg_statistic_ext s",
    "type": "SELECT t.oid::regtype::text, t.typtype::text, t.typowner::regrole::text,"
    " (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)"
    f" FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND {_OURS}"
    " WHERE t.typtype <> 'b' AND (t.typrelid = 0"
    " OR (SELECT relkind FROM pg_class WHERE oid = t.typrelid) = 'c')",
}


def dumped(connection: psycopg.Connection[Any]) -> list[str]:
    """Every object as one text, also of what the connection's transaction has not committed."""
    lines = list[str]()
    for kind, query in QUERIES.items():
        lines += sorted(f"{kind} | " + " | ".join(map(str, row)) for row in connection.execute(query).fetchall())
    return lines


if __name__ == "__main__":
    with psycopg.connect(sys.argv[1]) as opened:
        sys.stdout.write("\n".join([*dumped(opened), ""]))
