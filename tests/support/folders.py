"""A folder of a test's own that other users can pass through."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def open_folder() -> Iterator[Path]:
    """Not below pytest's own: every session that begins closes that for other users."""
    with tempfile.TemporaryDirectory(prefix="tutela-open-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder
