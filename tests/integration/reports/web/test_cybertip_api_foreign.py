"""An unmodified client of the CyberTipline interface, not ours, completes every flow against ours."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import httpx
import pytest
from django.core.asgi import get_asgi_application

from tests.support import sealed
from tests.support.cast import Cast
from tests.support.reports_world import Centre
from tests.support.sealed import COUNTRY, addressed
from tutela.events.transaction import acting
from tutela.organisations.keys import sealed_files
from tutela.organisations.people import api_keys
from tutela.reports.models import CyberTip, Report

if sys.version_info < (3, 13):
    pytest.skip("ncmec-cybertip needs Python 3.13", allow_module_level=True)
# Where it is missing the run fails: no flow would be shown to work with a client that is not ours.
foreign: Any = import_module("ncmec_cybertip")
AT = datetime(2026, 2, 10, 14, 5, tzinfo=UTC)


def talk(cast: Cast, act: Callable[[Any], Awaitable[Any]], *, password: str | None = None) -> Any:
    """What the client made of its conversation."""
    _row, key = api_keys.issue_key(
        cast.pixelpost, cast.pixelpost.organisation_id, name="Foreign", scopes=["reports:submit"]
    )

    async def run() -> Any:
        transport = httpx.ASGITransport(app=get_asgi_application())
        auth = ("esp", key if password is None else password)
        async with httpx.AsyncClient(transport=transport, auth=auth) as http:
            client = foreign.CyberTiplineClient(
                username="esp", password="", base_url="http://testserver/ispws", client=http
            )
            return await act(client)

    return asyncio.run(run())


def report(**more: Any) -> Any:
    person = foreign.Person(email=[foreign.Email(value="desk@provider.example")])
    summary = foreign.IncidentSummary(
        incident_type=foreign.IncidentType.CHILD_PORNOGRAPHY, incident_date_time=AT, platform="Albums"
    )
    return foreign.Report(incident_summary=summary, reporter=foreign.Reporter(reporting_person=person), **more)


def test_every_flow(cast: Cast) -> None:
    Centre(cast)
    content = b"a landscape" * 1000
    event = foreign.IpCaptureEvent(ip_address="192.0.2.44", event_name="Upload", date_time=AT, port=51544)
    suspect = foreign.PersonOrUserReported(esp_identifier="u-1", screen_name="somebody", ip_capture_event=[event])

    async def act(client: Any) -> tuple[int, str]:
        assert "Remote User : esp" in (await client.status()).response_description
        assert "fileDetails" in await client.get_xsd()
        number = (await client.submit(report(person_or_user_reported=suspect))).report_id
        sent = await client.upload(number, content, filename="a.jpg")
        assert sent.hash == hashlib.md5(content, usedforsecurity=False).hexdigest()
        await client.file_info(
            foreign.FileDetails(
                report_id=number,
                file_id=sent.file_id,
                original_file_name="IMG_1.jpg",
                file_viewed_by_esp=True,
                original_file_hash=[foreign.OriginalFileHash.compute(content, "sha256")],
                uploaded_to_esp_timestamp=AT,
            )
        )
        done = await client.finish(number)
        assert done.file_ids == [sent.file_id]
        with pytest.raises(foreign.ApiError) as again:
            await client.retract(number)
        assert again.value.response_code == 5102
        other = (await client.submit(report())).report_id
        await client.retract(other)
        return number, sent.file_id

    number, _file = talk(cast, act)
    with acting(cast.centre):
        tip = CyberTip.objects.get(number=number)
        row = Report.objects.get(report_id=tip.report_id)
    assert (row.service, row.items, row.kinds) == ("Albums", 1, ["new"])


def spread(number: int, file: str, **more: Any) -> Any:
    return foreign.FileDetails(
        report_id=number, file_id=file, file_annotations=foreign.FileAnnotations(viral=True), **more
    )


def test_a_batched_report(cast: Cast) -> None:
    Centre(cast)
    reason = foreign.BatchedReportReason.VIRAL_POTENTIAL_MEME
    # The client's own document holds one person; of several our own test says what becomes of them.
    suspect = foreign.PersonOrUserReported(esp_identifier="u-1")

    def batched(**more: Any) -> Any:
        summary = foreign.IncidentSummary(
            incident_type=foreign.IncidentType.CHILD_PORNOGRAPHY, incident_date_time=AT, **more
        )
        person = foreign.Person(email=[foreign.Email(value="desk@provider.example")])
        return foreign.Report(
            batched_report=foreign.BatchedReport(reason=reason),
            incident_summary=summary,
            reporter=foreign.Reporter(reporting_person=person),
            person_or_user_reported=suspect,
        )

    async def act(client: Any) -> int:
        with pytest.raises(foreign.ApiError, match="escalateToHighPriority") as urgent:
            await client.submit(batched(escalate_to_high_priority="Now."))
        number = (await client.submit(batched())).report_id
        with pytest.raises(foreign.ApiError) as empty:
            await client.finish(number)
        file = (await client.upload(number, b"a landscape", filename="a.jpg")).file_id
        with pytest.raises(foreign.ApiError, match="originalFileName") as named:
            await client.file_info(spread(number, file, original_file_name="IMG_1.jpg"))
        await client.file_info(spread(number, file))
        assert (await client.finish(number)).file_ids == [file]
        two = (await client.submit(batched())).report_id
        for name in ("a.jpg", "b.jpg"):
            await client.upload(two, name.encode(), filename=name)
        with pytest.raises(foreign.ApiError) as many:
            await client.finish(two)
        await client.retract(two)
        assert [one.value.response_code for one in (urgent, empty, named, many)] == [4100] * 4
        return int(number)

    number = talk(cast, act)
    with acting(cast.centre):
        row = Report.objects.get(report_id=CyberTip.objects.get(number=number).report_id)
    assert (row.items, row.kinds) == (1, ["known"])


def test_what_the_client_knows_and_the_table_does_not_is_kept_and_named(cast: Cast) -> None:
    Centre(cast)
    account = foreign.AssociatedAccount(account_type="Linked", third_party_user=True, screen_name="another")
    suspect = foreign.PersonOrUserReported(
        esp_identifier="u-1",
        associated_account=[account],
        estimated_location=foreign.EstimatedLocation(city="Ghent"),
    )
    agency = foreign.LawEnforcement(agency_name="An agency", flea_country="BE")

    async def act(client: Any) -> int:
        sent = await client.submit(report(person_or_user_reported=suspect, law_enforcement=agency))
        for name in ("@fleaCountry", "@thirdPartyUser"):
            assert name in sent.response_description
        file = (await client.upload(sent.report_id, b"a landscape", filename="a.jpg")).file_id
        pair = foreign.NameValuePair(type="EXIF", name="Make", value="A camera")
        details = foreign.FileDetails(
            report_id=sent.report_id, file_id=file, details=[foreign.Details(name_value_pair=[pair])]
        )
        assert "nameValuePair/@type" in (await client.file_info(details)).response_description
        await client.finish(sent.report_id)
        return int(sent.report_id)

    number = talk(cast, act)
    with acting(cast.centre):
        assert Report.objects.get(report_id=CyberTip.objects.get(number=number).report_id).items == 1


def test_a_second_upload_is_a_second_item_with_details_of_its_own(cast: Cast) -> None:
    Centre(cast)

    async def act(client: Any) -> int:
        number = (await client.submit(report())).report_id
        files = [(await client.upload(number, one.encode(), filename=f"{one}.jpg")).file_id for one in ("a", "b")]
        for file in reversed(files):
            await client.file_info(foreign.FileDetails(report_id=number, file_id=file, file_viewed_by_esp=True))
        with pytest.raises(foreign.ApiError) as again:
            await client.file_info(foreign.FileDetails(report_id=number, file_id=files[0]))
        assert again.value.response_code == 4100
        assert (await client.finish(number)).file_ids == files
        return int(number)

    number = talk(cast, act)
    with acting(cast.centre):
        assert Report.objects.get(report_id=CyberTip.objects.get(number=number).report_id).items == 2


def test_an_upload_is_sealed_in_the_order_of_its_form_and_gone_once_it_is_retracted(cast: Cast) -> None:
    world, content = addressed(), b"CLEAR-MARK-OF-A-STRANGER" * 10_000
    place = foreign.EstimatedLocation(country_code=COUNTRY)
    suspect = foreign.PersonOrUserReported(esp_identifier="u-1", estimated_location=place)

    async def send(client: Any) -> int:
        number = (await client.submit(report(person_or_user_reported=suspect))).report_id
        sent = await client.upload(number, content, filename="a.jpg")
        assert sent.response_description == "Success"
        assert sent.hash == hashlib.md5(content, usedforsecurity=False).hexdigest()
        return int(number)

    async def take_back(client: Any) -> None:
        await client.retract(kept)
        for ended in (client.finish(kept), client.upload(kept, b"more")):
            with pytest.raises(foreign.ApiError) as gone:
                await ended
            assert gone.value.response_code == 5101

    kept = talk(cast, send)
    (row,) = world.kept(kept)
    file = sealed.there(row.name)
    assert file
    assert row.addressee_id == world.authority.machine.organisation_id
    assert sealed.opened(file.read_bytes(), world.identity) == content
    assert not any(
        b"CLEAR-MARK-OF-A-STRANGER" in one.read_bytes() for one in sealed_files.folder().rglob("*") if one.is_file()
    )
    talk(cast, take_back)
    assert not file.exists()
    assert [one.gone_as for one in world.kept(kept)] == ["retracted"]


def test_a_wrong_password_is_an_error_of_its_own(cast: Cast) -> None:
    Centre(cast)

    async def act(client: Any) -> None:
        with pytest.raises(foreign.ApiError) as refused:
            await client.status()
        assert refused.value.is_authentication_error

    talk(cast, act, password="wrong")


def test_what_newer_versions_of_the_client_say_is_taken(cast: Cast) -> None:
    Centre(cast)

    async def act(client: Any) -> int:
        made = report()
        made.incident_summary.report_annotations = foreign.ReportAnnotations(informational=True, spam=True)
        made.reporter.reporting_person.age_assertion_discrepancy = True
        made.reporter.reporting_person.email = []
        return (await client.submit(made)).report_id

    assert talk(cast, act) > 0
