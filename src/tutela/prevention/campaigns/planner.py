"""Plan campaigns before they begin, and record results in words that their design allows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.prevention.campaigns.labels import Label, Measurement, label_of, words_refused
from tutela.prevention.errors import BadInterval, UnknownCampaign, WordRefused
from tutela.prevention.evidence_grades.effects import sample_per_group
from tutela.prevention.knowledge.permissions import CAMPAIGN, CURATE, READ
from tutela.prevention.models import CampaignDesign, CampaignPlan, CampaignResult

WITH_SURVEY = (CampaignDesign.AFTER, CampaignDesign.BEFORE_AFTER, CampaignDesign.COMPARISON, CampaignDesign.STEPPED)


@dataclass(frozen=True)
class PlanInput:
    """A campaign as it is planned."""

    title: str
    aim: str
    audience: str
    message: str
    channel: str
    theory: str
    design: str
    starts_on: date
    ends_on: date
    audience_size: int | None = None
    measure: str = ""
    sample: int | None = None
    points_before: int | None = None
    base_rate: float | None = None
    smallest_difference: float | None = None


def plan(actor: Actor, given: PlanInput) -> UUID:
    """Record a plan before its campaign begins. Raises `Invalid` naming the field."""
    actor.require(CURATE)
    for name in ("title", "aim", "audience", "message", "channel", "theory"):
        if not getattr(given, name).strip():
            raise Invalid("Fill in this field.", field=name)
    if given.starts_on <= clock.now().date():
        raise Invalid("A plan is recorded before the campaign begins.", field="starts_on")
    if given.ends_on < given.starts_on:
        raise Invalid("A campaign ends after it begins.", field="ends_on")
    if given.design != CampaignDesign.NONE and not given.measure.strip():
        raise Invalid("Enter what is measured.", field="measure")
    needed = sample_needed(given)
    if given.design in WITH_SURVEY and needed is not None and (given.sample or 0) < needed:
        raise Invalid("This difference needs {needed} people in each group.", field="sample", needed=needed)
    with acting(actor):
        row = CampaignPlan(
            organisation_id=actor.organisation_id, by=actor.reference, by_name=actor.name[:200], **asdict(given)
        )
        row.save(force_insert=True)
        record(actor, "campaign.planned", CAMPAIGN, row.pk, title=row.title, design=row.design)
        return UUID(str(row.pk))


def sample_needed(given: PlanInput) -> int | None:
    """People in each group for the smallest difference that matters; None where the plan states none."""
    if given.base_rate is None or given.smallest_difference is None:
        return None
    try:
        return sample_per_group(given.base_rate, given.smallest_difference)
    except ValueError as error:
        raise Invalid("Enter shares between 0 and 1 that differ.", field="base_rate") from error


def add_result(
    actor: Actor,
    plan_id: UUID,
    statement: str,
    interval: tuple[float, float, float] | None = None,
    answered: int | None = None,
) -> Label:
    """Record a result; returns its label.

    `interval` is a difference with its 95 % interval, `answered` the smaller group. Raises `WordRefused` for a word
    that the design, the answers or the interval do not allow.
    """
    actor.require(CURATE)
    if not statement.strip():
        raise Invalid("Enter the result.", field="statement")
    if interval is not None and not interval[1] <= interval[0] <= interval[2]:
        raise BadInterval
    with acting(actor):
        row = find(plan_id)
        measured = _measured(row, interval, answered)
        refused = words_refused(statement, measured)
        if refused:
            raise WordRefused(words=", ".join(dict.fromkeys(refused)))
        if row.starts_on > clock.now().date():
            raise Invalid("The campaign has not begun.", field="statement")
        label = label_of(measured)
        CampaignResult(
            organisation_id=actor.organisation_id,
            plan=row,
            label=label,
            statement=statement.strip(),
            estimate=interval[0] if interval else None,
            low=interval[1] if interval else None,
            high=interval[2] if interval else None,
            answered=answered,
            by=actor.reference,
            by_name=actor.name[:200],
        ).save(force_insert=True)
        record(actor, "campaign.result", CAMPAIGN, row.pk, label=str(label))
        return label


def list_plans(actor: Actor) -> list[CampaignPlan]:
    """Plans with their results, the latest start first."""
    actor.require(READ)
    with acting(actor):
        return list(CampaignPlan.objects.prefetch_related("results").order_by("-starts_on", "pk"))


def exists(actor: Actor, plan_id: UUID) -> bool:
    """Whether the actor's organisation has this plan."""
    with acting(actor):
        return CampaignPlan.objects.filter(pk=plan_id).exists()


def find(plan_id: UUID) -> CampaignPlan:
    """A plan. Raises `UnknownCampaign`. Call inside `acting`."""
    row = CampaignPlan.objects.filter(pk=plan_id).first()
    if row is None:
        raise UnknownCampaign
    return row


def _measured(row: CampaignPlan, interval: tuple[float, float, float] | None, answered: int | None) -> Measurement:
    return Measurement(
        row.design,
        answered,
        row.points_before,
        has_interval=interval is not None,
        excludes_zero=interval is not None and (interval[1] > 0 or interval[2] < 0),
    )
