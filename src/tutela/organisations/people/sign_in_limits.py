"""Limits of sign-in: passwords, one-time codes and password resets, by account and by address.

Too many failures of one account raise an alert for its administrators (`sign_in_events.guessed`), who can unlock it.
"""

from __future__ import annotations

from datetime import timedelta

from allauth.core.internal.cryptokit import normalize_user_code
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from tutela.events.rate_limits import RateLimit, of_address
from tutela.organisations.errors import TooManyAttempts
from tutela.organisations.models import Person
from tutela.organisations.people import sign_in_events
from tutela.organisations.vocabulary import client_address

# In the demonstration many people share a few accounts.
_SHARED = 4 if settings.DEMO else 1
BY_ADDRESS = RateLimit("sign_in.address", timedelta(minutes=1), 10 * _SHARED)
BY_ACCOUNT = RateLimit("sign_in.account", timedelta(minutes=5), 5 * _SHARED)
BY_PERSON = RateLimit("sign_in.code", timedelta(minutes=5), 5 * _SHARED)
RESETS_BY_ADDRESS = RateLimit("reset.address", timedelta(minutes=1), 10 * _SHARED)
RESETS_BY_ACCOUNT = RateLimit("reset.account", timedelta(hours=1), 5)
# Codes that somebody has sent to new addresses of their own, and codes that one mailbox gets from anybody.
CODES_BY_PERSON = RateLimit("address.person", timedelta(hours=1), 5)
CODES_BY_MAILBOX = RateLimit("address.mailbox", timedelta(days=1), 5)
CHANGES = RateLimit("password.change", timedelta(minutes=5), 5 * _SHARED)
# A code is good for half a minute; a recovery code for ever, once.
USED = RateLimit("code.used", timedelta(minutes=2), 1)


# Who guesses at an account from elsewhere must not lock out its owner, who signed in with this browser before.
STRANGERS, KNOWN = "strangers", "known"
COOKIE, COOKIE_SECONDS = "tutela_known", 180 * 24 * 3600
_SALT = "tutela.known-browser"


def known_browser(request: HttpRequest, person: Person | None) -> str:
    """Whether somebody signed in with this browser before: `known` or `strangers`."""
    try:
        said = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=COOKIE_SECONDS)
    except signing.BadSignature:
        return STRANGERS
    return KNOWN if person is not None and str(person.pk) in said else STRANGERS


def remember_browser(request: HttpRequest, response: HttpResponse, person: Person) -> None:
    """Note in the browser that somebody signed in with it: an id under a signature, which opens nothing."""
    try:
        said = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=COOKIE_SECONDS)
    except signing.BadSignature:
        said = []
    kept = [str(person.pk), *(one for one in said if one != str(person.pk))][:5]
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=_SALT),
        max_age=COOKIE_SECONDS,
        path="/account/",
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


class Password:
    """One password attempt. Raises `TooManyAttempts`; `succeeded` returns the attempt to its limits."""

    def __init__(self, request: HttpRequest, email: str) -> None:
        self._address, self._email = of_address(client_address.client_address(request)), email.strip().lower()
        # An address that is refused counts against nobody else.
        by_address = BY_ADDRESS.take(self._address)
        if by_address.first_refusal:
            sign_in_events.guessed(None, "address")
        if not by_address.allowed:
            raise TooManyAttempts
        self._account = f"{self._email} {known_browser(request, self.person())}"
        by_account = BY_ACCOUNT.take(self._account)
        if by_account.first_refusal:
            sign_in_events.guessed(self.person(), "password")
        if not by_account.allowed:
            raise TooManyAttempts

    def person(self) -> Person | None:
        """The person with this address, if any."""
        return Person.objects.filter(email=self._email).first()

    def succeeded(self) -> None:
        """Return the attempt to both limits, because only failures count."""
        BY_ADDRESS.give_back(self._address)
        BY_ACCOUNT.give_back(self._account)


def take_code(person: Person) -> None:
    """Count an attempt with a one-time code. Raises `TooManyAttempts`."""
    taken = BY_PERSON.take(str(person.pk))
    if taken.first_refusal:
        sign_in_events.guessed(person, "code")
    if not taken.allowed:
        raise TooManyAttempts


def code_succeeded(person: Person, code: str) -> bool:
    """Record that a code was right; False if it was used before, in any process."""
    if not USED.take(f"{person.pk} {normalize_user_code(code)}").allowed:
        return False
    BY_PERSON.give_back(str(person.pk))
    return True


def take_reset(request: HttpRequest, email: str) -> None:
    """Count a request for a new password. Raises `TooManyAttempts`."""
    if not RESETS_BY_ADDRESS.take(of_address(client_address.client_address(request))).allowed:
        raise TooManyAttempts
    if not RESETS_BY_ACCOUNT.take(email.strip().lower()).allowed:
        raise TooManyAttempts


def take_change(person_id: str) -> None:
    """Count a change of the password, which asks for the old one. Raises `TooManyAttempts`."""
    if not CHANGES.take(person_id).allowed:
        raise TooManyAttempts


def take_address_code(person_id: str, email: str) -> None:
    """Count a code that is sent to a new sign-in address. Raises `TooManyAttempts`."""
    if not CODES_BY_PERSON.take(person_id).allowed or not CODES_BY_MAILBOX.take(email).allowed:
        raise TooManyAttempts


def unlock(person: Person) -> None:
    """Let somebody try again at once, from whatever browser."""
    for where in (STRANGERS, KNOWN):
        BY_ACCOUNT.forget(f"{person.email.lower()} {where}")
    BY_PERSON.forget(str(person.pk))
    RESETS_BY_ACCOUNT.forget(person.email.lower())
    CHANGES.forget(str(person.pk))
    CODES_BY_PERSON.forget(str(person.pk))
