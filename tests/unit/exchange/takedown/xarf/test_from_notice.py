"""XARF documents of notices: valid, or refused by name."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.takedown.notice import Location, Notice
from tutela.exchange.takedown.xarf import XarfInvalidError, parse
from tutela.exchange.takedown.xarf.from_notice import CLASSIFICATIONS, Assessed, Party, from_notice

AT = datetime(2026, 2, 10, 14, 5, tzinfo=UTC)
PARTY = Party("Example Hotline", "notices@hotline.example", "hotline.example")
URLS = st.sampled_from(
    [
        "https://host.example/x/1",
        "https://exämple.org/ä",
        "http://93.184.215.14/a",
        "http://[2606:2800:21f::1]/",
        f"http://{'example' * 8}.onion/",
        f"ipfs://bafybei{'a' * 52}/x",
        "magnet:?xt=urn:btih:00&dn=x",
        "https://my_site.example.org/?a=b",
    ]
)


# RFC 3986, appendix A, for addresses with a host or without one.
URI = re.compile(
    r"[a-z]+:(//(\[[0-9a-f:]+\]|[A-Za-z0-9._~!$&'()*+,;=-]+)(:[0-9]+)?)?"
    r"(/([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})*)?(\?([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*)?"
)


def notice(url: str = "https://host.example/x/1", reference: str = "EX-2026-000123") -> Notice:
    return Notice(
        reference=reference,
        submitted_at=AT,
        explanation="Assessed by two analysts.",
        locations=(Location(url=url),),
        good_faith=True,
        language="en",
    )


def test_a_notice_becomes_one_document_for_a_location() -> None:
    one = notice()
    document = json.loads(from_notice(one, one.locations[0], Assessed("interpol:baseline", AT), PARTY))
    assert document["classification"] == "baseline"
    assert document["tags"] == ["custom:ex-2026-000123"]
    assert (document["domain"], document["source_identifier"]) == ("host.example", "host.example")


@given(URLS, st.text("ab/?&=[]{}|^`\"<>\\ äß%~'", max_size=30))
def test_an_address_is_a_uri_of_its_standard(url: str, tail: str) -> None:
    one = notice(url + tail.lstrip("/"))
    document = json.loads(from_notice(one, one.locations[0], Assessed("interpol:baseline", AT), PARTY))
    assert URI.fullmatch(document["url"]), document["url"]


def test_signs_in_a_query_are_escaped_on_the_way_out() -> None:
    one = notice("http://[2606:2800:21f::1]:8080/a|b?x[]=1&y=%5b2%5D")
    document = json.loads(from_notice(one, one.locations[0], Assessed("interpol:baseline", AT), PARTY))
    assert document["url"] == "http://[2606:2800:21f::1]:8080/a%7Cb?x%5B%5D=1&y=%5B2%5D"


@pytest.mark.parametrize("label", ["uk-1978:C", "iccam:2", "A1", ""])
def test_a_label_without_a_counterpart_is_refused(label: str) -> None:
    one = notice()
    with pytest.raises(XarfInvalidError, match="classification"):
        from_notice(one, one.locations[0], Assessed(label, AT), PARTY)


@given(
    URLS,
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,40}", fullmatch=True),
    st.sampled_from(sorted(CLASSIFICATIONS)),
    st.sampled_from(["", "93.184.215.14"]),
    st.sampled_from([None, 1, 64500, 0]),
    st.booleans(),
)
def test_any_notice_yields_a_valid_document_or_a_named_refusal(
    url: str, reference: str, label: str, ip: str, asn: int | None, strict: bool
) -> None:
    one = notice(url, reference)
    try:
        data = from_notice(one, one.locations[0], Assessed(label, AT, source_ip=ip, asn=asn), PARTY, strict=strict)
    except XarfInvalidError as error:
        data, refused = b"", error.findings
    if data:
        assert not parse(data).findings
    else:
        assert asn == 0 or strict, refused
