"""Look at an address by the guarded client: status and headers, never a body, never a redirect followed.

The request has the case's access conditions: referrer, cookie, device. A name is resolved once, and its addresses must
be public, as for every address that others named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from tutela.exchange.feeds import http_client
from tutela.exchange.feeds.http_client import AddressRefusedError, NoAnswerError
from tutela.exchange.takedown.web_address import AddressKind, WebAddress

SECONDS = 10.0
_DEVICE = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
# A server that does not know HEAD is asked with GET, and its answer is closed before its body.
_NO_HEAD = (400, 405, 501)


@dataclass(frozen=True)
class Answer:
    """One look from one vantage point. `status` 0: no answer, and `fault` says why."""

    status: int
    fault: str = ""
    vantage: str = ""
    country: str = ""
    # When it was seen, if that is not now.
    at: datetime | None = None

    @property
    def content(self) -> bool:
        """Whether something was shown."""
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Conditions:
    """Under which conditions an address shows what was reported. Cookie and password never leave a log or an event."""

    referrer: str = ""
    cookie: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    country: str = ""
    device: str = ""
    time: str = ""

    def headers(self) -> Mapping[str, str]:
        """The headers of a request."""
        found = {"User-Agent": self.device or _DEVICE, "Accept": "*/*"}
        if self.referrer:
            found["Referer"] = self.referrer
        if self.cookie:
            found["Cookie"] = self.cookie
        return found


class Watcher:
    """Vantage point of this node."""

    def __init__(
        self,
        networks: Sequence[http_client.Network] = (),
        *,
        resolve: http_client.Resolve = http_client.resolved,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._networks, self._resolve, self._transport = tuple(networks), resolve, transport

    def look(self, address: WebAddress, conditions: Conditions | None = None) -> Answer:
        """The status of an address; 0 with a fault if there is none."""
        if address.kind in (AddressKind.ONION, AddressKind.DECENTRALISED):
            return Answer(0, "no_host")
        headers = (conditions or Conditions()).headers()
        try:
            place, _listed = http_client.located(address.normal, self._networks, self._resolve)
            status = self._status(address.normal, place, headers, "HEAD")
            if status in _NO_HEAD:
                status = self._status(address.normal, place, headers, "GET")
        except AddressRefusedError:
            return Answer(0, "not_public")
        except NoAnswerError as error:
            return Answer(0, _fault(str(error)))
        return Answer(0, "redirect") if 300 <= status < 400 else Answer(status)

    def _status(self, url: str, place: str, headers: Mapping[str, str], method: str) -> int:
        with http_client.asked(url, place, headers, SECONDS, self._transport, method) as answer:
            return answer.status_code


def _fault(said: str) -> str:
    """Kind of fault, by the client's own texts."""
    if "name" in said:
        return "name"
    return "timeout" if "Timeout" in said else "connection"
