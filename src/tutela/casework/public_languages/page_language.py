"""Public pages in the language of their address: templates stay as they are, and gettext finds the catalogue's texts.

The catalogue of each language is added to Django's own once, in memory: the TOML files are the only source. English is
not touched, and desks are English, so nothing of it reaches a desk. Safety-critical sentences are in templates inside
`{% spoken %}`, which shows English with its `lang` until a review is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from gettext import GNUTranslations
from io import BytesIO
from weakref import WeakSet

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.utils import translation
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import trans_real

from tutela.casework.public_languages import catalogue, names

_ADDED = WeakSet[trans_real.DjangoTranslation]()


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language of the catalogue. Another one is spoken as far as Django has it."""
    if code in catalogue.CODES and code != catalogue.SOURCE:
        _add(code)
    with translation.override(code):
        yield


def _add(code: str) -> None:
    """Add the texts of a language to Django's, once; Django forgets them when its settings change."""
    found = trans_real.translation(code)
    if found not in _ADDED:
        found.merge(GNUTranslations(BytesIO(compiled(texts(code)))))
        _ADDED.add(found)


def texts(code: str) -> dict[str, str]:
    """Each source sentence with its translation; stale ones are left out. Weekdays are those of the Unicode CLDR."""
    there, stale = catalogue.language(code).texts, set(catalogue.stale(code))
    found = {sentence: there[key].text for sentence, key in catalogue.by_sentence().items() if key not in stale}
    with translation.override(None):
        days = {str(name): names.weekday(code, number + 1) for number, name in WEEKDAYS_ABBR.items()}
    return found | days


def compiled(found: Mapping[str, str]) -> bytes:
    """The texts as a file of the GNU format, which `gettext` reads."""
    messages, out = Catalog(charset="utf-8"), BytesIO()
    for sentence, text in found.items():
        messages.add(sentence, text)
    write_mo(out, messages)
    return out.getvalue()
