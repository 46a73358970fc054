"""What the reference of lawful pictures keeps out is counted, by organisation and gate, and a page shows it."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest

from tests.integration.indicators.hashes.test_lawful_reference import _load, _near, _offer
from tests.integration.indicators.hashes.test_video_frames_register import HashLine, _like_lawful, film, propose
from tests.integration.indicators.register.test_register import CLASS, _scheme
from tests.support.cast import Cast
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden
from tutela.events.transaction import acting
from tutela.exchange.register.video_frames import Film
from tutela.indicators.hashes import builtin_reference, refusal_counts
from tutela.indicators.hashes.errors import MostlyJudged, MostlyLawful, ResemblesLawful
from tutela.indicators.imports import runner
from tutela.indicators.imports.lines import Defaults
from tutela.indicators.models import ReferenceRefusals

__all__ = ["_scheme"]
PAGE = "/desk/indicators/lawful/"


@pytest.fixture
def lead(cast: Cast) -> Actor:
    return cast.actor(cast.centre, "lead")


def _counted(actor: Actor, of: Actor) -> dict[str, int]:
    said = refusal_counts.list_refusals(actor)
    return {one.gate: one.entries for one in said if one.organisation == of.organisation_name}


def test_proposals_imports_and_videos_are_counted_and_the_centre_sees_whose(
    cast: Cast, lead: Actor, tmp_path: Path
) -> None:
    look, mine = secrets.token_hex(32), cast.hotline_ie
    _load(lead, look)
    for value in (look, _near(look), builtin_reference.shipped().looks[7].hex()):
        with pytest.raises(ResemblesLawful):
            _offer(mine, "pdq", value)
    _offer(mine, "pdq", secrets.token_hex(32))
    with pytest.raises(MostlyLawful):
        propose(cast, HashLine([], Film((*film(12).looks, *map(_like_lawful, range(4))), 12.0)))
    file = tmp_path / "a.jsonl"
    values = (look, secrets.token_hex(32), builtin_reference.canaries()[0]["pdq"])
    lines = [{"hashes": [{"kind": "pdq", "value": value, "quality": 90}]} for value in values]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    told = Defaults(classification=CLASS, reason="Assessed")
    assert runner.run(mine, file, source="A list", defaults=told, dry_run=True).refused == 2
    for _ in range(2):
        runner.run(mine, file, source="A list", defaults=told)
    expected = {"proposal": 3, "video": 1, "import": 2}
    assert _counted(lead, mine) == expected, "a dry run is none, nor is the same line tried again"
    assert _counted(cast.actor(mine, "analyst"), mine) == expected
    assert _counted(cast.actor(cast.hotline_de, "analyst"), mine) == {}, "of others the Centre alone sees it"
    with acting(mine):
        assert ReferenceRefusals.objects.count() == 3, "a row a gate and day"


def test_what_was_judged_is_not_counted_as_lawful() -> None:
    assert refusal_counts.lawful(ResemblesLawful())
    assert refusal_counts.lawful(MostlyLawful(count=4, shown=9))
    assert not refusal_counts.lawful(MostlyJudged(count=4, shown=9))


def test_the_page_says_what_there_is_where_it_is_asked_and_what_it_refused(cast: Cast, lead: Actor) -> None:
    look = secrets.token_hex(32)
    made = _load(lead, look)
    with pytest.raises(ResemblesLawful):
        _offer(cast.hotline_ie, "pdq", look)
    page = cast.client(cast.centre, "lead").get(PAGE).content.decode()
    house = builtin_reference.shipped()
    for said in (
        made.sha256,
        f"<dd>{made.entries}</dd>",
        house.sha256,
        house.archive,
        "A museum",
        str(made.load),
        cast.hotline_ie.organisation_name,
        "the frames of a proposed video",
        "tutela reference load",
    ):
        assert said in page, said
    german = cast.client(cast.hotline_de, "analyst")
    page = german.get(PAGE).content.decode()
    assert cast.hotline_ie.organisation_name not in page
    assert "Nothing has been refused as lawful" in page
    assert "No results" in german.get(f"{PAGE}?find=nothing").content.decode()
    parts = german.get(f"{PAGE}?format=csv").content.decode().splitlines()
    assert parts[0] == "source,licence,hashes,loaded"
    assert any(line.startswith("openclipart-png") for line in parts)
    assert german.get(f"{PAGE}?format=out-csv").content.decode().startswith("organisation,gate")
    assert cast.client(cast.pixelpost, "lead").get(PAGE).status_code == 404
    with pytest.raises(Forbidden):
        refusal_counts.list_refusals(cast.pixelpost)
