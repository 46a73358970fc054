"""Somebody tries out whether hashes are in the register: by proposals, files, looks, searches and certifications."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.utils.html import escape

from tests.integration.indicators.imports.test_desk_upload import Desk
from tests.integration.indicators.register.test_register import CLASS, _active, _scheme
from tests.support import holds
from tests.support.cast import Cast
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.events.rate_limits import RateLimit
from tutela.indicators.hashes.errors import KnownItem
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.lifecycle import policy
from tutela.indicators.models import Hold, Indicator
from tutela.indicators.register import certify, propose, search
from tutela.indicators.register.errors import NotTheSameItem, SearchedTooOften
from tutela.indicators.register.proof_of_possession import PossessionProof
from tutela.indicators.safeguards import hold_release, rate_limits
from tutela.indicators.safeguards.errors import HeldForFlood, TooManyRefusals

__all__ = ["_scheme"]
ALERTS = "/desk/indicators/alerts/"


def _try(cast: Cast, value: str, actor: Actor | None = None) -> UUID:
    return propose.propose(
        actor or cast.hotline_ie,
        given=[HashValue("sha256", value)],
        media_type="image",
        classification=CLASS,
        reason="Assessed",
    )


def _person(cast: Cast) -> Actor:
    return replace(cast.hotline_ie, reference=f"person:{uuid4()}")


def _holds(cast: Cast) -> list[Hold]:
    return holds.open_of(cast.centre, cast.hotline_ie.organisation_id)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    hour, lines = (timedelta(hours=1), "hour"), (timedelta(days=1), "lines")
    for name, (window, kind) in {"REFUSALS_PER_HOUR": hour, "REFUSED_LINES_PER_DAY": lines}.items():
        monkeypatch.setattr(rate_limits, name, RateLimit(f"register.refused.{kind}", window, 5))


def test_refused_proposals_are_counted_and_beyond_the_limit_nothing_is_told(cast: Cast, client: object) -> None:
    listed = secrets.token_hex(32)
    _active(cast, listed)
    told = [_refused(lambda: _try(cast, listed)) for _ in range(rate_limits.REFUSALS_PER_HOUR.limit + 20)]
    assert told.count(KnownItem) == rate_limits.REFUSALS_PER_HOUR.limit
    assert told[-19:] == [HeldForFlood] * 19, "held from then on"
    assert _refused(lambda: _try(cast, secrets.token_hex(32))) is HeldForFlood, "new and known are answered alike"
    (hold,) = _holds(cast)
    assert hold.kind == "proposals"
    assert holds.text(hold) in cast.client(cast.centre, "lead").get(ALERTS).content.decode()
    assert _refused(lambda: _active(cast, listed)) is HeldForFlood


def test_the_limit_holds_where_proposals_come_at_the_same_moment(cast: Cast, few: None) -> None:
    listed = secrets.token_hex(32)
    _active(cast, listed)

    def once(_number: int) -> type[TutelaError] | None:
        try:
            return _refused(lambda: _try(cast, listed))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(once, range(24)))
    assert told.count(KnownItem) == 5
    assert len(_holds(cast)) == 1, "one alert"


def test_the_centre_lets_it_go_on_and_counting_begins_anew(cast: Cast, few: None) -> None:
    listed = secrets.token_hex(32)
    _active(cast, listed)
    assert [_refused(lambda: _try(cast, listed)) for _ in range(6)] == [KnownItem] * 5 + [TooManyRefusals]
    (hold,) = _holds(cast)
    hold_release.release(cast.centre, hold.pk, accepted=True, reason="They tidied up their archive")
    assert _refused(lambda: _try(cast, listed)) is KnownItem
    assert _try(cast, secrets.token_hex(32))


def test_limits_pass_with_their_hour_and_other_organisations_have_their_own(cast: Cast, few: None) -> None:
    listed = secrets.token_hex(32)
    _active(cast, listed)
    for _ in range(5):
        assert _refused(lambda: _try(cast, listed)) is KnownItem
    with clock.simulate(clock.now() + timedelta(hours=2)):
        assert _refused(lambda: _try(cast, listed)) is KnownItem
    other = [HashValue("sha256", listed)]
    asked = lambda: propose.propose(  # noqa: E731
        cast.hotline_de, given=other, media_type="image", classification=CLASS, reason="Assessed"
    )
    assert _refused(asked) is KnownItem


def test_a_look_at_a_file_says_nothing_of_the_register(cast: Cast) -> None:
    listed, fresh = secrets.token_hex(32), secrets.token_hex(32)
    _active(cast, listed)
    pages = [Desk(cast).told(f"sha256\n{one}\n", act="look") for one in (listed, fresh)]
    assert all("1 would be proposed, 0 would be refused" in page for page in pages)


def test_known_lines_of_files_are_counted_and_a_file_beyond_the_limit_is_refused_whole(cast: Cast, few: None) -> None:
    known = [secrets.token_hex(32) for _ in range(6)]
    for one in known:
        _active(cast, one)
    desk = Desk(cast)
    fresh = secrets.token_hex(32)
    assert "1 proposed, 4 refused" in desk.told("sha256\n" + "\n".join([fresh, *known[:4]]) + "\n")
    before = desk.stored()
    page = desk.told("sha256\n" + "\n".join([secrets.token_hex(32), *known[4:]]) + "\n")
    assert escape(str(TooManyRefusals())) in page
    assert desk.stored() == before
    assert len(_holds(cast)) == 1


def test_guessing_at_what_an_entry_is_about_is_counted(cast: Cast, few: None) -> None:
    desk = Desk(cast)
    desk.told(f"sha256\n{secrets.token_hex(32)}\n")
    entry = _newest(cast)
    guess = lambda: certify.certify(  # noqa: E731
        cast.hotline_de, entry, PossessionProof([HashValue("sha256", secrets.token_hex(32))])
    )
    assert [_refused(guess) for _ in range(7)] == [NotTheSameItem] * 5 + [TooManyRefusals, HeldForFlood]


def test_searches_for_digests_are_counted(cast: Cast) -> None:
    asked = lambda: search.list_indicators(cast.hotline_ie, search.RegisterFilter(text=secrets.token_hex(32)))  # noqa: E731
    told = [_refused(asked) for _ in range(search.DIGESTS_PER_HOUR.limit + 3)]
    assert told == [None] * search.DIGESTS_PER_HOUR.limit + [SearchedTooOften] * 3
    assert search.list_indicators(cast.hotline_ie, search.RegisterFilter(state="active")), (
        "what is no digest is not counted"
    )
    answer = cast.client(cast.hotline_ie, "analyst").get(f"/desk/indicators/?text={secrets.token_hex(32)}")
    assert answer.status_code == 429


def _newest(cast: Cast) -> UUID:
    from tutela.events.transaction import acting

    with acting(cast.hotline_ie):
        # Other tests propose under a clock that is ahead.
        rows = Indicator.objects.filter(created_at__lte=clock.now())
        return UUID(str(rows.order_by("-created_at").values_list("pk", flat=True)[0]))


def _refused(act: Callable[[], object]) -> type[TutelaError] | None:
    try:
        act()
    except TutelaError as error:
        return type(error)
    return None


def test_one_person_s_repeated_proposals_hold_that_person_and_not_the_colleagues(cast: Cast) -> None:
    listed, mine, colleague = secrets.token_hex(32), _person(cast), _person(cast)
    _active(cast, listed)
    most = rate_limits.REFUSALS_PER_HOUR.limit // 2
    told = [_refused(lambda: _try(cast, listed, mine)) for _ in range(most + 5)]
    assert told == [KnownItem] * most + [TooManyRefusals] + [HeldForFlood] * 4
    assert _refused(lambda: _try(cast, secrets.token_hex(32), mine)) is HeldForFlood
    assert _holds(cast) == []
    (hold,) = holds.open_of(cast.centre, rate_limits.person(mine.organisation_id, mine.reference))
    page = cast.client(cast.centre, "lead").get(ALERTS).content.decode()
    assert escape("one person's proposals") in page
    assert escape(holds.text(hold)) in page
    made = _try(cast, secrets.token_hex(32), colleague)
    assert certify.certify(cast.hotline_de, made)
    told = [_refused(lambda: _try(cast, listed, colleague)) for _ in range(most)]
    assert told == [KnownItem] * (most - 1) + [TooManyRefusals], "together they have no more than the organisation"
    assert len(_holds(cast)) == 1
    for one in (hold, *_holds(cast)):
        hold_release.release(cast.centre, one.pk, accepted=True, reason="A shared archive")
    assert _refused(lambda: _try(cast, listed, mine)) is KnownItem
    assert _try(cast, secrets.token_hex(32), colleague)


def test_one_person_s_flood_holds_that_person_and_what_was_proposed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    organisation = cast.organisation("Flooder", "hotline", "IT")
    flooder, colleague = (replace(organisation, reference=f"person:{uuid4()}") for _ in range(2))
    monkeypatch.setattr(policy, "proposals_per_hour", lambda: 6)
    made = [_try(cast, secrets.token_hex(32), flooder) for _ in range(3)]
    assert _refused(lambda: _try(cast, secrets.token_hex(32), flooder)) is HeldForFlood
    assert _refused(lambda: certify.certify(cast.hotline_de, made[0])) is HeldForFlood
    other = _try(cast, secrets.token_hex(32), colleague)
    assert certify.certify(cast.hotline_de, other)
    (hold,) = holds.open_of(cast.centre, rate_limits.person(flooder.organisation_id, flooder.reference))
    hold_release.release(cast.centre, hold.pk, accepted=True, reason="A yearly transfer")
    assert certify.certify(cast.hotline_de, made[0])
    assert _try(cast, secrets.token_hex(32), flooder)
    assert _try(cast, secrets.token_hex(32), colleague)
    assert _refused(lambda: _try(cast, secrets.token_hex(32), colleague)) is HeldForFlood, "the sixth was the last"
    assert len(holds.open_of(cast.centre, organisation.organisation_id)) == 1
