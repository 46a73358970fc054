"""Password links of administrators, for people who get no e-mail from this node.

1. An administrator makes a link for a person of the same organisation, with a reason. The old password and every
   session end at once; the link is shown once.
2. The link works for 1 hour, once: it names the stored password, which changes when the link is made or used.
3. The person chooses a password and signs in as usual, with the second factor. The link alone opens nothing.
4. While actions need two people, a person with such a link counts as new (`approvals.approve`). So no administrator can
   act as the second person through the account of a colleague.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.record import newest, record
from tutela.events.transaction import acting
from tutela.organisations.errors import PasswordLinkUnusable, PersonTooNew
from tutela.organisations.models import Person
from tutela.organisations.people import sign_in_limits
from tutela.organisations.people.members import actor_of, end_all_sessions
from tutela.organisations.people.recovery import notify, refuse_both

SALT = "tutela.password-link"
LINK_LASTS = timedelta(hours=1)
# As a person who joined (`approvals.rules`).
NEW_FOR = timedelta(days=3)
ISSUED = "password.link_issued"


def issue(actor: Actor, person_id: UUID, reason: str) -> str:
    """Return the token of a link with which a person sets a new password. Raises `NotFound`, `Forbidden`, `Invalid`."""
    actor.require("organisation.manage")
    if actor.person_id == person_id:
        raise Forbidden("Change your own password on your page, or ask another administrator.")
    with acting(actor):
        rows = Person.objects.select_for_update().filter(pk=person_id, organisation_id=actor.organisation_id)
        person = rows.first()
        if person is None:
            raise NotFound
        if not reason.strip():
            raise Invalid("Enter a reason. The reason is part of the record.", field="reason")
        if not person.is_active:
            raise Invalid("This person is deactivated. Reactivate the person first.", field="action")
        refuse_both(actor, person.pk, "second_factor.recovered")
        person.set_unusable_password()
        person.save(update_fields=["password"])
        end_all_sessions(person)
        record(actor, "password.link_issued", "person", person.pk, reason=reason.strip()[:200])
    sign_in_limits.unlock(person)
    notify(person.email, _("Your password was reset"), _("Ask your administrator for the link to a new password."))
    until = (clock.now() + LINK_LASTS).isoformat()
    return signing.dumps({"person": str(person.pk), "until": until, "password": _mark(person)}, salt=SALT)


def person_of(token: str) -> Person:
    """Return the person of a link. Raises `PasswordLinkUnusable`, the same for every reason."""
    try:
        said = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise PasswordLinkUnusable from None
    person = Person.objects.filter(pk=said["person"]).first()
    if (
        person is None
        or not person.is_active
        or datetime.fromisoformat(said["until"]) <= clock.now()
        or not constant_time_compare(said["password"], _mark(person))
    ):
        raise PasswordLinkUnusable
    return person


def use(token: str, password: str) -> None:
    """Set the password of a link's person, once; twins lose. Raises `PasswordLinkUnusable`."""
    found = person_of(token)
    actor = actor_of(found)
    with acting(actor):
        Person.objects.select_for_update().get(pk=found.pk)
        person = person_of(token)
        person.set_password(password)
        person.save(update_fields=["password"])
        end_all_sessions(person)
        record(actor, "password.link_used", "person", person.pk)


def last_issued(actor: Actor, person_id: UUID) -> datetime | None:
    """When the newest link was made for a person of the actor's organisation. Call inside `acting(actor)`."""
    return newest(actor, ISSUED, subject=person_id)


def require_own_password(actor: Actor, since: datetime) -> None:
    """Raise `PersonTooNew` if an administrator made a link for the actor's account after `since` or in three days.

    Whoever made it could otherwise confirm an own request through that account. Call inside `acting(actor)`.
    """
    issued = last_issued(actor, actor.person_id) if actor.person_id is not None else None
    if issued is not None and issued >= min(since, clock.now() - NEW_FOR):
        raise PersonTooNew


def _mark(person: Person) -> str:
    """Return a keyed hash of the stored password, which is different after each change."""
    return salted_hmac(SALT, person.password, algorithm="sha256").hexdigest()
