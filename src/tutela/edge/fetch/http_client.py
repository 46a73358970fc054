"""Fetch an item's bytes: the only client of an Edge that uses an address given by a caller.

The address begins with an origin that the operator listed (`https://media.example`, `s3://bucket`). Without a listed
origin, nothing is fetched. User names and other ports are refused. `exchange.feeds.http_client` connects to that
address and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx

from tutela.edge.errors import FetchFailedError, FetchGoneError, FetchRefusedError, FetchUnreadableError
from tutela.exchange.feeds import http_client
from tutela.exchange.feeds.http_client import PORTS, Network
from tutela.scan import object_store
from tutela.scan.errors import ScanError

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SECONDS = 30.0
# A body that drips would hold a thread for ever.
_MOST_SECONDS = 120.0
_GONE = frozenset({404, 410})
# This answer is final for the current caller. A later attempt may succeed: credentials are renewed and maintenance
# ends.
_REFUSED = frozenset({400, 401, 403, 405, 406, 414, 451})


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
        """Raises FetchRefusedError unless the address is one that may be fetched by the operator's list."""
        if not self._origins:
            raise FetchRefusedError("No origin is allowed (TUTELA_EDGE_FETCH_ORIGINS).")
        try:
            origin = _origin(location)
        except ValueError:
            raise FetchRefusedError("The address is not of this kind.") from None
        if origin not in self._origins:
            raise FetchRefusedError("The origin is not allowed.")

    def fetch(self, location: str) -> bytes:
        """Fetch the bytes.

        Raises FetchGoneError for good, FetchFailedError where another try may help, and FetchRefusedError where the
        fetch is not allowed now: by the operator's list, or by the answer of its server.
        """
        self.check(location)
        if object_store.is_object(location):
            return self._object(location)
        try:
            address, _listed = http_client.located(location, self._networks)
            with http_client.asked(location, address, {"User-Agent": "tutela-edge"}, _SECONDS) as answer:
                _check(answer)
                return http_client.read(answer, self._most, _MOST_SECONDS)
        except http_client.AnswerTooLargeError as error:
            raise FetchUnreadableError("too_large") from error
        except http_client.AddressRefusedError as error:
            raise FetchRefusedError(error.detail) from None
        except http_client.NoAnswerError as error:
            raise FetchFailedError(error.detail) from None

    def _object(self, location: str) -> bytes:
        try:
            return object_store.fetch(location, self._most)
        except object_store.ObjectUnreadableError as error:
            if error.code in ("too_large", "unaddressable"):
                raise FetchUnreadableError(error.code) from None
            if "not found" in str(error).lower():
                raise FetchGoneError(error.code) from None
            raise FetchFailedError(str(error)) from None
        except ScanError as error:
            raise FetchFailedError(str(error)) from None


def _check(answer: httpx.Response) -> None:
    if answer.status_code in _GONE:
        raise FetchGoneError(f"Status {answer.status_code}.")
    if answer.is_redirect or answer.status_code in _REFUSED:
        raise FetchRefusedError(f"Status {answer.status_code}.")
    if answer.status_code != httpx.codes.OK:
        raise FetchFailedError(f"Status {answer.status_code}.")


def _origin(location: str) -> str:
    """`scheme://host:port`, or `s3://bucket`. Raises ValueError for anything that is not plainly such."""
    if object_store.is_object(location):
        # A key may hold anything; it is never a part of an address that is resolved.
        scheme, _, rest = location.partition("://")
        bucket = rest.partition("/")[0]
        if not _BUCKET.fullmatch(bucket):
            raise ValueError(location)
        return f"{scheme}://{bucket}"
    if any(char.isspace() or not char.isprintable() or char == "\\" for char in location):
        raise ValueError(location)
    parts = urlsplit(location)
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None:
        raise ValueError(location)
    return f"{parts.scheme}://{parts.hostname.lower()}:{parts.port or PORTS[parts.scheme]}"


def check_origin(text: str) -> str:
    """The text, if it is an origin and nothing more. Raises ValueError."""
    parts = urlsplit(text)
    _origin(text)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("an origin must have no path")
    return text
