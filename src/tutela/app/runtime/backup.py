"""Backup and restore of the database, keys, releases and checkpoints, in one file sealed with age.

1. The owner dumps the database (pg_dump, one snapshot); keys and files are added. The backup is sealed to a passphrase
   or to age recipients before it reaches the disk.
2. A restore opens the backup into an empty data folder, creates a new cluster with new passwords and loads the dump as
   the owner. Then it runs the migrations and the verifier. A restore never overwrites an existing installation.
"""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

import pyrage

from tutela.app.runtime.embedded_postgres import Cluster
from tutela.app.runtime.postgres_binaries import binaries

# Everything outside the database without which an installation cannot be restored.
FILES_KEPT = ("secret.key", "kek.hex", "blind.hex", "kek.new", "data-keys.json", "checkpoints.jsonl", "releases", "log")
DUMP = "database.dump"
# How often age may measure how fast this machine is: a busy moment is no reason to refuse a backup.
MEASURED = 10
_EXISTS = "{} already exists. Give another name: a backup never overwrites a file."


class CannotRestore(Exception):
    """The backup cannot be restored."""


def write(data: Path, url: str, target: Path, *, passphrase: str = "", recipients: list[str] | None = None) -> int:
    """Write a sealed backup; returns its size in bytes. `url` is the owner's.

    An existing file is never overwritten: it may be the last good backup. Raises `CannotRestore`.
    """
    if target.exists() or target.is_symlink():
        raise CannotRestore(_EXISTS.format(target))
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        _add(tar, DUMP, _dump(url))
        for name in FILES_KEPT:
            path = data / name
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if file.is_file():
                    _add(tar, str(file.relative_to(data)), file.read_bytes())
    sealed = _seal(plain.getvalue(), passphrase, recipients or [])
    try:
        _lay_down(sealed, target)
    except FileExistsError:
        raise CannotRestore(_EXISTS.format(target)) from None
    except OSError as error:
        raise CannotRestore(f"{target}: {error.strerror}") from None
    return len(sealed)


def _lay_down(sealed: bytes, target: Path) -> None:
    """Write a file whole, in place of nothing: another one of this name may have come meanwhile."""
    # Of a name that nobody else has, and for nobody else to read.
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", suffix=".part") as part:
        part.write(sealed)
        part.flush()
        os.fsync(part.fileno())
        try:
            os.link(part.name, target)
        except FileExistsError:
            raise
        except OSError:  # a file system without second names, as of many USB sticks
            _write_new(sealed, target)


def _write_new(sealed: bytes, target: Path) -> None:
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        try:
            out.write(sealed)
            out.flush()
            os.fsync(out.fileno())
        except BaseException:
            target.unlink()
            raise


def restore(source: Path, data: Path, *, passphrase: str = "", identities: list[str] | None = None) -> Cluster:
    """Restore into an empty data folder with a new embedded cluster; returns it, running. Raises `CannotRestore`."""
    if data.exists() and any(data.iterdir()):
        raise CannotRestore(f"{data} is not empty; a restore never overwrites files.")
    files = _entries(_open(_bytes_of(source), passphrase, identities or []))
    dump = files.pop(DUMP, None)
    if dump is None:
        raise CannotRestore("The backup contains no database.")
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in files.items():
        target = data / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
    cluster = Cluster(data)
    cluster.ensure()
    _load(cluster.url("tutela_owner"), dump)
    _forget_workers(cluster.url("tutela_owner"))
    return cluster


def _forget_workers(url: str) -> None:
    """Delete the workers of the backed-up installation, which do not run here; their jobs are taken up again."""
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM procrastinate_workers")


def _bytes_of(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        raise CannotRestore(f"{source}: {error.strerror}") from None


def _entries(plain: bytes) -> dict[str, bytes]:
    """Everything in the backup, read and judged before the first byte is written."""
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content is None or not _safe(member.name):
                raise CannotRestore(f"The backup contains an unexpected entry: {member.name}")
            found[member.name] = content.read()
    return found


def _dump(url: str) -> bytes:
    return _postgres("pg_dump", ["--format=custom", "--no-owner"], url, b"")


def _load(url: str, dump: bytes) -> None:
    # What the system's own functions allow is the new cluster's to say (`embedded_postgres.BOUNDS`), and no owner may
    # set it.
    done = subprocess.run([str(binaries() / "pg_restore"), "--list"], input=dump, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise CannotRestore(f"pg_restore: {done.stderr.decode(errors='replace').strip()[-500:]}")
    kept = [line for line in done.stdout.splitlines(keepends=True) if b" ACL pg_catalog " not in line]
    with tempfile.NamedTemporaryFile() as listed:
        listed.write(b"".join(kept))
        listed.flush()
        options = ["--no-owner", "--exit-on-error", "--single-transaction", f"--use-list={listed.name}"]
        _postgres("pg_restore", options, url, dump)


def _postgres(program: str, arguments: list[str], url: str, given: bytes) -> bytes:
    """Run a program on a database. The password goes by the environment: arguments are for every user to read."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    parts = conninfo_to_dict(url)
    env = {**os.environ, "PGPASSWORD": str(parts.pop("password", ""))}
    command = [str(binaries() / program), *arguments, f"--dbname={make_conninfo('', **parts)}"]
    done = subprocess.run(command, input=given, env=env, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise CannotRestore(f"{program}: {done.stderr.decode(errors='replace').strip()[-500:]}")
    return done.stdout


def _seal(plain: bytes, passphrase: str, recipients: list[str]) -> bytes:
    if recipients:
        return bytes(pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(r) for r in recipients]))
    if len(passphrase) < 12:
        raise CannotRestore("Give a passphrase of at least 12 characters, or an age recipient.")
    return bytes(pyrage.passphrase.encrypt(plain, passphrase))


def _open(sealed: bytes, passphrase: str, identities: list[str]) -> bytes:
    try:
        if identities:
            return bytes(pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(i) for i in identities]))
        return _open_by_passphrase(sealed, passphrase)
    except (pyrage.DecryptError, ValueError):
        raise CannotRestore("The passphrase or identity does not open this backup, or the backup is damaged.") from None


def _open_by_passphrase(sealed: bytes, passphrase: str) -> bytes:
    """age measures this machine each time, and refuses a passphrase that takes sixteen times as long as usual."""
    for _ in range(MEASURED):
        try:
            return bytes(pyrage.passphrase.decrypt(sealed, passphrase))
        except pyrage.DecryptError as error:
            if not str(error).startswith("Excessive work"):
                raise
    raise CannotRestore(
        "This machine is too busy or too slow for the passphrase of this backup. Try again when it is quiet."
        " Or seal the backup for a key, on any machine: age --decrypt BACKUP | age --recipient KEY --output NEW;"
        " then restore NEW with --identity."
    )


def _safe(name: str) -> bool:
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts and path.parts[0] in (*FILES_KEPT, DUMP)


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))
