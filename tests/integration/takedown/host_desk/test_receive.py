"""From a hotline's notice to the verified answer of a provider, over the API: each message once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.hosting_world import REDRESS, HostDesk, wire
from tests.support.post import SigningClient
from tests.support.takedown_world import Hotline
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.exchange.message.signed_message import HEADER
from tutela.exchange.takedown.look import Answer
from tutela.organisations.models import ApiKey, OutboxMessage
from tutela.takedown.errors import AlreadyDecided, NotWaiting, UnknownProvider
from tutela.takedown.host_desk import decide
from tutela.takedown.models import Availability, Channel, IncomingNotice, Notice, Stage, StepKind
from tutela.takedown.notices import notify, send
from tutela.takedown.rechecks import check


@pytest.fixture
def desk(cast: Cast) -> HostDesk:
    assert cast.centre
    return HostDesk(cast)


def _state(desk: HostDesk, notice: object) -> Notice:
    with acting(desk.hotline.analyst):
        return Notice.objects.get(pk=notice)


def _count(desk: HostDesk) -> int:
    with acting(desk.lead):
        return IncomingNotice.objects.count()


def test_from_the_notice_to_the_verified_answer(desk: HostDesk) -> None:
    case, notice = desk.sent()
    assert _state(desk, notice).state == StepKind.SENT
    assert desk.post() == 2, "the notice, and its receipt"
    row = _state(desk, notice)
    assert row.state == StepKind.RECEIVED
    found = desk.incoming(row.number)
    assert (found.notifier_kind, found.trusted, found.addresses) == ("hotline", False, 1)
    with acting(desk.hotline.analyst):
        assert row.steps.get(kind=StepKind.RECEIVED).reference == found.number
    decide.decide(desk.lead, found.pk, decide.HostJudgement(("removed",), REDRESS))
    assert desk.post() == 1
    assert _state(desk, notice).state == StepKind.REMOVED
    assert desk.hotline.row(case).availability == Availability.HOST_SAYS
    assert check.store(desk.hotline.analyst, case, [Answer(404)]) == Availability.ABSENT
    decide.restore(desk.lead, found.pk, [0], "The complaint was justified.")
    assert desk.post() == 1
    assert _state(desk, notice).state == StepKind.RESTORED
    after = desk.hotline.row(case)
    assert (after.stage, after.verdict, after.round) == (Stage.ACT, "illegal", 2)
    with acting(desk.hotline.analyst):
        said = row.steps.get(kind=StepKind.RESTORED)
        assert said.reason.startswith("sealed:")


@pytest.mark.parametrize(
    ("action", "state"), [("disabled", "disabled"), ("not_found", "not_found"), ("none", "refused")]
)
def test_every_decision_is_a_step_of_the_notice(desk: HostDesk, action: str, state: str) -> None:
    case, notice = desk.sent()
    desk.post()
    found = desk.incoming(_state(desk, notice).number)
    decide.decide(desk.lead, found.pk, decide.HostJudgement((action,), REDRESS, reason="It is a drawing."))
    desk.post()
    assert _state(desk, notice).state == state
    assert (desk.hotline.row(case).stage == Stage.ACT) == (state == "refused")


def test_a_second_decision_changes_nothing(desk: HostDesk) -> None:
    found = desk.decided("removed", "none", reason="It is lawful.")
    with pytest.raises(AlreadyDecided):
        decide.decide(desk.lead, found, decide.HostJudgement(("none", "none"), REDRESS, reason="x"))
    with acting(desk.lead):
        assert IncomingNotice.objects.get(pk=found).decisions.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (decide.HostJudgement(("removed",), REDRESS), "actions"),
        (decide.HostJudgement(("removed", "restored"), REDRESS), "actions"),
        (decide.HostJudgement(("removed", "none"), REDRESS), "reason"),
        (decide.HostJudgement(("removed", "removed"), " "), "redress"),
        (decide.HostJudgement(("removed", "removed"), "x" * 2001), "redress"),
    ],
)
def test_a_bad_decision_names_its_field(desk: HostDesk, given: decide.HostJudgement, field: str) -> None:
    found = desk.taken_in()
    with pytest.raises(Invalid) as error:
        decide.decide(desk.lead, found, given)
    assert error.value.field == field
    with acting(desk.lead):
        assert not IncomingNotice.objects.get(pk=found).decisions.exists()


def test_the_read_role_decides_nothing(desk: HostDesk) -> None:
    found = desk.taken_in()
    with pytest.raises(Forbidden):
        decide.decide(desk.reviewer, found, decide.HostJudgement(("removed", "removed"), REDRESS))
    with pytest.raises(Forbidden):
        decide.restore(desk.reviewer, found, [0], "x")


def _headers(desk: HostDesk, sender: Any, recipient: Any, scope: str, key: str) -> dict[str, str]:
    made = desk.cast.key(sender, scope)
    prefix = made["Authorization"].partition("tut_")[2][:10]
    ApiKey.objects.filter(prefix=prefix).update(recipient_id=recipient.organisation_id)
    return {**made, "Idempotency-Key": key}


def _sent(desk: HostDesk, path: str, body: bytes, headers: dict[str, str], client: Client | None = None) -> Any:
    browser = client or SigningClient(raise_request_exception=False)
    return browser.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)


def test_replays_and_twins_are_one_notice(desk: HostDesk) -> None:
    path = f"/organisations/{desk.provider.organisation_id}/takedown/notices"
    notice, sender = wire(), desk.hotline.machine
    headers = _headers(desk, sender, desk.provider, "notices:submit", "k1")
    for _ in range(2):
        assert _sent(desk, path, notice.to_bytes(), headers).status_code == 201
    assert _sent(desk, path, notice.to_bytes(), {**headers, "Idempotency-Key": "k2"}).status_code == 201
    assert _count(desk) == 1
    other = wire(notice.reference, explanation="Assessed by someone else as illegal.")
    assert _sent(desk, path, other.to_bytes(), headers).status_code == 409, "the same key"
    answer = _sent(desk, path, other.to_bytes(), {**headers, "Idempotency-Key": "k3"})
    assert (answer.status_code, "different notice" in answer.content.decode()) == (409, True)
    with acting(desk.provider):
        assert OutboxMessage.objects.filter(kind="notice-answer").count() == 1


def test_strangers_and_forgers_send_no_notice(desk: HostDesk, cast: Cast) -> None:
    path = f"/organisations/{desk.provider.organisation_id}/takedown/notices"
    body, right = wire().to_bytes(), _headers(desk, desk.hotline.machine, desk.provider, "notices:submit", "k")
    assert _sent(desk, path, body, {}).status_code == 401
    assert _sent(desk, path, body, right, Client(raise_request_exception=False)).status_code == 403, "not signed"
    forged = {**right, HEADER: "e30="}
    assert _sent(desk, path, body, forged).status_code == 403
    aimed = _headers(desk, desk.hotline.machine, cast.other_provider, "notices:submit", "k")
    assert _sent(desk, path, body, aimed).status_code == 403, "a key for another recipient"
    for sender, scope in ((cast.other_provider, "notices:submit"), (desk.hotline.machine, "releases:read")):
        assert _sent(desk, path, body, _headers(desk, sender, desk.provider, scope, "k")).status_code == 403
    nobody = f"/organisations/{cast.hotline_de.organisation_id}/takedown/notices"
    key = _headers(desk, desk.hotline.machine, cast.hotline_de, "notices:submit", "k")
    assert _sent(desk, nobody, body, key).status_code == 404, "a hotline is no host"
    as_person = wire(notifier={"kind": "individual", "name": "A", "email": "a@example.org"})
    assert _sent(desk, path, as_person.to_bytes(), right).status_code == 422
    assert _sent(desk, path, b"{}", right).status_code == 422
    assert _count(desk) == 0


def test_a_notice_needs_a_provider_that_can_be_reached(desk: HostDesk, cast: Cast) -> None:
    hotline = desk.hotline
    case = hotline.assessed()
    hotline.police_know(case)
    for provider in (None, cast.other_provider.organisation_id, cast.hotline_de.organisation_id):
        with pytest.raises(UnknownProvider):
            notify.queue(hotline.analyst, case, notify.Recipient(channel=Channel.API, provider=provider))


def test_a_refused_message_is_a_step_and_another_way_is_free(cast: Cast) -> None:
    assert cast.centre
    desk = HostDesk(cast)
    case, notice = desk.sent()
    desk.taken_in(wire(_state(desk, notice).number))
    desk.post()
    assert _state(desk, notice).state == StepKind.FAILED
    assert desk.hotline.row(case).stage == Stage.ACT
    assert notify.queue(desk.hotline.analyst, case, notify.Recipient(email="abuse@host.example"))


def test_a_message_that_left_cannot_leave_twice(desk: HostDesk) -> None:
    _case, notice = desk.sent()
    assert send.send(desk.hotline.analyst, notice, lambda _a, c: desk.hotline.traced(c)) is None
    with acting(desk.hotline.machine):
        assert OutboxMessage.objects.filter(kind="takedown-notice").count() == 1
    with pytest.raises(NotWaiting):
        notify.release(desk.hotline.analyst, notice)


def test_a_hotline_of_another_country_sees_nothing(desk: HostDesk, cast: Cast) -> None:
    _case, notice = desk.sent()
    other = Hotline(cast)
    other.machine = cast.hotline_de
    with acting(cast.actor(cast.hotline_de, "analyst")):
        assert not Notice.objects.filter(pk=notice).exists()
