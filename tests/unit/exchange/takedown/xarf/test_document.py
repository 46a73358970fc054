"""XARF: own examples pass, every broken rule is found by its path, and no media leaves or stays."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.support.xarf_documents import CSAM, CSEM, piece
from tutela.exchange.takedown.xarf.document import (
    MOST_BYTES,
    Evidence,
    XarfInvalidError,
    XarfUnreadableError,
    domain_of,
    generate,
    parse,
    validate,
)
from tutela.exchange.takedown.xarf.schema import MOST_PIECE_BYTES

JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20


def paths(document: dict[str, Any], *, strict: bool = False) -> set[str]:
    return {one.path for one in validate(document, strict=strict)}


def read(document: dict[str, Any], *, strict: bool = False) -> Any:
    return parse(json.dumps(document).encode(), strict=strict)


@pytest.mark.parametrize("document", [CSAM, CSEM])
def test_own_examples_are_valid_in_the_standard_mode(document: dict[str, Any]) -> None:
    assert not validate(document)
    found = read(document)
    assert (found.document, found.findings, found.media_removed) == (document, (), 0)


def test_the_strict_mode_wants_what_hotlines_do_not_have() -> None:
    assert paths(CSAM, strict=True) == {"evidence", "target_brand", "ncmec_report_id"}
    found = read(CSAM | {"surprise": 1}, strict=True)
    assert "surprise" in {one.path for one in found.errors}
    assert not read(CSAM | {"surprise": 1}).errors


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"xarf_version": "3.0.0"}, "xarf_version"),
        ({"report_id": "7d0b2f5e-1a3c-1b6d-8e9f-0a1b2c3d4e5f"}, "report_id"),
        ({"timestamp": "2026-02-10T14:05:00"}, "timestamp"),
        ({"timestamp": "2026-02-30T14:05:00Z"}, "timestamp"),
        ({"reporter": CSAM["reporter"] | {"contact": "nobody"}}, "reporter.contact"),
        ({"sender": CSAM["sender"] | {"phone": "1"}}, "sender.phone"),
        ({"sender": {"org": "x" * 201, "contact": "a@b.example", "domain": "b.example"}}, "sender.org"),
        ({"source_port": 0}, "source_port"),
        ({"source_port": True}, "source_port"),
        ({"category": "abuse"}, "category"),
        ({"category": "messaging"}, "type"),
        ({"type": "phishing"}, "type"),
        ({"type": ["csam"]}, "type"),
        ({"url": "/x/1"}, "url"),
        ({"domain": "xn--exmple-cua.xn--p1ai"}, "domain"),
        ({"domain": "192.0.2.44"}, "domain"),
        ({"classification": "C"}, "classification"),
        ({"classification": "national"}, "classification"),
        ({"detection_method": "guess"}, "detection_method"),
        ({"media_type": "picture"}, "media_type"),
        ({"hash_values": {"sha256": "00"}}, "hash_values.sha256"),
        ({"content_removed": "no"}, "content_removed"),
        ({"asn": 0}, "asn"),
        ({"country_code": "nl"}, "country_code"),
        ({"confidence": 1.1}, "confidence"),
        ({"description": "x" * 1001}, "description"),
        ({"tags": ["cve:CVE-2021"]}, "tags[0]"),
        ({"tags": ["a:b"] * 21}, "tags"),
        ({"legacy_version": "2"}, "legacy_version"),
        ({"dns_records": {"a": ["::1"]}}, "dns_records.a[0]"),
        ({"whois": {"created_date": "yesterday"}}, "whois.created_date"),
        ({"evidence": [{"content_type": "text/plain"}]}, "evidence[0].payload"),
        ({"evidence": [piece(b"x") | {"payload": "eA"}]}, "evidence[0].payload"),
        ({"evidence": [piece(b"x") | {"payload": "eA==\n"}]}, "evidence[0].payload"),
        ({"evidence": [piece(b"x") | {"hash": "sha256:00"}]}, "evidence[0].hash"),
        ({"evidence": [piece(b"x") | {"size": 2}]}, "evidence[0].size"),
        ({"evidence": [piece(b"x") | {"content_type": "text"}]}, "evidence[0].content_type"),
        ({"evidence": [piece(b"x") | {"note": "y"}]}, "evidence[0].note"),
        ({"evidence": [piece(b"x")] * 51}, "evidence"),
    ],
)
def test_a_broken_rule_is_found_by_its_path(change: dict[str, Any], path: str) -> None:
    assert path in paths(CSAM | change)


@pytest.mark.parametrize("field", [name for name in CSAM if name in paths({})] + ["url", "classification"])
def test_a_required_field_that_is_missing_is_found(field: str) -> None:
    assert field in paths({name: value for name, value in CSAM.items() if name != field})


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"exploitation_type": "other"}, "exploitation_type"),
        ({"victim_age_range": "adult"}, "victim_age_range"),
        ({"platform": "radio"}, "platform"),
        ({"evidence_type": ["sound"]}, "evidence_type[0]"),
        ({"perpetrator_indicators": {"ip_addresses": ["2001:db8::1"]}}, "perpetrator_indicators.ip_addresses[0]"),
        ({"reporting_obligations": ["ncmec"]}, "reporting_obligations[0]"),
    ],
)
def test_rules_of_exploitation(change: dict[str, Any], path: str) -> None:
    assert path in paths(CSEM | change)


def test_limits_of_evidence_are_of_decoded_bytes() -> None:
    exact, longer = piece(b"x" * MOST_PIECE_BYTES), piece(b"x" * (MOST_PIECE_BYTES + 1))
    assert not paths(CSAM | {"evidence": [exact] * 3})
    assert {"evidence[0].payload", "evidence[0].size"} <= paths(CSAM | {"evidence": [longer]})
    assert "evidence" in paths(CSAM | {"evidence": [exact, exact, exact, piece(b"x")]})


def test_all_errors_are_found_at_once() -> None:
    assert {"url", "asn", "tags[0]"} <= paths(CSAM | {"url": "x", "asn": -1, "tags": ["A"]})


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(JPEG, "log", "image/jpeg"),
        Evidence(JPEG, "log"),
        Evidence(b"....ftypisom", "log"),
        Evidence(b"PK\3\4", "log"),
        Evidence(b"x", "log", "text/html"),
        Evidence(b"x", "log", "application/octet-stream"),
        Evidence(b"<img src='DATA:image/png;base64,iVBOR'>", "log"),
        Evidence(b"\xff\xfe", "log"),
    ],
)
def test_no_media_ever_leaves(evidence: Evidence) -> None:
    with pytest.raises(XarfInvalidError, match="evidence"):
        generate(CSAM, [evidence])


def test_a_screenshot_and_raw_evidence_never_leave() -> None:
    with pytest.raises(XarfInvalidError, match="screenshot_url"):
        generate(CSAM | {"screenshot_url": "https://host.example/s.png"})
    with pytest.raises(XarfInvalidError, match="evidence"):
        generate(CSAM | {"evidence": [piece(JPEG)]})


def test_a_generated_document_has_version_id_digest_and_nothing_internal() -> None:
    values = {name: value for name, value in CSAM.items() if name not in ("xarf_version", "report_id")}
    data = generate(values | {"_internal": {"case": 7}}, [Evidence(b"GET /x/1", "Log line")])
    found = parse(data)
    assert not found.findings
    assert found.document["xarf_version"] == "4.2.0"
    assert "_internal" not in found.document
    assert base64.b64decode(found.document["evidence"][0]["payload"]) == b"GET /x/1"
    with pytest.raises(XarfInvalidError) as refused:
        generate(values | {"classification": "C"})
    assert [one.path for one in refused.value.findings] == ["classification"]


def test_received_media_is_removed_unseen_and_counted() -> None:
    found = read(
        CSAM | {"_internal": {"a": 1}, "evidence": [piece(JPEG), piece(b"log"), piece(b"x") | {"payload": "?"}]}
    )
    assert found.media_removed == 2
    assert [one["payload"] for one in found.document["evidence"]] == [base64.b64encode(b"log").decode()]
    assert "_internal" not in found.document
    assert read(CSAM | {"evidence": {"payload": "x"}}).document["evidence"] == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{", "JSON"),
        (b"[]", "object"),
        (b"{}", "xarf_version"),
        (b'{"xarf_version": "4.2.0", "xarf_version": "4.2.0"}', "duplicate"),
        (b'{"xarf_version": "4.2.0", "confidence": NaN}', "JSON"),
        (b'{"xarf_version": "\\ud800"}', "JSON"),
        (b"[" * 100_000, "JSON"),
        (b'{"Version": "3", "ReporterInfo": {}, "Report": {}}', "version 3"),
        (b" " * (MOST_BYTES + 1), "bytes"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(data: bytes, reason: str) -> None:
    with pytest.raises(XarfUnreadableError, match=reason):
        parse(data)


def test_domains_without_a_form_are_left_out() -> None:
    assert domain_of("host.example") == "host.example"
    assert domain_of("xn--e1afmkfd.xn--p1ai") is None
    assert domain_of("93.184.215.14") is None
    assert domain_of("my_site.example") is None
