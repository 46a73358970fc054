"""What a provider's desk makes findable, as its reader sees it."""

from __future__ import annotations

from django.utils import timezone

from tests.support.cast import Cast
from tests.support.detection_world import World
from tutela.casework.search import search
from tutela.casework.search.search import Asked
from tutela.detection.models import Candidate
from tutela.events.transaction import acting


def test_a_candidate_has_its_time_in_the_readers_zone(cast: Cast) -> None:
    world = World(cast)
    made = world.candidate()
    with acting(world.reviewer):
        created = Candidate.objects.get(pk=made).created_at
    titles = set[str]()
    for zone in ("UTC", "Asia/Tokyo"):
        with timezone.override(zone):
            groups = search.search(world.reviewer, Asked(str(made), "assessment")).groups
            (title,) = [one.title for group in groups for one in group.found if one.subject_id == made]
            assert f"{timezone.localtime(created):%Y-%m-%d %H:%M %Z}" in title
            titles.add(title)
    assert len(titles) == 2


def test_the_list_shows_the_age_of_a_candidate_and_its_rule_in_words(cast: Cast) -> None:
    world = World(cast)
    world.candidate()
    page = cast.client(world.provider, "reviewer").get("/desk/candidates/").content.decode()
    cell = page.partition("data-queue")[2].partition("</td>")[0]
    assert "<small>" in cell
    options = page.partition('id="rule"')[2].partition("</select>")[0]
    assert 'value="exact-sha256"' in options or 'value="near-pdq"' in options
    assert ">exact-sha256<" not in options
    assert ">near-pdq<" not in options
