"""Pages of the hotline's desk: enter, assess, police, notice, recheck, and who may do none of it."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from tests.support.cast import Cast
from tests.support.takedown_world import LABEL, Hotline, looked_up, registry
from tutela import clock
from tutela.casework.models import PendingAction
from tutela.casework.undo import delayed_actions
from tutela.events.transaction import acting
from tutela.indicators.register import search
from tutela.takedown.hosts import host_trace
from tutela.takedown.models import Notice, TakedownCase


def _address() -> str:
    return f"https://h{secrets.token_hex(6)}.example.org/page"


@pytest.fixture
def desk(cast: Cast) -> tuple[Hotline, Client]:
    hotline = Hotline(cast)
    return hotline, cast.client(hotline.machine, "analyst")


def test_a_day_at_the_desk(desk: tuple[Hotline, Client], cast: Cast) -> None:
    hotline, client = desk
    assert b"No case matches this filter" in client.get("/desk/takedown/").content
    answer = client.post("/desk/takedown/new/", {"addresses": _address(), "source": "entered"})
    page = answer["Location"]
    assert re.fullmatch(r"/desk/takedown/[0-9a-f-]{36}/", page)
    with acting(hotline.analyst):
        case = TakedownCase.objects.get()
    assert case.number.encode() in client.get("/desk/takedown/").content
    given = {"verdict": "illegal", "label": LABEL, "reality": "unclear", "commerciality": "not", "viewed_seconds": "30"}
    assert client.post(f"{page}assess/", given).status_code == 302
    host_trace.trace(hotline.analyst, case.pk, client=registry(), lookup=looked_up)
    shown = client.get(page).content.decode()
    assert "Example Hosting" in shown
    assert "Report to the police" in shown
    client.post(f"{page}notice/", {"channel": "email", "language": "en"})
    assert "Report the case to the police first, and record the evidence" in client.get(page).content.decode()
    client.post(f"{page}police/", {"authority": str(cast.authority.organisation_id), "reference": "AZ 1"})
    client.post(f"{page}evidence/", {"reason": "Nothing answers."})
    client.post(f"{page}notice/", {"channel": "file", "language": "en"})
    with acting(hotline.analyst):
        notice = Notice.objects.get()
    assert notice.number in client.get(page).content.decode()
    text = client.get(f"/desk/takedown/notices/{notice.pk}/notice.txt")
    assert b"Article 16" in text.content
    assert "attachment" in text["Content-Disposition"]
    client.post(f"/desk/takedown/notices/{notice.pk}/answer/", {"kind": "removed", "reference": "H-9"})
    assert "host says removed" in client.get(page).content.decode()
    client.post(f"{page}seen/", {"seen": "absent"})
    assert "verified absent" in client.get(page).content.decode()
    listed = client.get("/desk/takedown/?stage=closed&format=csv").content.decode()
    assert case.number in listed
    found = client.post("/desk/search/", {"q": case.number}).content.decode()
    assert page in found


def test_assessment_waits_ten_seconds_and_can_be_undone(
    desk: tuple[Hotline, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "UNDO_SECONDS", 10)
    hotline, client = desk
    page = client.post("/desk/takedown/new/", {"addresses": _address(), "source": "entered"})["Location"]
    given = {"verdict": "legal", "commerciality": "not", "viewed_seconds": "3"}
    client.post(f"{page}assess/", given)
    shown = client.get(page).content.decode()
    assert "Assessment of the address" in shown
    assert "Record assessment" not in shown
    with acting(hotline.analyst):
        row = PendingAction.objects.get()
    step = f"/desk/work/takedown/{row.subject_id}/"
    assert "Nothing was sent" in client.post(step, {"step": "undo", "pending": row.pk}, follow=True).content.decode()
    assert "not assessed yet" in client.get(page).content.decode()
    client.post(f"{page}assess/", given)
    with acting(hotline.analyst):
        pk = PendingAction.objects.get().pk
    with clock.simulate(clock.now() + timedelta(seconds=11)):
        assert delayed_actions.run_due(hotline.machine, pk)
    assert "not assessed yet" not in client.get(page).content.decode()


def test_digest_of_an_undoable_assessment_counts_as_a_look_up(
    desk: tuple[Hotline, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "UNDO_SECONDS", 10)
    looked = list[str]()
    monkeypatch.setattr(search, "is_active", lambda _actor, sha256: bool(looked.append(sha256)))
    page = desk[1].post("/desk/takedown/new/", {"addresses": _address(), "source": "entered"})["Location"]
    given = {"verdict": "illegal", "label": LABEL, "reality": "unclear", "commerciality": "not", "viewed_seconds": "0"}
    answer = desk[1].post(f"{page}assess/", {**given, "certified_sha256": "ab" * 32}, follow=True)
    assert "No active entry of the register has this SHA-256." in answer.content.decode()
    assert looked == ["ab" * 32]


def test_many_lines_have_a_result_each(desk: tuple[Hotline, Client]) -> None:
    _hotline, client = desk
    good, again = _address(), _address()
    client.post("/desk/takedown/new/", {"addresses": again, "source": "hotline", "reference": "P-1"})
    lines = "\n".join((good, "javascript:alert(1)", "", again))
    page = client.post("/desk/takedown/new/", {"addresses": lines, "source": "entered"}).content.decode()
    assert page.count("new case") == 1
    assert page.count("reported again") == 1
    assert "This address cannot be used" in page


def test_the_search_finds_a_case_by_its_address(desk: tuple[Hotline, Client]) -> None:
    hotline, client = desk
    address = _address()
    case = hotline.reported(address)
    found = client.post("/desk/search/", {"q": address}).content.decode()
    assert f"/desk/takedown/{case.id}/" in found


def test_another_hotline_and_other_desks_find_nothing(desk: tuple[Hotline, Client], cast: Cast) -> None:
    hotline, _client = desk
    case = hotline.reported()
    for stranger, role in ((cast.hotline_de, "analyst"), (cast.pixelpost, "lead"), (cast.centre, "analyst")):
        client = cast.client(stranger, role)
        assert client.get(f"/desk/takedown/{case.id}/").status_code in (403, 404)
        for step in ("assess", "trace", "notice", "police", "recheck", "seen", "alert", "hold"):
            assert client.post(f"/desk/takedown/{case.id}/{step}/", {}).status_code in (403, 404), step
    assert Client().get(f"/desk/takedown/{case.id}/").status_code in (302, 403)


def test_bad_forms_say_which_field_is_wrong(desk: tuple[Hotline, Client]) -> None:
    hotline, client = desk
    case = hotline.reported()
    page = f"/desk/takedown/{case.id}/"
    client.post(f"{page}assess/", {"verdict": "illegal"})
    assert "Viewing time" in client.get(page).content.decode()
    client.post(f"{page}seen/", {"seen": "x"})
    assert "Choose what you saw" in client.get(page).content.decode()
    client.post(f"{page}evidence/", {})
    assert "Enter the reference, or the reason" in client.get(page).content.decode()
    assert hotline.row(case.id).stage == "assess"
