"""A real PostgreSQL for the tests: an embedded cluster in a temporary folder, copied from one that the owner migrated.

Tests run as the runtime role, which may neither own tables nor pass row-level security. Nothing is rolled back or
truncated: every test works with organisations of its own, as tenants do.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_started: Path | None = None


def start(kept: Path | None = None) -> Path:
    """Start once a session; returns the data folder. `TUTELA_TEST_DATABASE_URL` (with its owner's) is used if set.

    `kept`: a folder in which the database stays for the next session, as the migrations of today leave it.
    """
    global _started
    if _started is not None:
        return _started
    folder = kept.resolve() if kept else Path(tempfile.mkdtemp(prefix="tutela-test-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    os.environ.update(
        TUTELA_DATA=str(folder),
        DJANGO_SETTINGS_MODULE="tutela.app.settings",
        TUTELA_DEMO="1",
        TUTELA_ALLOWED_HOSTS="testserver,127.0.0.1,localhost",
        TUTELA_PUBLIC_URL="http://127.0.0.1:8000",
        # Decisions take effect at once; tests of undo set another time.
        TUTELA_UNDO_SECONDS="0",
    )
    os.environ.pop("TUTELA_ROLE", None)
    if url := os.environ.get("TUTELA_TEST_DATABASE_URL"):
        os.environ["DATABASE_URL"] = url
        os.environ["TUTELA_OWNER_DATABASE_URL"] = os.environ["TUTELA_TEST_OWNER_DATABASE_URL"]
        migrate = [sys.executable, "-m", "django", "migrate", "--verbosity", "0", "--skip-checks"]
        subprocess.run(migrate, env={**os.environ, "TUTELA_ROLE": "owner"}, check=True)
        if not kept:
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
    else:
        os.environ.pop("DATABASE_URL", None)
        from tests.support import migrated
        from tutela.app.runtime.embedded_postgres import Cluster

        cluster = migrated.again(folder) if Cluster(folder).made else migrated.copied(folder)
        atexit.register(cluster.stop) if kept else atexit.register(_stop, cluster, folder)
        _hurry(cluster.url("postgres", "postgres"))
    _started = folder
    return folder


def _hurry(url: str) -> None:
    """What these tests write need not outlive a power cut; the drills have databases of their own, which do."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {name} = off")
        connection.execute("SELECT pg_reload_conf()")


def durable() -> None:
    """For benches that time what is written: it outlives a power cut again."""
    import psycopg

    with psycopg.connect(superuser("postgres"), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM RESET ALL")
        connection.execute("SELECT pg_reload_conf()")


def superuser(database: str = "tutela") -> str:
    """The address of the embedded database for its own user, whom no policy binds."""
    from tutela.app.runtime.embedded_postgres import Cluster

    return Cluster(start()).url("postgres", database)


def _stop(cluster: object, folder: Path) -> None:
    cluster.stop()  # type: ignore[attr-defined]
    shutil.rmtree(folder, ignore_errors=True)


def django() -> None:
    """Start the database and set Django up."""
    start()
    import django as framework
    from django.conf import settings
    from django.test.utils import setup_test_environment

    if not settings.configured or not framework.apps.apps.ready:
        framework.setup()
        setup_test_environment()
        _share_middleware()
        _no_watchdog()
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _no_watchdog() -> None:
    """A test that imports the server's module watches nothing: on a loaded machine the database seems away at times."""
    from tutela.app.runtime.database_watchdog import LIFELINE

    LIFELINE.watch = lambda: None  # type: ignore[method-assign]


def _share_middleware() -> None:
    """All clients have one chain of middleware, as requests of a server do: making it looks at every static file."""
    from django.conf import settings
    from django.test.client import ClientHandler

    chains: dict[tuple[str, ...], dict[str, object]] = {}
    load = ClientHandler.load_middleware

    def once(self: ClientHandler, is_async: bool = False) -> None:
        key = tuple(settings.MIDDLEWARE)
        if is_async or key not in chains:
            load(self, is_async)
            if not is_async:
                chains[key] = {name: value for name, value in vars(self).items() if name.startswith("_")}
        else:
            vars(self).update(chains[key])

    ClientHandler.load_middleware = once  # type: ignore[method-assign]
