"""Rights and replays: whoever only reads changes nothing, no other role or organisation finds a page, twice is once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern

from tests.support.anonymous import Visitor
from tests.support.cast import Cast
from tests.support.removal_world import Removal, forget_limits
from tutela import clock
from tutela.casework.anonymous import proof_of_work, ticket
from tutela.events.errors import Forbidden, TutelaError
from tutela.victims.case_work import closing_letter, end_mandates, flags, look_up, withdraw, work_queue
from tutela.victims.errors import MandateOver, NothingToHandOver, NothingToSend, RequestEnded
from tutela.victims.host_desk import membership, requested_items, review
from tutela.victims.host_desk.membership import TermsInput
from tutela.victims.host_desk.review import FoundJudgement
from tutela.victims.hosts import send
from tutela.victims.hotlines import hand_over, searches
from tutela.victims.removal import contact, intake
from tutela.victims.removal.intake import EnterInput
from tutela.victims.removal.mandates import RemovalMandateInput
from tutela.victims.web import urls


@pytest.fixture
def world(cast: Cast) -> Iterator[Removal]:
    yield Removal(cast)
    forget_limits()


def desk_pages(begin: str) -> list[str]:
    """Every page of a desk, with IDs of nothing."""
    routes = [str(one.pattern) for one in urls.urlpatterns if isinstance(one, URLPattern)]
    return ["/" + re.sub("<uuid:\\w+>", lambda _found: str(uuid4()), one) for one in routes if one.startswith(begin)]


def test_every_page_is_for_its_own_desk(world: Removal) -> None:
    """The stranger signs in; other roles and organisations find nothing, by reading or by writing."""
    others = {
        "desk/removals/": [(world.support, "administrator"), (world.hosts[0].provider, "lead")],
        "desk/removal-items/": [(world.hosts[0].provider, "administrator"), (world.support, "analyst")],
    }
    for begin, people in others.items():
        pages = desk_pages(begin)
        assert len(pages) > 6
        for page in pages:
            for answer in (Client().get(page), Client().post(page)):
                assert answer.status_code in (302, 403, 405), page
                assert "/account/login/" in answer.get("Location", "/account/login/"), page
        for organisation, role in people:
            client = world.cast.client(organisation, role)
            for page in pages:
                assert client.get(page).status_code in (404, 405), page
                assert client.post(page).status_code in (404, 405), page


def test_who_only_reads_changes_nothing(world: Removal) -> None:
    request, day = world.request(world.asks()), clock.now().date() + timedelta(days=9)
    support = replace(world.analyst, permissions=frozenset({"removals.read"}))
    host = replace(world.hosts[0].reviewer, permissions=frozenset({"removal_items.read"}))
    hotline, terms = world.hotline.machine.organisation_id, world.accept("pdq")
    steps: list[Callable[[], object]] = [
        lambda: intake.enter(support, EnterInput("self", "en", "sha256 " + "a" * 64)),
        lambda: intake.add_text(support, request, "https://host.example.org/1"),
        lambda: look_up.look_up(support, request),
        lambda: send.send(support, request, []),
        lambda: hand_over.hand_over(support, request, hotline),
        lambda: searches.ask(support, request, hotline, day),
        lambda: flags.release(support, request, "lawful", 1, "A reason.", allowed=True),
        lambda: end_mandates.add(support, request, RemovalMandateInput("lawyer", day, "A letter")),
        lambda: end_mandates.by_staff(support, request, uuid4()),
        lambda: contact.note(support, request, "Called.", reached=True),
        lambda: closing_letter.close(support, request),
        lambda: withdraw.by_staff(support, request, "The person called."),
        lambda: review.open_item(host, uuid4()),
        lambda: review.shown(host, uuid4()),
        lambda: review.decide(host, uuid4(), FoundJudgement("removed")),
        lambda: membership.accept(host, TermsInput(world.support.organisation_id, "take_it_down", ["pdq"], 9)),
        lambda: requested_items.leave(host, terms),
    ]
    for step in steps:
        with pytest.raises(Forbidden):
            step()
    assert world.row(request).stage == "new"


def test_a_double_click_is_one_step(world: Removal) -> None:
    world.accept("pdq")
    request, hotline = world.request(world.asks()), world.hotline.machine.organisation_id
    intake.add_text(world.analyst, request, f"https://host-{uuid4().hex[:8]}.example.org/p/1")
    day = clock.now().date() + timedelta(days=9)
    end_mandates.add(world.analyst, request, RemovalMandateInput("lawyer", day, "A letter"))
    mandate = work_queue.load(world.analyst, request).counting[0].pk
    twice: list[tuple[Callable[[], object], type[TutelaError]]] = [
        (lambda: world.send(request), NothingToSend),
        (lambda: hand_over.hand_over(world.analyst, request, hotline), NothingToHandOver),
        (lambda: end_mandates.by_staff(world.analyst, request, mandate), MandateOver),
        (lambda: withdraw.by_staff(world.analyst, request, "The person called."), RequestEnded),
    ]
    for step, error in twice:
        step()
        with pytest.raises(error):
            step()


def test_a_form_of_the_person_works_once_and_for_its_own_step(world: Removal) -> None:
    person = world.asks()
    visitor = Visitor(kind=person.kind)
    given = ticket.issue("removal.pause")
    form = {"ticket": given.text, "proof": proof_of_work.solve(given.nonce), "reader": person.reader}
    assert visitor.post("answers/resume/", form).status_code == 422, "a ticket is of one form"
    assert visitor.post("answers/pause/", form | {"proof": "1"}).status_code == 422
    assert visitor.post("answers/pause/", form | {"reader": person.reader[:-2]}).status_code == 422
    assert visitor.post("answers/pause/", form).status_code == 200
    assert visitor.post("answers/pause/", form).status_code == 422
    stranger = world.asks()
    assert visitor.post("answers/pause/", form | {"reader": stranger.reader}).status_code == 422, "nor for another"
    assert world.row(world.request(stranger)).stage == "new"
    withdrawing = ticket.issue(f"{person.kind}.withdraw")
    form = {"ticket": withdrawing.text, "proof": proof_of_work.solve(withdrawing.nonce), "reader": person.reader}
    assert [visitor.post("answers/withdraw/", form).status_code for _ in range(2)] == [200, 422]
