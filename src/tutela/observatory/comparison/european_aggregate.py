"""The European aggregate of a form: a sum where the rules allow one, with the states that it covers, and never more.

Nothing is extrapolated: a state without a value is a state without a value, and a total says of how many states it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tutela.observatory.comparison.comparability_check import CheckedReturns
from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.coverage import STATES, Coverage
from tutela.observatory.definitions.definition import Figure, Value
from tutela.observatory.definitions.units import Missing
from tutela.observatory.forms.content import Line
from tutela.observatory.forms.form import FieldKind, FormField
from tutela.observatory.operations import arithmetic
from tutela.observatory.operations.refusals import OperationRefusal, OperationRefused

# Each Member State has one.
STATES_SEND = "coordinating_authority"


@dataclass(frozen=True)
class FieldAggregate:
    """A field over all states: the total, or why there is none; and each state's value or code."""

    field: FormField
    scope: str
    total: float | None
    refusals: tuple[OperationRefusal, ...]
    by_state: Mapping[str, Value]
    left_out: tuple[str, ...]

    @property
    def counted(self) -> int:
        """How many states are in the total."""
        return sum(
            1 for state, one in self.by_state.items() if not isinstance(one, Missing) and state not in self.left_out
        )

    @property
    def coverage(self) -> str:
        """How many states there are, such as `21 of 27`."""
        return f"{self.counted} of {len(STATES)}"


def aggregate(checked: CheckedReturns, vintage: date) -> list[FieldAggregate]:
    """Every counted field of the form, over all states; nothing for a form that has several senders in a state."""
    if checked.form.organisations != (STATES_SEND,):
        return []
    return [
        _field(checked, one, scope, vintage)
        for one in checked.form.fields
        if one.kind is FieldKind.COUNT and one.definition
        for scope in checked.form.scopes_of(one)
    ]


def _field(checked: CheckedReturns, field: FormField, scope: str, vintage: date) -> FieldAggregate:
    values = {state: _value(checked, state, field.id, scope) for state in STATES}
    barred = tuple(
        state for state, one in values.items() if not isinstance(one, Missing) and checked.bars(state, field.id)
    )
    figures = [
        Figure(
            catalogue.definition(field.definition),
            checked.period,
            Coverage(frozenset({state})),
            one,
            vintage,
            label=state,
        )
        for state, one in values.items()
        if not isinstance(one, Missing) and state not in barred
    ]
    try:
        total: float | None = arithmetic.add(figures, union=True).number
        refusals: tuple[OperationRefusal, ...] = ()
    except OperationRefused as refused:
        total, refusals = None, tuple(refused.refusals)
    return FieldAggregate(field, scope, total, refusals, values, barred)


def _value(checked: CheckedReturns, state: str, field: str, scope: str) -> Value:
    document = checked.by_state.get(state)
    line = document.by_place().get((field, scope)) if document else None
    if line is None:
        return Missing.NOT_AVAILABLE
    return _of_line(line)


def _of_line(line: Line) -> Value:
    if line.missing:
        return Missing.member(line.missing)
    return int(line.number) if line.number is not None else Missing.NOT_AVAILABLE
