"""Packages for police: codes, a message that holds together, STIX that validators accept, archives that are whole."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import stix2
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from stix2validator import ValidationOptions, validate_string

from tests.support import exchange_reports
from tutela.exchange.police import stix
from tutela.exchange.police.archive import Document, PartDiffersError, SealedPart, written
from tutela.exchange.police.builder import message
from tutela.exchange.police.message import Attached, Manifest, PoliceMessage, dumped
from tutela.exchange.referral.handling_codes import Evaluation, Handling
from tutela.exchange.referral.referral import Referral, SealedFile
from tutela.exchange.report.report import Report

IDS = st.integers(0, 2**60).map(lambda n: str(UUID(int=n | 0x7 << 76 | 0x2 << 62)))


def referral(*bodies: dict[str, Any], **changes: Any) -> Referral:
    base: dict[str, Any] = {
        "referral_id": exchange_reports.report_id(9),
        "case_number": "F-26-0001",
        "centre": "EU Centre",
        "authority": "Kriminalamt",
        "created_at": "2026-03-01T10:00:00Z",
        "reports": tuple(Report.model_validate(b) for b in bodies or [exchange_reports.report()]),
        "assessment": {
            "relevant": True,
            "relevance_reason": "x",
            "urgent": True,
            "urgency_reason": "A meeting was announced",
            "completeness": 80,
            "assessed_by": "analyst 7",
            "assessed_at": "2026-03-01T09:00:00Z",
        },
        "jurisdiction": {"country": "BE", "ground": "suspect_resides", "facts": ["telephone prefix"]},
        "handling": {"codes": ["H0", "H1"]},
        "evaluation": {"source": "B", "information": "2"},
    }
    return Referral.model_validate({**base, **changes})


@pytest.mark.parametrize("code", ["D1", "A5", "A0", "1A", "", "A", "AA", "A12", "x4"])
def test_what_is_no_evaluation_is_refused(code: str) -> None:
    with pytest.raises(ValidationError):
        Evaluation.of(code)


def test_every_evaluation_of_the_grid_is_one() -> None:
    for code in [f"{a}{n}" for a in "ABCX" for n in "1234"]:
        assert Evaluation.of(code).code == code


@pytest.mark.parametrize(
    "given_",
    [
        {"codes": ["H4"]},
        {"codes": ["H1"]},
        {"codes": []},
        {"codes": ["H1", "H0"]},
        {"codes": ["H0", "H0"]},
        {"codes": ["H0", "H3"]},
        {"codes": ["H0"], "text": "x"},
        {"codes": ["H0", "H4"], "text": "x"},
    ],
)
def test_handling_codes_that_do_not_go_together_are_refused(given_: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Handling.model_validate_json(json.dumps(given_))


def test_the_message_says_what_the_package_says() -> None:
    package = referral()
    told = message(package, [Attached(name="referral.json", size=1, sha256="0" * 64, media_type="application/json")])
    assert (told.reference, told.urgency, told.addressees[0].name) == ("F-26-0001", "urgent", "Kriminalamt")
    assert (told.handling.codes, told.evaluation.code) == (("H0", "H1"), "B2")
    kinds = {(one.type, one.kind or one.role) for one in told.entities}
    wanted = {
        "person": ("suspect", "victim"),
        "communication": ("ip", "account", "email"),
        "file": ("image",),
        "organisation": ("provider",),
        "location": (None,),
    }
    assert {(one, kind) for one, kinds_ in wanted.items() for kind in kinds_} <= kinds
    address = next(one for one in told.entities if one.kind == "ip")
    assert (address.port, address.time) == (40123, exchange_reports.MOMENT)
    assert PoliceMessage.from_bytes(dumped(told)) == told


def test_a_parent_is_neither_suspect_nor_child_and_no_account_of_this_service() -> None:
    parent = {"usernames": ["parent"], "emails": ["parent@mail.example"], "relation": "guardian"}
    body = {
        **exchange_reports.report(),
        "users": [{"usernames": ["one"]}, parent],
        "victims": [{"other": "token"}, parent],
    }
    told = message(referral(body))
    people = [(one.role, one.kind) for one in told.entities if one.type == "person"]
    assert people == [("suspect", None), ("related", "guardian"), ("victim", None), ("related", "guardian")]
    (suspect, *_others) = [one.id for one in told.entities if one.type == "person"]
    ids = {one.id: one for one in told.entities}
    of_files = {one for one, how, _other in told.relations if how == "connected with"}
    assert of_files == {suspect}, "nobody else is connected with an item"
    assert (how_related := [(one, other) for one, how, other in told.relations if how == "related to"])
    assert {ids[other].role for _one, other in how_related} == {"suspect", "victim"}
    (account,) = [one for one in told.entities if one.value == "parent"]
    assert account.service is None
    observed = json.loads(stix.bundle(referral(body)))["objects"]
    assert "parent" not in [one.get("display_name") for one in observed]
    assert "parent@mail.example" in [one.get("value") for one in observed]


def test_where_nothing_is_said_nobody_can_assess_it() -> None:
    told = message(referral(handling=None, evaluation=None))
    assert (told.handling.codes, told.evaluation.code) == (("H0",), "X4")


@pytest.mark.parametrize("media_type", ["image/jpeg", "video/mp4", "application/octet-stream", "image/png"])
def test_no_attachment_is_media(media_type: str) -> None:
    with pytest.raises(ValidationError):
        Attached(name="a.jpg", size=1, sha256="0" * 64, media_type=media_type)


def test_a_relation_needs_its_entities() -> None:
    told = json.loads(dumped(message(referral())))
    told["relations"].append(["e1", "uses", "e999"])
    with pytest.raises(ValidationError, match="relations"):
        PoliceMessage.from_bytes(json.dumps(told).encode())


@given(st.lists(IDS, min_size=1, max_size=4, unique=True), st.integers(0, 3))
def test_entities_are_there_once_and_ids_reproduce(ids: list[str], hashes: int) -> None:
    bodies = []
    for number, one in enumerate(ids):
        body = exchange_reports.report()
        body["report_id"] = one
        body["items"][0]["item_id"] = str(UUID(int=number + 1))
        for name in ("md5", "sha1", "sha256")[:hashes]:
            body["items"][0].pop(name)
        bodies.append(body)
    package = referral(*bodies)
    told = message(package)
    known = {one.id for one in told.entities}
    assert len(known) == len(told.entities)
    assert {one for a, _, b in told.relations for one in (a, b)} <= known
    assert stix.bundle(package) == stix.bundle(Referral.from_bytes(package.to_bytes()))
    assert dumped(message(package)) == dumped(message(Referral.from_bytes(package.to_bytes())))


def test_ids_of_observables_are_those_of_the_standard() -> None:
    url = stix.observable_id("url", {"value": "https://example.invalid/x"})
    assert url == "url--4832ee2b-2f35-58ec-ac6a-3ec5dce9f430"
    counting = {"hashes": {"MD5": "0123456789abcdef0123456789abcdef"}}
    assert stix.observable_id("file", counting).endswith("5abe0dd7-4bcc-59de-bfd6-5dda910fd773")
    made = stix2.v21.File(hashes={"MD5": "0123456789abcdef0123456789abcdef", "SHA-256": "1" * 64}, allow_custom=True)
    assert stix.observable_id("file", counting) == made.id
    for foreign, own in (
        (stix2.v21.IPv6Address(value="2001:db8::1"), stix.observable_id("ipv6-addr", {"value": "2001:db8::1"})),
        (stix2.v21.EmailAddress(value="a@b.example"), stix.observable_id("email-addr", {"value": "a@b.example"})),
        (
            stix2.v21.UserAccount(user_id="Chat:u", display_name="u"),
            stix.observable_id("user-account", {"user_id": "Chat:u"}),
        ),
    ):
        assert foreign.id == own


def test_the_bundle_is_valid_without_errors_and_every_object_is_red() -> None:
    text = stix.bundle(referral()).decode()
    found = validate_string(text, ValidationOptions(version="2.1"))
    assert found.is_valid, [str(e) for e in found.errors]
    assert not found.warnings
    read = stix2.parse(text, allow_custom=True)
    for one in read.objects:
        assert one.type == "marking-definition" or list(one.object_marking_refs) == [stix.RED]
    assert json.loads(read.serialize())["id"] == json.loads(text)["id"]
    assert "original_name" not in text
    assert "token.png" not in text


def test_a_referral_with_nothing_to_observe_is_a_valid_bundle() -> None:
    body = exchange_reports.report()
    body.update(items=[], locations=[], users=[])
    text = stix.bundle(referral(body)).decode()
    assert validate_string(text, ValidationOptions(version="2.1")).is_valid


def sealed_file(data: bytes, number: int = 20) -> SealedFile:
    return SealedFile.model_validate(
        {
            "evidence_id": exchange_reports.report_id(number),
            "report_id": exchange_reports.report_id(),
            "file_id": "f",
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "key_id": "0" * 64,
            "clear_sha256": "1" * 64,
            "clear_size": 1,
        }
    )


def pieces(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), 1000):
        yield data[start : start + 1000]


@given(st.binary(max_size=20_000), st.lists(st.binary(max_size=500), max_size=3))
def test_an_archive_s_manifest_names_every_part_with_its_digest(sealed: bytes, texts: list[bytes]) -> None:
    documents = [Document(f"d{n}.json", text, "application/json") for n, text in enumerate(texts)]
    file = sealed_file(sealed)
    data = b"".join(
        written(referral(), [("message.json", b"{}")], [*documents, SealedPart(file, lambda: pieces(sealed))])
    )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        manifest = Manifest.from_bytes(archive.read("manifest.json"))
        assert {part.name for part in manifest.parts} | {"manifest.json"} == set(archive.namelist())
        for part in manifest.parts:
            inside = archive.read(part.name)
            assert (len(inside), hashlib.sha256(inside).hexdigest()) == (part.size, part.sha256)
        assert archive.read(f"attachments/{file.evidence_id}.age") == sealed


def test_a_sealed_file_that_differs_ends_the_archive_without_a_manifest() -> None:
    file = sealed_file(b"as promised")
    got = bytearray()
    with pytest.raises(PartDiffersError):  # noqa: PT012 - what came before the end is looked at
        for piece in written(referral(), [], [SealedPart(file, lambda: pieces(b"another"))]):
            got += piece
    assert b"manifest.json" not in got


def test_the_same_referral_gives_the_same_bytes() -> None:
    first = [("message.json", dumped(message(referral())))]
    assert b"".join(written(referral(), first, [])) == b"".join(written(referral(), first, []))
