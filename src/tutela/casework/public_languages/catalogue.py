"""Catalogue of the public pages: one file a language, with the digest of its source sentence at each translation.

A translation whose digest no longer fits is stale: the source sentence is shown until somebody revises it. A
safety-critical sentence is shown in a language only after a review (`reviews`); the demonstration shows drafts, marked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from tutela.casework.public_languages import reviews

FOLDER = Path(__file__).parent / "texts"
SOURCE = "en"
# A language is offered once it has a file: the official ones of the Union, Ukrainian and Arabic.
CODES = tuple(sorted(one.stem for one in FOLDER.glob("*.toml")))
DIGEST_DIGITS = 10


@dataclass(frozen=True)
class Translation:
    """A sentence, and the digest of the source sentence that it translates."""

    source: str
    text: str


@dataclass(frozen=True)
class Language:
    """Texts of one language. `direction` is that of its writing."""

    code: str
    name: str
    direction: str
    texts: Mapping[str, Translation]
    critical: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Shown:
    """A sentence as a page shows it, in its own language and direction."""

    text: str
    language: str
    direction: str
    draft: bool = False


def digest(text: str) -> str:
    """Digest of a sentence, short enough to stand at its translation."""
    return sha256(text.encode()).hexdigest()[:DIGEST_DIGITS]


@cache
def language(code: str) -> Language:
    """One language. Raises `KeyError` for a code that the catalogue does not have."""
    if code not in CODES:
        raise KeyError(code)
    read = tomllib.loads((FOLDER / f"{code}.toml").read_text())
    texts = {key: _translation(given) for key, given in read["texts"].items()}
    return Language(code, read["name"], read["direction"], texts, frozenset(read.get("critical", ())))


def direction(code: str) -> str:
    """Direction of the writing of a language; left to right where the catalogue does not have it."""
    return language(code).direction if code in CODES else "ltr"


def _translation(given: Any) -> Translation:
    """A source sentence is a text; a translation is a pair of digest and text."""
    return Translation(digest(given), given) if isinstance(given, str) else Translation(*given)


@cache
def by_sentence() -> Mapping[str, str]:
    """Key of each source sentence. Of two keys with one sentence, the first."""
    texts = language(SOURCE).texts
    return {one.text: key for key, one in reversed(list(texts.items()))}


def known(code: str | None) -> str:
    """The language if the catalogue has it, else that of the source."""
    return code if code in CODES else SOURCE


def languages() -> list[Language]:
    """All languages, by the name that their readers use."""
    return sorted((language(code) for code in CODES), key=lambda one: one.name.casefold())


def say(code: str, key: str, *, drafts: bool) -> Shown:
    """A sentence in a language, or in the source language where it may not be shown yet. Raises `KeyError`."""
    source, wanted = language(SOURCE), language(code)
    here, there = source.texts[key], wanted.texts.get(key)
    if code == SOURCE or there is None or there.source != here.source:
        return Shown(here.text, SOURCE, source.direction)
    reviewed = key not in source.critical or reviews.reviewed(code, key, here.source, digest(there.text))
    if not reviewed and not drafts:
        return Shown(here.text, SOURCE, source.direction)
    return Shown(there.text, code, wanted.direction, draft=not reviewed)


def has_drafts(code: str) -> bool:
    """Whether a safety-critical sentence of a language waits for its review."""
    return any(say(code, key, drafts=True).draft for key in language(SOURCE).critical)


def stale(code: str) -> list[str]:
    """Keys of a language whose source sentence has changed since, or that are missing."""
    there = language(code).texts
    return [key for key, one in language(SOURCE).texts.items() if key not in there or there[key].source != one.source]


def preferred(wished: list[str]) -> str:
    """The first wished language that the catalogue has. A region is ignored."""
    found = (one.partition("-")[0].lower() for one in wished)
    return next((one for one in found if one in CODES), SOURCE)
