"""Geolocation of IP addresses from the operator's file or installed data, always with its edition.

1. `TUTELA_GEOIP_FILE`, a MaxMind DB file; `TUTELA_ASN_FILE` also names the network.
2. Else the table of Debian's package tor-geoipdb, if it is installed.
3. Else the registries' allocations that came with the installation: the country of registration, not of use.
4. Else the result is "unknown".

A code that is no country (`EU`, `AP`, `A1`, `??`) is no answer. Nothing here sends a network request.
"""

from __future__ import annotations

import mmap
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib import metadata, util
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import maxminddb
from django.conf import settings

from tutela.organisations.vocabulary.countries import EVERY

type Address = IPv4Address | IPv6Address

# So many bytes hold a table's head.
HEAD = 4096
TOR = (Path("/usr/share/tor/geoip"), Path("/usr/share/tor/geoip6"))
# What tables write for countries of the Union and its neighbours that ISO 3166 writes otherwise.
ALIASES = {"UK": "GB", "EL": "GR"}
# A database marks with these traits that an address hides its user.
HIDING = {
    "is_tor_exit_node": "tor",
    "is_anonymous_vpn": "vpn",
    "is_public_proxy": "proxy",
    "is_anonymous_proxy": "proxy",
    "is_residential_proxy": "proxy",
    "is_anonymous": "proxy",
    "is_hosting_provider": "hosting",
}
# Words in the name of a network, or in a provider's statement, that say the same.
HINTS = {"tor": "tor", "torservers": "tor", "vpn": "vpn", "proxy": "proxy", "anonymizer": "proxy", "relay": "proxy"}


@dataclass(frozen=True, slots=True)
class Location:
    """Location of an address: country, whether known only by registration, network, hints, edition and its date."""

    country: str
    edition: str = ""
    day: date | None = None
    registered: bool = False
    network: str = ""
    hints: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Places:
    """Locations of IP addresses. `edition` names the data, for later review of a decision."""

    edition: str = ""
    day: date | None = None
    find: Callable[[Address], Location | None] = field(default=lambda _address: None)


def country_of(code: object) -> str:
    """The ISO code of a country; empty for what is none."""
    text = str(code or "").upper()
    text = ALIASES.get(text, text)
    return text if text in EVERY else ""


def hints_in(text: str) -> frozenset[str]:
    """Hints in a text that an address hides its user."""
    words = "".join(c if c.isalnum() else " " for c in text.lower()).split()
    return frozenset(HINTS[word] for word in words if word in HINTS)


def chosen(countries: str = "", networks: str = "") -> Places:
    """The operator's files if named, otherwise the machine's data.

    Raises OSError or ValueError if a file cannot be read.
    """
    if countries or networks:
        return _of_files(countries, _changed(countries), networks, _changed(networks))
    return _found()


def current() -> Places:
    """The best location data of this node. Raises OSError or ValueError if the operator's file cannot be read."""
    return chosen(settings.GEOIP_FILE, settings.ASN_FILE)


def known() -> Places:
    """As `current`, but empty if the operator's file cannot be read: no report is refused for that."""
    try:
        return current()
    except (OSError, ValueError):
        return Places()


def _changed(file: str) -> int:
    return Path(file).stat().st_mtime_ns if file else 0


@lru_cache(maxsize=4)
def _of_files(countries: str, _countries_at: int, networks: str, _networks_at: int) -> Places:
    """Return readers of the operator's files; a replaced file is read again."""
    base = _reader(countries) if countries else None
    names = _reader(networks) if networks else None
    free = Places() if base else _found()
    day = _day(base.metadata().build_epoch) if base else free.day
    edition = f"{Path(countries).name} {day}" if base else free.edition

    def find(address: Address) -> Location | None:
        network = _name(names, address)
        if base is None:
            got = free.find(address)
            return (
                None if got is None else Location(got.country, edition, day, got.registered, network, hints_in(network))
            )
        return _of_record(base.get(address), edition, day, network)

    return Places(edition, day, find)


def _reader(file: str) -> Any:
    try:
        return maxminddb.open_database(file, maxminddb.MODE_MMAP)
    except maxminddb.InvalidDatabaseError as error:
        raise ValueError(f"{Path(file).name}: {error}") from None


def _of_record(record: object, edition: str, day: date | None, network: str) -> Location | None:
    if not isinstance(record, dict):
        return None
    traits = record.get("traits") if isinstance(record.get("traits"), dict) else {}
    hints = {HIDING[name] for name, value in {**record, **(traits or {})}.items() if value is True and name in HIDING}
    for name, registered in (("country", False), ("registered_country", True)):
        code = record.get(name)
        country = country_of(code.get("iso_code") if isinstance(code, dict) else code)
        if country:
            return Location(country, edition, day, registered, network, frozenset(hints) | hints_in(network))
    return None


def _name(names: Any, address: Address) -> str:
    record = names.get(address) if names else None
    if not isinstance(record, dict):
        return ""
    number, name = record.get("autonomous_system_number", ""), record.get("autonomous_system_organization", "")
    return f"AS{number} {name}".strip()[:160] if number or name else ""


def _found() -> Places:
    if all(file.exists() for file in TOR):
        return _of_debian(*(_changed(str(file)) for file in TOR))
    if _has_registries():
        return _of_registries()
    return Places()


@lru_cache(maxsize=1)
def _has_registries() -> bool:
    return util.find_spec("iptocc") is not None


@lru_cache(maxsize=1)
def _of_debian(_first_at: int, _second_at: int) -> Places:
    """The files as they lie on the disk; searched there, so that nothing is loaded."""
    maps = []
    for file in TOR:
        with file.open("rb") as opened:
            maps.append(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))
    return of_text(*maps)


def of_text(first: bytes | mmap.mmap, second: bytes | mmap.mmap) -> Places:
    """The table of tor-geoipdb: sorted ranges `from,to,code`; numbers in the first part, IPv6 in the second."""
    day = _generated(bytes(first[:HEAD]))
    edition = f"tor-geoipdb {day or ''}".strip()

    def find(address: Address) -> Location | None:
        data, number = (first, _number) if address.version == 4 else (second, _number_of_six)
        try:
            country = country_of(_search(data, int(address), number))
        except ValueError:
            # A broken line is the doctor's business; here it places nobody.
            return None
        return Location(country, edition, day) if country else None

    return Places(edition, day, find)


def check_text(data: bytes, *, six: bool) -> None:
    """Raise `ValueError`, naming the line, for a table that is broken or not sorted: a search in it would err."""
    number, last = _number_of_six if six else _number, -1
    for line in data.splitlines():
        if line and not line.startswith(b"#"):
            start, end, _code = _range(line, number)
            if not last < start <= end:
                raise ValueError(f"out of order: {line[:60]!r}")
            last = end


def check_found() -> None:
    """Raise `ValueError` for a broken table of this machine, if it has one and the operator named none."""
    if not settings.GEOIP_FILE and all(file.exists() for file in TOR):
        for file in TOR:
            check_text(file.read_bytes(), six=file == TOR[1])


def _search(data: bytes | mmap.mmap, wanted: int, number: Callable[[bytes], int]) -> str:
    """Code of the range that contains a number, by binary search; empty if there is none."""
    low, high = 0, len(data)
    while low < high:
        middle = (low + high) // 2
        start = max(data.rfind(b"\n", low, middle) + 1, low)
        end = data.find(b"\n", middle, high)
        end = high if end < 0 else end
        line = bytes(data[start:end])
        if not line or line.startswith(b"#"):  # the head, before all ranges
            low = end + 1
            continue
        first, last, code = _range(line, number)
        if wanted < first:
            high = start
        elif wanted > last:
            low = end + 1
        else:
            return code
    return ""


def _range(line: bytes, number: Callable[[bytes], int]) -> tuple[int, int, str]:
    try:
        first, last, code = line.split(b",")
        return number(first), number(last), code.strip().decode("ascii")
    except (ValueError, OSError):
        raise ValueError(f"not a range of addresses: {line[:60]!r}") from None


def _number(text: bytes) -> int:
    return int(text)


def _number_of_six(text: bytes) -> int:
    return int.from_bytes(socket.inet_pton(socket.AF_INET6, text.decode("ascii")))


def _generated(head: bytes) -> date | None:
    for line in head.decode(errors="replace").splitlines():
        if "Generated:" in line:
            try:
                found = line.split("Generated:")[1].strip()
                return datetime.strptime(found, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC).date()
            except ValueError:
                return None
    return None


def _of_registries() -> Places:
    """Allocations of the five regional registries, as a library carries them."""
    import iptocc

    edition = f"registries' allocations (iptocc {metadata.version('iptocc')})"

    def find(address: Address) -> Location | None:
        country = country_of(iptocc.country_code(str(address)))
        return Location(country, edition, None, registered=True) if country else None

    return Places(edition, None, find)


def _day(epoch: float) -> date:
    return datetime.fromtimestamp(epoch, UTC).date()
