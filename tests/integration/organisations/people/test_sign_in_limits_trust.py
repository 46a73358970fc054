"""Sign-in: limits and codes that all processes share, events that say nothing typed, recovery by an administrator."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
import structlog
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.test import Client, RequestFactory, override_settings

from tests.support.cast import PASSWORD, TOTP_SECRET, Cast
from tutela import clock
from tutela.app.cli.node.node import recover
from tutela.events import rate_limits
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.models import Event, EventFacts, RateCount
from tutela.events.rate_limits import RateLimit
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.organisations.dashboard import dashboard
from tutela.organisations.errors import TooManyAttempts
from tutela.organisations.keys.envelope_encryption import wrap
from tutela.organisations.models import Person
from tutela.organisations.people import directory, password_resets, recovery, sign_in_limits
from tutela.organisations.people.members import actor_of
from tutela.organisations.vocabulary import client_address

WRONG = "not the sentence about lighthouses"


def _code() -> str:
    return format_hotp_value(hotp_value(TOTP_SECRET, next(yield_hotp_counters_from_time())))


def _sign_in(client: Client, person: Person, password: str = PASSWORD, **how: Any) -> Any:
    return client.post("/account/login/", {"login": person.email, "password": password}, **how)


@pytest.fixture
def person(cast: Cast) -> Person:
    RateCount.objects.all().delete()
    made = cast.person(cast.pixelpost, "administrator", name="Robin")
    TOTP.activate(made, TOTP_SECRET)
    return made


def _kinds(person: Person) -> list[str]:
    with acting(actor_of(person)):
        return [one.kind for one in timeline("person", person.pk)]


def test_a_request_for_a_new_password_keeps_nobody_from_a_second_factor(cast: Cast) -> None:
    """Anybody may ask: the library then notes the address as unconfirmed, and refused every factor to its owner."""
    new = cast.person(cast.pixelpost, "reviewer", name="Noor")
    assert Client().post("/account/password/reset/", {"email": new.email}).status_code == 302
    password_resets.send(wrap(new.email.encode(), password_resets.PURPOSE).hex())
    assert EmailAddress.objects.filter(user=new, verified=False).exists(), "the library still does"
    client = Client()
    client.force_login(new)
    page = client.get("/account/2fa/totp/activate/")
    if page.status_code == 302 and "reauthenticate" in page["Location"]:
        client.post(page["Location"], {"password": PASSWORD})
        page = client.get("/account/2fa/totp/activate/")
    assert page.status_code == 200
    assert "secret" in page.content.decode()
    assert client.get("/account/2fa/webauthn/add/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "signup/",
        "email/",
        "confirm-email/",
        "confirm-email/MQ:x/",
        "password/set/",
        "login/code/confirm/",
        "sessions/",
        "3rdparty/",
        "3rdparty/signup/",
        "unused/account_signup/",
        "unused/account_email/",
    ],
)
def test_of_the_librarys_pages_only_those_in_use_are_there(cast: Cast, path: str) -> None:
    """Somebody without a second factor could add a free address as their own, and have what belongs to it."""
    new = cast.person(cast.pixelpost, "reviewer", name="Noor")
    client = Client()
    client.force_login(new)
    for answer in (client.get(f"/account/{path}"), client.post(f"/account/{path}", {"email": "a@example.org"})):
        assert answer.status_code == 404
    assert not EmailAddress.objects.filter(email="a@example.org").exists()


def test_a_code_is_accepted_once_in_whichever_process(person: Person) -> None:
    code, first, second = _code(), Client(), Client()
    for client in (first, second):
        assert _sign_in(client, person)["Location"].startswith("/account/2fa/authenticate/")
    assert first.post("/account/2fa/authenticate/", {"code": code}).status_code == 302
    cache.clear()  # another process has another one
    assert second.post("/account/2fa/authenticate/", {"code": code}).status_code == 200
    assert "_auth_user_id" not in second.session


def test_failures_are_counted_for_the_account_and_an_administrator_unlocks_it(cast: Cast, person: Person) -> None:
    most = sign_in_limits.BY_ACCOUNT.limit
    for number in range(most):
        _sign_in(Client(), person, WRONG, REMOTE_ADDR=f"192.0.2.{number}")
    assert _sign_in(Client(), person, REMOTE_ADDR="192.0.2.99").status_code == 200, "the right one is not tried"
    administrator = cast.actor(cast.pixelpost, "administrator")
    (alert,) = (
        one
        for one in (dashboard.overview(administrator) or {"todos": []})["todos"]
        if "kind=sign_in.guessed&since=" in one[2]
    )
    assert alert[1] == 1
    recovery.unlock(administrator, person.pk)
    assert _sign_in(Client(), person, REMOTE_ADDR="192.0.2.99").status_code == 302
    kinds = _kinds(person)
    assert kinds.count("sign_in.failed") == most
    assert kinds.count("sign_in.guessed") == 1
    assert "sign_in.unlocked" in kinds


def test_codes_are_counted_and_guessing_them_raises_an_alert(person: Person) -> None:
    client = Client()
    _sign_in(client, person)
    for _number in range(sign_in_limits.BY_PERSON.limit + 2):
        client.post("/account/2fa/authenticate/", {"code": "000000"})
    client.post("/account/2fa/authenticate/", {"code": _code()})
    assert "_auth_user_id" not in client.session, "the right one is not tried"
    kinds = _kinds(person)
    assert kinds.count("sign_in.guessed") == 1
    assert "second_factor.failed" in kinds


def test_failures_are_counted_for_an_address_whatever_the_account(person: Person) -> None:
    for number in range(sign_in_limits.BY_ADDRESS.limit):
        Client().post(
            "/account/login/", {"login": f"nobody{number}@example.org", "password": WRONG}, REMOTE_ADDR="192.0.2.7"
        )
    assert _sign_in(Client(), person, REMOTE_ADDR="192.0.2.7").status_code == 200
    assert _sign_in(Client(), person, REMOTE_ADDR="192.0.2.8").status_code == 302


def test_requests_for_a_new_password_are_limited(person: Person) -> None:
    answers = [
        Client().post("/account/password/reset/", {"email": person.email}, REMOTE_ADDR=f"192.0.2.{n}").status_code
        for n in range(sign_in_limits.RESETS_BY_ACCOUNT.limit + 1)
    ]
    assert answers == [302] * sign_in_limits.RESETS_BY_ACCOUNT.limit + [429]


def test_the_old_password_is_not_guessed_from_a_session(person: Person) -> None:
    client = Client()
    client.force_login(person)
    said = {"oldpassword": WRONG, "password1": "x" * 20, "password2": "x" * 20}
    answers = [
        client.post("/account/password/change/", said).status_code for _n in range(sign_in_limits.CHANGES.limit + 1)
    ]
    assert answers[-1] == 429


def test_a_limit_holds_in_any_stretch_of_its_window() -> None:
    limit, begun = RateLimit("test", timedelta(minutes=5), 3), clock.now().replace(minute=4, second=50)
    with clock.simulate(begun):
        assert [limit.take("a").allowed for _ in range(3)] == [True] * 3
    with clock.simulate(begun + timedelta(seconds=20)):  # in the next window
        taken = limit.take("a")
        assert (taken.allowed, taken.first_refusal) == (False, True)
        assert not limit.take("a").first_refusal
        assert limit.take("b").allowed
        limit.forget("a")
        assert limit.take("a").allowed
    with clock.simulate(begun + timedelta(days=3)):
        assert rate_limits.erase_old() >= 1


def test_the_table_of_limits_holds_no_address_and_no_account(person: Person) -> None:
    _sign_in(Client(), person, WRONG, REMOTE_ADDR="192.0.2.55")
    subjects = list(RateCount.objects.values_list("subject", flat=True))
    assert subjects
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in subjects)


def test_the_key_of_an_address_changes_every_hour() -> None:
    now = clock.now().replace(minute=10)
    with clock.simulate(now):
        first, again = rate_limits.of_address("192.0.2.1"), rate_limits.of_address("192.0.2.1")
    with clock.simulate(now + timedelta(hours=1)):
        later = rate_limits.of_address("192.0.2.1")
    assert first == again != later
    assert rate_limits.of_address("2001:db8::1") == rate_limits.of_address("2001:db8::ffff:2")
    assert rate_limits.of_address("2001:db8::1") != rate_limits.of_address("2001:db8:0:1::1")


def test_processes_with_the_same_key_count_an_address_together() -> None:
    asked = (
        "from tutela.app.runtime import node; node.django(); from tutela.events import rate_limits as r;"
        "print(r.of_address('192.0.2.1'))"
    )
    env = {**os.environ, rate_limits.VARIABLE: "ab" * 32}
    run = [sys.executable, "-c", asked]
    found = {subprocess.run(run, env=env, capture_output=True, text=True, check=True).stdout for _ in range(2)}
    env.pop(rate_limits.VARIABLE)
    alone = subprocess.run(run, env=env, capture_output=True, text=True, check=True).stdout
    assert len(found) == 1
    assert alone not in found


@pytest.mark.parametrize(
    ("proxies", "peer", "said", "found"),
    [
        ("", "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("127.0.0.1/32", "127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1/32", "127.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("127.0.0.0/8, 10.0.0.0/8", "127.0.0.1", "203.0.113.9, 198.51.100.7, 10.1.1.1", "198.51.100.7"),
        ("127.0.0.1/32", "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("127.0.0.1/32", "127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1/32", "127.0.0.1", "unknown", "127.0.0.1"),
        ("", "", "198.51.100.7", ""),
    ],
)
def test_a_forwarded_address_is_believed_of_trusted_proxies_alone(
    proxies: str, peer: str, said: str, found: str
) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=said)
    with override_settings(TRUSTED_PROXIES=proxies):
        assert client_address.client_address(request) == found


def test_signing_in_and_out_are_events_that_say_nothing_typed(person: Person) -> None:
    client = Client()
    _sign_in(client, person, WRONG)
    _sign_in(client, person)
    client.post("/account/2fa/authenticate/", {"code": "123123"})
    client.post("/account/2fa/authenticate/", {"code": _code()})
    assert client.session["_auth_user_id"]
    client.post("/account/logout/")
    kinds = _kinds(person)
    for kind in ("sign_in.failed", "second_factor.failed", "person.signed_in", "person.signed_out"):
        assert kind in kinds
    with acting(actor_of(person)):
        rows = Event.objects.filter(subject_id=str(person.pk))
        texts = [
            f"{row.actor}{row.actor_name}" for row in rows.filter(kind__in=("sign_in.failed", "second_factor.failed"))
        ]
        texts += EventFacts.objects.filter(event__in=rows).values_list("facts", flat=True)
    for typed in (person.email, WRONG, PASSWORD, "123123", "127.0.0.1"):
        assert all(typed not in text for text in texts)


def test_of_an_account_that_is_none_the_log_has_a_line_without_it() -> None:
    with structlog.testing.capture_logs() as lines:
        Client().post("/account/login/", {"login": "nobody@example.org", "password": WRONG}, REMOTE_ADDR="192.0.2.77")
    assert [line["event"] for line in lines] == ["sign-in failed"]
    assert "nobody" not in str(lines)


def test_an_administrator_removes_a_lost_second_factor(cast: Cast, person: Person) -> None:
    administrator, stranger = cast.actor(cast.pixelpost, "administrator"), cast.actor(cast.centre, "administrator")
    session = Client()
    session.force_login(person)
    with pytest.raises(Invalid):
        recovery.recover(administrator, person.pk, " ")
    with pytest.raises(NotFound):
        recovery.recover(stranger, person.pk, "Lost")
    with pytest.raises(Forbidden):
        recovery.recover(actor_of(person), person.pk, "Lost")
    with pytest.raises(Forbidden):
        recovery.recover(cast.actor(cast.pixelpost, "reviewer"), person.pk, "Lost")
    assert Authenticator.objects.filter(user=person).exists()
    recovery.recover(administrator, person.pk, "Telephone stolen")
    assert not Authenticator.objects.filter(user=person).exists()
    assert session.get("/desk/you/").status_code == 302, "all sessions ended"
    assert "second_factor.recovered" in _kinds(person)
    assert mail.outbox[-1].to == [person.email]
    anew = Client()
    _sign_in(anew, person)
    assert anew.get("/desk/")["Location"].startswith("/account/2fa/totp/activate/")


def test_the_operator_helps_the_last_administrator(person: Person, capsys: pytest.CaptureFixture[str]) -> None:
    recover(person.email, "Telephone stolen")
    assert not Authenticator.objects.filter(user=person).exists()
    assert "second_factor.recovered" in _kinds(person)
    assert person.email not in capsys.readouterr().out


def test_the_page_of_people_unlocks_and_recovers(cast: Cast, person: Person) -> None:
    client = cast.client(cast.pixelpost, "administrator")
    page = f"/desk/organisation/people/{person.pk}/"
    assert client.post(page, {"action": "unlock"}).status_code == 302
    assert client.post(page, {"action": "recover", "reason": "Lost"}).status_code == 302
    assert {"sign_in.unlocked", "second_factor.recovered"} <= set(_kinds(person))


def _sent() -> str:
    return re.findall(r"\d{8}", mail.outbox[-1].body)[0]


def test_a_new_sign_in_address_is_taken_with_its_code_alone(cast: Cast, person: Person) -> None:
    actor, other = actor_of(person), cast.person(cast.pixelpost, "reviewer", name="Kim")
    before, new = person.email, f"new-{person.email}"
    asked, code = recovery.ask_address(actor, new), _sent()
    assert mail.outbox[-1].to == [new]
    for who, state, said in ((actor, asked, f"{int(code) ^ 1:08}"), (actor_of(other), asked, code), (actor, "x", code)):
        with pytest.raises(Invalid):
            recovery.take_address(who, state, said)
    recovery.take_address(actor, asked, code)
    person.refresh_from_db()
    assert person.email == new
    assert mail.outbox[-1].to == [before]
    assert {"person.address_asked", "person.address"} <= set(_kinds(person))
    with acting(actor):
        texts = EventFacts.objects.filter(event__subject_id=str(person.pk)).values_list("facts", flat=True)
        assert all("@" not in text for text in texts)


def test_the_code_of_an_address_is_not_guessed(person: Person) -> None:
    actor = actor_of(person)
    asked = recovery.ask_address(actor, f"new-{person.email}")
    for _number in range(sign_in_limits.CHANGES.limit):
        with pytest.raises(Invalid):
            recovery.take_address(actor, asked, "0")
    with pytest.raises(TooManyAttempts):
        recovery.take_address(actor, asked, _sent())


def test_an_address_of_somebody_else_is_not_taken(cast: Cast, person: Person) -> None:
    other = cast.person(cast.other_provider, "reviewer", name="Kim")
    asked = recovery.ask_address(actor_of(person), other.email)
    with pytest.raises(Invalid):
        recovery.take_address(actor_of(person), asked, _sent())


def test_the_pages_change_an_address(cast: Cast) -> None:
    client = cast.client(cast.pixelpost, "reviewer")
    assert "reauthenticate" in client.get("/desk/you/address/")["Location"]
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    new = f"{clock.now().timestamp()}@example.org"
    assert client.post("/desk/you/address/", {"email": new})["Location"] == "/desk/you/address/code/"
    assert client.post("/desk/you/address/code/", {"code": "x"}).status_code == 200
    assert client.post("/desk/you/address/code/", {"code": _sent()}).status_code == 302
    assert Person.objects.filter(email=new).exists()


@pytest.mark.parametrize("path", ["organisation/?format=people-csv", "directory/?format=csv", "messages/?format=csv"])
def test_whatever_leaves_a_page_as_a_file_is_an_event(cast: Cast, path: str) -> None:
    client = cast.client(cast.pixelpost, "administrator", "lead")
    answer = client.get(f"/desk/{path}")
    assert answer["Content-Type"].startswith("text/csv"), path
    with acting(cast.pixelpost):
        row = Event.objects.filter(kind="page.exported", organisation_id=cast.pixelpost.organisation_id).get()
    assert row.subject_id == path.partition("/")[0]


def test_an_auditors_view_without_a_filter_is_an_event(cast: Cast) -> None:
    client = cast.client(cast.auditor, "auditor")
    assert client.get("/desk/events/").status_code == 200
    with acting(cast.auditor):
        assert Event.objects.filter(kind="events.searched", organisation_id=cast.auditor.organisation_id).exists()


def test_strangers_do_not_lock_out_who_signed_in_with_this_browser_before(person: Person) -> None:
    own = Client()
    assert _sign_in(own, person, REMOTE_ADDR="192.0.2.1").status_code == 302
    assert own.post("/account/2fa/authenticate/", {"code": _code()}, REMOTE_ADDR="192.0.2.1").status_code == 302
    assert sign_in_limits.COOKIE in own.cookies
    own.post("/account/logout/")
    for number in range(sign_in_limits.BY_ACCOUNT.limit + 3):
        _sign_in(Client(), person, WRONG, REMOTE_ADDR=f"192.0.2.{number + 10}")
    assert _sign_in(Client(), person, REMOTE_ADDR="192.0.2.99").status_code == 200, "a stranger has to wait"
    assert _sign_in(own, person, REMOTE_ADDR="192.0.2.1").status_code == 302
    forged = Client()
    forged.cookies[sign_in_limits.COOKIE] = own.cookies[sign_in_limits.COOKIE].value[:-1] + "x"
    assert _sign_in(forged, person, REMOTE_ADDR="192.0.2.98").status_code == 200


def test_an_address_that_is_refused_counts_against_no_account(person: Person) -> None:
    for number in range(sign_in_limits.BY_ADDRESS.limit):
        login = {"login": f"nobody{number}@example.org", "password": WRONG}
        Client().post("/account/login/", login, REMOTE_ADDR="192.0.2.7")
    for _ in range(sign_in_limits.BY_ACCOUNT.limit + 1):
        _sign_in(Client(), person, WRONG, REMOTE_ADDR="192.0.2.7")
    assert _sign_in(Client(), person, REMOTE_ADDR="192.0.2.8").status_code == 302


def test_a_code_written_otherwise_is_the_same_code(person: Person) -> None:
    assert sign_in_limits.code_succeeded(person, "123456")
    assert not sign_in_limits.code_succeeded(person, "123-456")
    assert not sign_in_limits.code_succeeded(person, " 123 456 ")


def test_an_address_without_an_account_costs_what_one_with_an_account_costs(person: Person) -> None:
    """As many events of the same kinds, of the node's founder; and none of them says what was typed."""
    founder = directory.acting_for(
        directory.founder() or directory.entry(person.organisation_id), "system:test", "test"
    )

    def of_none() -> list[Event]:
        with acting(founder):
            return list(Event.objects.filter(subject_kind="node", subject_id="sign-in", at__gte=begun).order_by("id"))

    begun = clock.now()
    for number in range(sign_in_limits.BY_ACCOUNT.limit + 1):
        login = {"login": "nobody@example.org", "password": WRONG}
        Client().post("/account/login/", login, REMOTE_ADDR=f"192.0.2.{number}")
        _sign_in(Client(), person, WRONG, REMOTE_ADDR=f"192.0.2.{100 + number}")
    kinds = [one for one in _kinds(person) if one.startswith("sign_in.")]
    assert sorted(one.kind for one in of_none()) == sorted(kinds)
    assert kinds.count("sign_in.failed") == sign_in_limits.BY_ACCOUNT.limit
    with acting(founder):
        texts = EventFacts.objects.filter(event__in=of_none()).values_list("facts", flat=True)
        assert all("nobody" not in text for text in texts)


def test_nobody_has_codes_sent_without_end(cast: Cast, person: Person) -> None:
    actor = actor_of(person)
    for number in range(sign_in_limits.CODES_BY_PERSON.limit):
        recovery.ask_address(actor, f"somebody-{number}@example.org")
    sent = len(mail.outbox)
    with pytest.raises(TooManyAttempts):
        recovery.ask_address(actor, "somebody@example.org")
    assert len(mail.outbox) == sent
    recovery.unlock(cast.actor(cast.pixelpost, "administrator"), person.pk)
    recovery.ask_address(actor, "somebody@example.org")


def test_one_mailbox_gets_a_few_codes_whoever_asks(cast: Cast, person: Person) -> None:
    for number in range(sign_in_limits.CODES_BY_MAILBOX.limit):
        recovery.ask_address(cast.actor(cast.pixelpost, "reviewer"), f"a-{number}@example.org")
        recovery.ask_address(cast.actor(cast.pixelpost, "reviewer"), "Victim@example.org")
    with pytest.raises(TooManyAttempts):
        recovery.ask_address(actor_of(person), "victim@example.org")


def test_the_page_says_that_too_many_codes_were_asked_for(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in_limits, "CODES_BY_PERSON", RateLimit("address.person", timedelta(hours=1), 0))
    client = cast.client(cast.pixelpost, "reviewer")
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    answer = client.post("/desk/you/address/", {"email": "new@example.org"})
    assert answer.status_code == 200
    assert "Too many attempts" in answer.content.decode()
