"""Parts of a public page: keys of the catalogue, and where a choice leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class HelpChoice:
    """A link with the address of a page, or with the code of a service of this node after a colon."""

    text: str
    to: str
    note: str = ""
    symbol: str = ""


@dataclass(frozen=True)
class Section:
    """A further heading and its sentences."""

    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """Who wrote a text, who answers for it, and when it is due for a review."""

    author: str
    owner: str
    review_due: date


@dataclass(frozen=True)
class HelpPage:
    """A page with one question or one answer. `calls` shows emergency numbers first; `equal` choices look the same."""

    heading: str
    sentences: tuple[str, ...] = ()
    choices: tuple[HelpChoice, ...] = ()
    sections: tuple[Section, ...] = ()
    symbols: tuple[str, ...] = ()
    calls: bool = False
    equal: bool = False
    listed: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    origin: Origin | None = None

    @property
    def steps(self) -> list[tuple[str, str]]:
        """Sentences with their symbols; a page without symbols has empty ones."""
        return list(zip(self.sentences, self.symbols or ("",) * len(self.sentences), strict=True))
