"""Post one message over HTTP with its key, within a time limit that holds whatever the recipient does."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.signed_message import HEADER
from tutela.organisations.errors import NoSigningKey
from tutela.organisations.keys.client_certificates import context_for
from tutela.organisations.keys.envelope_encryption import unwrap
from tutela.organisations.messages.destination import Destination, place_of
from tutela.organisations.messages.message_signing import Signer
from tutela.organisations.models import OutboxMessage, PeerCredential

# For connecting, and between two signs of life.
TIMEOUT = httpx.Timeout(20.0, connect=5.0)
# For a whole message: who answers one byte at a time gives a sign of life for ever.
TIMEOUT_SECONDS = 25.0
MOST_ANSWER = 100_000
# Answers after which sending the same bytes again cannot help, when it is the recipient's node that gives them.
FINAL = frozenset({400, 404, 409, 410, 413, 422})
# Answers that concern every message: what stands before the node answers, it is overburdened, or does not let us in.
AWAY = frozenset({401, 429, 502, 503, 504})
PROBLEM, JSON = "application/problem+json", "application/json"


@dataclass(frozen=True)
class PostResult:
    """Result of one attempt. `status` is 0 if the recipient did not answer; `error` says why."""

    status: int
    body: str = ""
    error: str = ""

    @property
    def final(self) -> bool:
        return 200 <= self.status < 300 or self.status in FINAL

    @property
    def away(self) -> bool:
        return not self.status or self.status in AWAY


class Connection:
    """A connection to one recipient, kept from message to message; `with Line(…) as line`."""

    def __init__(
        self, url: str, credential: PeerCredential | None, sign: Signer, client: httpx.Client | None = None
    ) -> None:
        """`client` takes the place of a connection, for a recipient that is no other process."""
        self._url, self._sign = url, sign
        self._token = token_of(credential)
        self._place: Destination | None = None
        self._given, self._trusting = client, context_for(credential)
        self._own: httpx.Client | None = None
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._own is not None:
            self._own.close()

    def post(self, row: OutboxMessage) -> PostResult:
        """Post a message. Never raises for the recipient's sake."""
        content = unwrap(bytes(row.sealed_body), f"outbox:{row.key}")
        return self.ask(row.path, content, {"Idempotency-Key": row.key})

    def ask(self, path: str, content: bytes, headers: Mapping[str, str] | None = None) -> PostResult:
        """Post what the recipient keeps nowhere, and so needs no key. Never raises for its sake."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if self._token:
            sent["Authorization"] = f"Bearer {self._token}"
        try:
            place = self._place = self._place or self._where()
            sent[HEADER] = self._sign(path, sent.get("Idempotency-Key", ""), content)
            with self._answer(place, path, content, sent) as reply:
                return _said(reply, _text(reply))
        except (ExchangeError, NoSigningKey) as error:
            return PostResult(0, error=str(error)[:300])
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return PostResult(0, error=f"{type(error).__name__}: the recipient did not answer"[:300])

    def _where(self) -> Destination:
        return place_of(self._url, self._token, connects=self._given is None)

    @contextlib.contextmanager
    def _answer(
        self, place: Destination, path: str, content: bytes, headers: dict[str, str]
    ) -> Iterator[httpx.Response]:
        url, headers = place.base + path, {**headers, **place.headers}
        if self._given is not None:
            yield self._given.post(url, content=content, headers=headers)
            return
        end = threading.Timer(TIMEOUT_SECONDS, self._cut)
        end.daemon = True
        end.start()
        try:
            extensions = {"trace": self._note, **place.extensions}
            with self._client().stream("POST", url, content=content, headers=headers, extensions=extensions) as reply:
                yield reply
        finally:
            end.cancel()

    def _client(self) -> httpx.Client:
        if self._own is None:
            # Without the environment: a proxy named there would resolve the name again.
            self._own = httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False, verify=self._trusting)
        return self._own

    def _note(self, event: str, info: dict[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = info["return_value"].get_extra_info("socket")

    def _cut(self) -> None:
        """Cut the connection from another thread, so that a thread waiting for a byte gets an error."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # A TLS connection's own shutdown would wait for the other side.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def token_of(credential: PeerCredential | None) -> str:
    """The key presented to a peer; empty if there is none."""
    return unwrap(bytes(credential.wrapped_token), f"peer:{credential.peer_id}").decode() if credential else ""


def _text(reply: httpx.Response) -> str:
    """The answer's text, of one that is too long its beginning."""
    body = bytearray()
    for piece in reply.iter_bytes():
        body += piece
        if len(body) >= MOST_ANSWER:
            break
    kept = bytes(body[:MOST_ANSWER])
    try:
        text = kept.decode(reply.charset_encoding or "utf-8", errors="replace")
    except (LookupError, ValueError):  # it names an encoding that is none, or none of texts
        text = kept.decode(errors="replace")
    return text.replace("\0", "")  # no column of text takes one


def _said(reply: httpx.Response, text: str) -> PostResult:
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if (reply.is_success and kind != JSON) or (reply.status_code in FINAL and kind != PROBLEM):
        # A proxy, a captive portal, a server that is being replaced: somebody else answered.
        return PostResult(0, error=f"HTTP {reply.status_code}, but not from a Tutela node")
    return PostResult(reply.status_code, text, f"HTTP {reply.status_code}")
