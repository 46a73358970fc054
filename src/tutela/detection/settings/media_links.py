"""Short-lived links into the provider's own storage, the only source from which a picture is shown.

1. The template lies under the organisation's registered media origin and contains `{item}` once.
2. The item's reference is filled in, wholly percent-encoded, and `expires=<seconds since 1970>` is appended.
3. `signature=<hex>` follows: HMAC-SHA256, with the service's key, over everything before `&signature=`.
4. The storage must refuse an expired link and a link with another signature, and must compare in constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlsplit

from tutela import clock
from tutela.detection.errors import BadTemplate
from tutela.detection.models import MediaKey, Service
from tutela.events.actor import Actor
from tutela.organisations.keys.envelope_encryption import unwrap, wrap

# The page asks for the picture at once; a link that is copied out of it is soon worthless.
LINK_LIFETIME = timedelta(minutes=2)
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")
_LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Link:
    """A signed address and its origin, for the page's own Content-Security-Policy."""

    url: str
    origin: str


def check_template(template: str, media_origin: str) -> None:
    """Raises `BadTemplate`: also for an origin that could smuggle a word into a policy header."""
    origin = origin_of(media_origin)
    inside = template.startswith(f"{origin}/") and template.count("{item}") == 1
    plain = not re.search(r"[\s#\"'<>\\]", template) and "{" not in template.replace("{item}", "")
    if not origin or not inside or not plain:
        raise BadTemplate


def origin_of(address: str) -> str:
    """Scheme, host and port of an address; empty if it may not be used. Plain HTTP is allowed only on this machine."""
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}"
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    return origin if safe and _ORIGIN.fullmatch(origin) else ""


def new_key(actor: Actor, service: Service) -> str:
    """Store a new random key; returns its hex. Call inside `acting(actor)`."""
    key = secrets.token_bytes(32)
    MediaKey.objects.create(
        organisation_id=actor.organisation_id,
        service=service,
        wrapped=wrap(key, f"media:{service.pk}"),
        by=actor.reference,
    )
    return key.hex()


def signed(service: Service, template: str, media_origin: str, item: str) -> Link | None:
    """The link to one item; None where the service has no template or no key. Call inside `acting(actor)`."""
    row = service.media_keys.order_by("-created_at", "-id").first()
    if not template or row is None:
        return None
    check_template(template, media_origin)
    expires = int((clock.now() + LINK_LIFETIME).timestamp())
    address = template.replace("{item}", quote(item, safe=""))
    address += f"{'&' if '?' in address else '?'}expires={expires}"
    key = unwrap(bytes(row.wrapped), f"media:{service.pk}")
    mac = hmac.new(key, address.encode(), hashlib.sha256).hexdigest()
    return Link(f"{address}&signature={mac}", origin_of(media_origin))
