"""Sentence of a message as a code with values. Each reader gets the text in their own language (`TextCode`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field

from tutela.exchange.message.base import Wire

# A value is a number, an identifier, or a person's own words.
type Values = Annotated[
    dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=10_000)] | int], Field(max_length=10)
]


class CodedText(Wire):
    """A code and the values of its text. A reader that does not know the code shows the stored text."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9_.]{1,40}$")]
    values: Values = {}


type CodedTexts = Annotated[tuple[CodedText, ...], Field(max_length=500)]


def coded(reasons: Iterable[tuple[str, Mapping[str, Any]]]) -> tuple[CodedText, ...]:
    """Codes with their values, as a message has them."""
    return tuple(CodedText(code=str(code), values=dict(values)) for code, values in reasons)
