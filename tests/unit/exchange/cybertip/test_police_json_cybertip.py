"""The JSON in which police receive reports: read whatever is missing, and nothing of it lost."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.cybertip.police_json import NotPoliceJsonError, is_police, read_police
from tutela.exchange.report.csv_rows import Filer
from tutela.exchange.report.report import Report
from tutela.exchange.report.sections import Danger
from tutela.exchange.report_files.report_files import pieces

FILER = Filer("Bundeskriminalamt", "desk", "desk@police.example")
MD5 = "0123456789abcdef0123456789abcdef"


def document() -> dict[str, Any]:
    capture = {
        "captureType": "IP Address",
        "value": "192.0.2.44",
        "dateTime": "2026-02-10T12:58:11Z",
        "eventName": "LOGIN",
        "port": 51544,
    }
    person = {
        "firstName": "N/A",
        "espUserId": "u-8812",
        "screenName": {"value": "example_8812"},
        "occupation": "baker",
        "emails": {"emails": [{"value": "suspect@mail.example", "verified": True}]},
        "phones": None,
        "addresses": {"addresses": [{"street1": "1 Quay", "city": "Ghent", "country": "BE"}]},
        "sourceInformation": {
            "sourceCaptures": [capture, {"captureType": "Profile URL", "value": "https://p.example/u"}]
        },
    }
    file = {
        "filename": "1-1.jpg",
        "originalFilename": "IMG_1.jpg",
        "verificationHash": MD5.upper(),
        "viewedByEsp": True,
        "industryClassification": "B2",
        "espMetadata": {"metadatas": [{"name": "Upload Date and Time", "value": "2026-02-10T13:01:20Z"}]},
        "sourceInformation": {"sourceCaptures": [{**capture, "eventName": "UPLOAD"}]},
        "additionalInformations": [{"value": "Message ID: 1"}],
    }
    return {
        "reportId": 4570001,
        "dateReceived": "2026-02-10T15:20:00Z",
        "somethingNew": {"inside": "kept"},
        "reportedInformation": {
            "reportingEsp": {"espName": "Example Provider", "lastName": "Reporter"},
            "incidentSummary": {"incidentType": "Misleading Domain Name", "incidentDateTime": "2026-02-10T14:05:00Z"},
            "incidentDetails": {
                "webpageIncident": [
                    {
                        "sourceInformation": {
                            "sourceCaptures": [{"captureType": "URL", "value": "https://files.example/41"}]
                        }
                    }
                ]
            },
            "reportedPeople": {"reportedPersons": [person]},
            "intendedRecipients": {"intendedRecipients": [{"espUserId": "u-9"}]},
            "uploadedFiles": {"uploadedFiles": [file, {"filename": "bare.bin", "verificationHash": "N/A"}]},
            "additionalInformations": [{"value": "Synthetic."}],
        },
    }


def everything(report: Report) -> str:
    return report.to_bytes().decode()


def test_what_has_a_field_goes_there() -> None:
    report = read_police(document())
    item, user = report.items[0], report.users[0]
    assert (item.md5, item.original_name, item.media_type) == (MD5, "IMG_1.jpg", "image/jpeg")
    assert item.sightings[0].at.isoformat() == "2026-02-10T13:01:20+00:00"
    assert (user.identifiers, user.usernames, user.emails) == (
        ("u-8812",),
        ("example_8812",),
        ("suspect@mail.example",),
    )
    assert (user.residence, user.profile_urls) == ("BE", ("https://p.example/u",))
    assert {(str(p.ip), p.port) for p in report.locations} == {("192.0.2.44", 51544)}
    assert report.service.urls == ("https://files.example/41",)
    assert (report.third_country.authority, report.third_country.reference) == ("NCMEC CyberTipline", "4570001")
    assert (report.provider.name, [k.value for k in report.kinds]) == ("Example Provider", ["new"])


def test_what_the_summary_says_of_haste_and_danger_counts() -> None:
    assert read_police(document()).urgency.model_dump() == {"urgent": False, "reason": None, "dangers": None}
    said = document()
    said["reportedInformation"]["incidentSummary"] |= {
        "incidentType": "Child Sexual Molestation",
        "escalateToHighPriority": "A meeting was announced.",
        "reportAnnotations": {"sextortion": True, "csamSolicitation": "false", "spam": True, "unheard": True},
    }
    urgency = read_police(said).urgency
    assert (urgency.urgent, urgency.reason) == (True, "A meeting was announced.")
    assert urgency.dangers == (Danger.ACCESS, Danger.EXTORTION)


def test_nothing_is_lost_and_what_is_not_said_is_not_there() -> None:
    text = everything(read_police(document()))
    for said in (
        "baker",
        "kept",
        "B2",
        "Message ID: 1",
        "Synthetic.",
        "bare.bin",
        "u-9",
        "LOGIN",
        "UPLOAD",
        "Misleading Domain Name",
        "Reporter",
        "2026-02-10T14:05:00Z",
    ):
        assert said in text, said
    assert "N/A" not in text


def test_the_same_document_is_the_same_report_and_another_number_another() -> None:
    first, again, other = read_police(document()), read_police(document()), read_police(document() | {"reportId": 7})
    assert first.to_bytes() == again.to_bytes()
    assert first.report_id != other.report_id


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reportId": None}, "reportId"),
        ({"reportId": "x"}, "reportId"),
        ({"reportedInformation": None}, "reportedInformation.reportingEsp"),
        ({"reportedInformation": {"reportingEsp": "N/A"}}, "reportedInformation.reportingEsp"),
    ],
)
def test_what_is_none_is_named(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(NotPoliceJsonError) as caught:
        read_police(document() | changed)
    assert [one.field for one in caught.value.errors] == [field]


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [w for k, v in value.items() for w in [(*way, k), *places(v, (*way, k))]]
    if isinstance(value, list):
        return [w for i, v in enumerate(value) for w in [(*way, i), *places(v, (*way, i))]]
    return []


REQUIRED = {("reportId",), ("reportedInformation",), ("reportedInformation", "reportingEsp")}
SHAPES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("N/A"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([p for p in places(document()) if p not in REQUIRED]), SHAPES)
def test_any_value_at_any_place_is_read_or_named(way: tuple[Any, ...], value: Any) -> None:
    changed = copy.deepcopy(document())
    at = changed
    for key in way[:-1]:
        at = at[key]
    at[way[-1]] = value
    try:
        found = read_police(changed)
    except NotPoliceJsonError as error:
        named = error.errors
    else:
        assert found.third_country.reference == "4570001"
        return
    assert named


def test_what_is_nested_without_end_is_refused() -> None:
    deep: Any = "x"
    for _n in range(5_000):
        deep = {"a": deep}
    with pytest.raises(NotPoliceJsonError, match="deeply"):
        read_police(document() | {"deep": deep})


def test_a_file_holds_one_many_or_a_mixture() -> None:
    one = json.dumps(document(), indent=2).encode()
    two = json.dumps(document() | {"reportId": 8}).encode()
    assert [(p.line, p.handed_on, bool(p.errors)) for p in pieces("a.json", b"\xef\xbb\xbf" + one, FILER)] == [
        (1, True, False)
    ]
    lines = json.dumps(document()).encode() + b"\n" + two + b"\n" + b'{"reportedInformation": {}}'
    assert [(p.line, p.handed_on, bool(p.errors)) for p in pieces("a.jsonl", lines, FILER)] == [
        (1, True, False),
        (2, True, False),
        (3, True, True),
    ]
    assert not is_police([])
    assert not is_police({"report_id": 1})
