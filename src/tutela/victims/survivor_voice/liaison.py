"""Exchange with the Victims' Rights Platform: meetings, and the inputs that were brought to each by consent."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.victims import step_rows
from tutela.victims.models import PlatformMeeting
from tutela.victims.survivor_voice.inputs import READ, WORK

SUBJECT = "platform_meeting"
LONGEST_TITLE, LONGEST_OUTCOME = 200, 1000


def add_meeting(actor: Actor, held_on: date, title: str, outcome: str = "") -> UUID:
    """Record a meeting and what came of it; returns its ID. Raises `Invalid`."""
    actor.require(WORK)
    said, came = step_rows.checked(title, "title"), step_rows.checked(outcome, "outcome", required=False)
    for field, words, most in (("title", said, LONGEST_TITLE), ("outcome", came, LONGEST_OUTCOME)):
        if len(words) > most:
            raise Invalid("Enter at most {most} characters.", field=field, most=most)
    if held_on > clock.now().date():
        raise Invalid("The day is in the future.", field="held_on")
    with acting(actor):
        row = PlatformMeeting.objects.create(
            organisation_id=actor.organisation_id,
            held_on=held_on,
            title=said,
            outcome=came,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        record(actor, "platform_meeting.recorded", SUBJECT, row.pk)
        return row.pk


def meetings(actor: Actor) -> list[PlatformMeeting]:
    """Every meeting, the newest first, with the number of inputs that were brought to it as `inputs`."""
    actor.require(READ)
    with acting(actor):
        found = list(PlatformMeeting.objects.prefetch_related("changes"))
        for one in found:
            one.inputs = len({each.input_id for each in one.changes.all()})  # type: ignore[attr-defined]
        return found
