"""Grading by keyboard: nothing is shown before an act, grades spread, near copies follow, views are the own ones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.support.triage_world import authorisation, edited, picture
from tutela.forensics.authorisation import load_authorisation
from tutela.forensics.case_folder.case import Case
from tutela.forensics.errors import GradeError
from tutela.forensics.grades.grade_book import GradeBook, GradeState
from tutela.forensics.pipeline.run import TriageRun
from tutela.forensics.pipeline.start import start_case
from tutela.forensics.viewer.grading_viewer import GradingViewer
from tutela.media import HasherPool, digest_bytes

NOW = datetime(2026, 11, 30, tzinfo=UTC)
SCALE = {"1": "be:1", "2": "be:2"}
ONE = picture(1, form="JPEG", size=(640, 480))
COPY, OTHER = edited(ONE), picture(2, form="JPEG")

type Opened = Callable[..., AbstractContextManager[httpx.Client]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with two copies of one picture, an edit of it, and another picture."""
    root = tmp_path_factory.mktemp("case")
    for name, data in {"a/one.jpg": ONE, "b/one.jpg": ONE, "c.jpg": COPY, "d.jpg": OTHER}.items():
        (root / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "source" / name).write_bytes(data)
    allowed = load_authorisation(authorisation(root / "authorisation.json", root / "source"))
    with (
        start_case(root / "case", allowed, now=NOW, support="call 100", writable_source=True) as case,
        HasherPool(workers=1) as pool,
    ):
        TriageRun(case, pool, 1).run()
    return root / "case"


@pytest.fixture
def case(folder: Path) -> Iterator[Case]:
    with Case(folder) as opened:
        for table in ("grade", "viewing", "violence"):
            opened.connection.execute(f"DELETE FROM {table}")
        yield opened


@pytest.fixture
def opened(case: Case) -> Opened:
    @contextmanager
    def begin(person: str = "Ada", *, second: bool = False) -> Iterator[httpx.Client]:
        viewer = GradingViewer(case, person, SCALE, now=lambda: NOW, second=second)
        thread = threading.Thread(target=viewer.run, daemon=True)
        thread.start()
        with httpx.Client(base_url=viewer.address, follow_redirects=True, trust_env=False) as browser:
            yield browser
            assert browser.post("finish").status_code == 200
        thread.join(10)
        assert not thread.is_alive()

    return begin


def sha256(data: bytes) -> str:
    return digest_bytes(data).sha256


def test_a_picture_is_shown_after_an_act_alone_and_never_stored(opened: Opened, case: Case, folder: Path) -> None:
    before = {path.name for path in folder.rglob("*")}
    with opened() as browser:
        assert "<img" not in browser.get("").text
        assert browser.get("file/0").status_code == 404
        assert "<img" in browser.post(f"show/-/{sha256(COPY)}").text
        shown = browser.get("file/0")
        assert shown.content == COPY
        assert shown.headers["cache-control"] == "no-store"
        browser.post("hide")
        assert browser.get("file/0").status_code == 404
        assert "call 100" in browser.get("").text
    assert {path.name for path in folder.rglob("*")} == before
    assert case.count("SELECT count(*) FROM viewing WHERE person = 'Ada'") == 1


def test_a_grade_spreads_to_copies_and_proposes_near_copies(opened: Opened, case: Case) -> None:
    with opened() as browser:
        browser.post("authenticity/r")
        page = browser.post(f"grade/1/{sha256(COPY)}").text
        assert "be:1 (real): 1 copies. Near copies that follow: 1." in page
        assert "near copy of" in page
        assert f"grade/1/{sha256(ONE)}" in page, "the near copy comes before others, and is not graded"
        assert GradeBook(case).find(sha256(ONE)) is None
        assert "be:1 (real): 2 copies" in browser.post(f"grade/1/{sha256(ONE)}").text


def test_an_undo_brings_the_item_back(opened: Opened, case: Case) -> None:
    with opened() as browser:
        browser.post(f"grade/1/{sha256(COPY)}")
        page = browser.post("undo").text
        assert f"grade/1/{sha256(COPY)}" in page
    assert GradeBook(case).find(sha256(COPY)) is None
    with opened() as browser:
        assert f"grade/1/{sha256(COPY)}" in browser.get("").text


def test_a_late_key_grades_no_other_item(opened: Opened, case: Case) -> None:
    with opened() as browser:
        browser.post(f"grade/1/{sha256(COPY)}")
        browser.post(f"grade/1/{sha256(COPY)}")
        browser.post(f"show/-/{sha256(COPY)}")
        assert browser.get("file/0").status_code == 404
    assert case.count("SELECT count(*) FROM grade") == 1


def test_a_second_person_sees_what_another_graded_and_may_differ(opened: Opened, case: Case) -> None:
    with opened() as browser:
        browser.post(f"grade/1/{sha256(COPY)}")
        browser.post(f"violent/-/{sha256(ONE)}")
    with opened("Ben", second=True) as browser:
        page = browser.get("").text
        assert f"grade/2/{sha256(COPY)}" in page
        page = browser.post(f"grade/2/{sha256(COPY)}").text
        assert "no further item" in page
        assert "Your views: 0 of 0" in page, "views of others are not shown"
    found = GradeBook(case).find(sha256(COPY))
    assert found is not None
    assert found.state is GradeState.DISPUTED
    with opened("Cem") as browser:
        assert "Marked as violent" not in browser.get("").text
        assert "Marked as violent" in browser.post(f"skip/-/{sha256(OTHER)}").text


@pytest.mark.parametrize("scale", [{}, {"q": "be:1"}, {"10": "be:1"}])
def test_a_scale_needs_free_keys(case: Case, scale: dict[str, str]) -> None:
    with pytest.raises(GradeError):
        GradingViewer(case, "Ada", scale, now=lambda: NOW)
