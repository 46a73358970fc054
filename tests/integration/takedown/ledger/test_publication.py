"""Figures are stored once, a provider replies to its own line before they are published, and nobody else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.support.cast import Cast
from tests.support.takedown_world import Hotline
from tutela import clock
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.takedown.errors import AlreadyPublished
from tutela.takedown.ledger import public_figures, publication
from tutela.takedown.ledger.public_figures import PublicLine, PublicQuarter, Quarter
from tutela.takedown.models import FigureQuarter

PAGE = "/desk/hosting/figures/"


@pytest.fixture
def hotline(cast: Cast) -> Hotline:
    return Hotline(cast)


def stored(hotline: Hotline, *names: str) -> UUID:
    """A quarter with a line for each of these providers."""
    lines = [PublicLine(one, 25, None, 30, 90) for one in names]
    quarter = PublicQuarter("2026-W01", "2026-W13", None, 60, None, 30, 90, None, [], lines)
    with acting(hotline.analyst):
        assert publication._stored(hotline.analyst, quarter, clock.now())
        assert not publication._stored(hotline.analyst, quarter, clock.now()), "stored once"
        return FigureQuarter.objects.get(first_week="2026-W01").pk


def test_a_provider_replies_before_publication_and_its_newest_reply_is_published(cast: Cast, hotline: Hotline) -> None:
    lead = cast.actor(cast.pixelpost, "lead")
    name = directory.entry(lead.organisation_id).name
    quarter = stored(hotline, name.upper(), "Other Hosting")
    (line,) = publication.lines_about(lead)
    assert (line.id, line.open, line.reply, line.line.median_hours) == (quarter, True, "", 30)
    publication.reply(lead, quarter, "First words.")
    publication.reply(lead, quarter, "We have a new abuse desk since March.")
    assert publication.published(hotline.analyst) == []
    with clock.simulate(clock.now() + publication.REPLY_WITHIN):
        (shown,) = publication.published(hotline.analyst)
        with pytest.raises(AlreadyPublished):
            publication.reply(lead, quarter, "Too late.")
    assert shown.replies == [(name.upper(), "We have a new abuse desk since March.")]
    assert [one.name for one in shown.figures.providers] == [name.upper(), "Other Hosting"]


def test_nobody_replies_for_another(cast: Cast, hotline: Hotline) -> None:
    lead = cast.actor(cast.pixelpost, "lead")
    quarter = stored(hotline, directory.entry(lead.organisation_id).name)
    other = cast.actor(cast.other_provider, "lead")
    assert publication.lines_about(other) == []
    with pytest.raises(NotFound):
        publication.reply(other, quarter, "It was not us.")
    for actor in (hotline.analyst, cast.actor(cast.pixelpost, "reviewer")):
        with pytest.raises(Forbidden):
            publication.reply(actor, quarter, "x")
    for text in (" ", "x" * 1001):
        with pytest.raises(Invalid) as refused:
            publication.reply(lead, quarter, text)
        assert refused.value.field == "text"


def test_the_page_shows_the_own_line_and_takes_a_reply(cast: Cast, hotline: Hotline) -> None:
    client = cast.client(cast.pixelpost, "lead")
    assert "No hotline has figures about you" in client.get(PAGE).content.decode()
    quarter = stored(hotline, directory.entry(cast.pixelpost.organisation_id).name)
    assert "Save reply" in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"quarter": str(quarter), "text": "Our answer <b>"})["Location"] == PAGE
    assert "Our answer &lt;b&gt;" in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"quarter": "x", "text": "y"}).status_code == 404
    assert cast.client(hotline.machine, "analyst").get(PAGE).status_code == 404


def test_the_newest_complete_quarter_is_the_last_that_is_complete() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for days in range(800):
        moment = at + timedelta(days=days)
        week = public_figures.newest_complete(moment)
        begin = datetime.strptime(week + "-1", "%G-W%V-%u").replace(tzinfo=UTC)
        quarter = Quarter.of_moment(begin)
        following = Quarter.of_moment(datetime.combine(quarter.end, datetime.min.time(), UTC))
        assert quarter.complete <= moment < following.complete
