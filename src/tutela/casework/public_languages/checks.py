"""Checks of the catalogue: complete, up to date, small, one word for one thing, easy to read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from tutela.casework.public_languages import catalogue

# So that a translator can keep all languages complete.
MOST_SENTENCES = 900
GLOSSARY = Path(__file__).parent / "glossary.toml"
# Languages on which LIX was tried: Björnsson, "Readability of Newspapers in 11 Languages", Reading Research Quarterly
# 18 (1983). Below 30 a text suits children's books, below 40 fiction (Björnsson, "Läsbarhet", 1968).
MEASURED = ("da", "de", "en", "es", "fi", "fr", "it", "pt", "sv")
LONG_WORD = 6
# What a page puts in a sentence, and its tags.
PLACES = re.compile(r"%\(\w+\)s|\{\w+\}|<[^>]*>")


def problems(code: str) -> list[str]:
    """What is wrong with a language: sentences that are missing, stale or unknown, and words against the glossary."""
    source, there = catalogue.language(catalogue.SOURCE).texts, catalogue.language(code).texts
    found = [f"{code} {key}: missing or stale" for key in catalogue.stale(code)]
    found += [f"{code} {key}: not in the source" for key in there if key not in source]
    if len(there) > MOST_SENTENCES:
        found.append(f"{code}: more than {MOST_SENTENCES} sentences")
    if code == catalogue.SOURCE:
        return found
    found += [f"{code} {key}: other placeholders or tags" for key in there if key in source and not _fits(code, key)]
    for term, words in tomllib.loads(GLOSSARY.read_text()).items():
        used = [key for key, one in source.items() if term in one.text.casefold() and key in there]
        found += [f"{code} {key}: not {words[code]!r}" for key in used if words[code] not in there[key].text.casefold()]
    return found


def _fits(code: str, key: str) -> bool:
    """Whether a translation has the placeholders and tags of its source."""
    here, there = (catalogue.language(one).texts[key].text for one in (catalogue.SOURCE, code))
    return sorted(PLACES.findall(here)) == sorted(PLACES.findall(there))


def lix(sentences: Iterable[str]) -> float:
    """LIX: mean length of a sentence in words, plus the share of words of more than six letters in per cent."""
    given = [part for one in sentences for part in re.split(r"[.?!:]+(?:\s|$)", one) if part.strip()]
    words = [word for part in given for word in re.findall(r"[^\W\d_]+", part)]
    return len(words) / len(given) + 100 * sum(len(word) > LONG_WORD for word in words) / len(words)


def reading_level(code: str) -> float:
    """LIX of the sentences of a language; labels of one or two words are left out."""
    texts = [one.text for one in catalogue.language(code).texts.values()]
    return lix(text for text in texts if len(text.split()) > 2)
