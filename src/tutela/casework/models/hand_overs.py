"""Hand-overs between agencies. Each agency has rows of its own: no record is shared."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel


class Way(models.TextChoices):
    """Whether the organisation sent a hand-over or received it."""

    SENT = "sent", _("sent")
    RECEIVED = "received", _("received")


class AgencyKind(models.TextChoices):
    """Kind of an agency that has no desk in Tutela."""

    DESK = "desk", _("organisation in the directory")
    CHILD_PROTECTION = "child_protection", _("child protection")
    POLICE = "police", _("police or prosecutor")
    HEALTH = "health", _("health service")
    THERAPY = "therapy", _("therapist or counsellor")
    LEGAL = "legal", _("legal aid or guardian")
    SCHOOL = "school", _("school or day care")
    OTHER = "other", _("other agency")


class HandOverNeed(models.TextChoices):
    """What is needed, as in the message."""

    CHILD_PROTECTION = "child_protection", _("child protection")
    MEDICAL = "medical", _("medical examination or treatment")
    THERAPY = "therapy", _("therapy or counselling")
    FORENSIC_INTERVIEW = "forensic_interview", _("interview for the proceedings")
    LEGAL_AID = "legal_aid", _("legal aid")
    REPRESENTATIVE = "representative", _("special representative")
    COMPENSATION = "compensation", _("compensation")
    ACCOMMODATION = "accommodation", _("safe place to live")
    INTERPRETER = "interpreter", _("interpreter")
    INFORMATION = "information", _("information about the person's own pictures")
    PROTECTIVE_ACTION = "protective_action", _("protective action")


class ActionKind(models.TextChoices):
    """What an agency does to protect."""

    COLLECTION = "collection", _("Let only the persons whom the sender names collect the child.")
    NO_CONTACT_HOME = "no_contact_home", _("Call the sender, not the home, if something happens.")
    SUPERVISION = "supervision", _("Never leave the child alone with one adult.")
    ABSENCE = "absence", _("Excuse absences that the sender announces, and ask for no reason.")
    TRUSTED_PERSON = "trusted_person", _("Name one person of trust for the child.")


class HandOverGround(models.TextChoices):
    """Legal ground, as in the message. All readings of the acts are unchecked."""

    CONSENT = "consent", _("consent of the person (GDPR Art. 9(2)(a))")
    VICTIMS_RIGHTS = "victims_rights", _("Directive 2012/29, Art. 8 and 9 (unchecked)")
    CHILD_SEXUAL_ABUSE = "child_sexual_abuse", _("Directive 2011/93, Art. 18 to 20 (unchecked)")
    CHILD_PROTECTION_LAW = "child_protection_law", _("national law on the protection of children")
    VITAL_INTERESTS = "vital_interests", _("vital interests (GDPR Art. 9(2)(c))")


class HandOverState(models.TextChoices):
    """State of a hand-over. Derived from its steps."""

    SENT = "sent", _("sent, not acknowledged")
    RECEIVED = "received", _("received, to accept or refuse")
    ACCEPTED = "accepted", _("accepted")
    TREATMENT = "treatment", _("under way")
    FOLLOW_UP = "follow_up", _("in follow-up")
    CLOSED = "closed", _("closed")
    REFUSED = "refused", _("refused")
    SETTLED = "settled", _("refused, and settled")
    WITHDRAWN = "withdrawn", _("taken back")


class RefusedBecause(models.TextChoices):
    """Why an agency refused, as in the message."""

    NOT_COMPETENT = "not_competent", _("not competent")
    NO_CAPACITY = "no_capacity", _("no capacity in time")
    PERSON_DECLINED = "person_declined", _("the person declined")
    OTHER_AGENCY = "other_agency", _("another agency is needed")
    INCOMPLETE = "incomplete", _("something is missing")


class AgencyHandOver(TenantModel):
    """One agency's own row about a hand-over. It names no person; `subject_id` is the own case alone."""

    number = models.CharField(max_length=20, unique=True)
    way = models.CharField(max_length=8, choices=Way.choices)
    # Of the sender, opaque: its own number, by which both sides speak of the hand-over.
    reference = models.CharField(max_length=100)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.UUIDField(null=True)
    # The other organisation; none for an agency without a desk.
    agency_id = models.UUIDField(null=True)
    agency_name = models.CharField(max_length=200)
    agency_kind = models.CharField(max_length=16, choices=AgencyKind.choices, default=AgencyKind.DESK)
    agency_reference = models.CharField(max_length=100, blank=True)
    need = models.CharField(max_length=20, choices=HandOverNeed.choices)
    actions = ArrayField(models.CharField(max_length=20, choices=ActionKind.choices), default=list)
    ground = models.CharField(max_length=22, choices=HandOverGround.choices)
    due_on = models.DateField()
    urgent = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=HandOverState.choices)
    # Person of the own organisation who answers for it; empty: nobody does.
    owner = models.CharField(max_length=80, blank=True)
    owner_name = models.CharField(max_length=200, blank=True)
    # Since when it is in this state.
    changed_at = models.DateTimeField()
    # When its words were erased (`hand_overs.retention`).
    erased_at = models.DateTimeField(null=True)
    # The hand-over that a refusal was followed by.
    replaced_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaces")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "agency_id", "reference"],
                condition=models.Q(way=Way.RECEIVED),
                name="one_hand_over_a_reference",
            )
        ]
        indexes = [
            models.Index(fields=["organisation_id", "state", "due_on"], name="hand_over_queue"),
            models.Index(fields=["subject_id", "subject_kind"], name="hand_over_of_subject"),
        ]

    def __str__(self) -> str:
        return self.number


class AgencyHandOverStep(TenantModel):
    """A step of a hand-over, by whoever took it; `sequence` numbers the messages of the other side."""

    hand_over = models.ForeignKey(AgencyHandOver, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=10, choices=HandOverState.choices)
    because = models.CharField(max_length=16, choices=RefusedBecause.choices, blank=True)
    # Own words about it, sealed by the hand-over's key (`subject_keys.seal_words`). They are in no message.
    text = models.TextField(blank=True)
    sequence = models.PositiveIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["hand_over", "sequence"], name="one_hand_over_step_a_sequence")]

    def __str__(self) -> str:
        return self.state
