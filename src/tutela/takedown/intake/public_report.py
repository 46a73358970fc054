"""Public report of an address, by the anonymous channel: a conversation whose messages name addresses.

Two kinds, by the answer to the first question: whether somebody is in danger now. Both have one inbox and one answer,
whether an address is known, new or unusable.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.casework.alerts import escalation, roster
from tutela.casework.anonymous import inbox, work
from tutela.casework.anonymous.kinds import ConversationKind
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.transaction import acting
from tutela.exchange.takedown.backlog_text import addresses_in
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.takedown.intake import public_state
from tutela.takedown.intake.open_case import Reported, open_case
from tutela.takedown.models import ReadMessage, Source

# A message with more addresses is a list; its rest is read by a person in the inbox.
MOST_ADDRESSES = 20
# Messages are read within a minute; older ones were read, or the node was off for long.
READ_FOR = timedelta(days=7)
# Subject kind of alerts about a message without a usable address.
CONVERSATION = "conversation"


def hotline() -> DirectoryEntry | None:
    """The hotline of this node: in the country of the organisation with which the node began, else the first."""
    founder = directory.founder()
    here = [one for one in directory.list_organisations(kind="hotline") if one.verified]
    at_home = [one for one in here if founder and one.country == founder.country]
    # The oldest: a new hotline takes no reports from another.
    return next(iter(sorted(at_home, key=lambda one: one.id) + sorted(here, key=lambda one: one.id)), None)


def read_messages(actor: Actor) -> int:
    """Open the cases of all addresses in messages that were not read yet; returns how many were read. For a job.

    A message of danger raises an alert: of its cases, or of the conversation if it names no usable address. Of the
    reserve people read the messages of danger, which have one alert an hour (`takedown.alerts`), and those of a block
    of addresses that sent many.
    """
    read, since = 0, clock.this_hour() - READ_FOR
    known = ReadMessage.objects.filter(created_at__gte=since).values_list("entry_id", flat=True)
    for one in inbox.messages_of(actor, (REPORT.code, URGENT_REPORT.code), since, known):
        with acting(actor):
            row = ReadMessage(organisation_id=actor.organisation_id, entry_id=one.id)
            if insert_ignore(row):
                _take(actor, one)
                read += 1
    return read


def _take(actor: Actor, one: inbox.PersonMessage) -> None:
    urgent = one.kind == URGENT_REPORT.code
    if one.rank is not None and (urgent or one.rank > work.FEW):
        return
    reported = Reported(Source.PUBLIC, urgent=urgent, conversation_id=one.conversation_id)
    # What cannot be used is passed over: the person is answered in any case, and staff see the text.
    usable = {address.normal: address for address, _said in addresses_in(one.text) if address is not None}
    # In one order, so that two messages never wait for each other.
    for name in sorted(usable)[:MOST_ADDRESSES]:
        open_case(actor, usable[name].original, reported)
    if urgent and not usable:
        escalation.raise_first(actor, CONVERSATION, one.conversation_id)


def danger_context() -> dict[str, object]:
    """Whether somebody at the hotline is on call now, and when again; without a name."""
    entry = hotline()
    if entry is None:
        return {}
    actor = directory.acting_for(entry, "public:anonymous", "Anonymous person")
    found = roster.coverage(actor, clock.now())
    # Text, because a template shows a time in the zone of the node and not in that of the shift.
    begins = f"{found.next_begin:%Y-%m-%d %H:%M} ({found.next_begin.tzinfo})" if found.next_begin else ""
    return {"on_call": found, "next_begin": begins}


HELP = _("Copy the whole address. Do not send pictures. Write your name only if you want to.")
REPORT = ConversationKind(
    "report-address",
    _("Report pictures or videos of child sexual abuse"),
    _("Write the address (link) where you saw it, and what a person needs to find it there."),
    hotline,
    help=HELP,
    notice="takedown/public/notice.html",
    progress="takedown/public/state.html",
    progress_context=public_state.context,
    also=("report-danger",),
)
URGENT_REPORT = ConversationKind(
    "report-danger",
    _("Report: somebody is in danger"),
    _("Write what happens, and the address (link) if there is one."),
    hotline,
    help=HELP,
    danger=True,
    notice="takedown/public/danger.html",
    notice_stays=True,
    notice_context=danger_context,
    progress="takedown/public/state.html",
    progress_context=public_state.context,
    also=("report-address",),
)
