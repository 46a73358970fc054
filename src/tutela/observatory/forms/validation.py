"""Validation of a return: fields, scopes, sums, impossible totals, and changes since the period before.

An error stops the return from being filed. A warning needs a comment on its line, or stays visible to who receives it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tutela.exchange.message.translatable_text import Term, filled
from tutela.exchange.message.translatable_text import marked as _
from tutela.observatory.forms.content import Line, ReturnDocument
from tutela.observatory.forms.form import FieldKind, FieldRule, Form

# A change by more than this factor asks for a reason.
LARGE_CHANGE = 3.0
# From this number on: smaller ones change by chance.
LEAST_TO_COMPARE = 10


class Fault(Term):
    """What is wrong with a return."""

    FORM = "form", _("The return is of another form: {form}.")
    PERIOD = "period", _("The form does not apply to the period {period}.")
    UNKNOWN_FIELD = "unknown_field", _("The form has no field {field}.")
    UNKNOWN_SCOPE = "unknown_scope", _("The field {field} has no line {scope}.")
    TWICE = "twice", _("The field {field} occurs twice{scope}.")
    ABSENT = "absent", _("The field {field} is missing{scope}. Enter a value or a code for a missing value.")
    NO_VALUE = "no_value", _("The field {field} has neither a value nor a code{scope}.")
    BOTH = "both", _("The field {field} has a value and a code for a missing value{scope}.")
    NOT_A_NUMBER = "not_a_number", _("The field {field} must be a whole number from 0 on{scope}.")
    SUM = "sum", _("The parts of {whole} add up to {sum} and not to {value}{scope}.")
    AT_MOST = "at_most", _("{part} is {first}, more than {whole} with {second}{scope}.")
    CUT_OFF = "cut_off", _("The data end before the period: {day}.")
    CHANGE = "change", _("{field} changed from {before} to {now}. Enter the reason as a comment{scope}.")
    DEFINITION = (
        "definition",
        _("{field} is counted by another definition. Describe the difference as a comment{scope}."),
    )
    UNCHECKED = "unchecked", _("The fields of this form were not compared with the official annex.")


ERRORS = frozenset(Fault) - {Fault.CHANGE, Fault.DEFINITION, Fault.UNCHECKED}


@dataclass(frozen=True)
class FoundFault:
    """A fault with its values; `str()` is its text in English."""

    fault: Fault
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_error(self) -> bool:
        """Return true if the return cannot be filed with it."""
        return self.fault in ERRORS

    def __str__(self) -> str:
        return filled(self.fault.text, self.values)


def validate(form: Form, document: ReturnDocument, before: ReturnDocument | None = None) -> list[FoundFault]:
    """Every fault of a return; `before` is that of the period before, with which values are compared."""
    return [
        *_whole(form, document),
        *_lines(form, document),
        *_rules(form, document),
        *_changes(form, document, before),
    ]


def _whole(form: Form, document: ReturnDocument) -> Iterator[FoundFault]:
    if document.form != form.id:
        yield FoundFault(Fault.FORM, {"form": document.form})
    if not form.permits(document.period):
        yield FoundFault(Fault.PERIOD, {"period": str(document.period)})
    if document.cut_off < document.period.end:
        yield FoundFault(Fault.CUT_OFF, {"day": str(document.cut_off)})
    if form.unchecked:
        yield FoundFault(Fault.UNCHECKED)


def _lines(form: Form, document: ReturnDocument) -> Iterator[FoundFault]:
    seen = set[tuple[str, str]]()
    for line in document.lines:
        values = {"field": line.field, "scope": _at(line.scope)}
        known = form.field(line.field)
        if known is None:
            yield FoundFault(Fault.UNKNOWN_FIELD, {"field": line.field})
            continue
        if line.scope not in form.scopes_of(known):
            yield FoundFault(Fault.UNKNOWN_SCOPE, {"field": line.field, "scope": line.scope})
        if (line.field, line.scope) in seen:
            yield FoundFault(Fault.TWICE, values)
        seen.add((line.field, line.scope))
        yield from _line(line, known.kind, values)
        if line.definition and known.definition and line.definition != known.definition and not line.comment:
            yield FoundFault(Fault.DEFINITION, values)
    for one in form.fields:
        for scope in form.scopes_of(one):
            if (one.id, scope) not in seen:
                yield FoundFault(Fault.ABSENT, {"field": one.id, "scope": _at(scope)})


def _line(line: Line, kind: FieldKind, values: Mapping[str, object]) -> Iterator[FoundFault]:
    if line.value and line.missing:
        yield FoundFault(Fault.BOTH, values)
    elif not line.value and not line.missing:
        yield FoundFault(Fault.NO_VALUE, values)
    elif line.value and kind is not FieldKind.TEXT:
        number = line.number
        whole = kind is FieldKind.NUMBER or line.value.isdecimal()
        if number is None or not 0 <= number < 1e15 or not whole:
            yield FoundFault(Fault.NOT_A_NUMBER, values)


def _rules(form: Form, document: ReturnDocument) -> Iterator[FoundFault]:
    lines = document.by_place()
    for rule in form.rules:
        scopes = {scope for field_id, scope in lines if field_id == rule.whole}
        for scope in sorted(scopes):
            yield from _rule(rule, lines, scope)


def _rule(rule: FieldRule, lines: Mapping[tuple[str, str], Line], scope: str) -> Iterator[FoundFault]:
    whole = lines[rule.whole, scope].number
    found = [line.number if (line := lines.get((part, scope))) else None for part in rule.parts]
    numbers = [one for one in found if one is not None]
    if whole is None or (rule.kind == "sum" and len(numbers) < len(found)):
        return  # a missing part makes no sum wrong
    if rule.kind == "sum" and sum(numbers) != whole:
        yield FoundFault(
            Fault.SUM, {"whole": rule.whole, "sum": int(sum(numbers)), "value": int(whole), "scope": _at(scope)}
        )
    if rule.kind == "at_most":
        for part, number in zip(rule.parts, found, strict=True):
            if number is not None and number > whole:
                values = {"part": part, "first": int(number), "whole": rule.whole, "second": int(whole)}
                yield FoundFault(Fault.AT_MOST, {**values, "scope": _at(scope)})


def _changes(form: Form, document: ReturnDocument, before: ReturnDocument | None) -> Iterator[FoundFault]:
    earlier = before.by_place() if before else {}
    for line in document.lines:
        known, other = form.field(line.field), earlier.get((line.field, line.scope))
        if known is None or known.kind is FieldKind.TEXT or other is None or line.comment:
            continue
        now, then = line.number, other.number
        if now is None or then is None or max(now, then) < LEAST_TO_COMPARE:
            continue
        if min(now, then) == 0 or max(now, then) / min(now, then) > LARGE_CHANGE:
            values = {"field": line.field, "before": other.value, "now": line.value, "scope": _at(line.scope)}
            yield FoundFault(Fault.CHANGE, values)


def _at(scope: str) -> str:
    return f" ({scope})" if scope else ""
