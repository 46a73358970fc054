"""The reference part of the documentation, generated from the code each time that it is built."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def django() -> None:
    """Set Django up, unless it is. Nothing asks the database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutela.app.settings")
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody@/none")
    os.environ.setdefault("TUTELA_DATA", tempfile.mkdtemp(prefix="tutela-docs-"))
    import django as framework
    from django.apps import apps

    if not apps.ready:
        framework.setup()


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table. Cells are text, or code where they say so themselves."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(' '.join(cell.replace('|', '\\|').split()) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def code(text: str) -> str:
    """Text as code, or nothing where there is none."""
    return f"`{text}`" if text else ""
