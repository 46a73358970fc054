"""Public forms in the languages of the catalogue: no sentence of a template outside it, dates, and desks in English."""

from __future__ import annotations

import re
from datetime import date
from gettext import GNUTranslations
from io import BytesIO

import pytest
from django.template import Context, Template
from django.test import override_settings
from django.utils.translation import gettext
from scripts import messages

from tests.support.tree import ROOT
from tutela.casework.anonymous import errors
from tutela.casework.anonymous.kinds import NODE_MESSAGE
from tutela.casework.public_languages import catalogue, names
from tutela.casework.public_languages.page_language import compiled, speaking, texts
from tutela.takedown.intake import public_report
from tutela.victims import public_form, support_channels
from tutela.victims.models import (
    AddressState,
    ContactChoice,
    InputConsent,
    Notify,
    RequestStage,
    SendingState,
    WantedGender,
)

PACKAGES = ROOT / "src" / "tutela"
TEMPLATES = (
    *sorted((PACKAGES / "casework/templates/casework/anonymous").glob("*.html")),
    *sorted((PACKAGES / "victims/templates/victims").glob("*.html")),
    *(
        PACKAGES / f"victims/templates/victims/public/{name}.html"
        for name in ("answer", "information", "support", "voice")
    ),
    *(PACKAGES / f"takedown/templates/takedown/public/{name}.html" for name in ("question", "danger", "notice")),
    *(PACKAGES / f"redress/templates/redress/public/{name}.html" for name in ("choose", "notice")),
)
SPOKEN = re.compile(r"\{% spoken %\}(.*?)\{% endspoken %\}", re.DOTALL)
LINE = "{% load i18n public_texts %}{% spoken %}{% translate 'We cannot find you unless you tell us where you are.' %}"
KINDS = (
    *(NODE_MESSAGE, public_report.REPORT, public_report.URGENT_REPORT),
    *(public_form.REMOVAL, public_form.REPRESENTED),
    *support_channels.KINDS,
)
STATES = (SendingState, AddressState, RequestStage, ContactChoice, Notify, WantedGender, InputConsent)
OF_PERSON = (
    *(errors.EmptyMessage, errors.LongMessage, errors.UnknownConversation, errors.FormExpired),
    *(errors.TooSoon, errors.WrongProof, errors.Later, errors.AlreadyClosed),
)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.name)
def test_every_sentence_of_a_public_template_is_in_the_catalogue(template: object) -> None:
    source = template.read_text()  # type: ignore[attr-defined]
    assert messages.template_texts(source) <= set(catalogue.by_sentence())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.name)
def test_a_critical_sentence_stands_inside_spoken_alone(template: object) -> None:
    source = template.read_text()  # type: ignore[attr-defined]
    critical = {catalogue.language("en").texts[key].text for key in catalogue.language("en").critical}
    assert not critical & messages.template_texts(SPOKEN.sub("", source))
    assert all(messages.template_texts(one) <= critical for one in SPOKEN.findall(source))


def test_labels_and_errors_of_public_forms_are_in_the_catalogue() -> None:
    shown = [text for one in KINDS for text in (one.label, one.introduction, one.help)]
    shown += [label for _code, label in public_form.REPRESENTATIVES]
    shown += [one.label for states in STATES for one in states]
    shown += [" ".join((one.__doc__ or "").split()) for one in OF_PERSON]
    assert {str(one) for one in shown} <= set(catalogue.by_sentence())


@pytest.mark.parametrize("code", [one for one in catalogue.CODES if one != "en"])
def test_gettext_reads_the_texts_of_a_language(code: str) -> None:
    read = GNUTranslations(BytesIO(compiled(texts(code))))
    assert [one for one, other in texts(code).items() if read.gettext(one) != other] == []
    with speaking(code):
        assert gettext("Send message") == catalogue.language(code).texts["f_send"].text
        assert gettext("Mon") == names.weekday(code, 1)
    assert gettext("Send message") == "Send message"


def test_a_critical_sentence_is_english_until_its_review_and_a_draft_is_marked() -> None:
    line = Template(LINE + "{% endspoken %}")
    with speaking("ar"), override_settings(DEMO=False):
        english = line.render(Context())
    with speaking("ar"), override_settings(DEMO=True):
        draft = line.render(Context())
    assert english.startswith('<span lang="en" dir="ltr">We cannot find you')
    assert draft.startswith('<span lang="ar" dir="rtl" class="draft">')


def test_dates_are_written_as_a_language_writes_them() -> None:
    at = date(2026, 12, 30)
    assert names.day("de", at) == "30. Dezember 2026"
    assert names.day("fr", at) == "30 décembre 2026"
    assert names.day("hu", at) == "2026. december 30."
    with speaking("ar"):
        assert Template("{% load public_texts %}{{ at|day }}").render(Context({"at": at})) == names.day("ar", at)
