"""The client with which a node reads what others serve at an address that somebody typed in.

1. Only `https`, or `http` into a network that the operator listed. No user name in it, no fragment.
2. Its name is resolved once. Every address that it gives must be a public one, or in a listed network.
3. The connection goes to that address and no other, with the name for TLS; what DNS says later changes nothing.
4. A redirect is refused, and so is a body beyond the limit, or one that drips.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from tutela.exchange.errors import ExchangeError

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_PORTS = {"https": 443, "http": 80}
_SECONDS = 60.0
_MOST_SECONDS = 300.0


class AddressRefusedError(ExchangeError):
    """This address is not asked."""


class NoAnswerError(ExchangeError):
    """There is no answer that can be used; another try may help."""


@dataclass(frozen=True)
class Answer:
    """Status and body."""

    status: int
    body: bytes


def resolved(host: str, port: int) -> list[str]:
    """Every address of a name, as the system knows it. Raises `OSError`."""
    return [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def check_base(text: str, networks: Sequence[Network] = ()) -> str:
    """A base address without its last slash. Raises `AddressRefusedError` with the reason (1)."""
    if any(char.isspace() or not char.isprintable() or char == "\\" for char in text):
        raise AddressRefusedError("It holds a character that no address has.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise AddressRefusedError("It is no address.") from None
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise AddressRefusedError("It begins with https://")
    if parts.username is not None or parts.query or parts.fragment:
        raise AddressRefusedError("It has no user name, query or fragment.")
    if parts.scheme == "http" and not networks:
        raise AddressRefusedError("It begins with https://")
    return text.rstrip("/")


class Guarded:
    """Safe to share between threads. `networks` are the private ones that may be asked; `most` bytes at most."""

    def __init__(
        self, networks: Sequence[Network] = (), most: int = 32 << 20, *,
        resolve: Callable[[str, int], list[str]] = resolved, transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        self._networks, self._most, self._resolve, self._transport = tuple(networks), most, resolve, transport

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Raises `AddressRefusedError` for good, `NoAnswerError` where another try may help."""
        parts = urlsplit(url)
        check_base(url.partition("?")[0], self._networks)
        host = parts.hostname or ""
        address, listed = self._address(host, parts.port or _PORTS[parts.scheme])
        if parts.scheme == "http" and not listed:
            raise AddressRefusedError("Without TLS only a listed network is asked.")
        pinned = httpx.URL(url).copy_with(host=address, fragment=None)
        named = {"Accept-Encoding": "identity", "User-Agent": "tutela", **headers, "Host": parts.netloc}
        try:
            # Without the environment: a proxy named there would resolve the name again.
            with httpx.Client(
                timeout=_SECONDS, follow_redirects=False, trust_env=False, transport=self._transport
            ) as client:
                request = client.build_request("GET", pinned, headers=named, extensions={"sni_hostname": host})
                answer = client.send(request, stream=True)
                try:
                    return Answer(answer.status_code, self._body(answer))
                finally:
                    answer.close()
        except httpx.HTTPError as error:
            raise NoAnswerError(f"{type(error).__name__}.") from None

    def _body(self, answer: httpx.Response) -> bytes:
        if answer.is_redirect:
            raise AddressRefusedError("It leads elsewhere; enter the address that it leads to.")
        body, end = bytearray(), time.monotonic() + _MOST_SECONDS
        for chunk in answer.iter_raw():
            body += chunk
            if time.monotonic() > end:
                raise NoAnswerError("It came too slowly.")
            if len(body) > self._most:
                raise AddressRefusedError(f"It answers more than {self._most} bytes.")
        return bytes(body)

    def _address(self, host: str, port: int) -> tuple[str, bool]:
        try:
            found = [ipaddress.ip_address(one.partition("%")[0]) for one in self._resolve(host, port)]
        except (OSError, UnicodeError, ValueError):
            raise NoAnswerError("Its name is not known.") from None
        if not found or not all(self._public(one) or self._listed(one) for one in found):
            raise AddressRefusedError("It lies in a network that is not public.")
        return str(found[0]), all(self._listed(one) for one in found)

    @staticmethod
    def _public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        # ::ffff:127.0.0.1 is 127.0.0.1 in other clothes.
        plain = getattr(address, "ipv4_mapped", None) or address
        return bool(plain.is_global and not plain.is_multicast)

    def _listed(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        plain = getattr(address, "ipv4_mapped", None) or address
        return any(plain in one for one in self._networks)
