"""What the user is told: the gist of the report, how it came to it, what followed, and what can be done about it.

Three texts for one thing: for adults, for teenagers, for children. None names an authority, a list or another person,
and none says more of the matter than that it was reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from tutela.detection.drafting import text_of
from tutela.detection.models import Draft
from tutela.exchange.report import Report


def spoken(language: str) -> str:
    """The language of this node that is wanted; its first where it does not speak that one."""
    known = [code for code, _name in settings.LANGUAGES]
    return next((code for code in known if code in (language, language.partition("-")[0])), known[0])


def text(row: Draft, audience: str, language: str, reported_at: datetime) -> list[str]:
    """The paragraphs, in a language and for an audience, about a report of a day. Call inside `acting(actor)`."""
    revision = row.revisions.order_by("-number").first()
    report = text_of(revision) if revision else None
    unfounded = row.feedback.filter(kind="not_relevant").exists()
    write = {"child": _for_child, "teenager": _for_teenager}.get(audience, _for_adult)
    with translation.override(language):
        return [str(paragraph) for paragraph in write(report, unfounded, reported_at.date().isoformat())]


def _for_adult(report: Report | None, unfounded: bool, day: str) -> Iterator[str]:
    if report is None:
        yield _("We reported something from your account to the responsible authority, as the law requires of us.")
    else:
        said = _("On {day} we reported something from your account on {service} to the responsible authority.")
        yield said.format(day=day, service=report.service.name)
        yield _("We became aware of it in this way: {how}.").format(how=_how(report))
    if unfounded:
        yield _("The report was looked at and found to be manifestly unfounded.")
    else:
        yield _("We do not know what followed, or may not say.")
    if report is not None and report.removal is not None and report.removal.removed_or_disabled:
        yield _("The content was removed or made inaccessible.")
    if report is not None and report.user_decision.decided:
        yield _("We also took a decision about your account.")
    yield _("If you think that this was wrong, you can complain to us free of charge; a person will look at it.")
    yield _("You can also complain to the Coordinating Authority of the country in which you live, or go to a court.")


def _for_teenager(report: Report | None, unfounded: bool, day: str) -> Iterator[str]:
    yield _("We have to tell you something about your account. Read it in peace; you can show it to someone you trust.")
    if report is not None:
        said = _("On {day} we reported something from your account on {service} to an authority. The law requires it.")
        yield said.format(day=day, service=report.service.name)
        yield _("This is how we noticed it: {how}.").format(how=_how(report))
    else:
        yield _("We reported something from your account to an authority. The law requires it.")
    if unfounded:
        yield _("It was looked at, and it was not what we thought it was.")
    else:
        yield _("We do not know what happened next, or may not say.")
    yield _("That something was reported does not mean that you did anything wrong.")
    yield _("If you think that we made a mistake, tell us. It costs nothing, and a person will look at it.")
    yield _("You can also complain to the authority for this in your country. An adult you trust can do it with you.")
    yield _("If somebody pressures you or scares you: 116 111 is a helpline for children and young people.")


def _for_child(_report: Report | None, unfounded: bool, _day: str) -> Iterator[str]:
    yield _("This is a message about your account. Please read it together with a grown-up you trust.")
    yield _("We saw something that we must tell an office that protects children. So we told them.")
    if unfounded:
        yield _("They looked at it. Everything is all right.")
    else:
        yield _("We do not know yet what they will do.")
    yield _("You are not in trouble because we told them.")
    yield _("Do you think we made a mistake? Tell us, or ask a grown-up to tell us. A person will read it.")
    yield _("Do you want to talk to somebody? In many countries you can call 116 111. It is free.")


def _how(report: Report) -> str:
    """The manner of awareness in the language that is set."""
    words = {
        "detection_order": _("by a search that an order required"), "public_authority": _("a public authority told us"),
        "hotline": _("a hotline told us"), "user_flag": _("somebody using the service told us"),
        "own_motion": _("by our own checks"), "other": _("in another way"),
    }  # fmt: skip
    return "; ".join(words[manner.value] for manner in report.awareness.manners)
