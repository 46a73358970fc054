"""Fetch an address and the files that its page shows. Runs on an analyst's own machine alone, never on a node.

1. Every address, also of a redirect, is fetched by the guarded client: its name is resolved once, and must be public.
2. The case's conditions are sent. The cookie goes to the origin of the address alone (scheme, host, port), and another
   origin learns no more of the page than its own origin.
3. Limits: `MOST_ITEMS` files asked for, `MOST_FILE_BYTES` a file, `MOST_BYTES` together, `MOST_SECONDS`. What is beyond
   is counted, never hidden.
4. Everything stays in memory.
"""

from __future__ import annotations

import base64
import binascii
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

import httpx

from tutela.exchange.feeds import http_client
from tutela.exchange.feeds.http_client import AddressRefusedError, NoAnswerError
from tutela.exchange.takedown.examination.messages import MOST_ITEMS, AccessConditions
from tutela.exchange.takedown.examination.page_items import is_page, looks_like_page, page_items
from tutela.exchange.takedown.look import Conditions
from tutela.exchange.takedown.web_address import AddressInvalidError, AddressKind, WebAddress, normalise

MOST_FILE_BYTES = 256 << 20
MOST_BYTES = 1 << 30
SECONDS = 60.0
MOST_SECONDS = 900.0
REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 5


@dataclass(frozen=True)
class FetchedFile:
    """A file in memory."""

    address: str
    media_type: str
    data: bytes = field(repr=False)
    # Whether a page shows it; otherwise it is what the address itself answered.
    part: bool = False


@dataclass
class FetchedAddress:
    """What was at an address: status of its answer (0: none), its page if it is one, files, and how many failed."""

    status: int = 0
    page: FetchedFile | None = None
    files: list[FetchedFile] = field(default_factory=list)
    not_fetched: int = 0

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(len(one.data) for one in self.files)


class ContentFetcher:
    """Fetches one address under its conditions."""

    def __init__(
        self,
        conditions: AccessConditions,
        networks: Sequence[http_client.Network] = (),
        *,
        now: Callable[[], float] = time.monotonic,
        resolve: http_client.Resolve = http_client.resolved,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._asked = Conditions(referrer=conditions.referrer, cookie=conditions.cookie, device=conditions.device)
        self._networks, self._resolve, self._transport = tuple(networks), resolve, transport
        self._now, self._origin = now, ("", "", 0)

    def fetch(self, text: str) -> FetchedAddress:
        """The address and what its page shows. Raises `AddressInvalidError`, `AddressRefusedError`, `NoAnswerError`."""
        self._origin, end = _origin(normalise(text).normal), self._now() + MOST_SECONDS
        status, first = self._get(text, self._asked.referrer)
        found = FetchedAddress(status)
        if first is None or not 200 <= status < 300:
            return found
        if not is_page(first.media_type, first.data):
            found.files.append(first)
            return found
        found.page = first
        shown = page_items(first.data, first.media_type, first.address)
        found.not_fetched += shown.not_read + max(0, len(shown.addresses) - MOST_ITEMS)
        for address in shown.addresses[:MOST_ITEMS]:
            self._add(found, address, first.address, late=self._now() > end)
        return found

    def _add(self, found: FetchedAddress, address: str, page: str, *, late: bool) -> None:
        """One file of a page; what cannot be fetched is counted (3)."""
        if late or found.size >= MOST_BYTES:
            found.not_fetched += 1
            return
        try:
            status, file = self._data(address) if address.startswith("data:") else self._get(address, page)
        except (AddressInvalidError, AddressRefusedError, NoAnswerError):
            status, file = 0, None
        # A browser shows a picture whatever its type says, so bytes alone tell a page from a file.
        if file is None or not 200 <= status < 300 or looks_like_page(file.data):
            found.not_fetched += 1
        else:
            found.files.append(FetchedFile(file.address, file.media_type, file.data, part=True))

    def _get(self, text: str, referrer: str) -> tuple[int, FetchedFile | None]:
        address = normalise(text)
        for _ in range(MOST_REDIRECTS + 1):
            answer, onward = self._once(address, referrer)
            if not onward:
                return answer
            address = normalise(_joined(address.normal, onward))
        return 0, None

    def _once(self, address: WebAddress, referrer: str) -> tuple[tuple[int, FetchedFile | None], str]:
        """One request, and where it redirects to."""
        if address.kind in (AddressKind.ONION, AddressKind.DECENTRALISED):
            raise AddressRefusedError("The address has no host on the public network.")
        headers = dict(self._asked.headers())
        headers.pop("Referer", None)
        if said := _referrer(referrer, address.normal, own=referrer == self._asked.referrer):
            headers["Referer"] = said
        if _origin(address.normal) != self._origin:
            headers.pop("Cookie", None)
        place, _listed = http_client.located(address.normal, self._networks, self._resolve)
        with http_client.asked(address.normal, place, headers, SECONDS, self._transport) as answer:
            if answer.status_code in REDIRECTS:
                return (answer.status_code, None), answer.headers.get("Location", "")
            media_type = answer.headers.get("Content-Type", "")[:200]
            body = _decoded(http_client.read(answer, MOST_FILE_BYTES, SECONDS), answer)
            return (answer.status_code, FetchedFile(address.normal, media_type, body)), ""

    @staticmethod
    def _data(address: str) -> tuple[int, FetchedFile | None]:
        """A file that stands in the page itself."""
        head, comma, body = address[5:].partition(",")
        if not comma or not head.lower().startswith(("image/", "video/")):
            return 0, None
        raw = unquote_to_bytes(body)
        if head.lower().endswith(";base64"):
            try:
                raw = base64.b64decode(raw, validate=False)
            except binascii.Error:
                return 0, None
        return 200, FetchedFile("data:", head, raw)


def _origin(address: str) -> tuple[str, str, int]:
    """Scheme, host and port."""
    parts = urlsplit(address)
    return parts.scheme, parts.hostname or "", parts.port or http_client.PORTS.get(parts.scheme, 0)


def _joined(base: str, onward: str) -> str:
    """Where a redirect leads. Raises `NoAnswerError`."""
    try:
        return urljoin(base, onward)
    except ValueError:
        raise NoAnswerError("The redirect leads to no address.") from None


def _referrer(referrer: str, address: str, *, own: bool) -> str:
    """What a request says of the page before: all to its own origin, else the origin, and nothing without TLS after it.

    The case's own condition is sent as it is: the address shows nothing without it.
    """
    if own or not referrer or _origin(referrer) == _origin(address):
        return referrer
    before, after = urlsplit(referrer), urlsplit(address)
    return "" if before.scheme == "https" and after.scheme != "https" else f"{before.scheme}://{before.netloc}/"


def _decoded(body: bytes, answer: httpx.Response) -> bytes:
    """A body as a browser reads it, although no encoding was asked for. Raises `NoAnswerError` for others."""
    said = answer.headers.get("Content-Encoding", "").strip().lower()
    if said in ("", "identity"):
        return body
    if said not in ("gzip", "x-gzip", "deflate"):
        raise NoAnswerError("The answer has an encoding that was not asked for.")
    # 32: a header of gzip or zlib is recognised.
    opener = zlib.decompressobj(32 + zlib.MAX_WBITS)
    try:
        clear = opener.decompress(body, MOST_FILE_BYTES)
    except zlib.error:
        raise NoAnswerError("The answer cannot be decoded.") from None
    if body and not clear:
        raise NoAnswerError("The answer cannot be decoded.")
    if opener.unconsumed_tail:
        raise http_client.AnswerTooLargeError(f"The answer has more than {MOST_FILE_BYTES} bytes.")
    return clear
