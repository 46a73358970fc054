"""The page of releases: every one of them, a part at a time, found and in order, at a price that does not grow."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.integration.indicators.register.test_register import _active, _scheme
from tests.support.cast import Cast
from tutela.events.errors import Forbidden
from tutela.events.list_access import ListPage
from tutela.events.transaction import acting
from tutela.indicators.models import Release
from tutela.indicators.releases import head as releases_head
from tutela.indicators.releases import history, publish, release_lists

__all__ = ["_scheme"]
PAGE = "/desk/indicators/releases/"


def _made(cast: Cast, count: int) -> list[Release]:
    """Releases, the newest first."""
    made = list[Release]()
    for _ in range(count):
        _active(cast)
        publish.publish(cast.centre)
        with acting(cast.centre):
            made.append(history.history(1)[0])
    return made[::-1]


def test_every_release_is_reached_found_and_ordered(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_lists, "PER_PAGE", 2)
    made = _made(cast, 5)
    lead = cast.actor(cast.centre, "lead")
    pages = [release_lists.list_releases(lead, ListPage(number)) for number in (1, 2, 3)]
    assert [one.row for rows, _more in pages for one in rows][:5] == made
    assert [more for _rows, more in pages][:2] == [True, True]
    third = made[2]
    assert third in [one.row for one in release_lists.list_releases(lead, find=str(third.version))[0]]
    # Versions that say what they change have the same snapshot.
    found = release_lists.list_releases(lead, ListPage(file=True), find=third.snapshot_sha256[:40].upper())[0]
    assert third in [one.row for one in found]
    assert {one.row.snapshot_sha256 for one in found} == {third.snapshot_sha256}
    assert release_lists.list_releases(lead, find="no such")[0] == []
    entries = [each.row.entries for each in release_lists.list_releases(lead, ListPage(sort="-entries", file=True))[0]]
    assert entries == sorted(entries, reverse=True)
    with pytest.raises(Forbidden):
        release_lists.list_releases(cast.actor(cast.pixelpost, "lead"))


def test_what_waits_is_told_from_what_is_announced(cast: Cast) -> None:
    (made,) = _made(cast, 1)
    with acting(cast.centre):
        head = releases_head.newest_head()
    newest, lead = head.version if head else 0, cast.actor(cast.centre, "lead")
    every = ListPage(file=True)
    waiting, announced = (
        {one.row.version for one in release_lists.list_releases(lead, every, state=state)[0]}
        for state in ("waiting", "announced")
    )
    assert all(version > newest for version in waiting)
    assert all(version <= newest for version in announced)
    assert made.version in waiting | announced


def test_the_page_asks_as_much_for_many_as_for_one(cast: Cast) -> None:
    browser = cast.client(cast.centre, "lead")
    _made(cast, 1)

    def questions() -> int:
        with CaptureQueriesContext(connection) as found:
            assert browser.get(PAGE).status_code == 200
        return len(found)

    questions()
    before = questions()
    made = _made(cast, 4)
    assert questions() == before
    page = browser.get(PAGE, {"find": str(made[1].version), "grants-find": "x"}).content.decode()
    versions = re.findall(r'<td[^>]*class="number"[^>]*>(\d+)</td>', page.partition("Recipients</")[0])
    assert str(made[1].version) in versions
    assert str(made[0].version) not in versions
    assert 'name="grants-find" value="x"' in page
    assert made[0].snapshot_sha256 in browser.get(PAGE, {"format": "csv"}).content.decode()
