"""The keyboard map lists every key that a page or the script acts on, and none besides."""

from __future__ import annotations

import re

from tests.support.tree import SOURCE
from tutela.app.website.keyboard import KEYS

LISTED = {key for _heading, keys in KEYS for key, _text in keys}
# Keys of the script itself, and of the browser.
OF_THE_SCRIPT = {"/", "?", "j", "k", "x", "X", "Enter", "Esc"}


def _in_templates() -> set[str]:
    found: set[str] = set()
    for path in SOURCE.rglob("*.html"):
        for value in re.findall(r'data-key="([^"]*)"', path.read_text()):
            found |= set(re.findall(r"\b[a-z]\b", re.sub(r"{%.*?%}", " ", value)))
    return found


def test_every_key_is_listed_and_no_other() -> None:
    assert _in_templates() | OF_THE_SCRIPT == LISTED


def test_the_script_acts_on_the_keys_of_its_own() -> None:
    script = (SOURCE / "app/static/desk.js").read_text()
    for key in OF_THE_SCRIPT - {"Enter", "Esc"}:
        assert f'event.key === "{key}"' in script


def test_the_next_case_has_one_name() -> None:
    texts = {str(text) for _heading, keys in KEYS for key, text in keys if key == "n"}
    assert "Next case" in texts
    for path in (*SOURCE.rglob("*.html"), *(SOURCE.parents[1] / "docs/howto").rglob("*.md")):
        assert "next report”" not in path.read_text().lower(), path
        assert '"Next report"' not in path.read_text(), path


def test_a_key_is_listed_once_in_its_group() -> None:
    for _heading, keys in KEYS:
        names = [key for key, _text in keys]
        assert len(names) == len(set(names))
