"""Support cases: needs, services, interviews, treatment and follow-up. No column holds an identity (`vault`)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel


class SupportFor(models.TextChoices):
    """Whom a case is for."""

    CHILD = "child", _("a child")
    SURVIVOR = "survivor", _("an adult survivor")
    FAMILY = "family", _("a family member")


class SupportStage(models.TextChoices):
    """Stage of a case. Derived from its steps."""

    NEW = "new", _("first contact")
    BEGUN = "begun", _("begun")
    ASSESSED = "assessed", _("needs assessed")
    SUPPORTED = "supported", _("supported")
    FOLLOWED_UP = "followed_up", _("in follow-up")
    CLOSED = "closed", _("closed")


class CareState(models.TextChoices):
    """State of the treatment, or of the follow-up."""

    OPEN = "open", _("to decide")
    PLANNED = "planned", _("planned")
    RUNNING = "running", _("under way")
    ENDED = "ended", _("ended")
    NOT_NEEDED = "not_needed", _("not needed")
    DECLINED = "declined", _("declined by the person")


class WantedGender(models.TextChoices):
    """Gender of the person with whom the survivor wants to speak."""

    ANY = "any", _("no wish")
    WOMAN = "woman", _("a woman")
    MAN = "man", _("a man")


class SupportCase(TenantModel):
    """Support of one person, by an opaque number. Texts about it are sealed by its key."""

    number = models.CharField(max_length=20, unique=True)
    conversation_id = models.UUIDField(null=True, unique=True)
    support_for = models.CharField(max_length=8, choices=SupportFor.choices)
    language = models.CharField(max_length=10)
    wanted_gender = models.CharField(max_length=5, choices=WantedGender.choices, default=WantedGender.ANY)
    # The person of the desk whom the survivor chose.
    chosen_person = models.CharField(max_length=80, blank=True)
    chosen_name = models.CharField(max_length=200, blank=True)
    stage = models.CharField(max_length=11, choices=SupportStage.choices, default=SupportStage.NEW)
    treatment = models.CharField(max_length=10, choices=CareState.choices, default=CareState.OPEN)
    follow_up = models.CharField(max_length=10, choices=CareState.choices, default=CareState.OPEN)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    # When its person withdrew it; a hold may keep its contents until it ends.
    withdrawn_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation_id", "stage", "due_at"], name="support_queue"),
            models.Index(fields=["organisation_id", "-received_at", "-id"], name="support_newest"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def over(self) -> bool:
        """Whether its person withdrew it, or its contents are erased: nothing more is recorded."""
        return self.withdrawn_at is not None or self.erased_at is not None


class SupportStepKind(models.TextChoices):
    """Step of a support case."""

    RECEIVED = "received", _("received")
    MESSAGE = "message", _("message of the person")
    CHOICE = "choice", _("choice of the person")
    ASSESSED = "assessed", _("needs assessed")
    SERVICE = "service", _("service")
    INTERVIEW = "interview", _("interview recorded")
    TREATMENT = "treatment", _("treatment")
    FOLLOW_UP = "follow_up", _("follow-up")
    CLOSED = "closed", _("closed")
    REOPENED = "reopened", _("opened again")


class SupportStep(TenantModel):
    """What happened in a case, in order."""

    case = models.ForeignKey(SupportCase, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=SupportStepKind.choices)
    # Code of the service, and state of it, of the treatment or of the follow-up.
    service = models.CharField(max_length=14, blank=True)
    state = models.CharField(max_length=12, blank=True)
    # Sealed by the case's key (`subject_keys.seal_words`).
    text = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.kind

    @property
    def about(self) -> str:
        """The service and the state in words."""
        states = {**dict(CareState.choices), **dict(ServiceState.choices)}
        said = [dict(ServiceKind.choices).get(self.service, ""), states.get(self.state, "")]
        return ": ".join(str(one) for one in said if one)


class Risk(models.TextChoices):
    """What an individual assessment considers (Directive 2012/29, Art. 22(2) and (3); reading unchecked)."""

    DISABILITY = "disability", _("disability")
    LANGUAGE = "language", _("language or residence status")
    HEALTH = "health", _("health")
    DEPENDENT = "dependent", _("depends on the suspect, or is related to them")
    REPEATED = "repeated", _("repeated or continuing offence")
    ORGANISED = "organised", _("organised crime, trafficking or exploitation")
    CIRCULATED = "circulated", _("pictures circulate")
    INTIMIDATION = "intimidation", _("risk of intimidation")
    RETALIATION = "retaliation", _("risk of retaliation")
    SECONDARY = "secondary", _("risk of secondary victimisation")


class Measure(models.TextChoices):
    """Special measures (Directive 2012/29, Art. 23 and 24; Directive 2011/93, Art. 20; readings unchecked)."""

    ROOMS = "rooms", _("interviews in adapted rooms")
    TRAINED = "trained", _("interviews by trained professionals")
    SAME_PERSON = "same_person", _("the same person in all interviews")
    SAME_GENDER = "same_gender", _("an interviewer of the chosen gender")
    FEW = "few", _("as few interviews as possible")
    RECORDED = "recorded", _("interviews recorded, and used as evidence")
    ACCOMPANIED = "accompanied", _("accompanied by an adult of the person's choice")
    NO_CONTACT = "no_contact", _("no visual contact with the suspect")
    REMOTE = "remote", _("heard in court without being present")
    NOT_PUBLIC = "not_public", _("hearing without the public")
    PRIVACY = "privacy", _("privacy and identity protected")
    REPRESENTATIVE = "representative", _("special representative")


class NeedsAssessment(TenantModel):
    """An individual assessment of needs. The newest counts; earlier ones stay."""

    case = models.ForeignKey(SupportCase, on_delete=models.PROTECT, related_name="assessments")
    risks = ArrayField(models.CharField(max_length=12, choices=Risk.choices), default=list)
    measures = ArrayField(models.CharField(max_length=14, choices=Measure.choices), default=list)
    # Art. 22(6): with the close involvement of the victim, whose wishes count, also the wish for no measure.
    wishes_heard = models.BooleanField()
    # Sealed by the case's key (`subject_keys.seal_words`).
    text = models.TextField(blank=True)
    review_on = models.DateField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return str(self.review_on)


class ServiceKind(models.TextChoices):
    """Service that is offered (Directive 2012/29, Art. 8 and 9; Directive 2011/93, Art. 18 to 20)."""

    COUNSELLING = "counselling", _("counselling")
    THERAPY = "therapy", _("therapy for trauma")
    MEDICAL = "medical", _("medical care")
    ACCOMMODATION = "accommodation", _("safe place to live")
    COMPENSATION = "compensation", _("help with compensation")
    LEGAL_AID = "legal_aid", _("legal aid")
    REPRESENTATIVE = "representative", _("special representative")
    INTERPRETER = "interpreter", _("interpreter")
    LONG_TERM = "long_term", _("long-term support for adults")
    PEERS = "peers", _("contact with other survivors")
    REMOVAL = "removal", _("removal of pictures")
    FAMILY = "family", _("support of the family")


class ServiceState(models.TextChoices):
    """State of a service."""

    OFFERED = "offered", _("offered")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    RUNNING = "running", _("under way")
    ENDED = "ended", _("ended")


class SupportService(TenantModel):
    """A service in a case. Nothing of it needs the consent of a parent: there is no field for one."""

    case = models.ForeignKey(SupportCase, on_delete=models.PROTECT, related_name="services")
    kind = models.CharField(max_length=14, choices=ServiceKind.choices)
    state = models.CharField(max_length=8, choices=ServiceState.choices, default=ServiceState.OFFERED)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.kind


class SupportInterview(TenantModel):
    """An interview of the person, whoever led it. Each after the first has a reason."""

    case = models.ForeignKey(SupportCase, on_delete=models.PROTECT, related_name="interviews")
    place = models.PositiveSmallIntegerField()
    held_on = models.DateField()
    recorded = models.BooleanField()
    # Who led it, and why one more was needed; sealed by the case's key (`subject_keys.seal_words`).
    agency = models.TextField()
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["case", "place"], name="one_interview_a_place"),
            # The first interview needs none; every further one does.
            models.CheckConstraint(
                condition=models.Q(place=1) | ~models.Q(reason=""), name="further_interview_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return str(self.place)
