"""Public page for a question from practice, by the anonymous channel. The answer is read there."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tutela.casework.anonymous.kinds import ConversationKind
from tutela.organisations.people import directory
from tutela.prevention.loop import questions

QUESTION_KIND = ConversationKind(
    "prevention-question",
    _("Ask what works"),
    _("You work with children, families or people who offended. Write what you need to know, without a case."),
    directory.the_centre,
    on_message=questions.take_message,
    help=_("Do not write about a person. Do not send pictures. You need no name."),
    withdrawable=False,
    progress="prevention/public/question_progress.html",
    progress_context=questions.progress,
)
