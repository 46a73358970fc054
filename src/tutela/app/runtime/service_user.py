"""Run web and worker as a separate user when a node is started as root.

1. The user `tutela` is created once. The user owns the data folder's files except those of the database. The passwords
   of the database's owner and superuser are in a folder that only root enters, and the cluster belongs to a third user.
2. The data folder belongs to root and is sticky: the user creates files in it, and cannot move or remove the files of
   others.
3. Web and worker stay root if the user cannot run the program because it is in a folder that only root enters. The same
   applies if the user cannot read a file that a setting names. This is reported. The processes get the same
   environment, and the files are then within their reach.
"""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import sys
from pathlib import Path

from tutela.app import config
from tutela.app.runtime import embedded_postgres, postgres_binaries

USER = "tutela"
# The user makes files here, and everybody may pass through: the database's user does.
MODE = 0o1771
NOT_HANDED_OVER = frozenset({embedded_postgres.PASSWORDS, embedded_postgres.LEGACY, "postgres"})
_PROGRAM = (
    "import os, sys, django, granian, procrastinate, psycopg, tutela.app.runtime.supervisor;"
    " sys.exit(not all(os.access(one, os.R_OK) for one in sys.argv[1:]))"
)


def prepare(data: Path, *more: Path) -> str | None:
    """Prepare the user that runs web and worker, and give that user the files it needs.

    Returns None if they run as the user who starts them. `more` are folders outside of the data folder that they write.
    """
    if os.geteuid() != 0:
        return None
    postgres_binaries.make_user(USER)
    if not _can_run(_named_files()):
        return None
    hand_over(data, *more)
    return USER


class OfAnotherUser(postgres_binaries.DatabaseUnavailable):
    """The installation belongs to another user."""


def refuse_anothers(data: Path) -> None:
    """Raise `OfAnotherUser` where somebody else made the installation, also for root: nothing of it is touched.

    Its database runs as that user, who could not start it again once files of it were another's.
    """
    me = os.geteuid()
    known = [data / embedded_postgres.PASSWORDS, data / embedded_postgres.LEGACY]
    if me == 0 and not any(one.exists() for one in known) and data.exists() and data.stat().st_uid:
        # With a database elsewhere. What is root's was handed over, perhaps to a user of another number.
        known = [data / "secret.key", data / "kek.hex"]
    for other in sorted({one.stat().st_uid for one in known if one.exists()} - {me}):
        name = next((one.pw_name for one in pwd.getpwall() if one.pw_uid == other), f"#{other}")
        raise OfAnotherUser(
            f"The installation in {data} belongs to the user {name}. Run the command as that "
            f"user (sudo -u {name} tutela …). To give the installation to another user, make a "
            f"backup as {name} and restore it as the other user into an empty folder."
        )


def handed_over(data: Path) -> bool:
    """Whether a data folder was handed over: what root adds to it is handed over too."""
    try:
        return os.geteuid() == 0 and data.stat().st_gid == pwd.getpwnam(USER).pw_gid
    except (KeyError, FileNotFoundError):
        return False


def hand_over(data: Path, *more: Path) -> None:
    """Give the user every file of these folders but those of the database."""
    entry = pwd.getpwnam(USER)
    os.chown(data, 0, entry.pw_gid)
    data.chmod(MODE)
    kept = [one for one in data.iterdir() if one.name not in NOT_HANDED_OVER]
    for top in [*kept, *(one for one in more if one.exists())]:
        if (found := top.lstat()) and (stat.S_ISDIR(found.st_mode) or found.st_nlink == 1):
            os.chown(top, entry.pw_uid, entry.pw_gid, follow_symlinks=False)
        if top.is_symlink() or not top.is_dir():
            continue
        # By descriptors, and never through a link: the user may exchange a folder for one at any moment, and what it
        # leads to is not ours to give. Nor is a file that has another name elsewhere.
        for _root, folders, files, at in os.fwalk(top, follow_symlinks=False):
            for name in (*folders, *files):
                found = os.stat(name, dir_fd=at, follow_symlinks=False)
                if stat.S_ISDIR(found.st_mode) or found.st_nlink == 1:
                    os.chown(name, entry.pw_uid, entry.pw_gid, dir_fd=at, follow_symlinks=False)


def groups() -> list[int]:
    """Additional groups of the user: the database's group, for access to its socket."""
    try:
        return [pwd.getpwnam(postgres_binaries.SYSTEM_USER).pw_gid]
    except KeyError:
        return []


def _named_files() -> list[str]:
    """Files and folders that settings name and web and worker read."""
    chosen = config.load()
    named = (chosen.log_policy, chosen.geoip_file, chosen.asn_file, chosen.user_texts, chosen.evidence_periods)
    return [str(Path(one).resolve()) for one in named if one]


def _can_run(files: list[str]) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-c", _PROGRAM, *files],
            user=USER,
            group=USER,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError:  # the interpreter itself lies where root alone enters
        return False
    return done.returncode == 0
