"""A canonical report as a CyberTipline submission: valid, nothing lost, nothing made up."""

from __future__ import annotations

import copy
import string
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pydantic import ValidationError

from tests.support import exchange_reports
from tutela.exchange.cybertip import Filed, FileSeen, canonical, read_details, read_tip
from tutela.exchange.cybertip.field_map import TEXT, carried, known
from tutela.exchange.cybertip.from_report import CannotSubmitError, details, submission
from tutela.exchange.report.report import Report
from tutela.exchange.report.sections import MaterialKind

NOW = datetime(2026, 3, 2, tzinfo=UTC)
EMAIL = "desk@pixelpost.example"
FILE = "0f" * 16


def made(value: dict[str, Any]) -> Report:
    return Report.model_validate(value)


def written(report: Report, *, files: bool = True) -> etree._Element:
    """Both documents under one root."""
    out = etree.Element("both")
    sent = report.items if files else ()
    out.append(read_tip(submission(report, EMAIL, sent, NOW), NOW).root)
    for item in sent:
        out.append(read_details(details(item, report, 7, FILE, NOW), NOW).root)
    return out


def paths(value: Any, name: str = "") -> list[tuple[str, list[Any]]]:
    """The leaves of a report's JSON with the keys that lead there."""
    if isinstance(value, dict):
        return [p for k, v in value.items() for p in ((n, [k, *w]) for n, w in paths(v, f"{name}.{k}".strip(".")))]
    if isinstance(value, list):
        return [(n, [i, *w]) for i, v in enumerate(value) for n, w in paths(v, name)]
    return [(name, [])]


def put(value: Any, way: list[Any], new: Any) -> Any:
    changed = copy.deepcopy(value)
    place = changed
    for key in way[:-1]:
        place = place[key]
    place[way[-1]] = new
    return changed


def full() -> dict[str, Any]:
    value = exchange_reports.report()
    value["items"][0]["attachments"], value["steps"] = (
        [exchange_reports.attachment("i")],
        [{"kind": "upload_seen", "at": exchange_reports.AT, "by": "Edge"}],
    )
    value["other"]["attachments"] = [exchange_reports.attachment("x")]
    value["users"] += [exchange_reports.person("w"), {**exchange_reports.person("r"), "relation": "guardian"}]
    value["victims"].append({**exchange_reports.person("s"), "relation": "linked"})
    value["geography"].append({"country": "FR", "place": "token"})
    return value


# Closed words, numbers, moments and digests: what says them is looked at below.
FREE = [(n, w) for n, w in paths(full()) if n not in ("schema_version", "report_id", "language")]


@pytest.mark.parametrize("files", [True, False])
def test_every_text_of_a_report_is_found_where_the_map_says(files: bool) -> None:
    value, token, found = full(), "zq7x", 0
    for name, way in FREE:
        try:
            report = made(put(value, way, token))
        except ValidationError:
            continue
        found += 1
        places = known()
        key = next(k for k in places if name == k or name.startswith(f"{k}."))
        elements = places[key][0 if files else 1]
        texts = [e.tag for e in written(report, files=files).iter() if token in (e.text or "")]
        inside = [part.strip() for part in elements.split(",")]
        assert texts, f"{name} is lost"
        if elements != TEXT and way[:2] != ["geography", 1]:
            assert {*texts} & {*inside, "additionalInfo", "value", "city"}, (name, texts)
    assert found > 40


def test_the_map_names_every_field() -> None:
    given_here = {n for n, _way in paths(full())} - {"schema_version"}
    for name in given_here:
        assert any(name == key or name.startswith(f"{key}.") for key in known()), name
    lines = carried(made(full()), with_files=True)
    assert {line.field for line in lines} == set(known())
    assert any(line.as_text for line in lines)


def test_moments_numbers_and_digests_are_all_there() -> None:
    for files in (True, False):
        text = etree.tostring(written(made(full()), files=files), encoding="unicode")
        digests = ("0" * 32, "1" * 40, "2" * 64, "3" * 64, "ab" * 32)
        places = ("192.0.2.7", "40123", "2001:db8::1", "41.9", "Europe/Rome")
        for said in (
            *digests,
            *places,
            exchange_reports.report_id(),
            "interim_regulation",
            "own_motion",
            "upload_seen",
        ):
            assert said in text, said
        # Every moment of the report, in its own zone or in words.
        assert "2026-03-01T10:00:00+01:00" in text


def test_how_an_item_circulates_is_said_in_words_where_its_file_does_not_go() -> None:
    text = etree.tostring(written(made(full()), files=False), encoding="unicode")
    assert "Circulates: circulates, meme" in text


def test_what_was_written_is_read_back() -> None:
    value = full()
    value["user_decision"] = {"decided": True, "measures": ["account disabled for good 2026-03-01T09:00:00Z"]}
    report = made(value)
    root = read_tip(submission(report, EMAIL, report.items, NOW), NOW).root
    item = report.items[0]
    told = read_details(details(item, report, 7, FILE, NOW), NOW).root
    seen = FileSeen(FILE, "x", 12, item.md5 or "", item.sha1 or "", item.sha256 or "", told)
    back = canonical(root, [seen], Filed(UUID(exchange_reports.report_id(2)), 7, "Pixelpost", NOW))
    assert (back.urgency, back.kinds) == (report.urgency, (MaterialKind.KNOWN,))
    assert back.items[0].sha256 == item.sha256
    assert back.items[0].spread == item.spread == ("circulates", "meme")
    assert [one.tag for one in told.find("fileAnnotations")] == ["potentialMeme", "viral"]  # type: ignore[union-attr]
    assert back.items[0].sightings[0].url == "https://example.org/i"
    assert {(str(p.ip), p.port) for p in back.locations} == {(str(p.ip), p.port) for p in report.locations}
    assert back.geography[0].country == "IT"
    assert back.users[0].usernames[0] == "user-u"
    assert back.service.urls == report.service.urls
    assert back.third_country.authority == "Entity"
    assert back.user_decision.measures == report.user_decision.measures
    assert back.issuance.signatory == EMAIL


def test_several_people_and_what_belongs_to_them_are_read_back_apart() -> None:
    value = full()
    related = ("billing", "linked", "business", "creator", "guardian", "associated")
    value["users"] = [
        {"usernames": ["u"], "phones": ["+32470000000"]},
        {"usernames": ["w"], "identifiers": ["id-w"], "mailing_address": "1 Quay, Dublin", "postal_countries": ["IE"]},
        *({"usernames": [one], "identifiers": [f"id-{one}"], "relation": one} for one in related),
    ]
    value["victims"] = [
        {"usernames": ["of nobody"], "relation": "guardian"},
        {"identifiers": ["a"]},
        {"phones": ["+33612345678"], "relation": "guardian"},
        {"identifiers": ["b"]},
    ]
    report = made(value)
    root = read_tip(submission(report, EMAIL, (), NOW), NOW).root
    back = canonical(root, [], Filed(UUID(exchange_reports.report_id(2)), 7, "Pixelpost", NOW))
    for sent, read in ((report.users, back.users), (report.victims, back.victims)):
        assert [one.relation for one in read] == [one.relation for one in sent]
        for name in ("usernames", "identifiers", "phones", "postal_countries"):
            assert [getattr(one, name) for one in read] == [getattr(one, name) for one in sent], name
    assert back.users[1].mailing_address == "1 Quay, Dublin, IE"
    assert "Named in the same report" not in (back.users[1].other or "")


def test_an_approach_alone_is_another_type() -> None:
    value = full()
    value |= {"kinds": ["solicitation"], "items": [], "confirmation": {**value["confirmation"], "how": "viewed"}}
    root = written(made(value))
    assert root.findtext("report/incidentSummary/incidentType", "").startswith("Online Enticement")


def test_what_the_format_refuses_is_named() -> None:
    with pytest.raises(CannotSubmitError, match="email"):
        submission(made(full()), "no address", (), NOW)


def test_a_future_moment_is_not_dated_in_the_past() -> None:
    early = datetime(2026, 2, 1, tzinfo=UTC)
    report = made(full())
    text = submission(report, EMAIL, report.items, early).decode()
    assert "<incidentDateTime>2026-02-01T00:00:00+00:00<" in text
    assert "The moment of this report" in text


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, range(32)))), min_size=1)
ADDRESSES = st.one_of(WORDS, st.text(string.printable, min_size=1, max_size=20), st.just("https://example.org/\u00e9"))


@given(st.sampled_from(FREE), WORDS | ADDRESSES, st.booleans())
def test_any_report_is_a_valid_document(where: tuple[str, list[Any]], text: str, files: bool) -> None:
    _name, way = where
    try:
        report = made(put(full(), way, text * 40 if len(text) > 6 else text))
    except (ValidationError, ValueError):
        return
    written(report, files=files)
