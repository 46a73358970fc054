"""A file that was sealed to an authority which never got its report: the page hands it in as those of returned ones."""

from __future__ import annotations

import hashlib
import io
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.integration.investigations.evidence.test_resealing import wired as wired
from tests.integration.reports.intake.test_cybertip_submission import tip
from tests.support import sealed
from tests.support.reports_world import shared
from tests.support.sealed import addressed
from tutela.events.transaction import acting
from tutela.organisations.people import encryption_recipients
from tutela.reports.models import Evidence
from tutela.reports.referrals import country_override, refer
from tutela.reports.triage import assess

CONTENT = b"a quay in the rain" * 500
ADDRESS = "/desk/inbox/resealing/"


class Undelivered:
    """A submission whose document points to one country, and whose report a lead gives to another."""

    def __init__(self) -> None:
        self.world = addressed()
        self.next = shared(self.world.cast, "MT")
        self.identity = sealed.key(self.next.machine)
        number = self.world.submit()
        self.world.esp.upload(number, CONTENT)
        assert self.world.esp.finish(number).findtext("responseCode") == "0"
        self.id = tip(self.world.cast, number).report_id
        (self.old,) = self.kept()
        assess.assess(self.world.centre.analyst, self.id, "forward", "", seen=0)
        country_override.choose_country(self.world.centre.lead, self.id, "MT", "A letter says so")
        refer.refer(self.world.centre.analyst, self.id)
        self.desk = self.world.cast.client(self.world.authority.machine, "investigator")

    def kept(self) -> list[Evidence]:
        with acting(self.world.cast.centre):
            return list(Evidence.objects.filter(report_id=self.id, gone_at=None))

    def hand_in(self, body: bytes, client: Client | None = None, file: Any = None, **fields: str) -> Any:
        recipient = encryption_recipients.current(self.next.machine.organisation_id)
        assert recipient
        upload = io.BytesIO(body)
        upload.name = "a.age"
        said = {"recipient": recipient.text, **fields, "file": upload}
        address = f"{ADDRESS}{file or self.old.pk}/reseal/"
        return (client or self.desk).post(address, said, follow=True)


@pytest.mark.usefixtures("wired")
def test_it_is_listed_downloaded_and_handed_in_without_a_referral() -> None:
    made = Undelivered()
    page = made.desk.get(ADDRESS).content.decode()
    assert str(made.old.pk) in page
    assert made.next.machine.organisation_name in page
    assert made.desk.get(f"{ADDRESS}{made.old.pk}/").status_code == 405
    stranger = made.world.cast.client(made.next.machine, "investigator")
    for client, file in ((stranger, made.old.pk), (made.desk, uuid4())):
        assert client.post(f"{ADDRESS}{file}/").status_code == 404
        assert made.hand_in(b"x", client, file).status_code == 404
    downloaded = made.desk.post(f"{ADDRESS}{made.old.pk}/")
    clear = sealed.opened(sealed.body(downloaded), made.world.identity)
    to = encryption_recipients.current(made.next.machine.organisation_id)
    assert to
    anew = sealed.sealed(clear, to.text)
    assert "a different SHA-256" in made.hand_in(anew, sha256="0" * 64).content.decode()
    done = made.hand_in(anew, sha256=hashlib.sha256(anew).hexdigest())
    assert "File uploaded" in done.content.decode()
    (new,) = made.kept()
    assert (new.addressee_id, new.resealed_from_id) == (made.next.machine.organisation_id, made.old.pk)
    assert str(made.old.pk) not in made.desk.get(ADDRESS).content.decode()
