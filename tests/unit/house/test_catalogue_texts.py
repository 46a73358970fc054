"""What a template looks up is what the catalogue has."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.template import Context, Engine
from django.utils import translation
from scripts import messages


def test_a_text_with_a_percent_sign_is_looked_up_as_the_catalogue_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    block = "{% blocktranslate trimmed %}At least {{ n }} %\n of it{% endblocktranslate %}"
    source = "{% load i18n %}{% translate '95 % of all' %}" + block
    asked: list[str] = []
    catalogue = SimpleNamespace(gettext=lambda text: asked.append(text) or text)
    monkeypatch.setattr(translation, "_trans", catalogue)
    engine = Engine(libraries={"i18n": "django.templatetags.i18n"}, autoescape=False)
    assert engine.from_string(source).render(Context({"n": 5}, use_l10n=False)) == "95 % of allAt least 5 % of it"
    assert set(asked) == messages.template_texts(source) == {"95 %% of all", "At least %(n)s %% of it"}
