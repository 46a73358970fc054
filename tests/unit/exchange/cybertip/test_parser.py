"""The CyberTipline format: what its schema and its documentation accept and refuse, and what becomes of a report."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.support.cybertips import BATCHED, ENTICEMENT, KINDS, NOW, RICH, details, report, user
from tutela.events.identifiers import uuid7
from tutela.exchange.cybertip import (
    BrokenElement,
    Code,
    Filed,
    FileSeen,
    Malformed,
    answer,
    canonical,
    done,
    read_details,
    read_tip,
    xsd,
)
from tutela.exchange.cybertip.parser import MOST_BYTES
from tutela.exchange.cybertip.schema import validator

FLAGS = "<reportAnnotations>{}</reportAnnotations>"
WEB = "<internetDetails><webPageIncident>{}</webPageIncident></internetDetails>"
IP = "<ipCaptureEvent><ipAddress>192.0.2.1</ipAddress>{}</ipCaptureEvent>"
PLACE = "<estimatedLocation>{}</estimatedLocation>"
ACCEPTED = {
    "least": report(),
    "flag empty": report(summary=FLAGS.format("<sextortion/>")),
    "flag true": report(summary=FLAGS.format("<sextortion>true</sextortion>")),
    "flags in any order": report(summary=FLAGS.format("<spam/><sextortion/>")),
    "no flags": report(summary=FLAGS.format("")),
    "fraction of a second": report(after=user(IP.format("<dateTime>2026-02-10T12:58:11.25Z</dateTime>"))),
    "zone with hours": report(after=user(IP.format("<dateTime>2026-02-10T12:58:11+01:00</dateTime>"))),
    "country empty": report(reporter="<email>a@b.example</email><address><country></country></address>"),
    "victim without a name": report(after=user("<victimPerson/>", "victim")),
    "two recipients": report(after=user("", "intendedRecipient") * 2),
    "email repeated": report(
        inside="<internetDetails><emailIncident><emailAddress>X@mail.example</emailAddress></emailIncident>"
        "</internetDetails>",
        after=user("<victimPerson><email>x@mail.example</email></victimPerson>", "victim"),
    ),
    "IPv6": report(after=user("<ipCaptureEvent><ipAddress>::ffff:192.0.2.1</ipAddress></ipCaptureEvent>")),
    "region of the US": report(
        after=user(PLACE.format("<city>X</city><region>CA</region><countryCode>US</countryCode>"))
    ),
    "batched": report(first=BATCHED, after=user("<espIdentifier>a</espIdentifier>") * 3),
    "rich": RICH,
}
REFUSED = {
    "flag false": (report(summary=FLAGS.format("<sextortion>false</sextortion>")), "sextortion"),
    "flag one": (report(summary=FLAGS.format("<sextortion>1</sextortion>")), "sextortion"),
    "flag twice": (report(summary=FLAGS.format("<spam/><spam/>")), "reportAnnotations"),
    "order": (report(after="<victim><victimPerson/></victim><personOrUserReported/>"), "personOrUserReported"),
    "details empty": (report(inside="<internetDetails/>"), "internetDetails"),
    "two kinds": (
        report(inside="<internetDetails><webPageIncident/><chatImIncident/></internetDetails>"),
        "chatImIncident",
    ),
    "country lower": (
        report(reporter="<email>a@b.example</email><address><country>be</country></address>"),
        "country",
    ),
    "reason unknown": (report(first='<batchedReport reason="X"/>'), "batchedReport"),
    "disabled empty": (report(after=user("<accountTemporarilyDisabled/>")), "accountTemporarilyDisabled"),
    "victim without person": (report(after=user("", "victim")), "victim"),
    "calling code": (
        report(reporter='<phone countryCallingCode="32">1</phone><email>a@b.example</email>'),
        "phone",
    ),
    "namespace": (report().replace(b"<report>", b'<report xmlns="urn:x">'), "root"),
    "R1 zone": (report(after=user(IP.format("<dateTime>2026-02-10T12:58:11</dateTime>"))), "dateTime"),
    "R2 future": (report(after=user(IP.format("<dateTime>2026-03-02T00:00:00Z</dateTime>"))), "dateTime"),
    "R2 born": (
        report(reporter="<email>a@b.example</email><dateOfBirth>2026-03-02</dateOfBirth>"),
        "dateOfBirth",
    ),
    "R3 told before": (
        report(
            after=user(
                '<accountPermanentlyDisabled disabledDate="2026-02-02T00:00:00Z"'
                ' userNotifiedDate="2026-02-01T00:00:00Z">true</accountPermanentlyDisabled>'
            )
        ),
        "userNotifiedDate",
    ),
    "R4 reenabled": (
        report(
            after=user(
                '<accountTemporarilyDisabled disabledDate="2026-02-02T00:00:00Z"'
                ' reenabledDate="2026-02-02T00:00:00Z">true</accountTemporarilyDisabled>'
            )
        ),
        "reenabledDate",
    ),
    "R5 verified": (
        report(reporter='<email verificationDate="2026-02-01T00:00:00Z">a@b.example</email>'),
        "verified",
    ),
    "R7 email": (
        report(
            inside="<internetDetails><emailIncident><emailAddress>x@mail.example</emailAddress></emailIncident>"
            "</internetDetails>"
        ),
        "emailAddress",
    ),
    "R8 two": (report(after=user("") * 2), "personOrUserReported"),
    "R9 blank": (report(summary="<escalateToHighPriority> </escalateToHighPriority>"), "escalateToHighPriority"),
    "R9 long": (
        report(summary=f"<escalateToHighPriority>{'x' * 3001}</escalateToHighPriority>"),
        "escalateToHighPriority",
    ),
    "R10 length": (report(after=user(f"<espIdentifier>{'x' * 256}</espIdentifier>")), "espIdentifier"),
    "R10 url": (report(inside=WEB.format("<url>no address</url>")), "url"),
    "R11 ip": (report(after=user("<ipCaptureEvent><ipAddress>1.2.3</ipAddress></ipCaptureEvent>")), "ipAddress"),
    "R11 port": (report(after=user(IP.format("<port>99999</port>"))), "port"),
    "R12 blank": (report(after=user("<deviceId><idType> </idType><idValue>1</idValue></deviceId>")), "idType"),
    "R13 age": (report(reporter="<email>a@b.example</email><age>151</age>"), "age"),
    "R14 region": (
        report(after=user(PLACE.format("<region>Ghent</region><countryCode>US</countryCode>"))),
        "region",
    ),
    "R14 city": (report(after=user(PLACE.format("<city>X</city><countryCode>US</countryCode>"))), "region"),
    "R15 prior": (report(after=user("<priorCTReports>-4</priorCTReports>")), "priorCTReports"),
    "R21 summary": (
        report(first=BATCHED, summary="<escalateToHighPriority>x</escalateToHighPriority>"),
        "escalateToHighPriority",
    ),
    "R21 person": (report(first=BATCHED, after=user("<screenName>x</screenName>")), "espIdentifier"),
    "R22 number": (
        report(reporter='<phone countryCallingCode="+32">+32 470</phone><email>a@b.example</email>'),
        "phone",
    ),
}


# What known clients do against the documentation: accepted, never sent.
LENIENT = {
    "R6 email": (report(reporter="<firstName>A</firstName>"), "email"),
    "R10 url": (report(inside=WEB.format("<url>chat.provider.example/room</url>")), "url"),
    "R13 both": (
        report(
            after=user(
                '<associatedAccount type="Linked"><approximateAge>3</approximateAge>'
                "<dateOfBirth>2000-01-01</dateOfBirth></associatedAccount>"
            )
        ),
        "approximateAge",
    ),
    "R14 country": (report(after=user(PLACE.format("<city>X</city>"))), "countryCode"),
    "R14 nothing": (report(after=user(PLACE.format(""))), "countryCode"),
    "associated without a type": (report(after=user("<associatedAccount/>")), "@type"),
}
LATER = {
    "annotation": (FLAGS.format("<spam/><comingFlag/>"), "report/incidentSummary/reportAnnotations/comingFlag"),
    "in the summary": ("<comingPart a='1'>words</comingPart>", "report/incidentSummary/comingPart"),
    "in a text": ("<platform>Al<b>bu</b>ms</platform>", "report/incidentSummary/platform/b"),
    "attribute of a text": ('<platform coming="words">A</platform>', "report/incidentSummary/platform/@coming"),
    "attribute of a flag": (
        FLAGS.format('<spam coming="words"/>'),
        "report/incidentSummary/reportAnnotations/spam/@coming",
    ),
    "attribute of a sequence": (
        '<reportAnnotations coming="words"/>',
        "report/incidentSummary/reportAnnotations/@coming",
    ),
}


@pytest.mark.parametrize("name", LENIENT)
def test_what_known_clients_do_is_accepted_and_never_sent(name: str) -> None:
    document, element = LENIENT[name]
    found = read_tip(document, NOW)
    canonical(found.root, [], Filed(uuid7(), 7, "Pixelpost", NOW))
    with pytest.raises(BrokenElement, match=element):
        read_tip(document, NOW, sending=True)


@pytest.mark.parametrize("name", LATER)
def test_an_element_of_a_later_version_is_kept_and_named(name: str) -> None:
    inside, path = LATER[name]
    found = read_tip(report(summary=inside), NOW)
    assert [one.path for one in found.later] == [path]
    said = canonical(found.root, [], Filed(uuid7(), 7, "Pixelpost", NOW, found.later))
    assert said.other is not None
    assert f"{path} (unknown here)" in said.other.text
    with pytest.raises(BrokenElement):
        read_tip(report(summary=inside), NOW, sending=True)


def test_elements_that_newer_clients_send_are_known() -> None:
    flags = "<informational/><potentialAggravatingFactors>true</potentialAggravatingFactors><instrumentalUse/>"
    person = "<email>a@b.example</email><age>15</age><ageAssertionDiscrepancy>true</ageAssertionDiscrepancy>"
    found = read_tip(report(summary=FLAGS.format(flags), reporter=person), NOW)
    assert not found.later
    said = canonical(found.root, [], Filed(uuid7(), 7, "Pixelpost", NOW)).model_dump_json()
    for name in ("informational", "potentialAggravatingFactors", "instrumentalUse", "ageAssertionDiscrepancy"):
        assert name in said, name


def test_a_kind_of_incident_of_a_later_version_does_not_cost_the_report() -> None:
    found = read_tip(report(inside="<internetDetails><holoIncident><x>y</x></holoIncident></internetDetails>"), NOW)
    (one,) = found.later
    assert (one.path, one.text) == ("report/internetDetails/holoIncident", "x y")


def test_details_of_a_later_version_are_kept_with_the_file() -> None:
    found = read_details(details("<comingDetail>words</comingDetail>"), NOW)
    assert [one.path for one in found.later] == ["fileDetails/comingDetail"]
    file = FileSeen("ab" * 16, "a.jpg", 10, "1" * 32, "2" * 40, "3" * 64, found.root, found.later)
    (item,) = canonical(read_tip(report(), NOW).root, [file], Filed(uuid7(), 7, "Pixelpost", NOW)).items
    assert "fileDetails/comingDetail (unknown here): words" in (item.metadata or "")


def test_more_unknown_elements_than_any_version_adds_are_refused() -> None:
    with pytest.raises(BrokenElement, match="more than 200"):
        read_tip(report(summary="".join(f"<x{n}/>" for n in range(201))), NOW)


def test_one_unknown_name_at_many_places_is_one_name() -> None:
    found = read_tip(report(after=user('<associatedAccount type="Other" coming="1"/>' * 300)), NOW)
    assert len(found.later) == 300


def test_a_client_s_spelling_of_an_account_s_type_is_read() -> None:
    (_user, parent, other) = cast(
        "list[dict[str, Any]]",
        made(
            report(
                after=user(
                    "<espIdentifier>a</espIdentifier>"
                    '<associatedAccount accountType="Parent/Guardian"/><associatedAccount accountType="Coming"/>'
                )
            )
        )["users"],
    )
    assert (parent["relation"], other["relation"]) == ("guardian", "associated")


def test_where_the_schema_lies_is_no_part_of_a_report() -> None:
    place = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="a.xsd"'
    assert not read_tip(report().replace(b"<report>", f"<report {place}>".encode()), NOW).later


@given(st.data())
def test_unknown_attributes_anywhere_cost_nothing_and_are_kept(data: st.DataObject) -> None:
    root = etree.fromstring(RICH)
    places = list(root.iter(etree.Element))
    for number, at in enumerate(data.draw(st.lists(st.integers(0, len(places) - 1), max_size=5, unique=True))):
        places[at].set(f"coming{number}", f"words-{number}")
    found = read_tip(etree.tostring(root), NOW)
    named = {(one.path.rpartition("@")[2], one.text) for one in found.later}
    assert named == {(f"coming{n}", f"words-{n}") for n in range(len(named))}
    assert len(named) == sum(name.startswith("coming") for one in root.iter() for name in one.attrib)
    assert etree.tostring(found.root) == etree.tostring(read_tip(RICH, NOW).root)


@given(st.lists(st.sampled_from(["coming", "other", "x-y"]), max_size=5), st.integers(0, 3))
def test_what_is_set_aside_is_all_that_was_unknown(names: list[str], depth: int) -> None:
    places = ["summary", "inside", "reporter", "after"]
    more = {places[depth]: "".join(f"<{name}>t</{name}>" for name in names)}
    more |= {"reporter": "<email>a@b.example</email>" + more.get("reporter", "")} if "reporter" in more else {}
    found = read_tip(report(**more), NOW)
    assert [one.path.rpartition("/")[2] for one in found.later] == names
    assert not read_tip(etree.tostring(found.root), NOW).later


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(name: str) -> None:
    assert read_tip(ACCEPTED[name], NOW).root.tag == "report"


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_its_element(name: str) -> None:
    document, element = REFUSED[name]
    with pytest.raises(BrokenElement, match=element):
        read_tip(document, NOW)


EXIF = "<exifViewedByEsp>true</exifViewedByEsp>"
RELEVANCE = "<fileRelevance>Supplemental Reported</fileRelevance>"


@pytest.mark.parametrize(
    ("inside", "batched", "element"),
    [
        ("", False, ""),
        ("<originalFileHash hashType='MD5'></originalFileHash>", False, ""),
        ("<originalFileHash>x</originalFileHash>", False, "originalFileHash"),
        ("<potentialMeme>true</potentialMeme><fileAnnotations/>", False, "fileAnnotations"),
        (f"<fileViewedByEsp>false</fileViewedByEsp>{EXIF}", False, "fileViewedByEsp"),
        (f"{RELEVANCE}<fileAnnotations><potentialMeme/></fileAnnotations>", False, "fileRelevance"),
        (f"{RELEVANCE}<industryClassification>A1</industryClassification>", False, "fileRelevance"),
        ("<locationOfFile>no address</locationOfFile>", False, "locationOfFile"),
        ("<details type='EXIF'/>", False, "details"),
        ("<fileAnnotations><viral/></fileAnnotations>", True, ""),
        ("", True, "fileAnnotations"),
        ("<fileAnnotations><viral/><infant/></fileAnnotations>", True, "fileAnnotations"),
        ("<originalFileName>x</originalFileName><fileAnnotations><viral/></fileAnnotations>", True, "originalFileName"),
        (f"{RELEVANCE}<fileAnnotations><viral/></fileAnnotations>", True, "fileRelevance"),
    ],
)
def test_details_of_a_file(inside: str, batched: bool, element: str) -> None:
    if not element:
        assert read_details(details(inside), NOW, batched=batched).report == 7
        return
    with pytest.raises(BrokenElement, match=element):
        read_details(details(inside), NOW, batched=batched)


ENTITY = b'<!DOCTYPE report [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE report SYSTEM "file:///etc/passwd">'


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"x",
        b"<report>",
        report() + b"<report/>",
        ENTITY + b"<report>&b;</report>",
        OUTSIDE + b"<report/>",
        report().replace(b"UTF-8", b"UTF-77"),
        "<report>ä</report>".encode("latin-1"),
        b"<report>\0</report>",
        b"<a>" * 5000 + b"</a>" * 5000,
    ],
    ids=["empty", "text", "cut", "two", "entities", "outside", "encoding", "bytes", "zero", "deep"],
)
def test_what_is_no_document_of_ours_is_malformed(document: bytes) -> None:
    with pytest.raises(Malformed):
        read_tip(document, NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_as_long_as_it_may_be_reaches_the_parser_and_is_refused(kind: str) -> None:
    begin, piece, end = KINDS[kind]
    document = begin + piece * ((MOST_BYTES - len(begin) - len(end)) // len(piece)) + end
    with pytest.raises((Malformed, BrokenElement)):
        read_tip(document[:MOST_BYTES], NOW)


def test_a_large_document_is_refused_unread() -> None:
    with pytest.raises(BrokenElement, match="bytes"):
        read_tip(b"<" * (4 << 20) + b"<", NOW)


def test_a_refusal_repeats_nothing_that_was_submitted() -> None:
    secret = "SECRET"
    for document in (
        report(kind=secret),
        report(after=user(f"<compromisedAccount>{secret}</compromisedAccount>")),
        report(inside=WEB.format(f"<url>{secret}</url>")),
        report(first=f'<batchedReport reason="{secret}"/>'),
        report(reporter=f"<email>{secret}</email>"),
    ):
        with pytest.raises(BrokenElement) as refused:
            read_tip(document, NOW)
        assert secret not in str(refused.value)


@given(st.binary(max_size=300))
def test_any_bytes_end_in_a_refusal(data: bytes) -> None:
    with pytest.raises((Malformed, BrokenElement)):
        read_tip(data, NOW)


@given(st.data())
def test_a_report_with_a_changed_byte_is_read_or_refused(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(RICH) - 1))
    changed = RICH[:place] + bytes([data.draw(st.integers(0, 255))]) + RICH[place + 1 :]
    try:
        read_tip(changed, NOW)
    except (Malformed, BrokenElement):
        return


def test_answers_fit_the_schema() -> None:
    for body in (
        answer(Code.SUCCESS, report=7, file="0" * 32, md5="0" * 32),
        answer(Code.VALIDATION_FAILED, "a: b\x01<"),
        done(Code.SUCCESS, 7, ["0" * 32]),
        done(Code.VALIDATION_FAILED, 0),
    ):
        assert validator().validate(etree.fromstring(body))
    assert etree.fromstring(xsd().encode()).tag.endswith("}schema")


def test_the_schema_agrees_with_the_one_that_is_served_there() -> None:
    """Run where the file is at hand (`TUTELA_CYBERTIPLINE_XSD`); it states no licence and is not ours to bring."""
    path = os.environ.get("TUTELA_CYBERTIPLINE_XSD", "")
    if not Path(path).is_file():
        pytest.skip("the original schema is not at hand")
    theirs = etree.XMLSchema(etree.parse(path))
    # Elements that newer clients send and that file does not know stand in no document here.
    for document in [*ACCEPTED.values(), *(one for one, _ in REFUSED.values()), details()]:
        root = etree.fromstring(document)
        assert theirs.validate(root) == validator().validate(root)


def seen(inside: str | None = None, name: str = "a.jpg") -> FileSeen:
    root = None if inside is None else etree.fromstring(details(inside))
    return FileSeen("ab" * 16, name, 10, "1" * 32, "2" * 40, "3" * 64, root)


def made(document: bytes, *files: FileSeen) -> dict[str, object]:
    filed = Filed(uuid7(), 7, "Pixelpost", NOW)
    return canonical(read_tip(document, NOW).root, list(files), filed).model_dump(mode="json")


@pytest.mark.parametrize(
    ("inside", "spread"),
    [
        ("", None),
        ("<fileAnnotations><viral/></fileAnnotations>", ["circulates"]),
        ("<fileAnnotations><potentialMeme/><viral/></fileAnnotations>", ["circulates", "meme"]),
        ("<potentialMeme>true</potentialMeme>", ["meme"]),
        ("<potentialMeme>false</potentialMeme>", None),
        ("<fileAnnotations><infant/></fileAnnotations>", None),
    ],
)
def test_what_annotations_say_of_how_a_file_circulates_is_said_of_its_item(
    inside: str, spread: list[str] | None
) -> None:
    (found,) = cast("list[dict[str, Any]]", made(report(), seen(inside))["items"])
    assert found["spread"] == spread


SAYS = {
    "access": ("Child Sexual Molestation", "", "", ""),
    "travel": ("Child Sex Tourism", "", "", ""),
    "trafficking": ("Child Sex Trafficking", "", "", ""),
    "contact": ("Unsolicited Obscene Material Sent to a Child", "", "", ""),
    "extortion": ("", "<sextortion/>", "", ""),
    "self_harm": ("", "<sadisticOnlineExploitation/>", "", ""),
    "live": ("", "", "<liveStreaming/>", ""),
    "violence": ("", "", "<physicalHarm/>", ""),
    "young_child": ("", "", "<infant/>", ""),
    "repeat_uploader": ("", "", "", "<priorCTReports>7</priorCTReports>"),
}


@pytest.mark.parametrize("danger", SAYS)
def test_what_the_format_says_of_danger_is_a_danger(danger: str) -> None:
    kind, annotated, of_file, before = SAYS[danger]
    told = {"summary": FLAGS.format(annotated) if annotated else "", "after": user(before) if before else ""}
    document = report(**told, **({"kind": kind} if kind else {}))
    value = made(document, seen(f"<fileAnnotations>{of_file}</fileAnnotations>" if of_file else None))
    assert value["urgency"] == {"urgent": False, "reason": None, "dangers": [danger]}


def test_a_report_that_says_nothing_of_danger_names_none() -> None:
    assert made(report(), seen())["urgency"] == {"urgent": False, "reason": None, "dangers": None}


def test_a_rich_report_becomes_a_canonical_one() -> None:
    value = made(RICH, seen("<locationOfFile>https://files.provider.example/1</locationOfFile>"))
    dangers = ["extortion", "contact"]
    assert value["urgency"] == {"urgent": True, "reason": "A meeting was announced.", "dangers": dangers}
    assert value["kinds"] == ["solicitation"]
    (one,) = value["users"]  # type: ignore[misc]
    assert (one["usernames"], one["identifiers"]) == (["example_8812"], ["u-8812", "IMEI 0000"])
    assert (one["emails"], one["phones"]) == (["suspect@mail.example"], ["+32 470 00 00 00"])
    assert one["mailing_address"] == "Ghent, BE"
    assert [(p["ip"], p["port"]) for p in value["locations"]] == [("192.0.2.44", 51544)], "no moment, no place in time"  # type: ignore[union-attr, index]
    assert "192.0.2.45" in one["other"]
    assert value["geography"][0]["country"] == "BE"  # type: ignore[index]
    assert value["service"]["kinds"] == ["interpersonal_communication"]  # type: ignore[index]
    assert value["service"]["urls"] == ["https://chat.provider.example/room/7"]  # type: ignore[index]
    assert value["third_country"]["authority"] == "Example Police"  # type: ignore[index]
    assert value["user_decision"]["decided"]  # type: ignore[index]
    assert len(value["victims"]) == 1  # type: ignore[arg-type]
    assert "u-9001" in value["other"]["text"]  # type: ignore[index]
    (item,) = value["items"]  # type: ignore[misc]
    assert UUID(item["item_id"]).hex == "ab" * 16
    assert (item["kind"], item["sha256"], item["size"]) == ("image", "3" * 64, 10)
    assert item["attachments"][0]["reference"] == "https://files.provider.example/1"


GUARDIAN = (
    "<associatedAccount type='Parent/Guardian'><platform thirdPartyUser='true'>Elsewhere</platform>"
    "<firstName>B</firstName>"
    "<phone countryCallingCode='+33'>612345678</phone><email type='Home'>parent@mail.example</email>"
    "<address><city>Lille</city><country>FR</country></address><espIdentifier>u-parent</espIdentifier>"
    "<profileUrl>https://p.example/parent</profileUrl><screenName>parent</screenName><displayName>Parent</displayName>"
    "<profileBio>token</profileBio><accountPermanentlyDisabled disabledDate='2026-02-12T09:00:00Z'>true"
    "</accountPermanentlyDisabled><ipCaptureEvent><ipAddress>192.0.2.99</ipAddress></ipCaptureEvent>"
    "<deviceId><idType>IMEI</idType><idValue>0099</idValue></deviceId><priorCTReport>99</priorCTReport>"
    "<additionalInfo>Said so.</additionalInfo></associatedAccount>"
)


def test_an_associated_account_is_a_person_of_its_own_and_nothing_of_it_is_the_suspects() -> None:
    document = report(after=user(f"<espIdentifier>u-1</espIdentifier><screenName>one</screenName>{GUARDIAN}"))
    value = cast("dict[str, Any]", made(document))
    suspect, parent = value["users"]
    kept = {name: one for name, one in suspect.items() if one}
    assert kept == {"usernames": ["one"], "identifiers": ["u-1"]}
    assert (parent["relation"], parent["usernames"]) == ("guardian", ["parent", "Parent"])
    assert (parent["identifiers"], parent["phones"]) == (["u-parent", "IMEI 0099"], ["+33 612345678"])
    assert (parent["emails"], parent["postal_countries"]) == (["parent@mail.example"], ["FR"])
    assert (parent["profile"], parent["profile_urls"]) == ("token", ["https://p.example/parent"])
    for said in (
        "Elsewhere",
        "thirdPartyUser true",
        "firstName: B",
        "192.0.2.99",
        "disabledDate",
        ": 99",
        "Said so.",
        "parent@mail.example (type Home)",
    ):
        assert said in parent["other"], said
    assert value["user_decision"] == {"decided": False, "measures": [], "details": None}


def test_an_account_associated_with_a_child_is_no_child() -> None:
    document = report(after=user(f"<victimPerson><age>13</age></victimPerson>{GUARDIAN}", "victim"))
    value = cast("dict[str, Any]", made(document))
    assert [one["relation"] for one in value["victims"]] == [None, "guardian"]
    assert value["victims"][0]["phones"] == []
    assert value["users"] == []


def test_people_beyond_what_a_report_holds_stand_in_its_text() -> None:
    one = "<associatedAccount type='Linked'><screenName>name-{}</screenName></associatedAccount>"
    value = cast("dict[str, Any]", made(report(after=user("".join(one.format(n) for n in range(203))))))
    assert len(value["users"]) == 200
    assert all(f"name-{n}'" in value["other"]["text"] for n in (200, 201, 202))


def test_what_a_field_of_a_person_cannot_hold_stands_in_its_text() -> None:
    names = "".join(f"<displayName>name-{n}</displayName>" for n in range(60))
    device = f"<deviceId><idType>IMEI</idType><idValue>{'9' * 400}</idValue></deviceId>"
    (one,) = cast("dict[str, Any]", made(report(after=user(f"<espService>Albums</espService>{names}{device}"))))[
        "users"
    ]
    assert len(one["usernames"]) == 50
    assert "name-59" in one["other"]
    assert "9" * 400 in one["other"]
    assert "espService: Albums" in one["other"]


@pytest.mark.parametrize(
    ("inside", "country", "place"),
    [
        ("<countryCode>A1</countryCode>", None, "A1"),
        ("<city>Ghent</city><countryCode>BE</countryCode>", "BE", "Ghent"),
    ],
)
def test_a_sign_that_is_no_country_is_a_word_of_the_place(inside: str, country: str | None, place: str) -> None:
    (found,) = cast("list[dict[str, Any]]", made(report(after=user(PLACE.format(inside))))["geography"])
    assert (found["country"], found["place"]) == (country, place)


@pytest.mark.parametrize(
    ("inside", "line", "countries"),
    [
        ("<city>Wilmington</city><state>DE</state>", "Wilmington, DE (no country said)", []),
        ("<address>1 Quay, IE</address>", "1 Quay, IE (no country said)", []),
        ("<city>Wilmington</city><state>DE</state><country>US</country>", "Wilmington, DE, US", ["US"]),
        ("<city>X</city><country>A1</country>", "X, A1", []),
        ("<country></country>", None, []),
    ],
)
def test_a_postal_address_has_the_country_that_its_own_element_says(
    inside: str, line: str | None, countries: list[str]
) -> None:
    held = f"<personOrUserReportedPerson><address>{inside}</address></personOrUserReportedPerson>"
    held += "<espIdentifier>a</espIdentifier>"
    (one,) = cast("dict[str, Any]", made(report(after=user(held))))["users"]
    assert (one["mailing_address"], one["postal_countries"] or []) == (line, countries)


@pytest.mark.parametrize(
    ("inside", "kind", "confirmed"),
    [
        (None, "known", False),
        ("<fileViewedByEsp>true</fileViewedByEsp>", "new", True),
        ("<fileViewedByEsp>true</fileViewedByEsp><fileAnnotations><viral/></fileAnnotations>", "known", True),
        ("<fileViewedByEsp>false</fileViewedByEsp>", "known", False),
    ],
)
def test_what_was_looked_at_is_new_unless_it_spreads(inside: str | None, kind: str, confirmed: bool) -> None:
    value = made(report(), seen(inside))
    assert (value["kinds"], bool(value.get("confirmation"))) == ([kind], confirmed)


def test_enticement_needs_no_file_and_nobody_is_made_up() -> None:
    value = made(report(kind=ENTICEMENT))
    assert (value["items"], value.get("confirmation"), value["users"]) == ([], None, [])


def test_long_texts_are_cut_and_say_so() -> None:
    value = made(report(after=f"<additionalInfo>{'x' * 20_000}</additionalInfo>"))
    assert value["other"]["text"].endswith("(cut; the document as it came is kept)")  # type: ignore[index]
