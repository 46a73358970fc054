"""Check returns of Member States against each other and against the year before.

Every finding names the state and the field. What is found is shown and never corrected: a wrong number is the sender's
to correct, by a new version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tutela.exchange.message.translatable_text import Term, filled
from tutela.exchange.message.translatable_text import marked as _
from tutela.observatory.definitions.coverage import STATES
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.definitions.units import Status
from tutela.observatory.forms.content import Line, ReturnDocument
from tutela.observatory.forms.form import Form
from tutela.observatory.forms.validation import Fault, validate

# Ten times the number of the year before, or a tenth of it, within this much: a digit too many or too few.
TENFOLD = (8.0, 12.5)
LARGE_CHANGE = 3.0
LEAST_TO_COMPARE = 10
# Smaller numbers are equal by chance.
LEAST_TO_REPEAT = 1000
GIRLS, BOYS = "children_girls", "children_boys"


class StateFinding(Term):
    """What is found about the return of a state."""

    MISSING = "missing", _("No return was received.")
    LATE = "late", _("The return came on {at}, after {due}.")
    TWICE = "twice", _("{count} returns were received. The newest version counts.")
    OTHER_KEY = "other_key", _("The versions are signed with different keys.")
    SENDERS = "senders", _("The returns are of {count} senders. Until it is known which counts, none does.")
    SAME = "same", _("{field} has the number of the year before.")
    IMPOSSIBLE = "impossible", _("{what}")
    TENFOLD = "tenfold", _("{field} changed from {before} to {now}: perhaps a digit too many or too few.")
    OUTLIER = "outlier", _("{field} changed from {before} to {now}, without a reason.")
    SWAPPED = (
        "swapped",
        _("Girls and boys may be swapped: {girls} and {boys}, the year before {girls_before} and {boys_before}."),
    )
    DEFINITION = "definition", _("{field} is counted by {definition} and not by {expected}.")
    DIFFERS = "differs", _("{field} is marked as counted by another definition.")
    ESTIMATED = "estimated", _("{field} is an estimate and no count.")
    PARTIAL = "partial", _("The return covers {percent} % of the state.")


@dataclass(frozen=True)
class FoundAbout:
    """A finding about a state; `field_id` is empty if it is about the whole return."""

    state: str
    finding: StateFinding
    field_id: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.state}: {filled(self.finding.text, self.values)}"


@dataclass(frozen=True)
class ReceivedDocument:
    """A return with the day on which it was received, and the key that signed it."""

    document: ReturnDocument
    received: date
    key: str = ""


@dataclass(frozen=True)
class CheckedReturns:
    """The return of each state that counts, and everything that was found."""

    form: Form
    period: ReportingPeriod
    by_state: Mapping[str, ReturnDocument]
    findings: tuple[FoundAbout, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """States without a return."""
        return tuple(state for state in STATES if state not in self.by_state)

    def bars(self, state: str, field_id: str) -> bool:
        """Return true if a finding keeps a value of a state out of a sum."""
        barring = {
            StateFinding.OTHER_KEY,
            StateFinding.SENDERS,
            StateFinding.PARTIAL,
            StateFinding.IMPOSSIBLE,
            StateFinding.TENFOLD,
            StateFinding.OUTLIER,
            StateFinding.SWAPPED,
            StateFinding.DEFINITION,
            StateFinding.DIFFERS,
            StateFinding.ESTIMATED,
        }
        return any(
            one.state == state and one.finding in barring and one.field_id in ("", field_id) for one in self.findings
        )


def check(
    form: Form, period: ReportingPeriod, received: Sequence[ReceivedDocument], before: Mapping[str, ReturnDocument]
) -> CheckedReturns:
    """Check the returns of a period; `before` has those of the period before by state."""
    by_state: dict[str, ReturnDocument] = {}
    findings: list[FoundAbout] = []
    for state in STATES:
        own = [one for one in received if one.document.country == state and one.document.period == period]
        if not own:
            findings.append(FoundAbout(state, StateFinding.MISSING))
            continue
        newest = max(own, key=lambda one: (one.document.number, one.received))
        by_state[state] = newest.document
        findings += _received(form, state, own, newest)
        findings += _content(form, state, newest.document, before.get(state))
    return CheckedReturns(form, period, by_state, tuple(findings))


def _received(
    form: Form, state: str, own: Sequence[ReceivedDocument], newest: ReceivedDocument
) -> Iterator[FoundAbout]:
    due = form.due_on(newest.document.period)
    first = min(one.received for one in own)
    if due is not None and first > due:
        yield FoundAbout(state, StateFinding.LATE, values={"at": str(first), "due": str(due)})
    if len(own) > 1:
        yield FoundAbout(state, StateFinding.TWICE, values={"count": len(own)})
    senders = {one.document.sender for one in own}
    if len(senders) > 1:
        yield FoundAbout(state, StateFinding.SENDERS, values={"count": len(senders)})
    if len({one.key for one in own}) > 1:
        yield FoundAbout(state, StateFinding.OTHER_KEY)
    share = newest.document.coverage_percent
    if share is not None and share < 100:
        yield FoundAbout(state, StateFinding.PARTIAL, values={"percent": share})


def _content(form: Form, state: str, document: ReturnDocument, before: ReturnDocument | None) -> Iterator[FoundAbout]:
    for fault in validate(form, document):
        if fault.is_error and fault.fault is not Fault.PERIOD:
            named = str(fault.values.get("whole") or fault.values.get("field") or "")
            yield FoundAbout(state, StateFinding.IMPOSSIBLE, named, {"what": str(fault)})
            for part in _parts(form, fault.fault, named):
                yield FoundAbout(state, StateFinding.IMPOSSIBLE, part, {"what": str(fault)})
    lines, earlier = document.by_place(), before.by_place() if before else {}
    for (name, scope), line in lines.items():
        known = form.field(name)
        if known is None:
            continue
        if known.definition and line.definition and line.definition != known.definition:
            values = {"field": name, "definition": line.definition, "expected": known.definition}
            yield FoundAbout(state, StateFinding.DEFINITION, name, values)
        if line.status == Status.DEFINITION_DIFFERS.value:
            yield FoundAbout(state, StateFinding.DIFFERS, name, {"field": name})
        if line.status == Status.ESTIMATED.value:
            yield FoundAbout(state, StateFinding.ESTIMATED, name, {"field": name})
        yield from _changed(state, line, earlier.get((name, scope)))
    yield from _swapped(state, lines, earlier)


def _parts(form: Form, fault: Fault, whole: str) -> Iterator[str]:
    if fault in (Fault.SUM, Fault.AT_MOST):
        for rule in form.rules:
            if rule.whole == whole:
                yield from rule.parts


def _changed(state: str, line: Line, before: Line | None) -> Iterator[FoundAbout]:
    now, then = line.number, before.number if before else None
    if now is None or then is None or max(now, then) < LEAST_TO_COMPARE or not min(now, then):
        return
    values = {"field": line.field, "before": int(then), "now": int(now)}
    factor = max(now, then) / min(now, then)
    if TENFOLD[0] <= factor <= TENFOLD[1]:
        yield FoundAbout(state, StateFinding.TENFOLD, line.field, values)
    elif factor > LARGE_CHANGE and not line.comment:
        yield FoundAbout(state, StateFinding.OUTLIER, line.field, values)
    elif now == then and now >= LEAST_TO_REPEAT:
        yield FoundAbout(state, StateFinding.SAME, line.field, values)


def _swapped(
    state: str, lines: Mapping[tuple[str, str], Line], earlier: Mapping[tuple[str, str], Line]
) -> Iterator[FoundAbout]:
    now = [_number(lines, GIRLS), _number(lines, BOYS)]
    then = [_number(earlier, GIRLS), _number(earlier, BOYS)]
    if None in now or None in then:
        return
    girls, boys, girls_before, boys_before = (float(one or 0) for one in (*now, *then))
    clear = max(girls, boys) > 2 * min(girls, boys) and max(girls_before, boys_before) > 2 * min(
        girls_before, boys_before
    )
    if clear and (girls > boys) != (girls_before > boys_before):
        values = {"girls": girls, "boys": boys, "girls_before": girls_before, "boys_before": boys_before}
        for name in (GIRLS, BOYS):
            yield FoundAbout(state, StateFinding.SWAPPED, name, values)


def _number(lines: Mapping[tuple[str, str], Line], name: str) -> float | None:
    line = lines.get((name, ""))
    return line.number if line else None
