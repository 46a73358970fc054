"""A statement of reasons as text for the user, and as a prepared e-mail."""

from __future__ import annotations

from email.message import EmailMessage

from django.utils import translation
from django.utils.translation import gettext as _

from tutela.exchange.takedown.statement_of_reasons import Automation, Decision, RedressKind, StatementOfReasons
from tutela.exchange.takedown.transparency_schema import TERRITORY


def subject_line(statement: StatementOfReasons) -> str:
    """The subject of the e-mail."""
    with translation.override(statement.language):
        return _("Statement of reasons (DSA Art. 17), reference {reference}").format(reference=statement.reference)


def as_text(statement: StatementOfReasons) -> str:
    """Every element of Art. 17(3), in the statement's language if the catalogue has it; English otherwise."""
    with translation.override(statement.language):
        lines = [
            _("Statement of reasons under Article 17 of Regulation (EU) 2022/2065 (Digital Services Act)."),
            _("Reference: {reference}").format(reference=statement.reference),
            "",
            *_restriction(statement),
            "",
            _("Facts: {text}").format(text=statement.facts),
            _("We decided after a notice."),
            _DETECTION[statement.automated_detection](),
            _AUTOMATION[statement.automated_decision](),
            *_grounds(statement),
            "",
            _("You can contest this decision:"),
            *[f"- {_REDRESS[one.kind]()} {one.how}" for one in statement.redress],
        ]
    return "\n".join(lines) + "\n"


def prepared(statement: StatementOfReasons, contact: str) -> bytes:
    """The e-mail to the user as a file (.eml) that the host opens and sends itself."""
    made = EmailMessage()
    made["To"], made["Subject"], made["X-Unsent"] = contact, subject_line(statement), "1"
    made.set_content(as_text(statement))
    return made.as_bytes()


def _restriction(statement: StatementOfReasons) -> list[str]:
    everywhere = set(TERRITORY) <= set(statement.territorial_scope)
    places = _("all countries of the European Economic Area") if everywhere else ", ".join(statement.territorial_scope)
    return [
        *[_RESTRICTION[one]() for one in statement.decisions if one in _RESTRICTION],
        *[f"- {one}" for one in statement.locations],
        _("From: {moment}").format(moment=f"{statement.applied_at:%Y-%m-%d %H:%M} UTC"),
        _("Scope: {places}").format(places=places),
        _("Duration: without an end date."),
    ]


def _grounds(statement: StatementOfReasons) -> list[str]:
    said = []
    if statement.illegal is not None:
        said = [_("Legal ground: {grounds}").format(grounds=statement.illegal.provision), statement.illegal.explanation]
    if statement.incompatible is not None:
        ground = statement.incompatible
        said += [_("Terms of service: {provision}").format(provision=ground.provision), ground.explanation]
    return said


_RESTRICTION = {
    Decision.REMOVED: lambda: _("We removed content of yours at these addresses:"),
    Decision.DISABLED: lambda: _("We disabled access to content of yours at these addresses:"),
}
_DETECTION = {
    True: lambda: _("Automated means were used to find the content."),
    False: lambda: _("No automated means were used to find the content."),
}
_AUTOMATION = {
    Automation.FULLY: lambda: _("The decision was fully automated."),
    Automation.PARTIALLY: lambda: _("The decision was partly automated."),
    Automation.NONE: lambda: _("A person made the decision."),
}
_REDRESS = {
    RedressKind.INTERNAL_COMPLAINT: lambda: _("Internal complaint:"),
    RedressKind.OUT_OF_COURT: lambda: _("Out-of-court dispute settlement:"),
    RedressKind.COURT: lambda: _("Court:"),
}
