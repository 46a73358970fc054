"""Reports that a provider filed another way than by its desk: what the Centre says of them arrives all the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.integration.reports.intake.test_cybertip_submission import Esp, tip
from tests.support.cast import Cast
from tests.support.cybertips import RICH
from tests.support.post import introduce
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.detection import retention
from tutela.detection.dashboard import dashboard
from tutela.detection.outcomes import centre_feedback, filed_elsewhere
from tutela.events.errors import NotFound
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.exchange.report.feedback import Feedback, FeedbackKind
from tutela.investigations.referral_work import answers
from tutela.law import holds
from tutela.organisations.models import Organisation
from tutela.reports.triage import assess

LIST = "/desk/drafts/filed-elsewhere/"


class Filed:
    """A provider that files by a program of its own, and the Centre's words that reach it."""

    def __init__(self, cast: Cast, country: str) -> None:
        self.cast, self.centre = cast, Centre(cast)
        self.authority = Authority(self.centre, country)
        introduce(cast, cast.centre, cast.pixelpost, "feedback:submit")
        self.lead = cast.actor(cast.pixelpost, "lead")
        self.headers = cast.key(cast.pixelpost, "reports:submit")

    def held(self, made: UUID) -> None:
        """Its authority asks that the user is not told."""
        referral = self.authority.referred(made)
        answers.acknowledge(self.authority.investigator, referral)
        until = clock.now() + timedelta(days=30)
        answers.ask_hold(self.authority.investigator, referral, reason="x", until=until, keep_content=True)
        self.authority.answer()
        self.delivered()

    def delivered(self) -> None:
        """What waits for the provider arrives, and is taken."""
        self.centre.deliver(self.cast.pixelpost)
        assert {row.answer_status for row in self.centre.messages(self.cast.pixelpost, "feedback")} <= {200}

    def asked(self, address: str) -> Any:
        return Client().get(f"/api/v1/{address}", headers=self.headers)


def test_a_hold_reaches_a_provider_that_drafted_nothing(cast: Cast) -> None:
    filed = Filed(cast, "NO")
    made = filed.centre.file(filed.authority.report())
    filed.held(made)
    with acting(cast.pixelpost):
        hold = holds.held("report", made)
        assert hold is not None
        assert holds.content_kept("report", made) == hold.until
        assert filed_elsewhere.counts(cast.pixelpost) == {"asked": 0, "held": 1}
    found = dashboard.overview(filed.lead)
    assert found is not None
    assert [count for _label, count, address, _urgent in found["todos"] if address == f"{LIST}?state=held"] == [1]
    client = cast.client(cast.pixelpost, "lead")
    for state in ("", "held", "relevant"):
        assert str(made) in client.get(f"{LIST}?state={state}").content.decode()
    assert str(made) not in client.get(f"{LIST}?state=asked").content.decode()
    assert "An authority asked you not to remove the content" in client.get(f"{LIST}{made}/").content.decode()
    with clock.simulate(clock.now() + timedelta(days=31)):
        assert str(made) not in client.get(f"{LIST}?state=held").content.decode()
        assert "An authority asked you not to remove the content" not in client.get(f"{LIST}{made}/").content.decode()


def test_who_polls_is_told_until_when_and_what_is_asked(cast: Cast) -> None:
    filed = Filed(cast, "IS")
    made = filed.centre.file(filed.authority.report())
    assess.assess(filed.centre.analyst, made, "ask", "From which port?", seen=0)
    assert filed.asked(f"reports/{made}").json()["told"][-1]["reason"] == "From which port?"
    assert filed.asked(f"reports/{made}").json()["held_until"] is None
    filed.held(made)
    said = filed.asked(f"reports/{made}").json()
    (hold,) = [one for one in said["told"] if one["kind"] == "hold"]
    assert hold["until"] == said["held_until"] == said["content_held_until"] == hold["content_until"]
    assert filed.asked(f"reports/{uuid7()}").status_code == 404
    client = cast.client(cast.pixelpost, "lead")
    assert "From which port?" in client.get(f"{LIST}{made}/").content.decode()


def test_what_waits_for_who_has_no_address_is_settled_once_it_asks(cast: Cast) -> None:
    filed = Filed(cast, "LI")
    made = filed.centre.file(filed.authority.report())
    assess.assess(filed.centre.analyst, made, "ask", "From which port?", seen=0)
    Organisation.objects.filter(pk=cast.pixelpost.organisation_id).update(api_url="")
    (waiting,) = filed.centre.messages(cast.pixelpost, "feedback")
    assert waiting.answered_at is None
    filed.asked(f"reports/{made}")
    (told,) = filed.centre.messages(cast.pixelpost, "feedback")
    assert told.answer_status == 200


def test_who_files_by_the_interface_asks_by_its_number(cast: Cast) -> None:
    filed = Filed(cast, "CH")
    esp = Esp(cast)
    number = esp.submit(RICH)
    assert filed.asked(f"cybertips/{number}").status_code == 404, "it is not finished"
    esp.finish(number)
    said = filed.asked(f"cybertips/{number}").json()
    made = tip(cast, number).report_id
    assert (said["report_id"], said["filed_as"]) == (str(made), str(number))
    other = cast.key(cast.other_provider, "reports:submit")
    assert Client().get(f"/api/v1/cybertips/{number}", headers=other).status_code == 404
    assert Client().get(f"/api/v1/cybertips/{number}").status_code == 401
    assess.assess(filed.centre.analyst, made, "ask", "Which room?", seen=0)
    filed.delivered()
    page = cast.client(cast.pixelpost, "lead").get(f"{LIST}?state=asked").content.decode()
    assert str(number) in page


def _word(report: UUID, kind: str, **fields: Any) -> Feedback:
    return Feedback(
        feedback_id=uuid7(), report_id=report, kind=FeedbackKind(kind), at=clock.now(), centre="Centre", **fields
    )


def test_the_newest_word_counts_whatever_comes_first(cast: Cast) -> None:
    sender, other = cast.centre.organisation_id, cast.authority.organisation_id
    made, now = uuid7(), clock.now()
    asked, answer = _word(made, "received", reason="Which room?"), _word(made, "relevant")
    later = _word(made, "hold", until=now + timedelta(days=9))
    with acting(cast.pixelpost):
        for word in (answer, asked, asked, later):
            centre_feedback.receive(cast.pixelpost, word, sender)
        row = filed_elsewhere.FiledElsewhere.objects.get(report_id=made)
        assert (row.state, row.held_until, row.words.count()) == ("relevant", later.until, 3)
        longer = _word(made, "hold", until=now + timedelta(days=20))
        before = _word(made, "hold", until=now + timedelta(days=3)).model_copy(update={"at": now - timedelta(hours=1)})
        for word in (longer, before):
            centre_feedback.receive(cast.pixelpost, word, sender)
        row.refresh_from_db()
        hold = holds.held("report", made)
        assert hold is not None
        assert row.held_until == hold.until == longer.until, "what binds is what the list shows"
        centre_feedback.receive(cast.pixelpost, _word(made, "hold", until=now), sender)
        assert holds.held("report", made) is None
        with pytest.raises(NotFound):
            centre_feedback.receive(cast.pixelpost, _word(made, "relevant"), other)


def test_its_words_go_when_their_time_is_over(cast: Cast) -> None:
    made, sender, lead = uuid7(), cast.centre.organisation_id, cast.actor(cast.pixelpost, "lead")
    with acting(cast.pixelpost):
        centre_feedback.receive(cast.pixelpost, _word(made, "received", reason="Which room?"), sender)
    assert [word.reason for word in filed_elsewhere.load_filed(lead, made).words] == ["Which room?"]
    with acting(cast.pixelpost):
        assert ("report", str(made)) in list(retention.erase_preserved(cast.pixelpost, clock.now()))
    assert [word.reason for word in filed_elsewhere.load_filed(lead, made).words] == [""]
    with pytest.raises(NotFound):
        filed_elsewhere.load_filed(cast.actor(cast.other_provider, "lead"), made)
