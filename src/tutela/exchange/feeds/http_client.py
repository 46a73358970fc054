"""HTTP client for addresses that others named: the only way out, for nodes and for Edges.

Nodes read lists with it, and Edges fetch items.

1. Its name is resolved once (`located`). Every resolved address must be public, or in a listed network.
2. The connection goes to that address alone, with the name for TLS; later DNS answers change nothing (`asked`).
3. A redirect is not followed, and a body is read up to a limit, in a limited time (`read`).

The caller's rule decides which addresses are allowed; `Guarded` is the rule of nodes.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.ip_ranges import is_global

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network
type Resolve = Callable[[str, int], list[str]]
PORTS = {"https": 443, "http": 80}
_SECONDS = 60.0
_MOST_SECONDS = 300.0


class AddressRefusedError(ExchangeError):
    """This address is not allowed."""


class AnswerTooLargeError(AddressRefusedError):
    """The answer of this address is too large."""


class NoAnswerError(ExchangeError):
    """The address gave no usable answer. Try again later."""


@dataclass(frozen=True)
class HttpAnswer:
    """Status and body."""

    status: int
    body: bytes


def resolved(host: str, port: int) -> list[str]:
    """Every address of a name, as the system knows it. Raises `OSError`."""
    return [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def located(url: str, networks: Sequence[Network], resolve: Resolve = resolved) -> tuple[str, bool]:
    """The address to connect to, and whether all that the name gives lie in the listed networks (1).

    Raises `AddressRefusedError`, `NoAnswerError`.
    """
    parts = urlsplit(url)
    try:
        found = [_address(one) for one in resolve(parts.hostname or "", parts.port or PORTS[parts.scheme])]
    except (OSError, UnicodeError, ValueError):
        raise NoAnswerError("The host name is not known.") from None
    listed = [any(one in network for network in networks) for one in found]
    public = [_public(one) for one in found]
    if not found or not all(a or b for a, b in zip(listed, public, strict=True)):
        raise AddressRefusedError("The host is in a network that is not public.")
    return str(found[0]), all(listed)


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that are trusted, read once: a context takes milliseconds to make."""
    return httpx.create_ssl_context(trust_env=False)


@contextmanager
def asked(
    url: str,
    address: str,
    headers: Mapping[str, str],
    seconds: float,
    transport: httpx.BaseTransport | None = None,
    method: str = "GET",
    **body: Any,
) -> Iterator[httpx.Response]:
    """The answer of that address, its body still to be read (2); `body` as httpx takes it.

    Its head must be there after `seconds`, however many bytes arrive until then. Raises `NoAnswerError`, also while it
    is read.
    """
    parts = urlsplit(url)
    pinned = httpx.URL(url).copy_with(host=address, fragment=None)
    named = {"Accept-Encoding": "identity", "User-Agent": "tutela", **headers, "Host": parts.netloc}
    try:
        # Without the environment: a proxy named there would resolve the name again.
        with httpx.Client(
            timeout=seconds, follow_redirects=False, trust_env=False, transport=transport, verify=_trusted()
        ) as client:
            extensions = {"sni_hostname": parts.hostname}
            request = client.build_request(method, pinned, headers=named, extensions=extensions, **body)
            # The client's own limit is for each read: a host that sends one byte at a time would never reach it.
            limit = threading.Timer(seconds, client.close)
            limit.start()
            try:
                answer = client.send(request, stream=True)
            finally:
                limit.cancel()
            try:
                yield answer
            finally:
                answer.close()
    except httpx.HTTPError as error:
        raise NoAnswerError(f"{type(error).__name__}.") from None


def read(answer: httpx.Response, most: int, seconds: float) -> bytes:
    """The body (3). Raises `AnswerTooLargeError` beyond `most` bytes, `NoAnswerError` after `seconds`."""
    body, end = bytearray(), time.monotonic() + seconds
    for chunk in answer.iter_raw():
        body += chunk
        if time.monotonic() > end:
            raise NoAnswerError("The answer was too slow.")
        if len(body) > most:
            raise AnswerTooLargeError(f"The answer has more than {most} bytes.")
    return bytes(body)


def check_base(text: str, networks: Sequence[Network] = ()) -> str:
    """A base address without its last slash. Raises `AddressRefusedError` with the reason (1)."""
    if any(char.isspace() or not char.isprintable() or char == "\\" for char in text):
        raise AddressRefusedError("The address contains a character that is not allowed.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise AddressRefusedError("The text is not an address.") from None
    if parts.scheme not in PORTS or not parts.hostname or port == 0:
        raise AddressRefusedError("The address must begin with https://")
    if parts.username is not None or parts.query or parts.fragment:
        raise AddressRefusedError("The address must have no user name, query or fragment.")
    if parts.scheme == "http" and not networks:
        raise AddressRefusedError("The address must begin with https://")
    return text.rstrip("/")


class Guarded:
    """HTTP client of a node for others' lists: `https`, or `http` into a listed network. Safe to share between threads.

    `networks` are the private networks that may be contacted; `most` is the most bytes of an answer.
    """

    def __init__(
        self,
        networks: Sequence[Network] = (),
        most: int = 32 << 20,
        *,
        resolve: Resolve = resolved,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._networks, self._most, self._resolve, self._transport = tuple(networks), most, resolve, transport

    def get(self, url: str, headers: Mapping[str, str]) -> HttpAnswer:
        """Raises `AddressRefusedError` for good, `NoAnswerError` where another try may help."""
        with self.open(url, headers) as answer:
            return HttpAnswer(answer.status_code, read(answer, self._most, _MOST_SECONDS))

    def send(self, method: str, url: str, headers: Mapping[str, str], **body: Any) -> HttpAnswer:
        """Send as `get`, with a body as httpx takes it. Only once: after `NoAnswerError`, its arrival is unknown."""
        with self.open(url, headers, method, **body) as answer:
            return HttpAnswer(answer.status_code, read(answer, self._most, _MOST_SECONDS))

    @contextmanager
    def open(self, url: str, headers: Mapping[str, str], method: str = "GET", **body: Any) -> Iterator[httpx.Response]:
        """The answer with its body still to be read, for what is passed on and kept nowhere."""
        check_base(url.partition("?")[0], self._networks)
        address, listed = located(url, self._networks, self._resolve)
        if urlsplit(url).scheme == "http" and not listed:
            raise AddressRefusedError("Without TLS, only hosts in a listed network are allowed.")
        with asked(url, address, headers, _SECONDS, self._transport, method, **body) as answer:
            if answer.is_redirect:
                raise AddressRefusedError("The address redirects. Enter the address that it redirects to.")
            yield answer


# Addresses that carry an IPv4 address through another network: 6to4, IPv4-compatible, Teredo. They may lead anywhere.
_TRANSITION = tuple(map(ipaddress.ip_network, ("2002::/16", "::/96", "2001::/32")))
# The well-known prefix by which networks without IPv4 reach it (RFC 6052): what matters is the address inside.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return _public(ipaddress.IPv4Address(address.packed[-4:]))
        if address.is_site_local or any(address in network for network in _TRANSITION):
            return False
    return is_global(address) and not address.is_multicast


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """::ffff:127.0.0.1 is 127.0.0.1 in other clothes."""
    found = ipaddress.ip_address(text.partition("%")[0])
    return getattr(found, "ipv4_mapped", None) or found
