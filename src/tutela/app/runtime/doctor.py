"""Command `tutela doctor`: check an installation and say how to fix what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error as DatabaseError
from django.db.utils import OperationalError

from tutela import clock
from tutela.accountability.public_log import status
from tutela.app.runtime import health, service_user
from tutela.app.runtime.machine_checks import UNEXPECTED, Finding
from tutela.casework import geolocation
from tutela.detection.notices import sentences
from tutela.events import sql_files
from tutela.events.sql_files import RUNTIME_ROLE
from tutela.organisations.keys import pkcs11, signing
from tutela.organisations.people import clock_monitor, directory

CLOCK_SKEW_SECONDS = 5
CHMOD = "Run chmod 0711 (or 0700) on the data folder."
DISK_FREE_BYTES = 2 * 1024**3
# Debian brings a new table with every release of tor, every few weeks to months.
OLD_PLACES = timedelta(days=270)


def examine(*, errors: bool = True) -> Iterator[Finding]:
    """Every look in turn; one that fails unexpectedly is a finding too and stops none of the others.

    Without `errors`, a finding names only the type of an error: its message may contain an address or a path.
    """
    for look in CHECKS:
        try:
            yield from look()
        except DatabaseError as error:
            name = (look.__doc__ or "").rstrip(".")
            fix = FIXES.get(name, UNREACHABLE)
            if isinstance(error, OperationalError) and name != "Database":
                fix = UNREACHABLE
            yield Finding(name, False, str(error).splitlines()[0] if errors else type(error).__name__, fix)
        except Exception as error:  # noqa: BLE001 - whatever is wrong, the other checks run
            seen = f"{type(error).__name__}: {error}" if errors else type(error).__name__
            yield Finding((look.__doc__ or "").rstrip("."), False, seen, UNEXPECTED)


def _database() -> Iterator[Finding]:
    """Database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_user, clock_timestamp()")
        version, role, now = cursor.fetchone() or (0, "", datetime.now(UTC))
        yield Finding(
            "Database", version >= 160000, f"PostgreSQL {version // 10000}", "Install PostgreSQL 16 or newer."
        )
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        flags = cursor.fetchone()
        fine = flags == (False, False) and role == RUNTIME_ROLE
        yield Finding("Runtime role", fine, f"{role}, superuser or bypass: {flags}", f"Connect as {RUNTIME_ROLE}.")
        cursor.execute(
            "SELECT has_function_privilege('lo_create(oid)', 'EXECUTE'), current_setting('temp_file_limit') = '-1'"
        )
        objects, unlimited = cursor.fetchone() or (True, True)
        said = f"large objects {'allowed' if objects else 'refused'}, temporary files {'un' * unlimited}limited"
        yield Finding("Runtime role limits", not (objects or unlimited), said, "Run the SQL in README.md.")
    skew = abs((datetime.now(UTC) - now).total_seconds())
    yield Finding(
        "Clock",
        skew < CLOCK_SKEW_SECONDS,
        f"{skew:.1f} s difference to the database",
        "Run an NTP client on both machines.",
    )
    for at, seconds in clock_monitor.moves(timedelta(days=1)):
        seen = f"moved by {seconds:+.0f} s at {at:%Y-%m-%d %H:%M} UTC"
        yield Finding("Clock", False, seen, "Read docs/howto/outages.md. This finding is shown for 24 hours.")


def _migrations() -> Iterator[Finding]:
    """Migrations."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    yield Finding("Migrations", not plan, f"{len(plan)} pending", "Run: tutela migrate")
    if unknown := sql_files.unknown_migrations():
        yield Finding(
            "Migrations", False, f"{len(unknown)} from another version", "Run: tutela migrate, and follow its message."
        )


def _isolation() -> Iterator[Finding]:
    """Row-level security."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE a.attname = 'organisation_id' AND c.relkind = 'r'"
            " AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
        )
        open_tables = {row[0] for row in cursor.fetchall()} - EXEMPT
    seen = ", ".join(sorted(open_tables)) or "enabled on every tenant table"
    yield Finding("Row-level security", not open_tables, seen, "Run: tutela migrate")


def _keys() -> Iterator[Finding]:
    """Keys."""
    # The node's own organisation: a Centre that was joined keeps its keys on its own node.
    owner = directory.founder()
    uses = (
        ("receipt", "release", "checkpoint", "log", "values") if owner and owner.kind == "centre" else ("checkpoint",)
    )
    for use in uses if owner else ():
        current = [k for k in signing.public_keys(owner.id, use) if k.state == "current"]  # type: ignore[union-attr]
        yield Finding(
            f"Key: {use}", bool(current), current[0].key_id[:16] if current else "none", f"tutela keys create {use}"
        )
    if pkcs11.configured():
        wrong = pkcs11.trouble()
        yield Finding("Token", not wrong, wrong or settings.PKCS11_TOKEN, "docs/howto/keys-in-a-token.md")
    # Handed over, its group is that of web and worker alone, which make files in it.
    others = 0o006 if service_user.handed_over(settings.DATA_DIR) else 0o066
    yield Finding(
        "Data folder",
        settings.DATA_DIR.stat().st_mode & others == 0,
        str(settings.DATA_DIR),
        CHMOD,
    )


def _proxies() -> Iterator[Finding]:
    """Visitors' addresses behind a proxy."""
    named = bool(settings.TRUSTED_PROXIES) or not settings.CONFIG.behind_tls
    seen = settings.TRUSTED_PROXIES or ("none" if settings.CONFIG.behind_tls else "no TLS")
    yield Finding("Proxies", named, seen, "Enter your proxy in TUTELA_TRUSTED_PROXIES, such as 127.0.0.1/32.")


def _room() -> Iterator[Finding]:
    """Room on the disk."""
    for name, folder in health.places():
        free = health.free_bytes(folder) or 0
        seen = f"{name}: {free // 1024**3} GiB free"
        yield Finding("Disk", free > DISK_FREE_BYTES, seen, "Free disk space; intake stops on a full disk.")


def _backup() -> Iterator[Finding]:
    """Backup."""
    age = health.backup_age()
    seen = f"written {age.at:%Y-%m-%d %H:%M} UTC, {age.days} days ago" if age.at else "none written yet"
    wanted = bool(settings.CONFIG.backup_days)
    good = not wanted or (age.at is not None and not age.overdue)
    yield Finding("Backup", good, seen, "Run: tutela backup FILE. See docs/howto/backup.md.")


def _log() -> Iterator[Finding]:
    """Public log."""
    try:
        state = status.state()
    except (OSError, ValueError) as error:
        yield Finding("Public log", False, f"{type(error).__name__}: {error}", "Fix the file TUTELA_LOG_POLICY.")
        return
    if state is None:
        return
    if state.behind:
        seen = f"{state.size} entries, but its witnesses have signed {state.behind} more: restored from an older copy"
        yield Finding("Public log", False, seen, "Run: tutela log catch-up SOURCE (a copy of the log's files).")
    elif state.stopped:
        seen = f"{state.size} entries; the quorum needs {state.fewest} witnesses: nothing is added to lists"
        yield Finding("Public log", False, seen, TWO_WITNESSES)
    else:
        seen = f"{state.size} entries, quorum {state.quorum}, {state.waiting} pending"
        if state.few:
            seen += "; fewer than two witnesses: a trial, by TUTELA_LOG_TRIAL or TUTELA_DEMO"
        yield Finding(
            "Public log", not state.delayed, seen, "Contact the witnesses; nothing is added to lists without them."
        )
        if not state.few and not state.shared:
            yield Finding("Public log: quorum", False, "two quorums can have no witness in common", MORE_THAN_HALF)


def _places() -> Iterator[Finding]:
    """Countries of addresses."""
    fix = "Install tor-geoipdb, or enter a MaxMind DB file in TUTELA_GEOIP_FILE."
    try:
        found = geolocation.current()
        geolocation.check_found()
    except (OSError, ValueError) as error:
        yield Finding("Countries of addresses", False, f"{type(error).__name__}: {error}", fix)
        return
    seen = found.edition or "no table: no country is known for any address"
    old = found.day is not None and clock.now().date() - found.day > OLD_PLACES
    yield Finding("Countries of addresses", bool(found.edition) and not old, seen + (" (old)" if old else ""), fix)


def _texts() -> Iterator[Finding]:
    """Texts for users."""
    try:
        found = sentences.load(settings.USER_TEXTS).values()
    except sentences.BadText as error:
        yield Finding("Texts for users", False, str(error), "Fix the file in the folder TUTELA_USER_TEXTS.")
        return
    own, unread = sum(one.own for one in found), sum(not one.read_by for one in found)
    seen = f"{len(found)} languages, {own} of them your own; {unread} not reviewed by a speaker of the language"
    yield Finding("Texts for users", True, seen)


def _work() -> Iterator[Finding]:
    """Worker and sequencer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute'")
        workers = (cursor.fetchone() or (0,))[0]
        cursor.execute("SELECT accountability_waiting()")
        waiting = (cursor.fetchone() or (0,))[0]
    yield Finding(
        "Worker", workers > 0, f"{workers} alive", "Run: tutela serve (or python -m tutela.app.runtime.worker)"
    )
    yield Finding("Sequencer", waiting < 10_000, f"{waiting} events pending", "Start a worker.")


TWO_WITNESSES = (
    "Enter two independent witnesses and a quorum of two in TUTELA_LOG_POLICY, and give every "
    "Edge the new policy. If nobody relies on the lists, set TUTELA_LOG_TRIAL=1."
)
MORE_THAN_HALF = (
    "Require more than half of the witnesses in TUTELA_LOG_POLICY, and give every Edge the new "
    "policy. Otherwise the log could show two different views, each with a quorum."
)
UNREACHABLE = "See the finding about the database."
FIXES = {
    "Database": "Start the database, and check DATABASE_URL (or the log in TUTELA_DATA/postgres).",
    "Keys": "Run: tutela migrate",
    "Worker and sequencer": "Run: tutela migrate",
}
EXEMPT = {
    "organisations_contact",
    "organisations_invitation",
    "organisations_person",
    "organisations_apikey",
    "organisations_signingkey",
    "organisations_recipientkey",
    "organisations_organisationstatus",
    "organisations_approvalrule",
}
CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _database,
    _migrations,
    _isolation,
    _keys,
    _proxies,
    _room,
    _backup,
    _log,
    _places,
    _texts,
    _work,
)
