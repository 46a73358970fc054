"""The prevention network: members, groups, announcements, survivors' views, research map, police relief."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel


class Practice(models.TextChoices):
    """Practices of the network's members."""

    TREATMENT = "treatment", _("treatment")
    SCHOOL = "school", _("schools and youth work")
    PROTECTION = "protection", _("child protection")
    POLICE = "police", _("police")
    PROBATION = "probation", _("prison and probation")
    RESEARCH = "research", _("research")
    SURVIVORS = "survivors", _("survivors' organisations")
    HELPLINE = "helpline", _("helplines and hotlines")
    POLICY = "policy", _("policy")
    INDUSTRY = "industry", _("online services")


class NetworkMember(TenantModel):
    """A member of the network, of any country. Who left stays, with the day and the reason."""

    name = models.CharField(max_length=200)
    employer = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    practices = ArrayField(models.CharField(max_length=10, choices=Practice.choices))
    programmes = ArrayField(models.UUIDField(), default=list)
    joined_on = models.DateField()
    left_on = models.DateField(null=True)
    left_reason = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.name


class InterestStatement(TenantModel):
    """A member's conflicts of interest on one day; the newest statement counts. "None" is a statement too."""

    insert_only: ClassVar[bool] = True

    member = models.ForeignKey(NetworkMember, on_delete=models.PROTECT, related_name="statements")
    text = models.CharField(max_length=500)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.text


class WorkingGroup(TenantModel):
    """A working group with its mandate."""

    title = models.CharField(max_length=200)
    mandate = models.TextField()
    practice = models.CharField(max_length=10, choices=Practice.choices, blank=True)
    ended_on = models.DateField(null=True)

    def __str__(self) -> str:
        return self.title


class GroupStep(TenantModel):
    """A member joined or left a working group. The newest step of a member counts."""

    insert_only: ClassVar[bool] = True

    group = models.ForeignKey(WorkingGroup, on_delete=models.PROTECT, related_name="steps")
    member = models.ForeignKey(NetworkMember, on_delete=models.PROTECT, related_name="steps")
    joined = models.BooleanField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return str(self.joined)


class ItemKind(models.TextChoices):
    """What the network announces."""

    CALL = "call", _("call")
    DELIVERABLE = "deliverable", _("deliverable")
    EVENT = "event", _("event")


class NetworkItem(TenantModel):
    """A call with its closing day, a deliverable with its due day, or an event with its days."""

    insert_only: ClassVar[bool] = True

    kind = models.CharField(max_length=11, choices=ItemKind.choices)
    group = models.ForeignKey(WorkingGroup, on_delete=models.PROTECT, null=True, related_name="items")
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.title


class Delivery(TenantModel):
    """A delivered output: who took part, their conflicts of interest on that day, and who disagreed with what."""

    insert_only: ClassVar[bool] = True

    item = models.OneToOneField(NetworkItem, on_delete=models.PROTECT, related_name="delivery")
    link = models.CharField(max_length=300)
    # Names as they were, each with the newest statement of interests.
    present = models.JSONField(default=list)
    dissent = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.link


class ViewConsent(models.TextChoices):
    """Where a survivor allows a view to be read."""

    INSIDE = "inside", _("inside the network")
    PUBLIC = "public", _("publicly")


class ViewState(models.TextChoices):
    """What became of a survivor's view."""

    OFFERED = "offered", _("offered")
    HEARD = "heard", _("heard")
    CHANGED = "changed", _("something changed")
    NOT_CHANGED = "not_changed", _("nothing changed")
    WITHDRAWN = "withdrawn", _("withdrawn")


class SurvivorView(TenantModel):
    """A survivor's view. No name and no organisation; a withdrawn view has no text any more."""

    text = models.TextField(blank=True)
    consent = models.CharField(max_length=6, choices=ViewConsent.choices)
    # Derived from the last step.
    state = models.CharField(max_length=11, choices=ViewState.choices, default=ViewState.OFFERED)

    def __str__(self) -> str:
        return str(self.pk)


class ViewStep(TenantModel):
    """What the network did with a view: what changed, or why nothing did."""

    insert_only: ClassVar[bool] = True

    view = models.ForeignKey(SurvivorView, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=11, choices=ViewState.choices)
    text = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.state


class FactorKind(models.TextChoices):
    """What research says of how offences come about."""

    MOTIVE = "motive", _("motive")
    RISK = "risk", _("risk factor")
    TRIGGER = "trigger", _("trigger")
    PROTECTIVE = "protective", _("protective factor")


class ResearchFactor(TenantModel):
    """A place of the research map. Without a study it is an open question. It describes groups, never a person."""

    insert_only: ClassVar[bool] = True

    kind = models.CharField(max_length=10, choices=FactorKind.choices)
    name = models.CharField(max_length=200)
    summary = models.TextField()
    studies = ArrayField(models.UUIDField(), default=list)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


class ReliefMeasure(models.TextChoices):
    """What police stop doing because somebody else does it earlier."""

    REPORTS = "reports", _("reports that reached police")
    HOURS = "hours", _("hours of police work")
    REPEATED = "repeated", _("cases of people known already")


class ReliefReturn(TenantModel):
    """Work of a police force before and after a programme began: counts of two periods of equal length."""

    insert_only: ClassVar[bool] = True

    country = models.CharField(max_length=2)
    programme = models.UUIDField()
    measure = models.CharField(max_length=8, choices=ReliefMeasure.choices)
    months = models.PositiveSmallIntegerField()
    before = models.PositiveIntegerField()
    after = models.PositiveIntegerField()
    # The same counts of a region without the programme, if there is one.
    comparison_before = models.PositiveIntegerField(null=True)
    comparison_after = models.PositiveIntegerField(null=True)
    source = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.measure


class VisitCount(TenantModel):
    """How often a page for worried people was read on a day, in tens; a day with fewer than 20 has no row."""

    insert_only: ClassVar[bool] = True

    day = models.DateField()
    page = models.CharField(max_length=20)
    tens = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.page
