"""Handling and evaluation codes of police information, in SIENA's notation.

H0 always applies: only for preventing and combating crime. H1: no judicial use without permission. H2: no disclosure to
others without permission. H3: another restriction, written out. The evaluation is the 4x4 of Europol's Regulation,
Article 29.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Text

# A restriction (H3) of a copy: that there are others is itself sensitive.
APART = "Recipients do not learn about each other."


class HandlingCode(StrEnum):
    H0 = "H0"
    H1 = "H1"
    H2 = "H2"
    H3 = "H3"


class Source(StrEnum):
    """A: no doubt, or reliable in all instances; B: in most; C: in most not; X: cannot be assessed."""

    A = "A"
    B = "B"
    C = "C"
    X = "X"


class Information(StrEnum):
    """1: not in doubt; 2: known personally to the source; 3: not, but corroborated; 4: neither."""

    SURE = "1"
    FIRST_HAND = "2"
    CORROBORATED = "3"
    ALONE = "4"


class Handling(Wire):
    """Use that the recipient is permitted."""

    codes: Annotated[tuple[HandlingCode, ...], Field(min_length=1, max_length=4)] = (HandlingCode.H0,)
    text: Text | None = None

    @property
    def apart(self) -> bool:
        """Whether nobody may learn who else has a copy."""
        return self.text is not None and APART in self.text

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if HandlingCode.H0 not in self.codes:
            raise ValueError("H0 always applies")
        if list(self.codes) != sorted(set(self.codes)):
            raise ValueError("codes must be in order, each only once")
        if (HandlingCode.H3 in self.codes) != (self.text is not None):
            raise ValueError("only H3 must have a written restriction")
        return self


class Evaluation(Wire):
    """Reliability of source and information."""

    source: Source
    information: Information

    @property
    def code(self) -> str:
        return f"{self.source.value}{self.information.value}"

    @classmethod
    def of(cls, code: str) -> Evaluation:
        """`B2` and the like. Raises pydantic's ValidationError for what is none, such as D1 or A5."""
        return cls.model_validate({"source": code[:1], "information": code[1:]})
