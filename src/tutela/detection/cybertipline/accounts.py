"""CyberTipline accounts of a provider: one for tests, one for production, and the choice between them.

The newest row of each account is valid; a row without an address ends the account. Passwords are stored sealed and are
never shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tutela.detection.errors import NoEndpoint
from tutela.detection.models import TipEndpoint, TipMode
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.cybertip.client import Client, CybertipAnswer
from tutela.exchange.errors import ExchangeError
from tutela.exchange.feeds.http_client import AddressRefusedError, Guarded, check_base
from tutela.exchange.message.text_cleanup import typed
from tutela.organisations.keys.envelope_encryption import unwrap, wrap
from tutela.organisations.vocabulary import allowed_networks

MOST_GRACE = 600


@dataclass(frozen=True)
class AccountInput:
    """An account as somebody enters it; an empty password keeps the one before."""

    base: str
    username: str
    password: str
    email: str
    with_files: bool
    grace_minutes: int


@dataclass(frozen=True)
class Endpoints:
    """Both accounts, and which is used."""

    test: TipEndpoint | None
    production: TipEndpoint | None
    in_earnest: bool

    @property
    def used(self) -> TipEndpoint | None:
        return self.production if self.in_earnest else self.test


def endpoints(actor: Actor) -> Endpoints:
    """The accounts and the mode in use."""
    with acting(actor):
        return standing()


def set_endpoint(actor: Actor, wanted: AccountInput, *, production: bool) -> None:
    """Let reports go there from now on; an empty address ends it. Raises `Invalid` naming the field."""
    actor.require("detection.settings")
    with acting(actor):
        before = _newest(production)
        row = TipEndpoint(
            organisation_id=actor.organisation_id,
            production=production,
            base=_base(wanted.base),
            username=_username(wanted),
            email=typed(wanted.email),
            with_files=wanted.with_files,
            grace_minutes=wanted.grace_minutes,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        if not 0 <= wanted.grace_minutes <= MOST_GRACE:
            raise Invalid("Enter a number of minutes from 0 to {most}.", field="grace_minutes", most=MOST_GRACE)
        # A password is for the account that it was issued for, and goes to no other address.
        same = before is not None and (before.base, before.username) == (row.base, row.username)
        if row.base and not (wanted.password or same):
            raise Invalid("Enter the password that the recipient issued for this account.", field="password")
        secret = wanted.password.encode() or (password_of(before).encode() if before and same else b"")
        row.wrapped_password = wrap(secret if row.base else b"", f"tip-endpoint:{row.pk}")
        row.save()
        record(actor, "tip_endpoint.set", "tip_endpoint", row.pk, production=production, base=row.base)


def choose(actor: Actor, *, production: bool) -> None:
    """Send in earnest from now on, or tests. Raises `NoEndpoint` where that account is not set."""
    actor.require("detection.settings")
    with acting(actor):
        found = _newest(production)
        if production and (found is None or not found.base):
            raise NoEndpoint
        TipMode.objects.create(
            organisation_id=actor.organisation_id, production=production, by=actor.reference, by_name=actor.name[:200]
        )
        record(actor, "tip_endpoint.chosen", "tip_endpoint", actor.organisation_id, production=production)


def ask(actor: Actor, *, production: bool, way: Guarded | None = None) -> CybertipAnswer:
    """Ask the interface whether the account is let in. Raises `NoEndpoint`, `Invalid` with what went wrong."""
    actor.require("detection.settings")
    with acting(actor):
        found = _newest(production)
        if found is None or not found.base:
            raise NoEndpoint
        client = client_of(found, way)
    try:
        return client.status()
    except ExchangeError as error:
        raise Invalid("The interface did not answer: {reason}", field="base", reason=str(error)) from None


def client_of(endpoint: TipEndpoint, way: Guarded | None = None) -> Client:
    """The account, ready to be used, with the newest password that was entered for it."""
    same = TipEndpoint.objects.filter(
        production=endpoint.production, base=endpoint.base, username=endpoint.username
    ).order_by("-created_at", "-id")
    endpoint = same.first() or endpoint
    return Client(endpoint.base, endpoint.username, password_of(endpoint), way or Guarded(allowed_networks.networks()))


def password_of(endpoint: TipEndpoint) -> str:
    """The account's password, for the client alone. Call inside `acting(actor)`."""
    return unwrap(bytes(endpoint.wrapped_password), f"tip-endpoint:{endpoint.pk}").decode()


def standing() -> Endpoints:
    """The accounts and the mode in use. Call inside `acting(actor)`."""
    mode = TipMode.objects.order_by("-created_at", "-id").first()
    found: dict[bool, Any] = {kind: _newest(kind) for kind in (False, True)}
    test, production = (row if row is not None and row.base else None for row in (found[False], found[True]))
    return Endpoints(test, production, bool(mode and mode.production))


def _newest(production: bool) -> TipEndpoint | None:
    return TipEndpoint.objects.filter(production=production).order_by("-created_at", "-id").first()


def _base(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return check_base(text.strip(), allowed_networks.networks())
    except AddressRefusedError as error:
        raise Invalid("This address cannot be used: {reason}", field="base", reason=str(error)) from None


def _username(wanted: AccountInput) -> str:
    name = wanted.username.strip()
    if wanted.base.strip() and (not name or ":" in name):
        raise Invalid("Enter a user name without a colon.", field="username")
    return name
