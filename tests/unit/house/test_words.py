"""Words that harm, mislead or belong to an older law are refused wherever people read."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from tests.support.tree import ROOT, place, texts, tracked

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

# Old words of Tutela's own language, by the glossary's table of old and new words; also as parts of identifiers.
OLD = {
    "alarm": r"alarms?",
    "anew": r"anew",
    "astray": r"astray",
    "beside, besides": r"besides?",
    "is nobody's": r"nobody['’]s",
    "mend": r"mend(?:s|ed|ing)?",
    "perishing, perishes": r"perish\w*",
    "repetition": r"repetitions?",
    "stands behind, vouches": r"vouch\w*|stands?\s+behind",
    "the house": r"the\s+house(?!-)",
}
OLD_WORD = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(OLD.values())})(?![A-Za-z])", re.IGNORECASE)
# Allowed in identifiers and events, such as `flood_alerts`, but not in what people read.
IN_CODE_ONLY = re.compile(r"(?<![a-z])floods?(?![a-z])", re.IGNORECASE)
GLOSSARY = ROOT / "docs" / "glossary.md"
# History is not rewritten: decisions, measurements, and the changes of earlier versions.
HISTORY = ("docs/decisions/", "docs/performance")

sys.path.insert(0, str(ROOT / "scripts"))

import messages  # noqa: E402 - it lies with the scripts


def _ours() -> list[tuple[Path, str]]:
    """Texts of the product and its documentation; tests and benches may keep their words."""
    sql = [(path, path.read_text()) for path in tracked() if path.suffix == ".sql"]
    found = []
    for path, text in [*texts(), *sql]:
        inside = path.relative_to(ROOT).as_posix()
        if inside in EXEMPT or inside.startswith(HISTORY):
            continue
        if inside == "CHANGELOG.md":
            found.append((path, text.partition("### Earlier")[0].partition("#### Names that changed")[0]))
        elif inside.startswith(READ) or "/" not in inside:
            found.append((path, text))
    return found


def _hits(word: re.Pattern[str], path: Path, text: str) -> list[str]:
    return [f"{place(path, text.count(chr(10), 0, hit.start()) + 1)} {hit[0]!r}" for hit in word.finditer(text)]


def test_no_old_word_stands_in_code_pages_or_documents() -> None:
    assert not [hit for path, text in _ours() for hit in _hits(OLD_WORD, path, text)]


def test_no_flood_stands_in_what_people_read() -> None:
    seen = [part for text in messages.texts() for part in ([text] if isinstance(text, str) else text)]
    assert not [text for text in seen if IN_CODE_ONLY.search(text)]
    pages = [(path, re.sub(r"`[^`\n]*`", "x", text)) for path, text in _ours() if path.suffix == ".md"]
    assert not [hit for path, text in pages for hit in _hits(IN_CODE_ONLY, path, text)]


def test_the_glossary_gives_a_new_word_for_each_old_one() -> None:
    rows = [line.split("|")[1].strip() for line in GLOSSARY.read_text().splitlines() if line.startswith("| ")]
    for old in (*OLD, "flood"):
        assert any(row == old or row.startswith(f"{old},") for row in rows), old


@pytest.mark.parametrize(
    "text", ["list it anew", "seal_anew(", "MENDS", "Nobody’s", "two stand\nbehind it", "the house"]
)
def test_old_words_are_found_in_texts_and_identifiers(text: str) -> None:
    assert OLD_WORD.search(text)


@pytest.mark.parametrize("text", ["amended", "Alarmtelefonen", "a recommendation", "the household"])
def test_other_words_are_left_alone(text: str) -> None:
    assert not OLD_WORD.search(text)


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
