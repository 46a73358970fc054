"""Words that harm, mislead or belong to an older law are refused wherever people read."""

from __future__ import annotations

import re

from tests.support.tree import ROOT, place, texts

# Said of a child or of material, by the Luxembourg Guidelines; and words with a plain one beside them.
REFUSED = re.compile(
    r"\b(child(?:ren)?['’s]* porn\w*|kiddie\w*|child sex tourism|child prostitut\w+|child sex work\w*|"
    r"under-?age(?:d)? (?:sex|porn)\w*|paedophile ring|viral(?:ly|ity)?|black-?list\w*|white-?list\w*|"
    r"revenge porn\w*|legitimate user)\b",
    re.IGNORECASE,
)
# The glossary names what it advises against; the deviations quote the standards that say it; this file lists them.
EXEMPT = {"docs/glossary.md", "docs/deviations.md", "tests/unit/house/test_words.py"}
READ = ("src/", "docs/", "native/", "scripts/")
# Titles of acts are quoted as the Official Journal prints them.
QUOTED = {"src/tutela/law/seed/acts.toml", "src/tutela/law/seed/directive-2011-93.json"}
# And the values of a format that others wrote as they must be sent.
QUOTED |= {
    f"src/tutela/exchange/cybertip/{name}"
    for name in ("elements.txt", "danger_map.py", "to_report.py", "validation_rules.py")
}


def test_no_refused_word_stands_in_source_templates_or_documents() -> None:
    found = []
    for path, text in texts():
        inside = path.relative_to(ROOT).as_posix()
        if inside in EXEMPT | QUOTED or not (inside.startswith(READ) or path.suffix == ".md"):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            found += [f"{place(path, number)} {hit[0]!r}" for hit in REFUSED.finditer(line)]
    assert not found


def test_the_list_refuses_what_it_names() -> None:
    assert REFUSED.search("it went viral")
    assert not REFUSED.search("a widely circulated item")
