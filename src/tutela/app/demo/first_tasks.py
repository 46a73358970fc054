"""First tasks of the demonstration: a few steps for each role, and which of them its person has done.

A step is done when its event exists: an event by that person, since the person first signed in. So the invented month,
which nobody signed in for, does not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tutela.app.demo import cast
from tutela.events.errors import NotFound
from tutela.events.record import done_since
from tutela.events.transaction import acting
from tutela.organisations.people.members import actor_by_email

type Text = str | Promise

SIGNED_IN = "person.signed_in"


@dataclass(frozen=True)
class Step:
    """One step: words, where, and the kinds of events that show it was done. A kind that ends in a dot is a prefix."""

    label: Text
    url: str
    kinds: tuple[str, ...]
    done: bool = False


@dataclass(frozen=True)
class RoleTask:
    """The first task of a role, by the person of the cast who does it."""

    name: str
    email: str
    role: Text
    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        """The number of steps that are done."""
        return sum(step.done for step in self.steps)

    @property
    def complete(self) -> bool:
        """Whether every step is done."""
        return self.done == len(self.steps)


SIGN_IN = Step(_("Sign in"), "/account/login/", (SIGNED_IN,))
# (login of the cast, role, steps after signing in)
TASKS: tuple[tuple[str, Text, tuple[Step, ...]], ...] = (
    (
        "tom@pixelpost.example",
        _("Reviewer of a provider"),
        (
            Step(_("Open a candidate"), "/desk/candidates/", ("candidate.viewed",)),
            Step(
                _("Confirm or reject the candidate"),
                "/desk/candidates/",
                ("candidate.reviewed", "candidate.confirmed", "candidate.rejected"),
            ),
        ),
    ),
    (
        "priya@pixelpost.example",
        _("Lead of a provider"),
        (
            Step(_("Complete a draft"), "/desk/drafts/?state=drafted", ("report.edited",)),
            Step(_("Send the report"), "/desk/drafts/?state=drafted", ("report.sent",)),
        ),
    ),
    (
        "aoife@hotline-ie.example",
        _("Analyst of a hotline"),
        (
            Step(_("Propose an indicator"), "/desk/indicators/propose/", ("indicator.proposed",)),
            Step(_("Assess a reported address"), "/desk/takedown/", ("takedown.assessed",)),
        ),
    ),
    (
        "jan@hotline-de.example",
        _("Analyst in another country"),
        (
            Step(_("Open the proposed indicator"), "/desk/indicators/", ("indicator.viewed",)),
            Step(_("Certify the indicator"), "/desk/indicators/", ("indicator.certified",)),
        ),
    ),
    (
        "marek@centre.example",
        _("Analyst of the Centre"),
        (
            Step(_("Open the first report of the queue"), "/desk/reports/", ("report.viewed",)),
            Step(_("Decide about the report"), "/desk/reports/", ("report.forward", "report.unfounded", "report.ask")),
            Step(_("Refer a relevant report"), "/desk/reports/", ("report.referred",)),
        ),
    ),
    (
        "lena@centre.example",
        _("Lead of the Centre"),
        (
            Step(_("Open an indicator"), "/desk/indicators/", ("indicator.viewed",)),
            Step(_("Revoke the indicator"), "/desk/indicators/", ("indicator.revoked",)),
        ),
    ),
    (
        "katrin@police-de.example",
        _("Investigator"),
        (
            Step(_("Open a referral"), "/desk/inbox/?state=new", ("referral.viewed",)),
            Step(_("Acknowledge the referral"), "/desk/inbox/?state=new", ("referral.acknowledged",)),
            Step(_("Send an outcome"), "/desk/inbox/", ("outcome.",)),
        ),
    ),
    (
        "nora@audit.example",
        _("Auditor"),
        (
            Step(_("Search the events"), "/desk/events/", ("events.searched",)),
            Step(_("Open an event"), "/desk/events/", ("events.viewed",)),
        ),
    ),
    (
        "hugo@chatterbox.example",
        _("Administrator"),
        (
            Step(_("Invite a person"), "/desk/organisation/invite/", ("person.invited",)),
            Step(_("Add a contact point"), "/desk/organisation/contacts/new/", ("contact.added",)),
        ),
    ),
)


def progress() -> list[RoleTask]:
    """Return the first task of each role, each step with whether its person has done it."""
    names = {person.email: person.name for person in cast.PEOPLE}
    return [
        RoleTask(names[email], email, role, tuple(_checked((SIGN_IN, *steps), _done(email))))
        for email, role, steps in TASKS
    ]


def _done(email: str) -> set[str]:
    """Kinds of events by a person of the cast; none if the demonstration has no such person."""
    try:
        actor = actor_by_email(email)
    except NotFound:
        return set()
    with acting(actor):
        return done_since(actor, SIGNED_IN)


def _checked(steps: tuple[Step, ...], done: set[str]) -> Iterator[Step]:
    for step in steps:
        found = any(
            kind == wanted or (wanted[-1] == "." and kind.startswith(wanted)) for kind in done for wanted in step.kinds
        )
        yield Step(step.label, step.url, step.kinds, found)
