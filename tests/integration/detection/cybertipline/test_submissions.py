"""A report goes to a CyberTipline interface: our own, and one that breaks in every way."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from tests.support.cast import Cast
from tests.support.detection_world import World, body
from tests.support.reports_world import Centre
from tutela import clock
from tutela.casework.assignment import claim
from tutela.detection import retention
from tutela.detection.candidates import withdrawn_indicators
from tutela.detection.cybertipline import accounts, submissions
from tutela.detection.cybertipline import upload_steps as cybertipline_steps
from tutela.detection.cybertipline.faults import TipFault, fault
from tutela.detection.drafts import drafts
from tutela.detection.errors import AlreadyTipped, CannotTip, NoEndpoint, NothingToRetract, UnderWay
from tutela.detection.models import Tip
from tutela.detection.outcomes import report_list
from tutela.detection.settings import services
from tutela.detection.settings.services import ServiceInput as Terms
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.exchange.cybertip.responses import Code, answer, done
from tutela.exchange.feeds.http_client import Guarded
from tutela.exchange.referral.withdrawal import Withdrawal
from tutela.law import clocks
from tutela.organisations.people import api_keys, clock_monitor
from tutela.reports.models import CyberTip, CyberTipFile, Report

CONTENT = b"a landscape, in bytes" * 200_000
BASE = "http://testserver/ispws"
FILE = "0f" * 16


def reply(status: int, content: bytes = b"", **headers: str) -> httpx.Response:
    """An answer whose body is still to be read, as one from a socket is."""
    length = {"content-length": str(len(content)), **headers}
    return httpx.Response(status, stream=httpx.ByteStream(content), headers=length)


class Net(httpx.BaseTransport):
    """The provider's storage, and an interface: ours, unless a test answers first."""

    def __init__(self, first: Callable[[str, httpx.Request], httpx.Response | None] = lambda _n, _r: None) -> None:
        self.calls: list[str] = []
        self.first, self.stored = first, CONTENT
        self.ours = httpx.WSGITransport(app=get_wsgi_application())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.headers["host"] == "media.example":
            self.calls.append("storage")
            return reply(200, self.stored)
        name = request.url.path.rpartition("/")[2]
        self.calls.append(name)
        if name == "upload":  # as it streams: whoever answers has read it
            request.read()
        said = self.first(name, request)
        if said is not None:
            return said
        request.url = request.url.copy_with(host="testserver")
        return self.ours.handle_request(request)

    @property
    def way(self) -> Guarded:
        local = [ipaddress.ip_network("127.0.0.0/8")]
        return Guarded(local, resolve=lambda _host, _port: ["127.0.0.1"], transport=self)


class Sender(World):
    """A provider with accounts at an interface."""

    def __init__(self, cast: Cast, *, production: bool = True, grace: int = 0, files: bool = True) -> None:
        super().__init__(cast)
        Centre(cast)
        wanted = Terms(kind="hosting", mode="on", media_link="https://media.example/items/{item}")
        services.change(self.lead, self.service, wanted)
        services.make_link_key(self.lead, self.service)
        organisation = cast.pixelpost.organisation_id
        _row, key = api_keys.issue_key(cast.pixelpost, organisation, name="Itself", scopes=["reports:submit"])
        account = accounts.AccountInput(BASE, "esp", key, "desk@pixelpost.example", files, grace)
        accounts.set_endpoint(self.lead, account, production=production)
        accounts.choose(self.lead, production=production)

    def sent(self) -> UUID:
        made = self.draft(
            body(
                md5=hashlib.md5(CONTENT).hexdigest(),
                sha1=hashlib.sha1(CONTENT).hexdigest(),
                sha256=hashlib.sha256(CONTENT).hexdigest(),
                size=len(CONTENT),
                media_type="image/jpeg",
            )
        )
        submissions.send(self.lead, made)
        return made

    def advance(self, made: UUID, net: Net | None = None) -> Tip:
        """Go on until it is over or has to wait."""
        found = self.tip(made)
        cybertipline_steps.advance(self.provider.organisation_id, found.pk, (net or Net()).way)
        return self.tip(made)

    def tip(self, made: UUID) -> Tip:
        with acting(self.lead):
            return Tip.objects.select_related("endpoint").filter(draft_id=made).order_by("-created_at")[0]


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator lists the network in which the interface stands."""
    monkeypatch.setattr(settings, "FEED_NETWORKS", "127.0.0.0/8")


def test_a_report_with_its_file_arrives_whole(cast: Cast) -> None:
    sender, net = Sender(cast), Net()
    made = sender.sent()
    tip = sender.advance(made, net)
    assert tip.last_error == []
    assert (tip.state, net.calls) == ("finished", ["submit", "storage", "upload", "fileinfo", "finish"])
    with acting(cast.centre):
        there = CyberTip.objects.get(number=tip.number)
        assert there.state == "finished"
        assert CyberTipFile.objects.get(tip=there).sha256 == hashlib.sha256(CONTENT).hexdigest()
        assert Report.objects.filter(report_id=there.report_id).exists()
    assert report_list.load_report(sender.lead, made).line.state == "notified"
    with acting(sender.lead):
        assert {spec.kind for spec, _s in clocks.of_subject("report", made)} >= {"preservation", "user_information"}
    with pytest.raises(AlreadyTipped):
        submissions.send(sender.lead, made)


def test_without_the_file_its_digests_are_said(cast: Cast) -> None:
    sender, net = Sender(cast, files=False), Net()
    tip = sender.advance(sender.sent(), net)
    assert (tip.state, net.calls) == ("finished", ["submit", "finish"])


def test_a_test_counts_as_nothing(cast: Cast) -> None:
    sender = Sender(cast, production=False)
    made = sender.sent()
    assert sender.advance(made).state == "finished"
    assert report_list.load_report(sender.lead, made).line.state == "drafted"
    with acting(sender.lead):
        assert clocks.of_subject("report", made) == []
    submissions.send(sender.lead, made)


def test_within_the_grace_it_can_be_taken_back(cast: Cast) -> None:
    sender, net = Sender(cast, grace=15), Net()
    made = sender.sent()
    tip = sender.advance(made, net)
    assert (tip.state, net.calls[-1]) == ("open", "fileinfo")
    with pytest.raises(AlreadyTipped):
        submissions.send(sender.lead, made)
    submissions.retract(sender.lead, made)
    submissions.retract(sender.lead, made)
    assert sender.advance(made, net).state == "retracted"
    with acting(cast.centre):
        assert CyberTip.objects.get(number=tip.number).state == "retracted"
    with pytest.raises(NothingToRetract):
        submissions.retract(sender.lead, made)
    submissions.send(sender.lead, made)
    again = sender.advance(made)
    with clock.simulate(clock.now() + timedelta(minutes=16)):
        assert sender.tip(made).pk in submissions.due(sender.lead, clock.now())
        assert sender.advance(made).state == "finished"
    assert again.number != tip.number


def lost_once(what: str, *, arrives: bool) -> Callable[[str, httpx.Request], httpx.Response | None]:
    """The answer to one call is lost, once; whether the call arrived is another matter."""
    left = [True]
    ours = httpx.WSGITransport(app=get_wsgi_application())

    def first(name: str, request: httpx.Request) -> httpx.Response | None:
        if name != what or not left[0]:
            return None
        left[0] = False
        if arrives:
            request.url = request.url.copy_with(host="testserver")
            ours.handle_request(request)
        raise httpx.ReadError("gone")

    return first


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize("what", ["submit", "upload", "fileinfo", "finish"])
def test_whatever_answer_is_lost_exactly_one_report_is_filed(cast: Cast, what: str, arrives: bool) -> None:
    sender, net = Sender(cast), Net(lost_once(what, arrives=arrives))
    made = sender.sent()
    with acting(cast.centre):
        before = set(CyberTip.objects.filter(state="finished").values_list("number", flat=True))
    tip = sender.advance(made, net)
    assert tip.state in ("waiting", "open")
    assert tip.last_error
    with clock.simulate(clock.now() + timedelta(seconds=30)):
        assert sender.advance(made, net).state == "finished"
    with acting(cast.centre):
        filed = CyberTip.objects.filter(state="finished").exclude(number__in=before)
        assert [one.files.count() for one in filed] == [1]


def test_who_dies_in_the_middle_of_an_upload_begins_anew(cast: Cast) -> None:
    sender = Sender(cast, grace=5)
    made = sender.sent()
    first = sender.advance(made)
    with acting(sender.lead):  # as a process leaves it that was killed
        Tip.objects.filter(pk=first.pk).update(
            doing="upload", files=[], leased_until=clock.now() + timedelta(minutes=30)
        )
    assert sender.advance(made).number == first.number, "somebody may still be at it"
    with clock.simulate(clock.now() + timedelta(minutes=31)):
        net = Net()
        tip = sender.advance(made, net)
        assert net.calls[0] == "retract"
        assert (tip.state, tip.number != first.number) == ("open", True) or tip.state == "finished"


def test_refusals_end_it_with_their_words_and_what_is_open_is_taken_back(cast: Cast) -> None:
    def first(name: str, _request: httpx.Request) -> httpx.Response | None:
        if name == "fileinfo":
            return reply(200, answer(Code.VALIDATION_FAILED, "fileDetails/fileRelevance: no"))
        return None

    sender, net = Sender(cast), Net(first)
    made = sender.sent()
    tip = sender.advance(made, net)
    assert tip.state == "refused"
    assert "fileRelevance" in tip.last_error[0]["values"]["detail"]
    assert net.calls[-1] == "retract"
    submissions.send(sender.lead, made)


def test_another_file_than_the_reported_one_is_never_filed(cast: Cast) -> None:
    sender, net = Sender(cast), Net()
    net.stored = b"something else"
    tip = sender.advance(sender.sent(), net)
    assert tip.state == "refused"
    assert tip.last_error == fault(TipFault.OTHER_FILE)
    assert "finish" not in net.calls
    with acting(cast.centre):
        assert CyberTip.objects.get(number=tip.number).state == "retracted"


def test_what_was_to_go_with_its_file_never_goes_without(cast: Cast) -> None:
    sender, net = Sender(cast), Net()
    made = sender.sent()
    without = Terms(kind="hosting", mode="on", media_link="")
    services.change(sender.lead, sender.service, without)
    tip = sender.advance(made, net)
    assert (tip.state, net.calls) == ("open", ["submit"])
    assert tip.last_error == fault(TipFault.NO_STORAGE)


@pytest.mark.parametrize(
    "said",
    [
        reply(401),
        reply(503, b"<html>"),
        reply(200, b"hello"),
        reply(200, answer(Code.SERVER_ERROR)),
        reply(302, location="https://x"),
        reply(403, answer(Code.NOT_AUTHORIZED)),
        reply(200, answer(Code.SUCCESS)),
        reply(200, b'<!DOCTYPE a [<!ENTITY b "c">]><reportResponse/>'),
    ],
)
def test_troubles_of_the_recipient_are_waited_out(cast: Cast, said: httpx.Response) -> None:
    sender = Sender(cast)
    made = sender.sent()
    tip = sender.advance(made, Net(lambda name, _r: said if name == "submit" else None))
    assert (tip.state, tip.attempts) == ("waiting", 1)
    assert tip.last_error
    with clock.simulate(clock.now() + timedelta(minutes=1)):
        assert sender.advance(made).state == "finished"


def test_the_code_counts_whatever_the_status_is(cast: Cast) -> None:
    def first(name: str, _request: httpx.Request) -> httpx.Response | None:
        return reply(400, done(Code.ALREADY_FINISHED, 7)) if name == "finish" else None

    sender = Sender(cast)
    assert sender.advance(sender.sent(), Net(first)).state == "finished"


def test_what_lapsed_there_is_sent_anew(cast: Cast) -> None:
    sender = Sender(cast, grace=600)
    made = sender.sent()
    first = sender.advance(made)
    with acting(cast.centre):
        CyberTip.objects.filter(number=first.number).delete()
    later = clock.now() + timedelta(hours=11)
    with clock.simulate(later):
        assert sender.advance(made).last_error[0]["code"] == TipFault.GONE
    with clock.simulate(later + timedelta(minutes=1)):
        assert sender.advance(made).state == "finished"


def test_what_the_interface_would_refuse_is_said_before(cast: Cast) -> None:
    sender = Sender(cast)
    account = accounts.AccountInput(BASE, "esp", "", "a@b@c", True, 0)
    accounts.set_endpoint(sender.lead, account, production=True)
    made = sender.draft()
    assert "email" in submissions.outlook(sender.lead, made).problem
    with pytest.raises(CannotTip, match="email"):
        submissions.send(sender.lead, made)


def test_accounts_are_checked_and_their_passwords_sealed(cast: Cast) -> None:
    sender = Sender(cast)
    with acting(sender.lead):
        (row,) = [e for e in [accounts.endpoints(sender.lead).production] if e]
        assert b"tut_" not in bytes(row.wrapped_password)
        assert accounts.password_of(row).startswith("tut_")
    good = accounts.AccountInput(BASE, "esp", "secret", "a@b.example", False, 5)
    for field, value in (
        ("base", "ftp://x"),
        ("base", "https://user@x"),
        ("username", "a:b"),
        ("username", " "),
        ("grace_minutes", 601),
    ):
        with pytest.raises(Invalid) as caught:
            accounts.set_endpoint(sender.lead, replace(good, **{field: value}), production=False)
        assert caught.value.field == field
    with pytest.raises(Invalid):
        accounts.set_endpoint(sender.lead, replace(good, password=""), production=False)
    with pytest.raises(Forbidden):
        accounts.set_endpoint(sender.reviewer, good, production=False)
    assert accounts.ask(sender.lead, production=True, way=Net().way).good
    accounts.set_endpoint(sender.lead, replace(good, base=""), production=True)
    with pytest.raises(NoEndpoint):
        submissions.send(sender.lead, sender.draft())


def test_the_clocks_begin_when_it_is_filed_and_not_for_what_was_taken_back(cast: Cast) -> None:
    sender = Sender(cast, grace=15)
    made = sender.sent()
    sender.advance(made)
    with acting(sender.lead):
        assert clocks.of_subject("report", made) == []
    submissions.retract(sender.lead, made)
    sender.advance(made)
    submissions.send(sender.lead, made)
    later = clock.now() + timedelta(hours=2)
    with clock.simulate(later):
        sender.advance(made)
    with clock.simulate(later + timedelta(minutes=16)):
        assert sender.advance(made).state == "finished"
    with acting(sender.lead):
        steps = [steps for spec, steps in clocks.histories("report", made) if spec.kind == "user_information"]
        assert steps[0][0].at >= later


def test_a_report_on_its_way_is_not_discarded_and_what_is_taken_back_may_be(cast: Cast) -> None:
    sender = Sender(cast, grace=15)
    made = sender.sent()
    with pytest.raises(UnderWay):
        drafts.discard(sender.lead, made, "A mistake")
    submissions.retract(sender.lead, made)
    assert sender.advance(made).state == "retracted"
    claim.claim(sender.lead, "draft", made)
    drafts.discard(sender.lead, made, "A mistake")
    with acting(sender.lead):
        assert claim.current("draft", made) is None


def test_a_claim_ends_when_the_report_is_sent(cast: Cast) -> None:
    sender = Sender(cast, grace=15)
    made = sender.draft()
    claim.claim(sender.lead, "draft", made)
    submissions.send(sender.lead, made)
    with acting(sender.lead):
        assert claim.current("draft", made) is None


def test_a_clock_that_is_not_to_be_believed_ends_no_grace(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """To finish cannot be undone: after the clock was moved it waits, and what was to be taken back still can be."""
    sender, net = Sender(cast, grace=15), Net()
    made = sender.sent()
    assert sender.advance(made, net).state == "open"
    monkeypatch.setattr(clock_monitor, "steady", lambda: False)
    with clock.simulate(clock.now() + timedelta(days=40)):
        tip = sender.advance(made, net)
    assert (tip.state, tip.refusal, net.calls[-1]) == ("open", [], "fileinfo")
    monkeypatch.undo()
    with clock.simulate(clock.now() + timedelta(days=41)):
        assert sender.tip(made).pk in submissions.due(sender.lead, clock.now())


def test_what_an_indicator_carried_that_is_withdrawn_within_the_grace_is_not_filed(cast: Cast) -> None:
    sender, net = Sender(cast, grace=15), Net()
    made = sender.sent()
    sender.advance(made, net)
    with acting(sender.lead):
        (entry,) = {m.entry_id for item in submissions.report_of(sender.tip(made)).items for m in item.matches}
    message = Withdrawal(indicator=entry, report_ids=(), reason="wrong", at=clock.now(), centre="EU Centre")
    with acting(sender.lead):
        withdrawn_indicators.receive(sender.lead, message, cast.centre.organisation_id)
    with clock.simulate(clock.now() + timedelta(minutes=16)):
        tip = sender.advance(made, net)
    assert (tip.state, net.calls[-1]) == ("refused", "retract")
    assert tip.last_error == fault(TipFault.WITHDRAWN)


def test_a_new_password_of_the_same_account_counts_at_once_and_none_goes_to_another(cast: Cast) -> None:
    sender, refused = Sender(cast, grace=15), reply(200, answer(Code.AUTHENTICATION_REQUIRED))
    made = sender.sent()
    assert "2000" in sender.advance(made, Net(lambda _n, _r: refused)).last_error[0]["values"]["detail"]
    account = tipping_account(sender)
    _row, key = api_keys.issue_key(
        cast.pixelpost, cast.pixelpost.organisation_id, name="New", scopes=["reports:submit"]
    )
    accounts.set_endpoint(sender.lead, replace(account, password=key), production=True)
    said: list[str] = []

    def first(_name: str, request: httpx.Request) -> httpx.Response | None:
        said.append(base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode())
        return None

    with clock.simulate(clock.now() + timedelta(minutes=1)):
        assert sender.advance(made, Net(first)).state == "open"
    assert set(said) == {f"esp:{key}"}
    for changed in ({"base": "https://elsewhere.example"}, {"username": "other"}):
        with pytest.raises(Invalid) as caught:
            accounts.set_endpoint(sender.lead, replace(account, **changed), production=True)
        assert caught.value.field == "password"


def tipping_account(sender: Sender) -> accounts.AccountInput:
    """The account in use, as somebody enters it anew without its password."""
    row = accounts.endpoints(sender.lead).production
    assert row
    return accounts.AccountInput(row.base, row.username, "", row.email, row.with_files, row.grace_minutes)


def test_an_answer_that_comes_after_somebody_else_took_over_is_none(cast: Cast) -> None:
    sender = Sender(cast)
    made = sender.sent()
    numbers: list[int | None] = []

    def first(name: str, _request: httpx.Request) -> httpx.Response | None:
        if name == "upload" and not numbers:
            numbers.append(sender.tip(made).number)
            with clock.simulate(clock.now() + timedelta(minutes=31)):
                numbers.append(sender.advance(made).number)
        return None

    tip = sender.advance(made, Net(first))
    assert tip.state == "finished"
    assert tip.number == numbers[1] != numbers[0]
    with acting(cast.centre):
        assert CyberTip.objects.get(number=tip.number).files.count() == 1


def test_what_nobody_took_for_a_month_ends(cast: Cast) -> None:
    sender = Sender(cast)
    made = sender.sent()
    away = Net(lambda _n, _r: reply(503))
    sender.advance(made, away)
    with clock.simulate(clock.now() + timedelta(days=31)):
        tip = sender.advance(made, away)
    assert tip.state == "refused"
    assert tip.last_error == fault(TipFault.TOO_LATE)


def test_what_was_sent_goes_with_the_report(cast: Cast) -> None:
    sender = Sender(cast)
    made = sender.sent()
    assert sender.advance(made).state == "finished"
    with clock.simulate(clock.now() + timedelta(days=400)), acting(sender.lead):
        assert list(retention.erase_preserved(sender.lead, clock.now() - timedelta(days=1)))
    assert bytes(sender.tip(made).sealed_report) == b""
    assert submissions.outlook(sender.lead, made).fields == []


def test_the_pages(cast: Cast) -> None:
    sender = Sender(cast, grace=15)
    client = cast.client(sender.provider, "lead")
    page = client.get("/desk/lists/cybertip/").content.decode()
    assert "production" in page
    assert client.post("/desk/lists/cybertip/switch/", {"production": "no"}).status_code == 302
    assert "have no effect" in client.get("/desk/lists/cybertip/").content.decode()
    fields = {
        "production": "no",
        "test-base": BASE,
        "test-username": "u",
        "test-password": "p",
        "test-email": "a@b.example",
        "test-grace_minutes": "5",
    }
    assert client.post("/desk/lists/cybertip/", fields).status_code == 302
    assert "e-mail" in client.post("/desk/lists/cybertip/", {**fields, "test-email": "x"}).content.decode().lower()
    made = sender.draft()
    address = f"/desk/drafts/{made}/recipients/"
    page = client.get(address).content.decode()
    assert "as free text" in page
    assert "Send test report" in page
    assert "This report has no IP address." in page
    client.post(f"/desk/drafts/{made}/cybertip/")
    assert "The report is being sent" not in client.get(address).content.decode(), "only after the warning"
    confirmed = {"without_address": "1"}
    assert client.post(f"/desk/drafts/{made}/cybertip/", confirmed, follow=True).redirect_chain == [(address, 302)]
    assert re.search("The report is being sent", client.get(address).content.decode())
    client.post(f"/desk/drafts/{made}/cybertip/retract/")
    assert "The report is being withdrawn" in client.get(address).content.decode()
