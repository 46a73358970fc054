"""Legal-basis check for detection: service, channel, technology and day → a basis, or a refusal.

A refusal cites its article. The rule:
- A basis must cover the service, the channel and the technology, and apply on the day.
- It and its act must be checked, and the act in force, on that day: only then may detection run (`allowed`).
- A basis that the operator recorded and a second person confirmed counts too, for that operator (`recorded_bases`).
- A basis whose act is unchecked, lapsed by its dates or a proposal is named as a simulation and allows nothing.
- No basis of either interim act covers audio or end-to-end encrypted channels, on any day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tutela.law import acts, measures, recorded_bases
from tutela.law.errors import NoLegalBasis
from tutela.law.models import Basis, RecordedBasis

# As much of a recorded text as a report cites.
MOST_ARTICLE = 200


class ServiceKind(TextChoices):
    HOSTING = "hosting", _("Hosting")
    INTERPERSONAL = "interpersonal", _("Interpersonal communication")


class Channel(TextChoices):
    PUBLIC = "public", _("Public")
    PRIVATE = "private", _("Private")
    AUDIO = "audio", _("Audio")
    E2EE = "e2ee", _("End-to-end encrypted")


class Technology(TextChoices):
    HASH = "hash", _("Hash matching")
    CLASSIFIER = "classifier", _("Classifier")
    TEXT = "text", _("Text patterns")
    USER_REPORT = "user_report", _("User reports")


@dataclass(frozen=True)
class Activity:
    """Detection activity to be checked: a technology on a channel of a kind of service."""

    service: str
    channel: str
    technology: str


@dataclass(frozen=True)
class GateDecision:
    """The gate's answer. `simulated` names bases that would cover the activity if their act were checked."""

    allowed: bool
    basis: str
    article: str
    reason: str
    simulated: tuple[str, ...] = ()
    # Of a basis that the operator recorded: the act or measure that it names, or "". None for all others.
    rests_on: str | None = None


def decide(activity: Activity, day: date, operator: UUID | None = None) -> GateDecision:
    """Whether this activity has a basis on this day, and which; of an operator also by what it recorded."""
    covering = [b for b in Basis.objects.select_related("act").order_by("code") if _covers(b, activity, day)]
    acting_ones = [b for b in covering if b.checked and acts.state(b.act_id).acts_on(day)]
    simulated = tuple(f"{b.code} ({b.article})" for b in covering if b not in acting_ones)
    if acting_ones:
        first = acting_ones[0]
        return GateDecision(True, first.code, first.article, "", simulated)
    own = _recorded(operator, activity, day) if operator else None
    if own is not None:
        article = " ".join(own.text.split())[:MOST_ARTICLE]
        return GateDecision(True, own.number, article, "", simulated, own.rests_on)
    return GateDecision(False, "", _article(activity), _reason(activity, day, simulated), simulated)


def require(activity: Activity, day: date, operator: UUID | None = None) -> GateDecision:
    """Return the decision if it allows; otherwise raise `NoLegalBasis`.

    The error states the reason and cites the article.
    """
    decision = decide(activity, day, operator)
    if not decision.allowed:
        raise NoLegalBasis("{reason} ({article})", field="service", reason=decision.reason, article=decision.article)
    return decision


def _recorded(operator: UUID, activity: Activity, day: date) -> RecordedBasis | None:
    return recorded_bases.covering(operator, activity.service, activity.channel, activity.technology, day)


def _covers(basis: Basis, activity: Activity, day: date) -> bool:
    fits = (
        activity.service in basis.services
        and activity.channel in basis.channels
        and activity.technology in basis.technologies
    )
    return fits and basis.applies_from <= day and (basis.applies_to is None or day <= basis.applies_to)


def _article(activity: Activity) -> str:
    if activity.service == "interpersonal":
        return "Art. 5(1) Directive 2002/58/EC"
    return "Art. 6(1) GDPR"


def _reason(activity: Activity, day: date, simulated: tuple[str, ...]) -> str:
    if activity.channel == Channel.AUDIO:
        return gettext("No act covers audio on any day.")
    if activity.channel == Channel.E2EE:
        return gettext("No act covers end-to-end encrypted channels on any day.")
    gap = measures.gap_on(day) if activity.service == ServiceKind.INTERPERSONAL else None
    if gap is not None:
        said = gettext("From {first} to {last} no act allowed voluntary detection in interpersonal communications.")
        return said.format(first=gap.applies_from.isoformat(), last=gap.applies_to.isoformat())
    if simulated:
        said = gettext("{basis} has not been checked. It can be simulated, but not relied on.")
        return said.format(basis=simulated[0])
    return gettext("No act covers this service, channel and technology on this day.")
