"""Three digests in one pass against `openssl dgst` run three times: MB/s of input, on the same file in memory."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tutela.media.digests import Digests, digest_stream

SIZE = (64 if os.environ.get("QUICK") else 512) << 20
ROUNDS = 5
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


def rate(run: Callable[[Path], tuple[str, ...]], path: Path) -> float:
    """Megabytes a second of one run."""
    start = time.perf_counter()
    run(path)
    return path.stat().st_size / 1e6 / (time.perf_counter() - start)


def main() -> None:
    """Check that both agree, then alternate."""
    if shutil.which("openssl") is None:
        sys.exit("openssl is not installed")
    version = subprocess.run(["openssl", "version"], check=True, capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input"
        path.write_bytes(os.urandom(1 << 20) * (SIZE >> 20))
        assert ours(path) == openssl(path)
        rounds = [(rate(ours, path), rate(openssl, path)) for _ in range(ROUNDS)]
    mine, theirs = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"{SIZE >> 20} MiB, {ROUNDS} alternating rounds, {os.cpu_count()} processors")
    print(f"{version}, Python {sys.version.split()[0]}")
    print(f"FIGURE digests_rate {mine:.0f} MB/s target >={theirs:.0f} peer openssl_dgst_x3 {theirs:.0f} MB/s")


if __name__ == "__main__":
    main()
