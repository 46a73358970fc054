"""Checks that `tutela doctor` makes before Django is set up.

These checks need no database and write nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tutela.app.config import BadSetting, Config, load, unknown
from tutela.app.runtime.embedded_postgres import Cluster


@dataclass(frozen=True)
class Finding:
    """The result of one check: fine or not, what was seen, and how to fix it."""

    name: str
    fine: bool
    seen: str
    fix: str = ""


def examine() -> Iterator[Finding]:
    """Every check in turn; one that fails unexpectedly is a finding too and stops none of the others."""
    for look in CHECKS:
        try:
            yield from look()
        except Exception as error:  # noqa: BLE001 - whatever is wrong, the other checks run
            yield Finding((look.__doc__ or "").rstrip("."), False, f"{type(error).__name__}: {error}", UNEXPECTED)


def installation() -> tuple[Config | None, Finding]:
    """The settings, and a finding whether the data folder holds an installation. Nothing is created in the folder.

    The settings are None if they cannot be read or there is no installation.
    """
    try:
        chosen = load()
    except BadSetting as error:
        return None, Finding("Settings", False, str(error), "Compare the name with docs/settings.md.")
    data = chosen.data.resolve()
    own_server = bool(chosen.secret_key) or (data / "secret.key").exists()
    if own_server if chosen.database_url else Cluster(data).made:
        return chosen, Finding("Data folder", True, str(data))
    seen = f"{data} contains no installation" if data.is_dir() else f"{data} does not exist"
    return None, Finding("Data folder", False, seen, "Check TUTELA_DATA, or run: tutela setup")


def _python() -> Iterator[Finding]:
    """Interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Interpreter", sys.version_info >= (3, 12), f"Python {version}", "Install Python 3.12 or newer.")


def _settings() -> Iterator[Finding]:
    """Settings."""
    for name in unknown():
        yield Finding("Settings", False, f"{name} is not a setting", "Compare the name with docs/settings.md.")


def _kernels() -> Iterator[Finding]:
    """Kernels."""
    from tutela import matching
    from tutela.media.kernels import pdq_kernel

    level = matching.simd_level()
    yield Finding("Search kernel", True, f"SIMD level {level}")
    yield Finding("PDQ kernel", True, f"SIMD level {pdq_kernel.simd_level()}")


def _sandbox() -> Iterator[Finding]:
    """Sandbox of the decoders."""
    from tutela.media import HasherPool

    with HasherPool(workers=1) as pool:
        isolation = str(pool.isolation)
    fine = "bubblewrap" in isolation
    yield Finding("Decoder's sandbox", fine, isolation, "Install bubblewrap: apt install bubblewrap.")


UNEXPECTED = "Report this with the output of TUTELA_DEBUG=1 tutela doctor."
CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (_python, _settings, _kernels, _sandbox)
