"""Every task that a domain enqueues by name is one that a worker knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from procrastinate.contrib.django import app

import tutela

SOURCE = Path(tutela.__file__).parent
FILES = sorted(SOURCE.glob("*/enqueue.py"))


def test_every_domain_that_enqueues_is_looked_at() -> None:
    assert len(FILES) >= 5


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_every_task_that_is_enqueued_is_registered(path: Path) -> None:
    names = re.findall(r'(?:configure_task|once|_list)\(\s*"([a-z_.]+)"', path.read_text())
    assert names
    assert not set(names) - set(app.tasks)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_what_enqueues_imports_nothing_of_its_own_domain(path: Path) -> None:
    assert f"from tutela.{path.parent.name}" not in path.read_text()
