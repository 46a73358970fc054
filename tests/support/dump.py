"""What a thief of a backup reads: the dump of the database in clear text, and each file next to it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from django.conf import settings

from tests.support.database import superuser
from tutela.app.runtime import backup
from tutela.app.runtime.postgres_binaries import binaries

PASSPHRASE = "a long passphrase for backups"


def dumped(file: Path) -> list[bytes]:
    """Write a backup to a file and open it; the first part is the dump of the database."""
    backup.write(Path(settings.DATA_DIR), superuser(), file, passphrase=PASSPHRASE)
    entries = backup._entries(backup._open(file.read_bytes(), PASSPHRASE, []))
    plain = subprocess.run(
        [str(binaries() / "pg_restore"), "--file=-"], input=entries.pop(backup.DUMP), capture_output=True, check=True
    ).stdout
    return [plain, *entries.values()]
