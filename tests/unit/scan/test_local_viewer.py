"""Viewer: one file at a time, for the person on this machine alone, and its seconds counted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tutela.scan import local_viewer
from tutela.scan.local_viewer import LocalViewer, ViewedFile


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Clock:
    return Clock()


@pytest.fixture
def viewer(time: Clock) -> Iterator[LocalViewer]:
    files = [
        ViewedFile("one", "jpeg", b"first"),
        ViewedFile("<two>", "mp4", b"second"),
        ViewedFile("three", "svg", b"<svg>"),
    ]
    made = LocalViewer(files, now=time)
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    yield made
    made.finish()
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def browser(viewer: LocalViewer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=viewer.address, follow_redirects=True, trust_env=False) as client:
        yield client


def test_nothing_is_shown_before_somebody_asks(browser: httpx.Client) -> None:
    page = browser.get("")
    assert "<img" not in page.text
    assert "&lt;two&gt;" in page.text
    assert "a browser does not show it" in page.text, "an SVG could run scripts"
    assert browser.get("file/0").status_code == 404


def test_one_file_is_shown_at_a_time_and_its_seconds_count(
    viewer: LocalViewer, browser: httpx.Client, time: Clock
) -> None:
    assert "<img" in browser.post("show/0").text
    served = browser.get("file/0")
    assert (served.content, served.headers["Content-Type"], served.headers["Cache-Control"]) == (
        b"first",
        "image/jpeg",
        "no-store",
    )
    time.now = 7
    shown = browser.post("show/1")
    assert "muted" in shown.text
    assert browser.get("file/0").status_code == 404
    time.now = 9
    assert "<video" not in browser.post("hide").text
    assert browser.get("file/1").status_code == 404
    assert viewer.seconds == {0: 7, 1: 2, 2: 0}


def test_a_file_that_nobody_hides_is_hidden(viewer: LocalViewer, browser: httpx.Client, time: Clock) -> None:
    browser.post("show/0")
    time.now = local_viewer.LONGEST + 1
    assert browser.get("file/0").status_code == 404
    assert "<img" not in browser.get("").text
    browser.post("hide")
    assert viewer.seconds[0] == local_viewer.LONGEST


def test_what_is_still_shown_counts_when_the_person_finishes(
    viewer: LocalViewer, browser: httpx.Client, time: Clock
) -> None:
    browser.post("show/1")
    time.now = 4
    assert browser.post("finish").text.startswith("Finished")
    assert viewer.seconds[1] == 4


def test_other_pages_other_words_and_other_names_get_nothing(viewer: LocalViewer, browser: httpx.Client) -> None:
    browser.post("show/0")
    place = urlsplit(viewer.address)
    root = f"http://{place.netloc}"
    for path in ("/", "/x/", "/x/file/0", f"{place.path}../file/0"):
        assert httpx.get(root + path, trust_env=False).status_code == 404
    assert httpx.get(viewer.address + "file/0", headers={"Host": "evil.example"}, trust_env=False).status_code == 404
    crossed = httpx.post(viewer.address + "finish", headers={"Origin": "https://evil.example"}, trust_env=False)
    assert crossed.status_code == 404
    for path in ("show/9", "show/-1", "show/x", "show/2"):
        assert "<img" not in browser.post(path).text


def test_the_word_is_in_a_file_that_only_this_person_reads(viewer: LocalViewer) -> None:
    with viewer.door() as door:
        assert viewer.address in door.read_text()
        assert door.stat().st_mode & 0o077 == 0
        assert viewer.address.rsplit("/", 2)[1] not in str(door)
    assert not door.exists()
