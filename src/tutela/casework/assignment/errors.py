"""Errors of shared work on cases."""

from tutela.events.errors import Conflict, Invalid


class ClaimedByColleague(Conflict):
    """{name} has claimed this case. Ask for it, or assign it to yourself."""


class NotClaimed(Conflict):
    """You have not claimed this case, so you cannot release it."""


class UnknownColleague(Invalid):
    """Choose a colleague who may decide this case."""

    field = "colleague"


class CaseErased(Conflict):
    """The contents of this case were erased. Nothing can be added to it."""


class NoteEmpty(Invalid):
    """Enter the text of the note."""

    field = "text"


class NoteTooLong(Invalid):
    """A note can have at most {most} characters. Shorten it, or write a second note."""

    field = "text"


class NoteKindMissing(Invalid):
    """Choose whether the note is a fact or an assessment."""

    field = "note_kind"


class TooManyNotes(Conflict):
    """This case has {most} notes. No more can be added."""


class BadLabel(Invalid):
    """A label must have 1 to {most} characters, on one line."""

    field = "label"


class TooManyLabels(Conflict):
    """A case can have at most {most} labels. Remove one first."""
