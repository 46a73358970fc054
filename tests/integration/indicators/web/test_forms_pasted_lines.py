"""Lines of `tutela hash` that are uploaded or pasted at the desk: in every encoding, and too long."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet

from tests.integration.indicators.register.test_register import CLASS, _scheme
from tests.support.cast import Cast
from tests.support.films import line
from tutela.events.transaction import acting
from tutela.indicators.models import IndicatorFilm

__all__ = ["_scheme"]

WORDS = {"media_type": "video", "classification": CLASS, "reason": "Assessed"}
PROPOSE = "/desk/indicators/propose/"
LONG = "{" + " " * 2_700_000


def proposed(cast: Cast) -> QuerySet[IndicatorFilm]:
    return IndicatorFilm.objects.filter(organisation_id=cast.hotline_ie.organisation_id)


def only(cast: Cast) -> UUID:
    with acting(cast.hotline_ie):
        return proposed(cast).get().indicator_id


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_that_windows_wrote_proposes_and_certifies(cast: Cast, encoding: str) -> None:
    mine, other = cast.client(cast.hotline_ie, "analyst"), cast.client(cast.hotline_de, "analyst")
    data = (line().strip() + "\r\n").encode(encoding)
    page = mine.post(PROPOSE, {**WORDS, "file": SimpleUploadedFile("a.json", data)}, follow=True).content.decode()
    assert "different frames out of" in page
    address = f"/desk/indicators/{only(cast)}/certify/"
    page = other.post(address, {"held_file": SimpleUploadedFile("a.json", data)}, follow=True).content.decode()
    assert "Certified." in page


def test_a_file_that_is_no_text_is_named_so_and_nothing_is_kept(cast: Cast) -> None:
    mine, other = cast.client(cast.hotline_ie, "analyst"), cast.client(cast.hotline_de, "analyst")
    data = line().encode("utf-16-le")
    page = mine.post(PROPOSE, {**WORDS, "file": SimpleUploadedFile("a.json", data)}).content.decode()
    assert "The file must be text in UTF-8" in page
    with acting(cast.hotline_ie):
        assert not proposed(cast).exists()
    mine.post(PROPOSE, {**WORDS, "file": SimpleUploadedFile("a.json", line().encode())})
    address = f"/desk/indicators/{only(cast)}/certify/"
    page = other.post(address, {"held_file": SimpleUploadedFile("a.json", data)}, follow=True).content.decode()
    assert "The file must be text in UTF-8" in page
    assert "Certified." not in page


def test_a_text_that_is_too_long_is_not_called_a_file(cast: Cast) -> None:
    mine, other = cast.client(cast.hotline_ie, "analyst"), cast.client(cast.hotline_de, "analyst")
    page = mine.post(PROPOSE, {**WORDS, "line": LONG}).content.decode()
    assert "The text is longer than 2.5 MB." in page
    assert "Choose a file of at most" not in page
    file = SimpleUploadedFile("a.json", LONG.encode())
    page = mine.post(PROPOSE, {**WORDS, "line": "{}", "file": file}).content.decode()
    assert "Choose a file of at most 2.5 MB." in page
    assert "The text is longer" not in page
    mine.post(PROPOSE, {**WORDS, "file": SimpleUploadedFile("a.json", line().encode())})
    address = f"/desk/indicators/{only(cast)}/certify/"
    page = other.post(address, {"held": LONG}, follow=True).content.decode()
    assert "The text is longer than 2.5 MB." in page
    plain = other.post(address, f"held={LONG}", "application/x-www-form-urlencoded", follow=True).content.decode()
    assert "The text is longer than 2.5 MB." in plain
    page = other.post(address, {"held_file": SimpleUploadedFile("a", LONG.encode())}, follow=True).content.decode()
    assert "Choose a file of at most 2.5 MB." in page


def test_a_text_that_is_longer_than_any_form_is_told_so(cast: Cast) -> None:
    mine, text = cast.client(cast.hotline_ie, "analyst"), "x" * 6_000_000
    plain = mine.post(PROPOSE, f"line={text}", "application/x-www-form-urlencoded")
    for answer in (plain, mine.post(PROPOSE, {**WORDS, "line": text})):
        assert answer.status_code == 413
        assert "The data that you entered is larger than 5 MB." in answer.content.decode()
    for headers, status in (({}, 401), (cast.key(cast.hotline_ie, "indicators:propose"), 413)):
        machine = mine.post("/api/v1/indicators", f"a={text}", "application/x-www-form-urlencoded", headers=headers)
        assert (machine.status_code, machine.headers["Content-Type"]) == (status, "application/problem+json")
