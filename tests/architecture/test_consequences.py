"""Every page that changes something says how its act is kept from happening by accident (`consequences.txt`)."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from tests.support.access import named_routes
from tutela.organisations.web import confirmation, page_access
from tutela.organisations.web.confirmation import Consequence

GOLDEN = Path(__file__).parents[1] / "golden" / "consequences.txt"
REASONS = {
    "record",
    "caution",
    "page-undo",
    "second-person",
    "file-check",
    "hardware-key",
    "own",
    "repeat",
    "machine",
    "person",
}
WRITING = {name: view for name, view in named_routes() if view.write_permission}
PREVIEWED = (Consequence.CONFIRM, Consequence.FINAL)
CONFIRMATION, ACCESS = Path(confirmation.__file__), Path(page_access.__file__)
# What waits by another clock than that of undo: a notice is queued for ten seconds and can be cancelled.
GRACE = {"takedown_notice", "takedown_notice_release"}


def _golden() -> dict[str, list[str]]:
    lines = [line.split() for line in GOLDEN.read_text().splitlines() if line and not line.startswith("#")]
    return {name: said for name, *said in lines}


def test_every_page_that_changes_something_stands_in_the_golden_file() -> None:
    found = {name: getattr(view, "consequence", "direct") for name, view in WRITING.items()}
    assert {name: said[0] for name, said in _golden().items()} == found, "review what the act does, then say it there"


def test_act_without_undo_and_preview_has_a_reason() -> None:
    assert {tuple(said[1:]) for said in _golden().values() if said[0] == "direct"} == {(one,) for one in REASONS}
    assert all(len(said) == 1 for said in _golden().values() if said[0] != "direct")


@pytest.mark.parametrize("name", [n for n, v in WRITING.items() if getattr(v, "consequence", "") in PREVIEWED])
def test_preview_stands_before_everything_but_access(name: str) -> None:
    """Whatever the page does, it does in the trial."""
    files = [Path(one.__code__.co_filename) for one in _layers(WRITING[name])]
    before = files[: files.index(CONFIRMATION)]
    assert all(one == ACCESS or "django" in one.parts for one in before), before


@pytest.mark.parametrize("name", [n for n, v in WRITING.items() if getattr(v, "consequence", "") == Consequence.UNDO])
def test_act_with_undo_waits(name: str) -> None:
    source = inspect.getsource(inspect.getmodule(inspect.unwrap(WRITING[name])) or inspect)
    assert name in GRACE or "delayed_actions" in source, f"{name} says that it waits, and does not"


def _layers(view: Any) -> list[Any]:
    """The functions from the decorators to the page, the outermost first."""
    found = [view]
    while hasattr(found[-1], "__wrapped__"):
        found.append(found[-1].__wrapped__)
    return found
