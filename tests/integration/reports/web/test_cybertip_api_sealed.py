"""Files of the CyberTipline interface reach the state that a document points to, or their sender is told why not."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from lxml import etree

from tests.support import sealed
from tests.support.cybertips import report, user
from tests.support.sealed import COUNTRY, Addressed, addressed
from tutela.exchange.cybertip.schema import validator

CONTENT = b"CLEAR-MARK of a landscape" * 1000


@pytest.fixture
def world() -> Addressed:
    return addressed()


def test_a_document_that_places_a_child_alone_seals_to_the_childs_state(world: Addressed) -> None:
    place = f"<estimatedLocation><countryCode>{COUNTRY}</countryCode></estimatedLocation>"
    number = world.esp.submit(report(after=user(f"<victimPerson/>{place}", "victim")))
    world.esp.upload(number, CONTENT)
    (row,) = world.kept(number)
    assert row.addressee_id == world.authority.machine.organisation_id
    file = sealed.there(row.name)
    assert file
    assert sealed.opened(file.read_bytes(), world.identity) == CONTENT


def form(number: int, *, file_first: bool) -> bytes:
    text = f'Content-Disposition: form-data; name="id"\r\n\r\n{number}'.encode()
    file = b'Content-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n' + CONTENT
    first, last = (file, text) if file_first else (text, file)
    return b"--b\r\n" + first + b"\r\n--b\r\n" + last + b"\r\n--b--\r\n"


@pytest.mark.parametrize("file_first", [False, True])
def test_a_file_before_its_number_is_hashed_and_its_sender_told_why(world: Addressed, file_first: bool) -> None:
    number = world.submit()
    body = form(number, file_first=file_first)
    answer: Any = world.esp.call("upload", body, content_type="multipart/form-data; boundary=b")
    assert validator().validate(answer), etree.tostring(answer)
    assert answer.findtext("responseCode") == "0"
    assert answer.findtext("hash") == hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    assert ("send id first" in answer.findtext("responseDescription")) is file_first
    assert len(world.kept(number)) == (0 if file_first else 1)
    assert ("evidence.not_kept" in world.events(number)) is file_first
