"""Normal form and kind of a reported address, by the WHATWG URL standard.

Two spellings of one place have one normal form, so that it is counted, assessed and noticed once. Rules:

1. White space around the address is removed. Control characters and marks that turn the direction of text are refused.
2. Defanged spellings (`hxxps`, `[.]`, `(dot)`, `[:]//`) are read as what they stand for, and named.
3. Only `http`, `https`, `ipfs`, `ipns` and `magnet` are accepted.
4. Scheme and host are in lower case. The host is ASCII (UTS 46, `xn--`), without a dot at its end.
5. IPv4 needs four decimal parts. Octal, hexadecimal and shortened forms hide an address and are refused.
6. Private and reserved networks, `localhost`, `.local`, `.internal` and names of one label are refused.
7. The default port, the fragment, an empty query and user information are dropped.
8. Dot segments are resolved, percent escapes are in upper case, and escaped unreserved characters are decoded. A
   percent sign that begins no escape is one itself (`%25`).
9. The query is kept in its order.
10. Address and normal form have at most 2,083 characters each.

An address with user information is kept, and `for_notice` refuses it: a link in a notice would contain a password.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from ipaddress import ip_address
from urllib.parse import parse_qsl

import ada_url
from publicsuffixlist import PublicSuffixList

from tutela.exchange.errors import ExchangeError
from tutela.exchange.takedown.host_lists import (
    CONTENT_ID,
    gateway_content,
    is_public_address,
    is_reserved_name,
    is_shortener,
)

MOST_CHARACTERS = 2083
# RFC 1035: the longest name without its last dot.
LONGEST_HOST = 253


class AddressKind(StrEnum):
    """How an address is worked on."""

    WEB = "web"
    # No host to find: for law enforcement only.
    ONION = "onion"
    # A web host that serves content of a distributed network.
    IPFS_GATEWAY = "ipfs_gateway"
    # Content of a distributed network, without a host.
    DECENTRALISED = "decentralised"
    # The reporter is asked for the target.
    SHORTENER = "shortener"
    IP_LITERAL = "ip_literal"


class AddressFault(StrEnum):
    """Why an address is refused."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    CHARACTER = "character"
    SYNTAX = "syntax"
    SCHEME = "scheme"
    HOST = "host"
    PORT = "port"
    ODD_IPV4 = "odd_ipv4"
    NOT_PUBLIC = "not_public"
    ONION_NAME = "onion_name"
    CONTENT_ID = "content_id"
    USER_INFORMATION = "user_information"


TEXTS = {
    AddressFault.EMPTY: "enter an address",
    AddressFault.TOO_LONG: f"must have at most {MOST_CHARACTERS} characters, also with every character escaped",
    AddressFault.CHARACTER: "must not contain control characters or marks that change the direction of text",
    AddressFault.SYNTAX: "must be an absolute address, such as https://example.org/page",
    AddressFault.SCHEME: "must begin with http://, https://, ipfs://, ipns:// or magnet:",
    AddressFault.HOST: "must have a host name of at least two labels, each of 1 to 63 letters, digits and hyphens",
    AddressFault.PORT: "must have a port between 1 and 65535",
    AddressFault.ODD_IPV4: "must have an IPv4 address as four decimal numbers",
    AddressFault.NOT_PUBLIC: "must not be in a private or reserved network",
    AddressFault.ONION_NAME: "must have an onion name of 56 characters (version 3) or 16 characters (version 2)",
    AddressFault.CONTENT_ID: "must contain the identifier of its content",
    AddressFault.USER_INFORMATION: "must not contain a user name or a password",
}


class AddressInvalidError(ExchangeError):
    """The address cannot be used."""

    def __init__(self, fault: AddressFault) -> None:
        super().__init__(f"address: {TEXTS[fault]}.")
        self.fault = fault


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address as it was written (`original`) and in its normal form.

    `registered_domain` is the name that a registry sold, by the public suffix list: empty for IP addresses and for
    networks without a registry. `content_id` is the identifier of content in a distributed network. `path` and `query`
    are those of the normal form; a query has no question mark.
    """

    original: str
    normal: str
    kind: AddressKind
    scheme: str
    host: str = ""
    unicode_host: str = ""
    registered_domain: str = ""
    port: int | None = None
    path: str = ""
    query: str = ""
    content_id: str = ""
    defanged: bool = False
    user_information: bool = False


_SPACE = " \t\r\n\f"
_TURNS = frozenset("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DEFANGED_SCHEME = re.compile(r"^(?:h(?:xx|\*\*|tx|xt)p(s?)|http(s?)(?=\[:|\(:))", re.IGNORECASE)
_DEFANGED_SIGNS = (
    (re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}", re.IGNORECASE), "."),
    (re.compile(r"\[:\]|\(:\)"), ":"),
    (re.compile(r"\[://\]"), "://"),
    (re.compile(r"\[/\]"), "/"),
)
# Everything before the path, also of the spellings above.
_HEAD = re.compile(r"^[^:/\\?#]*(?:\[:\]|\(:\)|\[://\]|:)?[/\\]*[^/\\?#]*")
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):")
_AUTHORITY = re.compile(r"^[A-Za-z]+:[/\\]*([^/\\?#]*)")
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_ONION = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*(?:[a-z2-7]{16}|[a-z2-7]{56})\.onion")
# Neither unreserved, nor a delimiter of a path or query, nor a sign of an escape (RFC 3986, section 3.3 and 3.4).
_NO_URI = re.compile(r"[^A-Za-z0-9._~!$&'()*+,;=:@/?%-]")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def normalise(text: str) -> WebAddress:
    """Read an address by the rules of this module. Raises `AddressInvalidError`."""
    stripped = text.strip(_SPACE)
    if not stripped:
        raise AddressInvalidError(AddressFault.EMPTY)
    if len(stripped) > MOST_CHARACTERS:
        raise AddressInvalidError(AddressFault.TOO_LONG)
    if any(char in _TURNS or unicodedata.category(char) in ("Cc", "Cs") for char in stripped):
        raise AddressInvalidError(AddressFault.CHARACTER)
    plain = refang(stripped)
    scheme = _SCHEME.match(plain)
    if scheme is None:
        raise AddressInvalidError(AddressFault.SYNTAX)
    reader = _READERS.get(scheme[1].lower())
    if reader is None:
        raise AddressInvalidError(AddressFault.SCHEME)
    try:
        found = reader(text, plain, ada_url.URL(plain), plain != stripped)
    except ValueError:
        raise AddressInvalidError(AddressFault.SYNTAX) from None
    if len(found.normal) > MOST_CHARACTERS:
        raise AddressInvalidError(AddressFault.TOO_LONG)
    return found


def for_notice(address: WebAddress) -> str:
    """The normal form for a notice to a provider. Raises `AddressInvalidError` if it had user information."""
    if address.user_information:
        raise AddressInvalidError(AddressFault.USER_INFORMATION)
    return address.normal


def as_uri(address: WebAddress) -> str:
    """The normal form as a URI of RFC 3986: what the WHATWG standard leaves as it is in path and query is escaped."""
    tail = f"{address.path}{f'?{address.query}' if address.query else ''}"
    head = address.normal.removesuffix(tail)
    return head + _NO_URI.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), tail)


def refang(text: str) -> str:
    """The address that a defanged spelling stands for; any other text is unchanged.

    The path is changed only if scheme or host were: `[.]` alone may be part of a path.
    """
    scheme = _DEFANGED_SCHEME.sub(lambda found: f"http{found[1] or found[2] or ''}", text)
    head = _HEAD.match(scheme)
    host = head[0] if head else ""
    if scheme == text and not any(sign.search(host) for sign, _plain in _DEFANGED_SIGNS):
        return text
    for sign, plain in _DEFANGED_SIGNS:
        scheme = sign.sub(plain, scheme)
    return scheme


def _web(original: str, plain: str, url: ada_url.URL, defanged: bool) -> WebAddress:
    host = url.hostname.removesuffix(".")
    if url.port == "0":
        raise AddressInvalidError(AddressFault.PORT)
    path, query = _escapes(url.pathname), _escapes(url.search.removeprefix("?"))
    kind = _kind_of_host(plain, url, host)
    content = gateway_content(host, path) if kind is AddressKind.WEB else ""
    if content:
        kind = AddressKind.IPFS_GATEWAY
    scheme, port = url.protocol.removesuffix(":"), int(url.port) if url.port else None
    return WebAddress(
        original=original,
        normal=f"{scheme}://{host}{f':{port}' if port else ''}{path}{f'?{query}' if query else ''}",
        kind=kind,
        scheme=scheme,
        host=host,
        unicode_host=ada_url.idna_to_unicode(host) if kind is not AddressKind.IP_LITERAL else host,
        registered_domain=_registered(host) if kind not in (AddressKind.IP_LITERAL, AddressKind.ONION) else "",
        port=port,
        path=path,
        query=query,
        content_id=content,
        defanged=defanged,
        user_information=bool(url.username or url.password),
    )


def _kind_of_host(plain: str, url: ada_url.URL, host: str) -> AddressKind:
    if url.host_type != ada_url.HostType.DEFAULT:
        if url.host_type == ada_url.HostType.IPV4 and _written_host(plain) != host:
            raise AddressInvalidError(AddressFault.ODD_IPV4)
        if not is_public_address(ip_address(host.strip("[]"))):
            raise AddressInvalidError(AddressFault.NOT_PUBLIC)
        return AddressKind.IP_LITERAL
    if is_reserved_name(host):
        raise AddressInvalidError(AddressFault.NOT_PUBLIC)
    labels = host.split(".")
    if len(host) > LONGEST_HOST or len(labels) < 2 or not all(_LABEL.fullmatch(one) for one in labels):
        raise AddressInvalidError(AddressFault.HOST)
    if "xn--" in labels:
        raise AddressInvalidError(AddressFault.HOST)
    if labels[-1] == "onion":
        if not _ONION.fullmatch(host):
            raise AddressInvalidError(AddressFault.ONION_NAME)
        return AddressKind.ONION
    return AddressKind.SHORTENER if is_shortener(host) else AddressKind.WEB


def _content(original: str, plain: str, url: ada_url.URL, defanged: bool) -> WebAddress:
    """`ipfs://<id>/path`: an identifier tells upper from lower case."""
    scheme, name = url.protocol.removesuffix(":"), url.hostname
    is_name = scheme == "ipns" and "." in name and all(_LABEL.fullmatch(one.lower()) for one in name.split("."))
    if not (CONTENT_ID.fullmatch(name) or is_name) or url.port:
        raise AddressInvalidError(AddressFault.CONTENT_ID)
    content = name.lower() if is_name else name
    path, query = _escapes(url.pathname), _escapes(url.search.removeprefix("?"))
    return WebAddress(
        original=original,
        normal=f"{scheme}://{content}{path}{f'?{query}' if query else ''}",
        kind=AddressKind.DECENTRALISED,
        scheme=scheme,
        path=path,
        query=query,
        content_id=content,
        defanged=defanged,
        user_information=bool(url.username or url.password),
    )


def _magnet(original: str, plain: str, url: ada_url.URL, defanged: bool) -> WebAddress:
    query = _escapes(url.search.removeprefix("?"))
    topics = [value for name, value in parse_qsl(query) if name == "xt" or name.startswith("xt.")]
    if not topics or not topics[0].startswith("urn:") or url.pathname:
        raise AddressInvalidError(AddressFault.CONTENT_ID)
    return WebAddress(
        original=original,
        normal=f"magnet:?{query}",
        kind=AddressKind.DECENTRALISED,
        scheme="magnet",
        query=query,
        content_id=topics[0],
        defanged=defanged,
    )


_READERS = {"http": _web, "https": _web, "ipfs": _content, "ipns": _content, "magnet": _magnet}


def _written_host(plain: str) -> str:
    """The host as it was written, without user information and port."""
    found = _AUTHORITY.match(plain)
    host = found[1].rpartition("@")[2] if found else ""
    return host.partition(":")[0]


def _escapes(text: str) -> str:
    def escape(found: re.Match[str]) -> str:
        if found[1] is None:
            return "%25"
        char = chr(int(found[1], 16))
        return char if char in _UNRESERVED else f"%{found[1].upper()}"

    return _ESCAPE.sub(escape, text)


@cache
def _suffixes() -> PublicSuffixList:
    # The private part of the list names sites of customers on one registered domain, which no registry knows.
    return PublicSuffixList(only_icann=True)


def _registered(host: str) -> str:
    return _suffixes().privatesuffix(host) or ""
