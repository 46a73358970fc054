"""Read dangers to a child from the free words of a report, by a published list of words in several languages.

1. Only words about the case are read: the reason of urgency, the manner of awareness, and other data. What an account
   wrote about itself is not read, nor how the provider describes its service.
2. A cue of the list (`danger_words.toml`) is found in one sentence. A negation in it, or shortly before it, makes it
   void.
3. The result names the words that were found, so that a person sees why a report stands where it stands.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tutela.exchange.report.report import Report
from tutela.exchange.report.sections import Danger

type Cue = tuple[re.Pattern[str], ...]

_FILE = Path(__file__).with_name("danger_words.toml")
# An age in words of the list's languages. An age below 18 is read as a child, and no further.
_AGE = re.compile(r"\b(\d{1,2})(?:[- ]?years?[- ]olds?|[- ]?jährige\w*| ans\b| años\b| anni\b| jaar\b)")
_ADULT = 18
_SENTENCES = re.compile(r"[.!?;:\n]+")
# A longer sentence is read in parts, so that the work for a report has a limit.
MOST_LETTERS = 600
NEGATION_REACH = 6


def read(report: Report) -> dict[Danger, str]:
    """Dangers that words of a report name, each with the words found."""
    found: dict[Danger, str] = {}
    for text in _texts(report):
        for sentence in _parts(text):
            if not _any().search(sentence):
                continue
            for danger, cues in _cues().items():
                words = next(filter(None, (_match(cue, sentence) for cue in cues if danger not in found)), "")
                if words:
                    found[danger] = words
    return found


def _texts(report: Report) -> Iterator[str]:
    """Words about the case, each once."""
    other = [one.text for one in (report.other_data, report.other) if one is not None]
    return filter(None, dict.fromkeys((report.urgency.reason, report.awareness.details, *other)))


def _parts(text: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    aged = _AGE.sub(lambda age: age[0] + (" minor" if int(age[1]) < _ADULT else ""), _material().sub(" ", plain))
    for sentence in _SENTENCES.split(aged):
        for start in range(0, len(sentence), MOST_LETTERS):
            yield sentence[start : start + MOST_LETTERS]


def _match(cue: Cue, sentence: str) -> str:
    """The words of a sentence that a cue finds, or nothing."""
    places = [pattern.search(sentence) for pattern in cue]
    if not all(places):
        return ""
    matches = sorted((place.start(), place[0]) for place in places if place)
    first, last = matches[0][0], matches[-1][0]
    before = [*sentence[:first].split()[-NEGATION_REACH:], *sentence[first:last].split()]
    if any(word.strip(",()") in _rules()[0] for word in before):
        return ""
    return " … ".join(dict.fromkeys(word for _start, word in matches))


@cache
def _material() -> re.Pattern[str]:
    """Names of the material itself, which name no danger."""
    return _pattern(_data()["material"].strip())


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))


@cache
def _rules() -> tuple[frozenset[str], dict[Danger, list[list[str]]]]:
    """Negations, and the cues of each danger as groups of alternatives."""
    data = _data()
    named = {f"{{{name}}}": words for name, words in data["groups"].items()}
    cues: dict[Danger, list[list[str]]] = {}
    for danger, lines in data["cues"].items():
        cues[Danger(danger)] = [[_alternatives(group, named) for group in line.split()] for line in lines]
    return frozenset(data["negations"].split()), cues


def _alternatives(group: str, named: dict[str, str]) -> str:
    return "|".join(named.get(one, one) for one in group.split("|"))


@cache
def _cues() -> dict[Danger, list[Cue]]:
    return {danger: [tuple(map(_pattern, cue)) for cue in cues] for danger, cues in _rules()[1].items()}


@cache
def _any() -> re.Pattern[str]:
    """The first group of every cue: a sentence without any of these words needs no closer look."""
    return _pattern("|".join(cue[0] for cues in _rules()[1].values() for cue in cues))


def _pattern(group: str) -> re.Pattern[str]:
    words = (
        re.escape(word.removesuffix("*")).replace("_", r"\s+") + (r"\w*" if word.endswith("*") else "")
        for word in group.split("|")
    )
    return re.compile(r"(?<![\w-])(?:" + "|".join(sorted(set(words), key=len, reverse=True)) + r")(?!\w)")
