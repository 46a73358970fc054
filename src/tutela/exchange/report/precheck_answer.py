"""Answer of a Centre to a report that is only checked (`POST /reports/check`); nothing is stored.

A reader ignores unknown fields of a later Centre: the answer is advice, and no fact of a case is lost with them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from tutela.exchange.message.base import Wire
from tutela.exchange.message.canonical_json import checked

type Points = Annotated[int, Field(ge=0, le=100)]
type Words = Annotated[str, Field(max_length=1000)]
# More than a report of a thousand items can bring is no answer to one.
MOST = 20_000


class Advice(Wire):
    """The base of the answer and its parts: unknown fields are passed over."""

    model_config = ConfigDict(**{**Wire.model_config, "extra": "ignore"})


class Lacked(Advice):
    """A field that is missing, what it would be good for, and how many points of completeness it costs."""

    field: Words
    why: Words
    points: int = 0


class Hinted(Advice):
    """Content that is present but will not help."""

    field: Words
    code: Words
    why: Words


class Placed(Advice):
    """Where the report would go: the first country and all of them, none for Europol's, and by which rule."""

    country: Annotated[str, Field(max_length=2)] | None = None
    countries: Annotated[tuple[Annotated[str, Field(max_length=2)], ...], Field(max_length=60)] = ()
    rule: Words = ""


class Checked(Advice):
    """The whole answer, in the Centre's words."""

    report_id: Words
    completeness: Points
    missing: Annotated[tuple[Lacked, ...], Field(max_length=MOST)] = ()
    hints: Annotated[tuple[Hinted, ...], Field(max_length=MOST)] = ()
    urgent: bool
    urgency: Annotated[tuple[Words, ...], Field(max_length=MOST)] = ()
    jurisdiction: Placed

    @classmethod
    def read(cls, text: str) -> Checked:
        """Read an answer. Raises NotJsonError, or pydantic's ValidationError."""
        data = text.encode()
        checked(data)
        return cls.model_validate_json(data)
