"""What triggers keep for lists and counts is what the rows say, whatever wrote them."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from threading import Barrier, Event, Thread
from uuid import UUID

import pytest
from django.db import connection, connections
from django.db.models import Count
from django.db.utils import ProgrammingError

from tests.integration.indicators.register.test_register import CLASS, _active, _propose, _scheme
from tests.support.cast import Cast
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.imports import runner
from tutela.indicators.imports.lines import Defaults
from tutela.indicators.lifecycle import queries
from tutela.indicators.models import IndicatorNow, Revocation, StateTally, Suspension
from tutela.indicators.register import certify, detail, dispute, revoke, search
from tutela.indicators.register import propose as register_propose
from tutela.indicators.web import lifecycle_diagram

__all__ = ["_scheme"]


def _truth(actor: Actor) -> dict[str, int]:
    with acting(actor):
        real = queries.with_state().exclude(queries.TEST_ENTRY)
        found = dict(real.order_by().values_list("state").annotate(Count("pk")))
    return {state: found.get(state, 0) for state in ("proposed", "active", "suspended", "revoked")}


def test_counts_are_those_of_the_rows_before_and_after_they_are_summed_up(cast: Cast, tmp_path: Path) -> None:
    stopped, ended, again = _active(cast), _active(cast), _active(cast)
    _propose(cast.hotline_ie)
    revoke.suspend(cast.actor(cast.centre, "lead"), stopped, "Doubt")
    revoke.revoke(cast.actor(cast.centre, "lead"), ended, "Wrong")
    revoke.suspend(cast.actor(cast.centre, "lead"), again, "Doubt")
    dispute.decide(cast.actor(cast.centre, "lead"), again, upheld=False, reason="No doubt")
    lines = [json.dumps({"hashes": [{"kind": "sha256", "value": secrets.token_hex(32)}]}) for _ in range(7)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    defaults = Defaults(classification=CLASS, reason="Assessed")
    runner.run(cast.hotline_de, tmp_path / "a.jsonl", source="Police", defaults=defaults)
    truth = _truth(cast.hotline_ie)
    assert search.counts(cast.hotline_ie) == truth
    queries.sum_tally(cast.centre)
    assert search.counts(cast.hotline_ie) == truth
    with acting(cast.hotline_ie):
        rows = StateTally.objects.count()
        assert rows == StateTally.objects.values("organisation_id", "state").distinct().count()
        states = IndicatorNow.objects.filter(indicator__in=queries.with_state().exclude(queries.TEST_ENTRY))
        assert dict(states.values_list("state").annotate(Count("pk")).order_by()) == {
            state: count for state, count in truth.items() if count
        }


def test_summing_up_beside_changes_loses_none(cast: Cast) -> None:
    actor, start = cast.hotline_ie, Barrier(3)

    def propose() -> None:
        start.wait()
        for _ in range(6):
            _propose(actor)
        connections.close_all()

    def sum_up() -> None:
        start.wait()
        for _ in range(6):
            queries.sum_tally(cast.centre)
        connections.close_all()

    assert cast.centre
    before = _truth(actor)["proposed"]
    threads = [Thread(target=one) for one in (propose, propose, sum_up)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert search.counts(actor) == _truth(actor)
    assert _truth(actor)["proposed"] == before + 12, "no thread ended early"


def test_two_acts_on_one_indicator_at_the_same_moment_leave_the_counts_right(cast: Cast) -> None:
    """The database alone, without the locks that the register takes."""
    made, lead, started = _active(cast), cast.actor(cast.centre, "lead"), Event()

    def stop() -> None:
        with acting(lead):
            started.set()
            Suspension.objects.create(
                organisation_id=lead.organisation_id, indicator_id=made, round=1, cause="centre", reason="x", by="x"
            )
        connections.close_all()

    thread = Thread(target=stop)
    with acting(lead):
        Revocation.objects.create(organisation_id=lead.organisation_id, indicator_id=made, reason="x", by="x")
        thread.start()
        assert started.wait(20)
        thread.join(1)
        assert thread.is_alive(), "it waits for the row"
    thread.join()
    assert search.counts(lead) == _truth(lead)
    with acting(lead):
        assert IndicatorNow.objects.get(indicator=made).state == "revoked"


def test_nobody_writes_them_by_hand(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    for statement in (
        "UPDATE indicators_indicatornow SET state = 'active'",
        "DELETE FROM indicators_statetally",
        "SELECT indicators_move(ARRAY[]::uuid[])",
    ):
        with pytest.raises(ProgrammingError, match="denied"), acting(cast.hotline_ie), connection.cursor() as cursor:
            cursor.execute(statement)
    assert detail.load_detail(cast.hotline_ie, made).line.state == "proposed"


def _listed(actor: Actor, **wanted: str) -> list[UUID]:
    return [line.id for line in search.list_indicators(actor, search.RegisterFilter(**wanted))[0]]  # type: ignore[arg-type]


def test_each_filter_finds_its_own(cast: Cast) -> None:
    value = secrets.token_hex(32)
    made = _active(cast, value)
    number = detail.load_detail(cast.hotline_ie, made).line.number
    assert _listed(cast.hotline_ie, text=value.upper()) == [made]
    assert _listed(cast.hotline_ie, text=f" {number.lower()} ") == [made]
    assert _listed(cast.hotline_ie, text=value, state="active") == [made]
    assert not _listed(cast.hotline_ie, text=value, state="revoked")
    assert not _listed(cast.hotline_ie, text="nothing of that kind")
    assert made in _listed(cast.hotline_ie, state="active")


def test_what_waits_is_of_others_and_not_certified_in_this_round(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    # However much other tests have proposed.
    monkeypatch.setattr(search, "COUNTED", 10**6)
    mine, theirs = _propose(cast.hotline_ie), _propose(cast.hotline_de)
    neighbour = cast.organisation("Garda", "authority", "IE")
    waiting = _listed(neighbour, state="mine_to_certify")
    assert {mine, theirs} <= set(waiting)
    assert mine not in _listed(cast.hotline_ie, state="mine_to_certify")
    before = search.waiting_for(neighbour)
    certify.certify(neighbour, mine)
    assert search.waiting_for(neighbour) == before - 1
    assert mine not in _listed(neighbour, state="mine_to_certify")


def test_the_start_page_and_a_search_mean_the_same_by_what_waits(cast: Cast) -> None:
    neighbour = cast.organisation("Garda", "authority", "IE")
    plain, certified, again, active = (_propose(cast.hotline_ie) for _ in range(4))
    for one in (certified, again):
        certify.certify(neighbour, one)
    for one in (again, active):
        assert certify.certify(cast.hotline_de, one)
    lead = cast.actor(cast.centre, "lead")
    revoke.suspend(lead, again, "Doubt")
    dispute.decide(lead, again, upheld=False, reason="No doubt")
    held = register_propose.propose(
        cast.hotline_ie,
        given=[HashValue("pdq", f"{(1 << 200) - 1 ^ secrets.randbits(20):064x}", 90, "x")],
        media_type="image",
        classification=CLASS,
        reason="Assessed",
    )
    made = {plain, certified, again, active, held}
    with acting(neighbour):
        searched = set(search._uncertified(neighbour, queries.with_now()).values_list("pk", flat=True))
        asked = set(queries.to_certify(neighbour.organisation_id, 100_000))
    assert searched == asked
    assert asked & made == {plain, again}


def test_the_picture_says_the_counts_as_text_too(cast: Cast) -> None:
    _active(cast)
    page = cast.client(cast.hotline_ie, "analyst").get("/desk/indicators/").content.decode()
    page = " ".join(page.split())
    counts = search.counts(cast.hotline_ie)
    caption = page.partition("<figcaption")[2].partition("</figcaption>")[0]
    assert f"active {counts['active']:,}" in caption
    assert page.count("<svg class=") == 2
    assert "{{" not in page
    life = lifecycle_diagram.lifecycle_diagram(cast.hotline_ie, counts)
    for picture in life.pictures:
        assert {box.code for box in picture.boxes} == {
            "proposed",
            "held",
            "active",
            "suspended",
            "revoked",
            "released",
        }
        assert all(
            box.x + lifecycle_diagram.WIDTH <= picture.width and box.lines[2] <= picture.height for box in picture.boxes
        )


@pytest.mark.parametrize("media", ["image", "video"])
def test_a_type_is_found_by_its_index_and_what_is_none_is_left_out(cast: Cast, media: str) -> None:
    made = _propose(cast.hotline_ie)
    found = [line.id for line in search.list_indicators(cast.hotline_de, search.RegisterFilter(media=media))[0]]
    assert (made in found) is (media == "image")
    for none in ("x", "Image", "image\0", "'"):
        assert made in [
            line.id for line in search.list_indicators(cast.hotline_de, search.RegisterFilter(media=none))[0]
        ]
    with acting(cast.hotline_de), queries.in_index_order():
        plan = search._found(cast.hotline_de, "", "", None, media)[:51].explain()
    # Where nearly all are pictures, the newest of all serve as well.
    assert "indicator_media" in plan or (media == "image" and "indicator_recent" in plan)


def test_a_type_within_a_state_is_what_the_rows_say(cast: Cast) -> None:
    revoke.revoke(cast.actor(cast.centre, "lead"), _active(cast), "Wrong")
    _active(cast)
    _propose(cast.hotline_ie)
    with acting(cast.hotline_de):
        said = set(queries.with_state().values_list("pk", "state", "media_type"))
        kept = set(IndicatorNow.objects.values_list("indicator_id", "state", "media_type"))
    assert said == kept
    for state in ("proposed", "active", "revoked"):
        for media in ("image", "video"):
            lines, more = search.list_indicators(cast.hotline_de, search.RegisterFilter(state=state, media=media))
            expected = {pk for pk, of, kind in said if (of, kind) == (state, media)}
            assert {one.id for one in lines} <= expected
            assert more or len(lines) == len(expected)
    waiting, _more = search.list_indicators(
        cast.hotline_de, search.RegisterFilter(state="mine_to_certify", media="image")
    )
    assert waiting
    assert {(one.state, one.media_type) for one in waiting} == {("proposed", "image")}
