"""Three digests in one pass against `openssl dgst` run three times, on the same file in memory."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from figures import QUICK, ROUNDS, alternate, figure, machine, note, report, skip

from tutela.media.digests import Digests, digest_stream

SIZE = (64 if QUICK else 512) << 20
NAMES = ("md5", "sha1", "sha256")


def ours(path: Path) -> tuple[str, ...]:
    """Our digests of the file."""
    with path.open("rb", buffering=0) as stream:
        digests: Digests = digest_stream(stream)
    return digests.md5, digests.sha1, digests.sha256


def openssl(path: Path) -> tuple[str, ...]:
    """OpenSSL's digests of the file, one run for each."""
    answers = []
    for name in NAMES:
        command = ["openssl", "dgst", f"-{name}", "-r", str(path)]
        answers.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[0])
    return tuple(answers)


def main() -> None:
    """Check that both agree, then alternate."""
    if shutil.which("openssl") is None:
        skip("openssl is not installed")
    version = subprocess.run(["openssl", "version"], check=True, capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input"
        path.write_bytes(os.urandom(1 << 20) * (SIZE >> 20))
        assert ours(path) == openssl(path)
        times = alternate({"ours": lambda: ours(path), "openssl": lambda: openssl(path)})
    machine()
    note(f"{SIZE >> 20} MiB, {ROUNDS} alternating rounds, {version}")
    mine, theirs = (SIZE / 1e6 / times[name] for name in ("ours", "openssl"))
    note(f"ours {mine:.0f} MB/s")
    figure("digests_ratio", mine / theirs, "×", ">=1", ("openssl_dgst_x3", theirs, "MB/s"))
    report()


if __name__ == "__main__":
    main()
