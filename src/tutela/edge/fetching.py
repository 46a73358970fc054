"""Fetching an item's bytes from where it lies: the one client of an Edge that goes to an address which a caller names.

1. The address begins with an origin that the operator listed (`https://media.example`, `s3://bucket`); none listed,
   nothing is fetched. No user name, no other port.
2. Its name is resolved once. Every address that it gives must be a public one, or in a network the operator listed.
3. The connection goes to that address and no other, with the name for TLS; what DNS says later changes nothing.
4. A redirect is refused, and so is a body beyond the limit; nothing of it is kept.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx

from tutela.edge import objects
from tutela.edge.errors import FetchFailedError, FetchRefusedError, ScanError

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_PORTS = {"https": 443, "http": 80}
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SECONDS = 30.0
# Gone for good: asking again tells nothing new.
_FINAL = frozenset({400, 401, 403, 404, 405, 406, 410, 414, 451})


class Fetcher:
    """Safe to share between threads."""

    def __init__(self, origins: Sequence[str], networks: Sequence[Network], most: int) -> None:
        """`most` bytes at most; `networks` are the private ones that listed origins may lie in."""
        self._origins = {_origin(one) for one in origins}
        self._networks, self._most = tuple(networks), most

    @property
    def on(self) -> bool:
        """Whether anything may be fetched at all."""
        return bool(self._origins)

    def check(self, location: str) -> None:
        """Raises FetchRefusedError unless the address is one that may be fetched (step 1)."""
        if not self._origins:
            raise FetchRefusedError("No origin is listed (TUTELA_EDGE_FETCH_ORIGINS).")
        try:
            origin = _origin(location)
        except ValueError:
            raise FetchRefusedError("It is no address of this kind.") from None
        if origin not in self._origins:
            raise FetchRefusedError("Its origin is not listed.")

    def fetch(self, location: str) -> bytes:
        """The bytes. Raises FetchRefusedError for good, FetchFailedError where another try may help."""
        self.check(location)
        if objects.is_object(location):
            return self._object(location)
        parts = urlsplit(location)
        host = parts.hostname or ""
        address = self._resolved(host, parts.port or _PORTS[parts.scheme])
        pinned = httpx.URL(location).copy_with(host=address, fragment=None)
        headers = {"Host": parts.netloc, "Accept-Encoding": "identity", "User-Agent": "tutela-edge"}
        try:
            # Without the environment: a proxy named there would resolve the name again.
            with httpx.Client(timeout=_SECONDS, follow_redirects=False, trust_env=False) as client:
                request = client.build_request("GET", pinned, headers=headers, extensions={"sni_hostname": host})
                answer = client.send(request, stream=True)
                try:
                    return self._body(answer)
                finally:
                    answer.close()
        except httpx.HTTPError as error:
            raise FetchFailedError(type(error).__name__) from None

    def _body(self, answer: httpx.Response) -> bytes:
        if answer.is_redirect or answer.status_code in _FINAL:
            raise FetchRefusedError(f"Status {answer.status_code}.")
        if answer.status_code != httpx.codes.OK:
            raise FetchFailedError(f"Status {answer.status_code}.")
        body = bytearray()
        for chunk in answer.iter_raw():
            body += chunk
            if len(body) > self._most:
                raise FetchRefusedError(f"It has more than {self._most} bytes.")
        return bytes(body)

    def _object(self, location: str) -> bytes:
        try:
            return objects.fetch(location, self._most)
        except objects.ObjectUnreadableError as error:
            if error.code == "too_large" or "not found" in str(error).lower():
                raise FetchRefusedError(str(error)) from None
            raise FetchFailedError(str(error)) from None
        except ScanError as error:
            raise FetchFailedError(str(error)) from None

    def _resolved(self, host: str, port: int) -> str:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise FetchFailedError("Its name is not known.") from None
        addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
        if not addresses or not all(self._may_be_asked(one) for one in addresses):
            raise FetchRefusedError("It lies in a network that is not public.")
        return str(addresses[0])

    def _may_be_asked(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        # ::ffff:127.0.0.1 is 127.0.0.1 in other clothes.
        plain = getattr(address, "ipv4_mapped", None) or address
        return (plain.is_global and not plain.is_multicast) or any(plain in one for one in self._networks)


def _origin(location: str) -> str:
    """`scheme://host:port`, or `s3://bucket`. Raises ValueError for anything that is not plainly such."""
    if objects.is_object(location):
        # A key may hold anything; it is never a part of an address that is resolved.
        scheme, _, rest = location.partition("://")
        bucket = rest.partition("/")[0]
        if not _BUCKET.fullmatch(bucket):
            raise ValueError(location)
        return f"{scheme}://{bucket}"
    if any(char.isspace() or not char.isprintable() or char == "\\" for char in location):
        raise ValueError(location)
    parts = urlsplit(location)
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
        raise ValueError(location)
    return f"{parts.scheme}://{parts.hostname.lower()}:{parts.port or _PORTS[parts.scheme]}"


def check_origin(text: str) -> str:
    """The text, if it is an origin and nothing more. Raises ValueError."""
    parts = urlsplit(text)
    _origin(text)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("an origin has no path")
    return text
