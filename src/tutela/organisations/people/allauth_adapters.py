"""Adapters for allauth: invitations instead of sign-up, wrapped secrets, OIDC by e-mail address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tutela.organisations.errors import TooManyAttempts, UnknownPerson
from tutela.organisations.keys.envelope_encryption import unwrap, wrap
from tutela.organisations.keys.key_revocation import renewed
from tutela.organisations.models import Person
from tutela.organisations.people import session_lookup, sign_in_events, sign_in_limits
from tutela.organisations.people.sign_on_issuer import IssuerSession
from tutela.organisations.vocabulary import client_address


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """Password sign-in by e-mail; the person of a session comes with what stands about them."""

    def get_user(self, user_id: UUID) -> Person | None:
        try:
            person = session_lookup.person(user_id)
        except UnknownPerson:
            return None
        return person if person.is_active else None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People come by invitation; nobody signs themselves up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """At the node's own address: the host of a request is its sender's word."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return str(settings.PUBLIC_URL) + path.replace("UID-KEY", quote(key))

    def get_user_display_name(self, user: Person) -> str:
        return user.name

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address.client_address(request) or "0.0.0.0"  # noqa: S104 - no address; the library wants one

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Check a password within the limits that all processes share; failures are events."""
        try:
            attempt = sign_in_limits.Password(request, str(credentials.get("email", "")))
        except TooManyAttempts:
            raise self.validation_error("too_many_login_attempts") from None
        person = super().authenticate(request, **credentials)
        if person is None:
            sign_in_events.failed(attempt.person())
        else:
            attempt.succeeded()
        return person


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """TOTP secrets and recovery seeds lie wrapped in the database."""

    def encrypt(self, text: str) -> str:
        return wrap(text.encode(), "mfa").hex()

    def decrypt(self, encrypted_text: str) -> str:
        return unwrap(bytes.fromhex(encrypted_text), "mfa").decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": self.request.get_host().partition(":")[0], "name": "Tutela"} if hasattr(self, "request") else {}


def reseal(old: bytes) -> int:
    """Reseal the secrets of second factors that a data key sealed; returns how many."""
    count = 0
    for row in Authenticator.objects.all():
        found = {name: text for name, value in row.data.items() if (text := _renewed(value, old))}
        if found:
            row.data |= found
            row.save(update_fields=["data"])
            count += len(found)
    return count


def _renewed(value: object, old: bytes) -> str | None:
    """Reseal a sealed text in hex.

    Returns None for a factor's other values, and for values that another key sealed.
    """
    if not isinstance(value, str) or not value.startswith(old.hex()):
        return None
    sealed = renewed(bytes.fromhex(value), old, "mfa")
    return sealed.hex() if sealed else None


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Single sign-on to an existing account with the same verified address; never creates one.

    1. An ID token is required from the issuer that the operator named (OpenID Connect Discovery 1.0, 4.3).
    2. Other data about the user from the issuer must have the same subject (OpenID Connect Core 1.0, 5.3.2).
    3. An address counts if the issuer states that it is verified: `true`, or the same as a text, which some issuers
       send.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def get_requests_session(self) -> IssuerSession:
        """The library asks the issuer by this alone."""
        return IssuerSession()

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        proven = _proven(sociallogin.account.extra_data)
        if proven and sociallogin.is_existing:
            return
        said = sociallogin.email_addresses if proven else []
        verified = [address.email.lower() for address in said if address.verified is True or address.verified == "true"]
        person = Person.objects.filter(email__in=verified).first()
        if person is None or not person.is_active:
            messages.error(request, _("Single sign-on gave no verified address that has an active account here."))
            raise ImmediateHttpResponse(redirect("account_login"))
        sociallogin.connect(request, person)


def _proven(data: Mapping[str, Any]) -> bool:
    """Rules 1 and 2; the library has checked signature, audience and time."""
    token, told = data.get("id_token") or {}, data.get("userinfo") or {}
    wanted = str(settings.CONFIG.oidc_issuer).rstrip("/")
    ours = bool(wanted) and str(token.get("iss", "")).rstrip("/") == wanted
    return ours and bool(token.get("sub")) and told.get("sub", token["sub"]) == token["sub"]
