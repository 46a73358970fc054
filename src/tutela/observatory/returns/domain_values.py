"""Values of forms that only a domain's own ledger has: error rates by technology, notices of a trusted flagger."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from tutela import clock
from tutela.detection.outcomes import measure_facts
from tutela.events.actor import Actor
from tutela.observatory.forms.form import Form
from tutela.redress.ledger import figures as ledger_figures
from tutela.takedown.ledger import histories, yearly_report
from tutela.takedown.ledger.histories import LedgerPeriod

# Technologies of the form, by how a rule of the provider's desk begins.
_TECHNOLOGIES = {"exact": "exact_hash", "near": "perceptual_hash", "video": "video_hash", "film": "video_hash"}


def domain_values(actor: Actor, form: Form, since: datetime, until: datetime) -> dict[tuple[str, str], str]:
    """Values by field and scope. Call inside `acting(actor)`."""
    if form.id.startswith("provider-"):
        return _provider(actor, since, until)
    if form.id == "trusted-flagger" and actor.can(histories.READ):
        return _flagger(actor, since, until)
    return {}


def _provider(actor: Actor, since: datetime, until: datetime) -> dict[tuple[str, str], str]:
    found = measure_facts.denominators(actor, since, until)
    values = dict[tuple[str, str], str]()
    for field, counts in (
        ("decided_before", found.matched),
        ("errors_before", found.rejected),
        ("confirmed_after", found.confirmed),
    ):
        for technology, number in _by_technology(counts).items():
            values[field, technology] = str(number)
    rate, _late = ledger_figures.complaint_rate(since, until)
    values["complaints_reversed", ""] = str(rate.errors)
    return values


def _by_technology(counts: Counter[tuple[str, str]]) -> Counter[str]:
    found = Counter[str]()
    for (rule, _list), number in counts.items():
        name = next((one for start, one in _TECHNOLOGIES.items() if rule.lower().startswith(start)), "")
        if name:
            found[name] += number
    return found


def _flagger(actor: Actor, since: datetime, until: datetime) -> dict[tuple[str, str], str]:
    days = LedgerPeriod(since.date(), (until - timedelta(days=1)).date())
    report = yearly_report.yearly_report(histories.load_entries(actor, days, clock.now()))
    actions = Counter[str]()
    for row in report.rows:
        actions[row.action] += row.entries
    values = {(str(one), ""): str(actions[one]) for one in yearly_report.Action}
    values["notices", ""], values["entries", ""] = str(report.notices), str(report.entries)
    values["providers", ""] = str(len({row.provider for row in report.rows}))
    return values
