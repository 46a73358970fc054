"""HTTP session for the OpenID Connect issuer: used by allauth, with the guarded client of `exchange`.

1. The issuer may have any address that the operator configured, also in a private network, and without TLS if the
   setting says so. Other addresses from its documents (tokens, keys, users) must be public and use HTTPS, or be in
   `TUTELA_PEER_NETWORKS`.
2. A name is resolved once, and no redirect is followed. Otherwise an attacker who answers for the issuer's name, or for
   a redirecting page, would direct the client's secret and tokens into the node's network.
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings

from tutela.exchange.errors import ExchangeError
from tutela.exchange.feeds.http_client import PORTS, Guarded, read
from tutela.organisations.vocabulary.allowed_networks import peer_networks

# Discovery documents and keys have some kilobytes.
MOST_BYTES, MOST_SECONDS = 1 << 20, 30.0
PRIVATE = tuple(
    ip_network(one)
    for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "fc00::/7", "::1")
)


class IssuerSession(requests.Session):
    """A session that connects through `Guarded` alone."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.headers["Accept-Encoding"] = "identity"

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        """Raises `requests.ConnectionError` where the address is not asked, or does not answer."""
        url = str(request.url)
        headers = {name: v if isinstance(v, str) else v.decode("latin-1") for name, v in request.headers.items()}
        made = requests.Response()
        try:
            own = PRIVATE if _origin(url) == _origin(str(settings.CONFIG.oidc_issuer)) else ()
            guarded = Guarded((*own, *peer_networks()), MOST_BYTES)
            with guarded.open(url, headers, str(request.method), content=request.body) as answer:
                made._content = read(answer, MOST_BYTES, MOST_SECONDS)
                made.status_code, made.url, made.request = answer.status_code, url, request
                made.headers.update(answer.headers)
                made.encoding = answer.encoding
        except (ExchangeError, ValueError) as error:
            raise requests.ConnectionError(f"{url.partition('?')[0]}: {error}") from None
        return made


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
