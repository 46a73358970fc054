"""Compose the notice of a case: complete by DSA Art. 16(2), and as an e-mail in the host's language.

No part of a notice names a victim or describes what is depicted.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from tutela.exchange.takedown.notice import Location, Notifier, NotifierKind, RequestedAction, Subject
from tutela.exchange.takedown.notice import Notice as Wire
from tutela.exchange.takedown.web_address import WebAddress

# Levels of escalation, as a notice's text begins.
HOST, UPSTREAM, REGISTRAR, COORDINATING_AUTHORITY = 1, 2, 3, 4
GROUND = "Directive 2011/93/EU Art. 5"


def compose(
    reference: str,
    address: WebAddress,
    sender: tuple[str, str],
    at: datetime,
    language: str,
    *,
    previous: tuple[str, ...] = (),
) -> Wire:
    """The notice about one address. `sender`: name and e-mail address of the hotline."""
    with translation.override(language):
        said = _("Assessed by a trained analyst as child sexual abuse material under the law of our country.")
    name, email = sender
    return Wire(
        reference=reference,
        submitted_at=at,
        subject=Subject.CHILD_SEXUAL_ABUSE,
        notifier=Notifier(kind=NotifierKind.HOTLINE, name=name, email=email) if email else None,
        explanation=said,
        legal_grounds=(GROUND,),
        locations=(Location(url=address.normal),),
        good_faith=True,
        requested_action=RequestedAction.REMOVE_AND_PRESERVE,
        language=language,
        previous_references=previous,
    )


def subject_line(notice: Wire, language: str) -> str:
    """The subject of the e-mail. It names the reference alone."""
    with translation.override(language):
        return _("Notice of illegal content (DSA Art. 16), reference {reference}").format(reference=notice.reference)


def as_text(notice: Wire, language: str, level: int = HOST, link: str = "") -> str:
    """The notice as text for people, in a language that the catalogue has; English otherwise.

    `link`: the page on which a host without an account answers.
    """
    with translation.override(language):
        lines = [
            _("This is a notice under Article 16 of Regulation (EU) 2022/2065 (Digital Services Act)."),
            _("Reference: {reference}").format(reference=notice.reference),
            "",
            *_level_lines(level),
            _("Please remove or disable access to the content at these addresses, and preserve its data:"),
            *[one.url for one in notice.locations],
            "",
            notice.explanation,
            _("Legal ground: {grounds}").format(grounds=", ".join(notice.legal_grounds)),
            _("We believe in good faith that this notice is accurate and complete."),
            "",
            _("Please answer with your decision: removed, access disabled, not found, or not removed and why."),
            *([_("You can answer here without an account:"), link] if link else []),
            _("Do not send the content to us. Do not open it more than you must."),
        ]
        if notice.notifier is not None:
            lines += ["", notice.notifier.name, notice.notifier.email]
    return "\n".join(lines) + "\n"


def _level_lines(level: int) -> list[str]:
    said = {
        UPSTREAM: _("The host has not answered our notice. You provide its network."),
        REGISTRAR: _("The host and its network have not answered our notices. You registered its domain."),
        COORDINATING_AUTHORITY: _("The host, its network and its registrar have not answered our notices."),
    }
    return [said[level], ""] if level in said else []
