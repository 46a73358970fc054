"""Log of contacts. A contact is a day and codes: no field takes a name, a number or a text of the person.

Its event names the member of staff, as every event does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.identifiers import uuid7_of_hour
from tutela.events.record import record_of_hour
from tutela.events.transaction import acting
from tutela.victims.helpline import categories
from tutela.victims.models import ContactAge, ContactChannel, ContactGender, ContactPlatform, HelplineContact

SUBJECT, READ, LOG = "helpline_contact", "support.read", "support.work"
# Contacts are logged on their day, or soon after.
LONGEST_AGO = timedelta(days=100)
CHOICES = {
    "age": ContactAge.values,
    "gender": ContactGender.values,
    "channel": ContactChannel.values,
    "platform": ContactPlatform.values,
}


@dataclass(frozen=True)
class ContactInput:
    """A contact, in codes."""

    day: date
    category: str
    age: str = ContactAge.OTHER.value
    gender: str = ContactGender.NOT_RECORDED.value
    channel: str = ContactChannel.PHONE.value
    platform: str = ContactPlatform.NOT_RECORDED.value


def log(actor: Actor, given: ContactInput) -> None:
    """Log a contact. Its row has the time of the hour. Raises `Invalid` naming the field."""
    actor.require(LOG)
    today = clock.now().date()
    if not today - LONGEST_AGO <= given.day <= today:
        raise Invalid("Enter a day of the last 100 days.", field="day")
    known = categories.set_of(given.day)
    if given.category not in known.categories:
        raise Invalid("Choose a category of the set of this day.", field="category")
    for name, values in CHOICES.items():
        if getattr(given, name) not in values:
            raise Invalid("Choose one of the values.", field=name)
    with acting(actor):
        made = HelplineContact(
            id=uuid7_of_hour(),
            created_at=clock.this_hour(),
            organisation_id=actor.organisation_id,
            category_set=known.version,
            **vars(given),
        )
        made.save(force_insert=True)
        record_of_hour(actor, "helpline_contact.logged", SUBJECT, made.pk)


def count_since(day: date) -> int:
    """How many contacts there were since a day. Call inside `acting(actor)`."""
    return HelplineContact.objects.filter(day__gte=day).count()
