"""People decide: who, how many, and what they had to see for it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings
from django.db import connection
from django.db.utils import ProgrammingError

from tests.support.cast import Cast
from tests.support.detection_world import CONFIRM, CONFIRM_VIEWED, REJECT, World, body
from tutela import clock
from tutela.casework.models import KeptOpening, PendingAction
from tutela.casework.undo import delayed_actions
from tutela.detection.candidates import viewing_budget
from tutela.detection.drafts import drafts
from tutela.detection.errors import (
    AlreadyDecided,
    BadTemplate,
    BudgetSpent,
    LeadDecides,
    MustBeOpened,
    NotAPerson,
    NotConfirmed,
    SamePerson,
)
from tutela.detection.models import Candidate, Match, Outcome, Review
from tutela.detection.outcomes import report_list
from tutela.detection.review import picture_check, review, work_queue
from tutela.detection.review.review import Opinion
from tutela.detection.settings import services
from tutela.detection.settings.services import ServiceInput
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.exchange.feeds.http_client import Guarded
from tutela.law.models import Tombstone

LINK = "https://media.example/review/{item}?size=small"


def test_an_exact_copy_of_a_register_entry_is_confirmed_unopened(cast: Cast) -> None:
    world = World(cast)
    made = world.candidate()
    result = review.decide(world.reviewer, made, CONFIRM)
    assert result.state == "confirmed"
    assert result.report_id
    with acting(world.lead):
        assert not KeptOpening.objects.exists()


@pytest.mark.parametrize(
    "message",
    [body("near-pdq"), body(register=False), body("exact-legacy")],
    ids=["near", "own list", "legacy digest"],
)
def test_nothing_else_is_confirmed_unopened(cast: Cast, message: dict[str, Any]) -> None:
    world = World(cast)
    made = world.candidate(message)
    with pytest.raises(MustBeOpened):
        review.decide(world.reviewer, made, CONFIRM)
    with pytest.raises(MustBeOpened, match="have not opened"):
        review.decide(world.reviewer, made, CONFIRM_VIEWED)
    assert world.opened(world.reviewer, made).state == "confirmed"


def test_an_opening_by_somebody_else_is_not_ones_own(cast: Cast) -> None:
    world = World(cast)
    made = world.candidate(body("near-pdq"))
    viewing_budget.open_item(world.second, made)
    with pytest.raises(MustBeOpened):
        review.decide(world.reviewer, made, CONFIRM_VIEWED)


def test_nobody_rejects_unseen(cast: Cast) -> None:
    world = World(cast)
    with pytest.raises(MustBeOpened):
        review.decide(world.reviewer, world.candidate(), Opinion("reject", "chance", "unopened"))


def test_unopened_it_can_only_be_the_listed_item(cast: Cast) -> None:
    world = World(cast)
    with pytest.raises(Invalid, match="only be confirmed as the listed item"):
        review.decide(world.reviewer, world.candidate(), Opinion("confirm", "new_item", "unopened"))


def test_a_machine_decides_nothing(cast: Cast) -> None:
    world = World(cast)
    made = world.candidate()
    machine = replace(world.reviewer, reference="system:robot")
    for capability in (
        lambda: review.decide(machine, made, CONFIRM),
        lambda: viewing_budget.open_item(machine, made),
        lambda: drafts.by_hand(machine, by_hand(world)),
    ):
        with pytest.raises(NotAPerson):
            capability()


def test_what_is_rejected_leaves_only_a_tombstone(cast: Cast) -> None:
    world, message = World(cast), body("near-pdq")
    made = world.candidate(message)
    assert world.opened(world.reviewer, made, REJECT).state == "rejected"
    with acting(world.lead):
        for model in (Candidate, Match, Review):
            assert not model.objects.exists(), model
        assert Tombstone.objects.get().subject_id == str(made)
        outcome = Outcome.objects.get()
        kept = f"{outcome.__dict__} {timeline('candidate', made)}"
    assert outcome.kind == "rejected"
    assert all(message[name] not in kept for name in ("item", "account", "sha256", "md5"))
    with pytest.raises(NotFound):
        work_queue.load_candidate(world.reviewer, made)
    with pytest.raises(AlreadyDecided, match=f"{world.reviewer.name} has already decided"):
        review.decide(world.second, made, REJECT)


def test_the_second_reviewer_is_another_person(cast: Cast) -> None:
    world = World(cast, review_rule="two")
    made = world.candidate()
    assert review.decide(world.reviewer, made, CONFIRM).state == "waiting"
    with pytest.raises(SamePerson):
        review.decide(world.reviewer, made, CONFIRM)
    assert review.decide(world.second, made, CONFIRM).state == "confirmed"


def test_an_exact_copy_needs_one_person_where_the_rule_says_so(cast: Cast) -> None:
    world = World(cast, review_rule="two_unless_exact")
    assert review.decide(world.reviewer, world.candidate(), CONFIRM).state == "confirmed"
    assert world.opened(world.reviewer, world.candidate(body("near-pdq"))).state == "waiting"


def test_a_disagreement_is_decided_by_a_lead(cast: Cast) -> None:
    world = World(cast, review_rule="two")
    made = world.candidate(body("near-pdq"))
    assert world.opened(world.reviewer, made).state == "waiting"
    assert world.opened(world.second, made, REJECT).state == "waiting"
    third = cast.actor(world.provider, "reviewer")
    with pytest.raises(LeadDecides):
        world.opened(third, made)
    assert work_queue.counts(world.lead)["disputed"] == 1
    assert world.opened(world.lead, made).state == "confirmed"


def test_two_people_who_decide_at_once_make_one_report(cast: Cast) -> None:
    world = World(cast)
    made = world.candidate()

    def decide(actor: Any) -> str:
        try:
            return review.decide(actor, made, CONFIRM).state
        except AlreadyDecided:
            return "late"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, (world.reviewer, world.second))) == ["confirmed", "late"]
    assert report_list.counts(world.lead, "drafted", "refused") == {"drafted": 1}


def test_a_review_cannot_be_changed_by_anybody(cast: Cast) -> None:
    world = World(cast, review_rule="two")
    review.decide(world.reviewer, world.candidate(), CONFIRM)
    with pytest.raises(ProgrammingError, match="refused"), acting(world.lead):
        Review.objects.update(decision="reject")


def test_the_days_stop_holds(cast: Cast) -> None:
    world = World(cast, exposure_budget=1, exposure_stop=2)
    first, second, third = (world.candidate(body("near-pdq")) for _ in range(3))
    viewing_budget.open_item(world.reviewer, first)
    viewing_budget.open_item(world.reviewer, first)
    viewing_budget.open_item(world.reviewer, second)
    with pytest.raises(BudgetSpent):
        viewing_budget.open_item(world.reviewer, third)
    seen = work_queue.load_candidate(world.reviewer, third)
    assert (seen.budget.left, seen.budget.advise_break) == (0, True)
    viewing_budget.open_item(world.second, third)
    with clock.simulate(clock.now() + timedelta(days=1)):
        viewing_budget.open_item(world.reviewer, third)


def test_a_deleted_candidate_gives_no_opening_back(cast: Cast) -> None:
    world = World(cast, exposure_budget=1, exposure_stop=1)
    world.opened(world.reviewer, world.candidate(body("near-pdq")), REJECT)
    with pytest.raises(BudgetSpent):
        viewing_budget.open_item(world.reviewer, world.candidate())


def test_two_tabs_do_not_pass_the_stop_together(cast: Cast) -> None:
    world = World(cast, exposure_budget=1, exposure_stop=1)
    made = [world.candidate() for _ in range(4)]

    def open_one(candidate: Any) -> bool:
        try:
            viewing_budget.open_item(world.reviewer, candidate)
            return True
        except BudgetSpent:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(open_one, made)) == 1


def test_the_picture_is_shown_from_the_providers_storage_on_this_page_alone(cast: Cast) -> None:
    world = World(cast, media_link=LINK)
    key = bytes.fromhex(services.make_link_key(world.lead, world.service))
    made = world.candidate(body("near-pdq", item="a b/../c?d"))
    client = cast.client(world.provider, "reviewer")
    page = f"/desk/candidates/{made}/"
    assert client.get(f"{page}item/").status_code == 302
    plain = client.get(page)
    assert b"media.example" not in plain.content
    assert "media.example" not in plain.headers["Content-Security-Policy"]
    assert client.post(f"{page}open/").status_code == 302
    shown = client.get(f"{page}item/")
    assert "img-src 'self' data: https://media.example;" in shown.headers["Content-Security-Policy"]
    text = shown.content.decode()
    assert 'referrerpolicy="no-referrer"' in text
    assert 'class="evidence veil"' in text
    url = text.split('src="https://media')[1].split('"')[0].replace("&amp;", "&")
    signed, _, signature = f"https://media{url}".partition("&signature=")
    assert urlsplit(signed).path == "/review/a%20b%2F..%2Fc%3Fd"
    assert signature == hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()
    assert "expires=" in signed
    assert "media.example" not in client.get(page).headers["Content-Security-Policy"]
    with clock.simulate(clock.now() + timedelta(minutes=11)):
        assert client.get(f"{page}item/").status_code == 302


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/{item}",
        "https://media.example/x",
        "https://media.example/{item}/{item}",
        "https://media.example.evil/{item}",
        "https://media.example/{item};script-src *",
        "http://media.example/{item}",
        "https://media.example/{item}#x",
        "https://media.example/{other}{item}",
    ],
)
def test_a_link_outside_the_registered_origin_is_refused(cast: Cast, link: str) -> None:
    world = World(cast)
    with pytest.raises(BadTemplate):
        services.change(world.lead, world.service, ServiceInput("hosting", media_link=link))


def test_the_stop_is_a_page_that_says_so(cast: Cast) -> None:
    world = World(cast, exposure_budget=1, exposure_stop=1)
    first, second = world.candidate(), world.candidate()
    client = cast.client(world.provider, "reviewer")
    assert client.post(f"/desk/candidates/{first}/open/").status_code == 302
    answer = client.post(f"/desk/candidates/{second}/open/")
    assert answer.status_code == 429
    assert b"reached your daily limit" in answer.content


def by_hand(world: World, **fields: Any) -> drafts.ByHand:
    given = {
        "service_id": world.service,
        "kind": "new",
        "confirmed": True,
        "awareness": "user_flag",
        "sha256": "a" * 64,
    }
    return drafts.ByHand(**{**given, **fields})


def test_a_report_by_hand_needs_a_persons_confirmation(cast: Cast) -> None:
    world = World(cast)
    with pytest.raises(NotConfirmed):
        drafts.by_hand(world.reviewer, by_hand(world, confirmed=False))
    made = drafts.by_hand(world.reviewer, by_hand(world, reference="ref-1", account="acc-9"))
    report = report_list.load_report(world.lead, made).report
    assert report
    assert report.confirmation
    assert (report.kinds[0], report.confirmation.how, report.items[0].sha256) == ("new", "viewed", "a" * 64)


@pytest.mark.parametrize(("fields", "field"), [({"sha256": "zz"}, "sha256"), ({"kind": "other"}, "kind")])
def test_a_report_by_hand_names_what_is_wrong(cast: Cast, fields: dict[str, Any], field: str) -> None:
    world = World(cast)
    with pytest.raises(Invalid) as caught:
        drafts.by_hand(world.reviewer, by_hand(world, **fields))
    assert caught.value.field == field


def test_a_reviewer_sets_no_terms_and_sends_nothing(cast: Cast) -> None:
    world = World(cast)
    with pytest.raises(Forbidden):
        services.change(world.reviewer, world.service, ServiceInput("hosting"))
    with pytest.raises(Forbidden):
        drafts.discard(world.reviewer, world.draft(), "token")


@pytest.mark.parametrize(
    ("status", "media_type", "says"),
    [
        (403, "text/plain", "refused the link"),
        (404, "text/plain", "no longer has"),
        (500, "", "error 500"),
        (200, "text/html", "neither a picture"),
        (200, "image/jpeg", "Your storage answers."),
    ],
)
def test_the_cause_of_a_missing_picture_is_named(cast: Cast, status: int, media_type: str, says: str) -> None:
    world = World(cast, media_link=LINK)
    services.make_link_key(world.lead, world.service)
    made, asked = world.candidate(body("near-pdq")), list[str]()

    @contextmanager
    def ask(url: str, headers: Any, method: str) -> Iterator[httpx.Response]:
        asked.append(f"{method} {url.partition('?')[0]}")
        yield httpx.Response(status, headers={"content-type": media_type})

    with pytest.raises(MustBeOpened):
        picture_check.cause(world.reviewer, made, ask)
    viewing_budget.open_item(world.reviewer, made)
    assert says in picture_check.cause(world.reviewer, made, ask)
    assert [one.split("/review/")[0] for one in asked] == ["HEAD https://media.example"]


def test_a_storage_in_a_private_network_is_not_asked(cast: Cast) -> None:
    world = World(cast, media_link=LINK)
    services.make_link_key(world.lead, world.service)
    made = world.candidate(body("near-pdq"))
    viewing_budget.open_item(world.reviewer, made)
    client = Guarded(resolve=lambda *_: ["10.0.0.7"])
    assert "may not contact your storage" in picture_check.cause(world.reviewer, made, client.open)


def test_a_decision_on_an_opened_item_says_whether_the_picture_was_seen(cast: Cast) -> None:
    world = World(cast, media_link=LINK)
    services.make_link_key(world.lead, world.service)
    made = world.candidate(body("near-pdq"))
    client = cast.client(world.provider, "reviewer")
    client.post(f"/desk/candidates/{made}/open/")
    said = {"decision": "confirm", "reason_code": "known_item", "how": "viewed"}
    answer = client.post(f"/desk/candidates/{made}/review/", said, follow=True)
    assert b"Look at the picture first" in answer.content
    with acting(world.reviewer):
        assert not Review.objects.filter(candidate_id=made).exists()
    client.post(f"/desk/candidates/{made}/review/", {**said, "picture": "unobtainable"})
    with acting(world.reviewer):
        assert Review.objects.filter(candidate_id=made).count() == 1
        (event,) = [
            one for one in timeline("candidate", made) if one.kind in ("candidate.reviewed", "candidate.confirmed")
        ]
    assert event.facts is not None
    assert event.facts["picture"] == "unobtainable"


def test_rejection_waits_ten_seconds_and_can_be_undone(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rejected candidate is deleted: nothing on its page could take that back."""
    monkeypatch.setattr(settings, "UNDO_SECONDS", 10)
    world = World(cast)
    made = world.candidate(body("near-pdq"))
    client = cast.client(world.provider, "reviewer")
    client.post(f"/desk/candidates/{made}/open/")
    said = {"decision": "reject", "reason_code": "chance", "how": "viewed", "picture": "unobtainable"}
    page = client.post(f"/desk/candidates/{made}/review/", said, follow=True).content.decode()
    assert "Rejection of the candidate" in page
    assert 'data-reload-to="/desk/candidates/"' in page, "the page of a deleted candidate is not there to be read again"
    with acting(world.reviewer):
        pending = PendingAction.objects.get(subject_id=made).pk
    step = f"/desk/work/candidate/{made}/"
    assert "Nothing was sent" in client.post(step, {"step": "undo", "pending": pending}, follow=True).content.decode()
    client.post(f"/desk/candidates/{made}/review/", said)
    with acting(world.reviewer):
        pending = PendingAction.objects.get(subject_id=made).pk
        assert Candidate.objects.filter(pk=made).exists()
    with clock.simulate(clock.now() + timedelta(seconds=11)):
        assert delayed_actions.run_due(world.machine, pending)
    with acting(world.reviewer):
        assert not Candidate.objects.filter(pk=made).exists()
    assert client.post(f"/desk/candidates/{made}/review/", said).status_code == 404
