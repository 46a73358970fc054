"""A sample of the register, reviewed again by those who hold the items, without what was said before."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection

from tests.integration.indicators.register.test_register import CLASS, _scheme, _state
from tests.support.cast import Cast
from tutela import clock
from tutela.events import record
from tutela.events.actor import Actor
from tutela.events.errors import Conflict, Forbidden, Invalid, NotFound
from tutela.events.transaction import acting
from tutela.indicators import jobs
from tutela.indicators.audits import blind_review, results, sample_selection
from tutela.indicators.hashes import encryption
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.integrity import signing
from tutela.indicators.lifecycle import dispute_list, queries
from tutela.indicators.models import AuditAnswer, AuditDraw, AuditItem, IndicatorHash
from tutela.indicators.register import certify, detail, dispute, propose, revoke, search

__all__ = ["_scheme"]


def _active(cast: Cast, *, by: Actor | None = None) -> UUID:
    given = [HashValue("sha256", secrets.token_hex(32))]
    made = propose.propose(
        by or cast.hotline_ie, given=given, media_type="image", classification=CLASS, reason="Assessed"
    )
    assert certify.certify(cast.hotline_de, made)
    return made


@pytest.fixture
def later() -> Iterator[None]:
    """Two minutes later: what was activated just now is settled."""
    now = clock.now()
    with clock.simulate(lambda: now + timedelta(minutes=2)):
        yield


def _items(actor: Actor, sample: UUID) -> list[UUID]:
    with acting(actor):
        return list(AuditItem.objects.filter(sample=sample).order_by("place").values_list("indicator_id", flat=True))


def _item(actor: Actor, sample: UUID, indicator: UUID) -> UUID:
    with acting(actor):
        return UUID(str(AuditItem.objects.get(sample=sample, indicator=indicator).pk))


def _whole(lead: Actor) -> UUID:
    """A sample of everything that is active, so that it holds what this test made."""
    return sample_selection.draw(lead, sample_selection.MOST_SELECTED, "Quarterly")


def test_a_sample_is_what_its_seed_says_and_stays_so(cast: Cast) -> None:
    made = [_active(cast) for _ in range(6)]
    lead, now = cast.actor(cast.centre, "lead"), clock.now()
    with clock.simulate(lambda: now + timedelta(minutes=2)):
        sample = sample_selection.draw(lead, 4, "Quarterly")
        shown, found = results.load_sample(lead, sample)
        assert (len(_items(lead, sample)), shown.row.size, found) == (4, 4, [])
        with acting(lead):
            everything = list(queries.active_at(shown.row.moment))
            mine = set(queries.with_state().filter(state="active").values_list("pk", flat=True))
        assert sample_selection.rank(shown.row.seed, everything, 4) == _items(lead, sample)
        assert len(everything) == len(set(everything))
        # Other tests have activated entries at moments that are still to come.
        assert set(made) <= set(everything) <= mine
    with clock.simulate(lambda: now + timedelta(days=9)):
        revoke.revoke(lead, made[0], "Wrong")
        _active(cast)
        auditor = cast.actor(cast.auditor, "auditor")
        assert sample_selection.drawn_again(auditor, sample), "whatever became active or ended since"
        assert results.load_sample(lead, sample_selection.draw(lead, 4, "Again"))[0].row.seed != shown.row.seed


def test_only_the_active_is_drawn(cast: Cast) -> None:
    lead = cast.actor(cast.centre, "lead")
    suspended, revoked, good = _active(cast), _active(cast), _active(cast)
    proposed = propose.propose(
        cast.hotline_ie,
        given=[HashValue("sha256", secrets.token_hex(32))],
        media_type="image",
        classification=CLASS,
        reason="Assessed",
    )
    revoke.suspend(lead, suspended, "Doubt")
    revoke.revoke(lead, revoked, "Wrong")
    now = clock.now()
    with clock.simulate(lambda: now + timedelta(minutes=2)):
        drawn = set(_items(lead, _whole(lead)))
    assert good in drawn
    assert not drawn & {suspended, revoked, proposed}


def test_who_holds_the_item_is_asked_once_and_not_who_certified_it(cast: Cast) -> None:
    person = cast.actor(cast.hotline_ie, "analyst")
    made = _active(cast, by=person)
    lead, now = cast.actor(cast.centre, "lead"), clock.now()
    with clock.simulate(lambda: now + timedelta(minutes=2)):
        item = _item(lead, sample := _whole(lead), made)
        with pytest.raises(NotFound):
            blind_review.answer(person, item, "belongs", CLASS)
        stranger = cast.actor(cast.organisation("Meldpunt", "hotline", "FI"), "analyst")
        with pytest.raises(NotFound):
            blind_review.answer(stranger, item, "belongs", CLASS)
        assert blind_review.following(stranger) is None
        colleague = cast.actor(cast.hotline_ie, "analyst")
        assert blind_review.count_waiting(colleague) == blind_review.count_waiting(person) + 1
        blind_review.answer(colleague, item, "belongs", CLASS)
        with pytest.raises(Conflict):
            blind_review.answer(cast.actor(cast.hotline_ie, "analyst"), item, "not", note="Another person")
        with pytest.raises(Forbidden):
            blind_review.answer(lead, item, "belongs", CLASS)
        with acting(lead):
            (said,) = AuditAnswer.objects.filter(item=item)
        assert (said.finding, said.blind) == ("belongs", True)
        shown, found = results.load_sample(lead, sample)
        assert (shown.answered >= 1, found, shown.wrong) == (True, [], None), "no answer is seen before it is closed"


def test_an_answer_says_what_and_why(cast: Cast) -> None:
    made = _active(cast)
    lead, now = cast.actor(cast.centre, "lead"), clock.now()
    with clock.simulate(lambda: now + timedelta(minutes=2)):
        item = _item(lead, _whole(lead), made)
        reviewer = cast.actor(cast.hotline_de, "analyst")
        for finding, words, field in (
            ("maybe", {}, "finding"),
            ("not", {}, "note"),
            ("belongs", {"classification": "no:such"}, "classification"),
        ):
            with pytest.raises(Invalid) as refused:
                blind_review.answer(reviewer, item, finding, **words)
            assert refused.value.field == field
        with pytest.raises(NotFound):
            blind_review.answer(reviewer, uuid4(), "cannot_say")


def _page(colleague: Actor, made: UUID) -> None:
    detail.load_detail(colleague, made)


def _search(colleague: Actor, made: UUID) -> None:
    with acting(colleague):
        row = IndicatorHash.objects.filter(indicator=made, kind="sha256").get()
        value = encryption.opened(row)
    assert [line.id for line in search.list_indicators(colleague, search.RegisterFilter(text=value))[0]] == [made]


def _certifications(colleague: Actor, made: UUID) -> None:
    signing.file_of(colleague, made)


def _erased(colleague: Actor, made: UUID) -> None:
    """It looked at a list, and its organisation erased what was on it."""
    _search(colleague, made)
    with acting(colleague):
        (last, *_) = record.search(colleague, record.EventFilter(kind="indicator.listed"), limit=1)
        record.erase_facts(colleague, last.id, "They must go")


@pytest.mark.parametrize(
    ("look", "blind"),
    [
        (_erased, False),
        (_page, False),
        (_search, False),
        (_certifications, False),
        (lambda *_: None, True),
    ],
)
def test_who_looked_it_up_meanwhile_is_not_blind(cast: Cast, look: Callable[[Actor, UUID], None], blind: bool) -> None:
    made, neighbour = _active(cast), _active(cast)
    _search(cast.actor(cast.hotline_de, "analyst"), made)
    lead, now = cast.actor(cast.centre, "lead"), clock.now()
    with clock.simulate(lambda: now + timedelta(minutes=2)):
        item = _item(lead, _whole(lead), made)
    with clock.simulate(lambda: now + timedelta(minutes=9)):
        reviewer = cast.actor(cast.hotline_de, "analyst")
        look(cast.actor(cast.hotline_de, "analyst"), made)
        # What another organisation looks at, and what is looked at besides, says nothing.
        look(cast.actor(cast.hotline_ie, "analyst"), made)
        _search(cast.actor(cast.hotline_de, "analyst"), neighbour)
        blind_review.answer(reviewer, item, "belongs", CLASS)
        with acting(lead):
            assert AuditAnswer.objects.get(item=item).blind is blind


def test_the_list_of_disputes_is_a_look_at_each(cast: Cast) -> None:
    made, lead, now = _active(cast), cast.actor(cast.centre, "lead"), clock.now()
    with clock.simulate(lambda: now + timedelta(minutes=2)):
        item = _item(lead, _whole(lead), made)
        dispute.dispute(cast.organisation("Third", "hotline", "FR"), made, "It shows something else")
    with clock.simulate(lambda: now + timedelta(minutes=9)):
        found, _more = dispute_list.list_disputes(cast.actor(cast.hotline_de, "analyst"), state="open")
        assert made in {one.indicator_id for one in found}
        blind_review.answer(cast.actor(cast.hotline_de, "analyst"), item, "belongs", CLASS)
        with acting(lead):
            assert AuditAnswer.objects.get(item=item).blind is False


def test_the_result_of_another_sample_is_a_look_at_each(cast: Cast) -> None:
    made, lead, now = _active(cast), cast.actor(cast.centre, "lead"), clock.now()
    with clock.simulate(lambda: now + timedelta(minutes=2)):
        earlier, drawn = _whole(lead), _whole(lead)
        item = _item(lead, drawn, made)
        results.close(lead, earlier)
    with clock.simulate(lambda: now + timedelta(minutes=9)):
        results.load_sample(cast.actor(cast.hotline_de, "analyst"), earlier)
        blind_review.answer(cast.actor(cast.hotline_de, "analyst"), item, "belongs", CLASS)
        with acting(lead):
            assert AuditAnswer.objects.get(item=item).blind is False


def test_the_result_has_an_exact_interval_and_stops_what_was_wrong(cast: Cast) -> None:
    good, wrong, silent = _active(cast), _active(cast), _active(cast)
    lead, now = cast.actor(cast.centre, "lead"), clock.now()
    with clock.simulate(lambda: now + timedelta(minutes=2)):
        sample = _whole(lead)
        first, second = cast.actor(cast.hotline_ie, "analyst"), cast.actor(cast.hotline_de, "analyst")
        blind_review.answer(first, _item(lead, sample, good), "belongs", CLASS)
        blind_review.answer(first, _item(lead, sample, wrong), "belongs", CLASS)
        blind_review.answer(second, _item(lead, sample, wrong), "not", note="A landscape")
        blind_review.answer(first, _item(lead, sample, silent), "cannot_say")
        with pytest.raises(NotFound):
            results.close(cast.actor(cast.auditor, "auditor"), sample)
        assert results.close(lead, sample) == [wrong]
        with pytest.raises(Conflict):
            results.close(lead, sample)
        with pytest.raises(NotFound):
            blind_review.answer(second, _item(lead, sample, good), "belongs", CLASS)
        shown, found = results.load_sample(cast.actor(cast.auditor, "auditor"), sample)
        assert shown.wrong is not None
        assert (shown.wrong.count, shown.wrong.of) == (1, 2)
        assert shown.wrong.bounds == pytest.approx((0.01257912, 0.9874209))
        assert sum(one.said for one in found) == 2
        file = results.exported(lead, sample)
        assert (file["answered"], file["wrong"]["count"], file["seed"]) == (2, 1, shown.row.seed)


@pytest.mark.usefixtures("later")
def test_nobody_without_the_right_draws_and_none_too_large(cast: Cast) -> None:
    for actor in (cast.actor(cast.hotline_ie, "analyst"), cast.actor(cast.centre, "analyst")):
        with pytest.raises(Forbidden):
            sample_selection.draw(actor, 3, "Why not")
    lead = cast.actor(cast.centre, "lead")
    for size, reason, field in (
        (0, "x", "size"),
        (sample_selection.MOST_SELECTED + 1, "x", "size"),
        (3, " ", "reason"),
    ):
        with pytest.raises(Invalid) as refused:
            sample_selection.draw(lead, size, reason)
        assert refused.value.field == field


def test_the_database_changes_no_answer(cast: Cast) -> None:
    made = _active(cast)
    lead, now = cast.actor(cast.centre, "lead"), clock.now()
    with clock.simulate(lambda: now + timedelta(minutes=2)):
        item = _item(lead, _whole(lead), made)
        reviewer = cast.actor(cast.hotline_de, "analyst")
        blind_review.answer(reviewer, item, "belongs", CLASS)
        with pytest.raises(Exception, match=r"denied|refused"), acting(reviewer), connection.cursor() as cursor:
            cursor.execute("UPDATE indicators_auditanswer SET finding = 'not' WHERE item_id = %s", [item])


def test_the_pages_draw_ask_and_show(cast: Cast) -> None:
    made = _active(cast)
    browser, now = cast.client(cast.centre, "lead"), clock.now()
    with clock.simulate(lambda: now + timedelta(minutes=2)):
        drawn = browser.post("/desk/indicators/samples/", {"size": "10000", "reason": "Quarterly"})
        assert drawn.status_code == 302
        address = drawn["Location"]
        reviewer = cast.client(cast.hotline_de, "analyst")
        seen = reviewer.get("/desk/indicators/review/").content.decode()
        assert "SHA256" in seen
        for hidden in ("I-", CLASS + "</dd>", cast.hotline_ie.organisation_name):
            assert hidden not in seen.partition("<main")[2].partition("<form")[0]
        lead = cast.actor(cast.centre, "lead")
        item = _item(lead, UUID(address.split("/")[-2]), made)
        answer = {"item": str(item), "finding": "not", "note": "A landscape"}
        assert reviewer.post("/desk/indicators/review/", answer).status_code == 302
        assert "A landscape" not in browser.get(address).content.decode()
        assert browser.post(f"{address}close/", {"suspend": "1"}).status_code == 302
        assert "selected again" not in browser.get(f"{address}?again=1").content.decode()
        page = browser.post(address).content.decode()
        assert "A landscape" in page
        assert "selected again: same result" in page
        assert browser.get(f"{address}sample.json").json()["wrong"]["count"] == 1
    assert _state(cast, made) == "suspended"


def test_a_large_register_is_drawn_by_the_job_with_progress_and_alike(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [_active(cast) for _ in range(5)]
    monkeypatch.setattr(sample_selection, "FEW", 1)
    monkeypatch.setattr(sample_selection, "AT_ONCE", 2)
    browser, lead, now = cast.client(cast.centre, "lead"), cast.actor(cast.centre, "lead"), clock.now()
    with clock.simulate(lambda: now + timedelta(minutes=2)):
        answer = browser.post("/desk/indicators/samples/", {"size": "7", "reason": "Part by part"}, follow=True)
        page = answer.content.decode()
        assert "The sample is being created" in page
        assert "Part by part" in page
        with acting(lead):
            (asked,) = AuditDraw.objects.filter(ended_at=None, reason="Part by part")

        class Killed(BaseException):
            pass

        parts = iter([False, True])
        ranks = sample_selection._ranks
        monkeypatch.setattr(
            sample_selection,
            "_ranks",
            lambda *a: ranks(*a) if not next(parts, False) else (_ for _ in ()).throw(Killed()),
        )
        with pytest.raises(Killed):
            sample_selection.select_sample(lead, asked.pk)
        monkeypatch.setattr(sample_selection, "_ranks", ranks)
        with acting(lead):
            asked.refresh_from_db()
            assert (asked.ended_at, asked.sample_id, asked.looked > 0) == (None, None, True)
        jobs.draw_sample(str(asked.organisation_id), str(asked.pk))
        jobs.draw_sample(str(asked.organisation_id), str(asked.pk))
        with acting(lead):
            asked.refresh_from_db()
            everything = list(queries.active_at(asked.moment))
            assert asked.sample is not None
            assert asked.sample.population == len(everything)
            assert asked.sample.by == asked.by
        assert _items(lead, asked.sample.pk) == sample_selection.rank(asked.seed, everything, 7)
        assert set(made) <= set(everything)
        assert browser.post(f"/desk/indicators/samples/{asked.sample.pk}/").status_code == 200
        assert "selecting again" in browser.get(f"/desk/indicators/samples/{asked.sample.pk}/").content.decode()
        with acting(lead):
            again = AuditDraw.objects.get(sample=asked.sample, again=True)
        assert sample_selection.select_sample(lead, again.pk).same


def test_who_may_not_draw_draws_nothing_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    _active(cast)
    lead, now = cast.actor(cast.centre, "lead"), clock.now()
    with clock.simulate(lambda: now + timedelta(minutes=2)):
        drawn = sample_selection.draw(lead, 1, "Quarterly")
        monkeypatch.setattr(sample_selection, "_ranked", lambda *_: pytest.fail("the register was read"))
        with pytest.raises(Forbidden):
            sample_selection.drawn_again(cast.actor(cast.hotline_ie, "analyst"), drawn)
        member, address = cast.client(cast.hotline_ie, "analyst"), f"/desk/indicators/samples/{drawn}/"
        assert "Select again and compare" not in member.get(f"{address}?again=1").content.decode()
        assert member.post(address).status_code == 404


def test_what_was_found_wrong_is_stopped_with_the_closing_or_neither_happens(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = sorted([_active(cast), _active(cast)], key=str)
    lead, now = cast.actor(cast.centre, "lead"), clock.now()
    with clock.simulate(lambda: now + timedelta(minutes=2)):
        sample = _whole(lead)
        reviewer = cast.actor(cast.hotline_ie, "analyst")
        for one in (first, second):
            blind_review.answer(reviewer, _item(lead, sample, one), "not", note="A landscape")
        suspend = revoke.suspend

        def breaks(actor: Actor, one: UUID, reason: str) -> bool:
            if one == second:
                raise RuntimeError("the machine fails between two of them")
            return suspend(actor, one, reason)

        monkeypatch.setattr(revoke, "suspend", breaks)
        with pytest.raises(RuntimeError):
            results.close(lead, sample, suspend=True)
        assert (_state(cast, first), results.load_sample(lead, sample)[0].closing) == ("active", None)
        monkeypatch.setattr(revoke, "suspend", suspend)
        assert set(results.close(lead, sample, suspend=True)) == {first, second}
    assert (_state(cast, first), _state(cast, second)) == ("suspended", "suspended")
    auditor = cast.actor(cast.auditor, "auditor")
    with pytest.raises(Forbidden):
        results.close(auditor, sample, suspend=True)
