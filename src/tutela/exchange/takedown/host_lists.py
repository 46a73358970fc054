"""Hosts with a treatment of their own: link shorteners, reserved names, and patterns of IPFS gateways."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network

from tutela.exchange.message.ip_ranges import is_global

# The target of a shortener is asked of the reporter and never resolved here, so a missing host costs one question.
SHORTENERS = frozenset(
    [
        "adf.ly",
        "bit.do",
        "bit.ly",
        "bl.ink",
        "buff.ly",
        "cutt.ly",
        "dub.sh",
        "goo.gl",
        "goo.su",
        "is.gd",
        "j.mp",
        "lnkd.in",
        "ow.ly",
        "rb.gy",
        "rebrand.ly",
        "s.id",
        "short.gy",
        "short.io",
        "shorturl.at",
        "shorturl.gg",
        "soo.gd",
        "surl.li",
        "t.co",
        "t.ly",
        "tiny.cc",
        "tiny.pl",
        "tinyurl.com",
        "tr.ee",
        "trib.al",
        "u.to",
        "urlz.fr",
        "v.gd",
        "vk.cc",
        "x.gd",
    ]
)
# Names that never lead to a public host: RFC 6761, 6762 and 8375, and ICANN's reservation of `internal` (2024).
# `example` and `test` never resolve either; documentation, demonstrations and tests need them.
RESERVED_NAMES = ("localhost", "local", "internal", "invalid", "home.arpa")
# A CID of version 0 or 1, or the key of an IPNS name.
CONTENT_ID = re.compile(
    r"Qm[1-9A-HJ-NP-Za-km-z]{44}|b[a-z2-7]{50,110}|k[0-9a-z]{50,110}|12D3Koo[1-9A-HJ-NP-Za-km-z]{45}"
)
# RFC 6052: IPv4 behind a translator.
_TRANSLATED = IPv6Network("64:ff9b::/96")


def is_shortener(host: str) -> bool:
    """Whether a host only forwards to other addresses."""
    return host.removeprefix("www.") in SHORTENERS


def is_reserved_name(host: str) -> bool:
    """Whether a name is reserved for private networks or for no host at all."""
    return any(host == name or host.endswith(f".{name}") for name in RESERVED_NAMES)


def is_public_address(ip: IPv4Address | IPv6Address) -> bool:
    """Whether an IP address, and an IPv4 address inside it, can be a public host."""
    if isinstance(ip, IPv6Address) and (inner := _inside(ip)) is not None:
        return is_public_address(inner)
    return is_global(ip) and not ip.is_multicast


def gateway_content(host: str, path: str) -> str:
    """The content id that a web gateway of IPFS serves at this address; empty if it is none.

    Gateways have the id in the path (`/ipfs/<id>`) or as the first label (`<id>.ipfs.gateway.example`).
    """
    labels = host.split(".")
    if len(labels) > 3 and labels[1] in ("ipfs", "ipns") and CONTENT_ID.fullmatch(labels[0]):
        return labels[0]
    parts = path.split("/", 3)
    if len(parts) > 2 and parts[1] in ("ipfs", "ipns") and CONTENT_ID.fullmatch(parts[2]):
        return parts[2]
    return ""


def _inside(ip: IPv6Address) -> IPv4Address | None:
    if ip.teredo is not None:
        return ip.teredo[1]
    if ip in _TRANSLATED:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour
