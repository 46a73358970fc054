"""Errors of prevention."""

from tutela.events.errors import Conflict, Forbidden, Invalid, NotFound


class UnknownProgramme(NotFound):
    """This programme is unknown."""


class UnknownStudy(NotFound):
    """This study is unknown."""


class StudyKnown(Conflict):
    """A study with this DOI or registration number is already entered: {title}."""


class NoIdentifier(Invalid):
    """Enter a DOI, a registration number or the address of the official publication."""

    field = "doi"


class BadDoi(Invalid):
    """A DOI begins with 10. and has a slash, such as 10.1000/182."""

    field = "doi"


class BadRegistration(Invalid):
    """Enter the number as the registry prints it, such as NCT05831657 or ISRCTN76841676."""

    field = "registration"


class BadInterval(Invalid):
    """The estimate must lie inside its interval, and a ratio above 0."""

    field = "low"


class OwnStudy(Forbidden):
    """You stated a conflict of interest with this study. Another curator must judge it."""


class UnreadableImport(Invalid):
    """This file could not be read as {format}. Check the format and the encoding (UTF-8)."""

    field = "text"


class UnknownQuestion(NotFound):
    """This question is unknown."""


class QuestionEnded(Conflict):
    """This step does not follow the question's state: {state}."""


class UnknownBrief(NotFound):
    """This brief is unknown."""


class UnknownMember(NotFound):
    """This member is unknown."""


class UnknownGroup(NotFound):
    """This working group is unknown."""


class UnknownCampaign(NotFound):
    """This campaign is unknown."""


class UnknownMaterial(NotFound):
    """This material is unknown."""


class WordRefused(Invalid):
    """This design shows no effect. Do not write: {words}."""

    field = "statement"
