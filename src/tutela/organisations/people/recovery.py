"""Recovery of sign-in by an administrator, and change of a person's sign-in address.

1. A lost second factor is removed with a reason. Every session ends, the person is notified by e-mail, and sets up a
   new factor at the next sign-in. Nobody can do this for themselves; the node's operator can (`tutela recover`).
2. A locked sign-in, after too many failures, is unlocked.
3. A new sign-in address is requested at the desk with a fresh sign-in, and confirmed with the code sent to it. Nobody
   can take an address that is not theirs. The previous address is notified.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from functools import partial
from uuid import UUID

import structlog
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.record import newest, record
from tutela.events.transaction import acting
from tutela.organisations.errors import CodeUnusable
from tutela.organisations.models import Person
from tutela.organisations.people import sign_in_limits
from tutela.organisations.people.members import end_all_sessions

SALT = "tutela.sign-in-address"
CODE_SECONDS = 3600
BOTH_APART = timedelta(days=1)
log = structlog.get_logger("tutela.sign_in")


def recover(actor: Actor, person_id: UUID, reason: str) -> None:
    """Remove every second factor of somebody who lost theirs. Raises `NotFound`, `Forbidden`, `Invalid`."""
    actor.require("organisation.manage")
    person = _own(actor, person_id)
    if actor.person_id == person.pk:
        raise Forbidden("Ask another administrator to do this, or use a recovery code.")
    if not reason.strip():
        raise Invalid("Enter a reason. The reason is part of the record.", field="reason")
    with acting(actor):
        refuse_both(actor, person.pk, "password.link_issued")
        Authenticator.objects.filter(user=person).delete()
        end_all_sessions(person)
        record(actor, "second_factor.recovered", "person", person.pk, reason=reason.strip()[:200])
    sign_in_limits.unlock(person)
    notify(person.email, _("Your second factor was removed"), _("Set up a new second factor at your next sign-in."))


def refuse_both(actor: Actor, person_id: UUID, other: str) -> None:
    """Raise `Forbidden` if the actor did the `other` of password link and recovery for a person within a day.

    With both, one administrator could sign in as a colleague. Call inside `acting(actor)`.
    """
    done = newest(actor, other, subject=person_id, own=True)
    if done is not None and done > clock.now() - BOTH_APART:
        raise Forbidden("Another administrator must do this: you reset the other part of this sign-in today.")


def unlock(actor: Actor, person_id: UUID) -> None:
    """Let somebody sign in again after too many failures. Raises `NotFound`."""
    actor.require("organisation.manage")
    person = _own(actor, person_id)
    with acting(actor):
        record(actor, "sign_in.unlocked", "person", person.pk)
    sign_in_limits.unlock(person)


def ask_address(actor: Actor, email: str) -> str:
    """Send a code to an address; returns the value that `take_address` also needs.

    Raises `Invalid` naming the field, `TooManyAttempts`.

    Only a person with the code learns whether somebody else signs in with the address. The request alone reveals
    nothing.
    """
    if actor.person_id is None:
        raise NotFound
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid("Enter a valid e-mail address.", field="email") from None
    sign_in_limits.take_address_code(str(actor.person_id), email)
    code = f"{secrets.randbelow(10**8):08}"
    with acting(actor):
        record(actor, "person.address_asked", "person", actor.person_id)
    notify(email, _("Your new sign-in address"), _("The code is %(code)s. The code works for 1 hour.") % {"code": code})
    return signing.dumps({"person": str(actor.person_id), "email": email, "code": _hash(code)}, salt=SALT)


def take_address(actor: Actor, asked: str, code: str) -> None:
    """Sign in with the address that was asked for from now on. Raises `CodeUnusable`, `TooManyAttempts`.

    Raises `Invalid` where somebody else signs in with it.
    """
    sign_in_limits.take_change(f"address {actor.person_id}")
    try:
        said = signing.loads(asked, salt=SALT, max_age=CODE_SECONDS)
    except signing.BadSignature:
        raise CodeUnusable from None
    if said["person"] != str(actor.person_id) or not hmac.compare_digest(said["code"], _hash(code.strip())):
        raise CodeUnusable
    try:
        with acting(actor):
            person = Person.objects.select_for_update().get(pk=said["person"])
            before, person.email = person.email, said["email"]
            person.save(update_fields=["email"])
            EmailAddress.objects.filter(user=person).delete()
            record(actor, "person.address", "person", person.pk)
    except IntegrityError:
        raise Invalid("Somebody already signs in with this address. Use another address.", field="email") from None
    notify(before, _("Your sign-in address was changed"), _("If you did not do this, tell your administrator at once."))


def _hash(code: str) -> str:
    """Return a keyed hash, so that a session's code is useless to a reader of the database."""
    return salted_hmac(SALT, code, algorithm="sha256").hexdigest()


def _own(actor: Actor, person_id: UUID) -> Person:
    person = Person.objects.filter(pk=person_id, organisation_id=actor.organisation_id).first()
    if person is None:
        raise NotFound
    return person


def notify(email: str, subject: str, text: str) -> None:
    """Send an e-mail about a person's own sign-in, once the change is committed.

    A failure is logged, because the change is already made. Nothing is sent if the transaction is rolled back.
    """
    transaction.on_commit(partial(_send, email, subject, text))


def _send(email: str, subject: str, text: str) -> None:
    try:
        send_mail(subject, text, None, [email])
    except OSError as error:  # what was done is done, also where the mail server is away
        log.warning("e-mail not sent", error=type(error).__name__)
