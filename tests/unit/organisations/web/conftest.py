"""Some of what is tested here lives with tables: each file runs alone too."""

from __future__ import annotations

from tests.support import database

database.django()
