"""Where an address is: the operator's file, Debian's table, the registries', or nothing; each says its edition."""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime
from ipaddress import IPv4Address, ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from tutela.casework import geolocation
from tutela.casework.geolocation import Places, check_text, chosen, country_of, hints_in, of_text

HEAD = b"# Generated: Thu, 25 Jun 2026 04:33:59 GMT\n# License: CC BY-SA 4.0\n"
FIRST = HEAD + b"16777216,16777471,AU\n16777472,16778239,CN\n184549376,184549631,UK\n184549632,184549887,EU\n"
SECOND = HEAD + b"2a00::,2a00:ffff:ffff:ffff:ffff:ffff:ffff:ffff,FR\n"


def _file(folder: Path, name: str, records: dict[str, dict[str, Any]]) -> Path:
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Test")
    for network, record in records.items():
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(folder / name))
    return folder / name


def test_debians_table_answers_with_its_edition() -> None:
    found = of_text(FIRST, SECOND)
    assert (found.edition, found.day) == ("tor-geoipdb 2026-06-25", date(2026, 6, 25))
    place = found.find(ip_address("1.0.0.255"))
    assert place is not None
    assert (place.country, place.edition, place.registered) == ("AU", "tor-geoipdb 2026-06-25", False)
    six = found.find(ip_address("2a00:1450::1"))
    assert six is not None
    assert six.country == "FR"


@pytest.mark.parametrize("address", ["1.0.4.0", "0.0.0.1", "11.0.1.7", "2001:db8::1", "255.255.255.255"])
def test_an_address_outside_every_range_or_in_none_of_a_country_has_no_place(address: str) -> None:
    assert of_text(FIRST, SECOND).find(ip_address(address)) is None


def test_codes_of_the_union_become_those_of_the_standard() -> None:
    place = of_text(FIRST, SECOND).find(ip_address("11.0.0.7"))
    assert place is not None
    assert place.country == "GB"
    assert [country_of(code) for code in ("EL", "eu", "A1", "??", "", None, "de", "Kosovo")] == [
        "GR",
        "",
        "",
        "",
        "",
        "",
        "DE",
        "",
    ]


@pytest.mark.parametrize("line", ["1,2", "a,2,FR", "1,2,FR,x", ",,"])
def test_a_table_with_a_broken_line_is_refused_by_its_line(line: str) -> None:
    with pytest.raises(ValueError, match="not a range of addresses"):
        check_text(HEAD + line.encode(), six=False)
    assert of_text(HEAD + line.encode(), b"").find(ip_address("1.0.0.1")) is None


@pytest.mark.parametrize("lines", [b"5,9,FR\n1,2,DE\n", b"1,5,FR\n5,9,DE\n", b"9,5,FR\n"])
def test_a_table_out_of_order_is_refused(lines: bytes) -> None:
    with pytest.raises(ValueError, match="out of order"):
        check_text(lines, six=False)


def test_a_table_in_order_is_sound() -> None:
    check_text(FIRST, six=False)
    check_text(SECOND, six=True)


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9), st.sampled_from(["FR", "DE", "??"])), max_size=30),
    st.integers(0, 400),
    st.booleans(),
)
def test_halving_the_bytes_finds_what_reading_all_of_them_does(
    steps: list[tuple[int, int, str]], wanted: int, head: bool
) -> None:
    lines, at = [], 0
    for gap, length, code in steps:
        lines.append((at + gap, at + gap + length, code))
        at += gap + length
    text = "".join(f"{a},{b},{c}\n" for a, b, c in lines).encode()
    expected = next((country_of(c) for a, b, c in lines if a <= wanted <= b), "")
    found = of_text((HEAD if head else b"") + text, b"").find(IPv4Address(wanted))
    assert (found.country if found else "") == expected


@given(st.integers(0, 2**32 - 1))
def test_the_table_agrees_with_a_plain_search(number: int) -> None:
    rows = [line.split(",") for line in FIRST.decode().splitlines() if not line.startswith("#")]
    expected = next((country_of(c) for a, b, c in rows if int(a) <= number <= int(b)), "")
    found = of_text(FIRST, SECOND).find(IPv4Address(number))
    assert (found.country if found else "") == expected


def test_the_operators_file_goes_first_and_names_its_build(tmp_path: Path) -> None:
    file = _file(
        tmp_path,
        "mine.mmdb",
        {
            "11.0.1.0/24": {"country": {"iso_code": "FR"}},
            "11.0.2.0/24": {"registered_country": {"iso_code": "NL"}},
            "11.0.3.0/24": {"country": {"iso_code": "DE"}, "traits": {"is_tor_exit_node": True}},
            "11.0.4.0/24": {"country": {"iso_code": "A1"}},
            "11.0.5.0/24": {"country": "SE"},
        },
    )
    names = _file(
        tmp_path,
        "asn.mmdb",
        {"11.0.1.0/24": {"autonomous_system_number": 64500, "autonomous_system_organization": "Example VPN"}},
    )
    found = chosen(str(file), str(names))
    today = datetime.now(UTC).date()
    assert found.edition == f"mine.mmdb {today}"
    seen = {n: found.find(ip_address(f"11.0.{n}.9")) for n in range(1, 7)}
    assert seen[1] is not None
    assert (seen[1].country, seen[1].network, seen[1].hints) == ("FR", "AS64500 Example VPN", frozenset({"vpn"}))
    assert seen[2] is not None
    assert (seen[2].country, seen[2].registered) == ("NL", True)
    assert seen[3] is not None
    assert (seen[3].country, seen[3].hints) == ("DE", frozenset({"tor"}))
    assert seen[4] is None
    assert seen[5] is not None
    assert seen[5].country == "SE"
    assert seen[6] is None


def test_a_file_that_is_replaced_is_read_anew(tmp_path: Path) -> None:
    file = _file(tmp_path, "mine.mmdb", {"11.0.1.0/24": {"country": {"iso_code": "FR"}}})
    before = chosen(str(file)).find(ip_address("11.0.1.1"))
    _file(tmp_path, "new.mmdb", {"11.0.1.0/24": {"country": {"iso_code": "IT"}}}).replace(file)
    os.utime(file, (time.time() + 5, time.time() + 5))
    after = chosen(str(file)).find(ip_address("11.0.1.1"))
    assert (before.country, after.country) == ("FR", "IT")  # type: ignore[union-attr]


@pytest.mark.parametrize("contents", [b"", b"no database", b"\0" * 5000])
def test_a_file_that_is_no_database_is_an_error_and_not_an_answer(tmp_path: Path, contents: bytes) -> None:
    (tmp_path / "bad.mmdb").write_bytes(contents)
    with pytest.raises(ValueError, match=r"bad\.mmdb|empty"):
        chosen(str(tmp_path / "bad.mmdb"))
    with pytest.raises(FileNotFoundError, match="missing"):
        chosen(str(tmp_path / "missing.mmdb"))


def test_without_a_file_the_registries_answer_and_say_that_it_is_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geolocation, "TOR", (Path("/nowhere"), Path("/nowhere")))
    found = chosen()
    place = found.find(ip_address("193.0.6.139"))
    assert place is not None
    assert (place.country, place.registered) == ("NL", True)
    assert found.edition.startswith("registries' allocations (iptocc ")
    assert found.find(ip_address("192.168.1.1")) is None


def test_with_nothing_at_all_it_goes_on_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geolocation, "TOR", (Path("/nowhere"), Path("/nowhere")))
    monkeypatch.setattr(geolocation, "_has_registries", lambda: False)
    assert chosen() == Places(find=chosen().find)
    assert chosen().find(ip_address("193.0.6.139")) is None


def test_words_that_hide_somebody_are_whole_words() -> None:
    assert hints_in("ip behind a VPN") == {"vpn"}
    assert hints_in("Toronto Monitoring") == frozenset()
    assert hints_in("Tor-exit, open proxy") == {"tor", "proxy"}
