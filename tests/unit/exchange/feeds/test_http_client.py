"""Which addresses the guarded client asks: public ones, whatever clothes a private one wears."""

from __future__ import annotations

from ipaddress import ip_network

import httpx
import pytest

from tutela.exchange.feeds.http_client import AddressRefusedError, Guarded, located

PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"]
PRIVATE = [
    "127.0.0.1",
    "10.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "198.18.0.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "ff02::1",
    "fec0::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    # The same in other clothes: NAT64, 6to4, IPv4-compatible, Teredo, local NAT64.
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:5db8:d822::1",
    "::127.0.0.1",
    "::a9fe:a9fe",
    "2001:0:53aa:64c:0:0:80ff:fffe",
    "64:ff9b:1::7f00:1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_asked(address: str) -> None:
    assert located("https://x.example/", (), lambda *_: [address])[1] is False


@pytest.mark.parametrize("address", PRIVATE)
def test_no_clothes_make_a_private_address_public(address: str) -> None:
    for found in ([address], ["93.184.216.34", address]):
        with pytest.raises(AddressRefusedError):
            located("https://x.example/", (), lambda *_, found=found: found)


def test_a_listed_network_is_asked_by_its_mapped_address_too() -> None:
    networks = (ip_network("10.0.0.0/8"),)
    assert located("https://x.example/", networks, lambda *_: ["::ffff:10.1.2.3"]) == ("10.1.2.3", True)


def test_a_name_that_leads_elsewhere_the_second_time_is_asked_at_the_first_address() -> None:
    """DNS rebinding: the name is resolved once, and the connection goes to what was judged."""
    answers, connected = iter([["93.184.216.34"], ["127.0.0.1"]]), list[str]()

    def handle(request: httpx.Request) -> httpx.Response:
        connected.append(request.url.host)
        return httpx.Response(200, stream=httpx.ByteStream(b""))

    client = Guarded(resolve=lambda *_: next(answers), transport=httpx.MockTransport(handle))
    client.get("https://rebinding.example/", {})
    assert connected == ["93.184.216.34"]
    with pytest.raises(AddressRefusedError):
        client.get("https://rebinding.example/", {})
