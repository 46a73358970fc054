"""Answer of a Centre to a report that is only checked (`POST /reports/check`); nothing is stored.

A reader ignores unknown fields of a later Centre: the answer is advice, and no fact of a case is lost with them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from tutela.exchange.message.base import Wire
from tutela.exchange.message.canonical_json import checked
from tutela.exchange.message.coded_text import Values

type Points = Annotated[int, Field(ge=0, le=100)]
type Words = Annotated[str, Field(max_length=1000)]
# More than a report of a thousand items can bring is no answer to one.
MOST_ENTRIES = 20_000


class Advice(Wire):
    """The base of the answer and its parts: unknown fields are passed over."""

    model_config = ConfigDict(**{**Wire.model_config, "extra": "ignore"})


class Reason(Advice):
    """A sentence as a code with values, and in English; a reader shows its own text of a code that it knows."""

    code: Words = ""
    values: Values = {}
    why: Words = ""


class Lacked(Reason):
    """Missing field, the purpose it would serve, and its cost in points of completeness."""

    field: Words
    points: int = 0


class Hinted(Reason):
    """Content that is present but will not help."""

    field: Words


class Placed(Reason):
    """Destination of the report: the first country and all of them (none for Europol), and the rule that chose them."""

    country: Annotated[str, Field(max_length=2)] | None = None
    countries: Annotated[tuple[Annotated[str, Field(max_length=2)], ...], Field(max_length=60)] = ()


class Checked(Advice):
    """The whole answer. Its texts are in English; the codes with their values are the same in any language."""

    report_id: Words
    completeness: Points
    missing: Annotated[tuple[Lacked, ...], Field(max_length=MOST_ENTRIES)] = ()
    hints: Annotated[tuple[Hinted, ...], Field(max_length=MOST_ENTRIES)] = ()
    urgent: bool
    urgency: Annotated[tuple[Reason, ...], Field(max_length=MOST_ENTRIES)] = ()
    jurisdiction: Placed

    @classmethod
    def read(cls, text: str) -> Checked:
        """Read an answer. Raises NotJsonError, or pydantic's ValidationError."""
        data = text.encode()
        checked(data)
        return cls.model_validate_json(data)
