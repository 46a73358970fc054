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
from tutela.indicators.releases import builder, history, publish, release_lists
from tutela.indicators.releases import head as releases_head

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
    digest = third.changes_sha256 or third.snapshot_sha256
    found = release_lists.list_releases(lead, ListPage(file=True), find=digest[:40].upper())[0]
    assert third in [one.row for one in found]
    assert {one.digest for one in found} == {digest}
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
    digest = made[0].changes_sha256 or made[0].snapshot_sha256
    assert digest in browser.get(PAGE, {"format": "csv"}).content.decode()


def test_no_two_releases_show_one_digest(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes have the digest of their own bytes, and a list that is published unchanged names the earlier version."""
    changed = _made(cast, 3)
    publish.republish(cast.centre)
    monkeypatch.setattr(builder, "possible", lambda *_args: False)
    whole, again = publish.republish(cast.centre), publish.republish(cast.centre)
    assert whole is not None
    assert again is not None
    rows, _more = release_lists.list_releases(cast.actor(cast.centre, "lead"), ListPage(file=True))
    shown = {one.row.version: one for one in rows}
    for row in changed[:-1]:
        one = shown[row.version]
        manifest = history.manifest(row)
        assert manifest.changes is not None
        assert (one.digest, one.base) == (manifest.changes.sha256, manifest.changes.base)
        assert one.digest != row.snapshot_sha256
    assert (shown[whole.version].base, shown[whole.version].digest) == (whole.version, whole.snapshot_sha256)
    assert again.snapshot_sha256 == whole.snapshot_sha256
    assert shown[again.version].same_as is not None
    digests = [one.digest for one in rows if one.same_as is None]
    assert len(digests) == len(set(digests))
    page = cast.client(cast.centre, "lead").get(PAGE).content.decode()
    codes = re.findall(r"<code>([0-9a-f]{64})</code>", page)
    assert codes
    assert len(codes) == len(set(codes))
    assert f"changes since version {shown[changed[0].version].base}" in page
    assert f"same content as version {shown[again.version].same_as}" in page
