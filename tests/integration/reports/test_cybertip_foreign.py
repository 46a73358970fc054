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

from tests.cast import Cast
from tests.integration.reports.world import Centre
from tutela.events.acting import acting
from tutela.organisations import apikeys
from tutela.reports.models import CyberTip, Report

if sys.version_info < (3, 13):
    pytest.skip("ncmec-cybertip needs Python 3.13", allow_module_level=True)
# Where it is missing the run fails: no flow would be shown to work with a client that is not ours.
foreign: Any = import_module("ncmec_cybertip")
AT = datetime(2026, 2, 10, 14, 5, tzinfo=UTC)


def talk(cast: Cast, act: Callable[[Any], Awaitable[Any]], *, password: str | None = None) -> Any:
    """What the client made of its conversation."""
    _row, key = apikeys.issue_key(
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


def test_a_wrong_password_is_an_error_of_its_own(cast: Cast) -> None:
    Centre(cast)

    async def act(client: Any) -> None:
        with pytest.raises(foreign.ApiError) as refused:
            await client.status()
        assert refused.value.is_authentication_error

    talk(cast, act, password="wrong")
