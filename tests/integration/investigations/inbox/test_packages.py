"""What an authority downloads of a referral: archive with sealed files, STIX, print; the codes on it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.wsgi import get_wsgi_application

from tests.integration.reports.evidence.test_presealed import CONTENT, Filed
from tests.support import sealed
from tests.support.cast import Cast
from tests.support.sealed import addressed
from tutela.events.errors import Forbidden, Invalid
from tutela.exchange.police.message import Manifest, PoliceMessage
from tutela.exchange.referral import unsealing
from tutela.exchange.referral.referral import Referral
from tutela.investigations.referral_work import pdf
from tutela.organisations.messages import peer_client
from tutela.reports.referrals import handling_codes

POLICY: dict[str, Any] = {"text": "", "certified": "A2", "confirmed": "B3", "unconfirmed": "X4"}


@pytest.fixture
def wired(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        peer_client, "client", lambda *_: httpx.Client(transport=httpx.WSGITransport(app=get_wsgi_application()))
    )


@pytest.fixture
def filed() -> Filed:
    return Filed(addressed())


@pytest.mark.usefixtures("wired")
def test_the_archive_holds_message_cover_attachments_and_the_sealed_file(filed: Filed) -> None:
    filed.send(name="quay.jpg")
    referral = filed.world.authority.referred(filed.id)
    client = filed.cast.client(filed.world.authority.machine, "investigator")
    answer = client.get(f"/desk/inbox/{referral}/package.zip?files=1")
    with zipfile.ZipFile(io.BytesIO(sealed.body(answer))) as archive:
        manifest = Manifest.from_bytes(archive.read("manifest.json"))
        for part in manifest.parts:
            assert hashlib.sha256(archive.read(part.name)).hexdigest() == part.sha256
        told = PoliceMessage.from_bytes(archive.read("message.json"))
        package = Referral.from_bytes(archive.read("attachments/referral.json"))
        assert archive.read("cover.pdf").startswith(b"%PDF")
        assert archive.read("attachments/referral.pdf").startswith(b"%PDF")
        (file,) = [name for name in archive.namelist() if name.endswith(".age")]
        assert sealed.opened(archive.read(file), filed.world.identity) == CONTENT
    assert told.reference == package.case_number == manifest.reference
    rows = dict(pdf.cover_rows(told))
    assert rows["Reference"] == package.case_number
    assert rows["Recipient"].startswith(package.authority)
    assert rows["Urgency"].startswith(told.urgency)
    assert {one.name for one in told.attachments} == {
        "referral.json",
        "referral.pdf",
        "stix.json",
        f"{package.evidence[0].evidence_id}.age",
    }


@pytest.mark.usefixtures("wired")
def test_a_file_that_came_late_is_in_the_archive_and_checked_too(filed: Filed, tmp_path: Path) -> None:
    referral = filed.world.authority.referred(filed.id)
    assert filed.send(name="quay.jpg").status_code == 201
    listed = filed.get(f"referrals/{referral}/evidence").content
    client = filed.cast.client(filed.world.authority.machine, "investigator")
    page = client.get(f"/desk/inbox/{referral}/package.zip?files=1")
    path = tmp_path / "archive.zip"
    path.write_bytes(sealed.body(page))
    (one,) = unsealing.sealed_in(path)
    entries = unsealing.entries_in(path)
    done = unsealing.open_sealed(one, [filed.world.identity], tmp_path, entries)
    assert done.checked
    assert done.target.read_bytes() == CONTENT
    (tmp_path / "list.json").write_bytes(listed)
    assert unsealing.entries_in(tmp_path / "list.json") == entries


def test_without_files_it_needs_no_centre_and_with_files_it_says_that_none_answered(filed: Filed) -> None:
    filed.send()
    referral = filed.world.authority.referred(filed.id)
    client = filed.cast.client(filed.world.authority.machine, "investigator")
    with zipfile.ZipFile(io.BytesIO(sealed.body(client.get(f"/desk/inbox/{referral}/package.zip")))) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".age")]
    answer = client.get(f"/desk/inbox/{referral}/package.zip?files=1", follow=True)
    assert "Try again later" in answer.content.decode()


def test_stix_is_for_readers_and_another_authority_finds_nothing(filed: Filed) -> None:
    referral = filed.world.authority.referred(filed.id)
    client = filed.cast.client(filed.world.authority.machine, "analyst")
    assert b"TLP:RED" in client.get(f"/desk/inbox/{referral}/package.stix.json").content
    assert client.get(f"/desk/inbox/{referral}/package.zip").status_code == 404
    stranger = filed.cast.client(filed.cast.authority, "investigator")
    for address in ("package.zip", "package.stix.json"):
        assert stranger.get(f"/desk/inbox/{referral}/{address}").status_code == 404


def test_the_centre_s_lead_decides_the_codes_and_referrals_carry_them(filed: Filed) -> None:
    cast = filed.cast
    lead = cast.actor(cast.centre, "lead")
    with pytest.raises(Forbidden):
        handling_codes.note(cast.actor(cast.centre, "analyst"), codes=[], **POLICY)
    for codes, change, field in (
        (["H4"], {}, "codes"),
        (["H3"], {}, "codes"),
        ([], {"text": "x"}, "codes"),
        ([], {"certified": "D1"}, "certified"),
        ([], {"confirmed": "A5"}, "confirmed"),
        ([], {"unconfirmed": ""}, "unconfirmed"),
    ):
        with pytest.raises(Invalid) as refused:
            handling_codes.note(lead, codes=codes, **{**POLICY, **change})
        assert refused.value.field == field
    browser = cast.client(cast.centre, "lead")
    fields = {"codes": ["H1", "H3"], "text": "Ask us first", "certified": "A1", "confirmed": "B2", "unconfirmed": "X4"}
    assert browser.post("/desk/reports/handling/", fields).status_code == 302
    referral = filed.world.authority.referred(filed.id)
    handling_codes.note(lead, codes=[], **POLICY)
    client = cast.client(filed.world.authority.machine, "investigator")
    package = Referral.from_bytes(client.get(f"/desk/inbox/{referral}/package.json").content)
    assert package.handling
    assert package.evaluation
    assert (package.handling.codes, package.handling.text) == (("H0", "H1", "H3"), "Ask us first")
    assert package.evaluation.code == "B2"


def test_who_may_not_look_does_not_find_the_page(cast: Cast) -> None:
    assert cast.client(cast.pixelpost, "lead").get("/desk/reports/handling/").status_code == 404
    assert cast.client(cast.centre, "analyst").post("/desk/reports/handling/", {}).status_code == 404
