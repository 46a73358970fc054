"""Requests of data subjects, breaches, records of processing, and hand-over."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel


class Regime(models.TextChoices):
    """Which act applies to the processing."""

    GDPR = "gdpr", "GDPR"
    LED = "led", "LED"


class Right(models.TextChoices):
    """Right of a data subject."""

    ACCESS = "access", _("access (GDPR Art. 15, LED Art. 14)")
    RECTIFICATION = "rectification", _("rectification (GDPR Art. 16, LED Art. 16)")
    ERASURE = "erasure", _("erasure (GDPR Art. 17, LED Art. 16)")
    RESTRICTION = "restriction", _("restriction (GDPR Art. 18, LED Art. 16)")
    PORTABILITY = "portability", _("portability (GDPR Art. 20)")
    OBJECTION = "objection", _("objection (GDPR Art. 21)")
    AUTOMATED = "automated", _("automated decision (GDPR Art. 22)")


class RequestStage(models.TextChoices):
    """Stage of a request. Derived from its steps."""

    OPEN = "open", _("to answer")
    CLOSED = "closed", _("answered")


class RequestStepKind(models.TextChoices):
    """Step of a request."""

    RECEIVED = "received", _("received")
    IDENTIFIED = "identified", _("person identified")
    EXTENDED = "extended", _("deadline extended")
    GIVEN = "given", _("request met")
    PARTLY = "partly", _("request met in part")
    REFUSED = "refused", _("request refused")
    VERIFIED = "verified", _("verification reported to the supervisory authority")


class Ground(models.TextChoices):
    """Ground of a refusal or a partial answer."""

    GDPR_11 = "gdpr_11", _("the person cannot be identified (GDPR Art. 11, 12(2))")
    GDPR_12_5 = "gdpr_12_5", _("manifestly unfounded or excessive (GDPR Art. 12(5), LED Art. 12(4))")
    GDPR_17_3 = "gdpr_17_3", _("a legal obligation or claim (GDPR Art. 17(3))")
    GDPR_23 = "gdpr_23", _("restricted by law (GDPR Art. 23)")
    LED_15 = "led_15", _("access is restricted (LED Art. 15)")
    LED_16_3 = "led_16_3", _("kept as evidence, restricted instead (LED Art. 16(3))")
    LED_16_4 = "led_16_4", _("refused by law (LED Art. 16(4))")
    NO_DATA = "no_data", _("nothing is stored about the person")


class DataRequest(TenantModel):
    """A request of a data subject, direct or through the supervisory authority (LED Art. 17)."""

    number = models.CharField(max_length=20, unique=True)
    regime = models.CharField(max_length=4, choices=Regime.choices)
    right = models.CharField(max_length=14, choices=Right.choices)
    # Through the supervisory authority: its name and reference.
    authority = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    # The case that the request is about, by which its holds are found.
    subject_kind = models.CharField(max_length=20, blank=True)
    subject_id = models.UUIDField(null=True)
    language = models.CharField(max_length=10, default="en")
    text = models.TextField(blank=True)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stage = models.CharField(max_length=6, choices=RequestStage.choices, default=RequestStage.OPEN)
    closed_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "stage", "due_at"], name="data_request_queue")]

    def __str__(self) -> str:
        return self.number


class DataRequestStep(TenantModel):
    """A step of a request."""

    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=RequestStepKind.choices)
    # For a refusal or a partial answer: the norm.
    ground = models.CharField(max_length=20, choices=Ground.choices, blank=True)
    # Of an answer: what is held, its source, its recipients, how long it is kept.
    held = models.TextField(blank=True)
    source = models.TextField(blank=True)
    recipients = models.TextField(blank=True)
    retention = models.TextField(blank=True)
    text = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.kind


class BreachStepKind(models.TextChoices):
    """Notice of a breach, or its end."""

    FOUND = "found", _("became known")
    AUTHORITY = "authority", _("supervisory authority notified")
    PERSONS = "persons", _("persons notified")
    SENDERS = "senders", _("sending authorities notified")
    NO_NOTICE = "no_notice", _("no notice needed: no risk")
    CLOSED = "closed", _("closed")


class Breach(TenantModel):
    """A breach of personal data, with the four items of a notice (GDPR Art. 33(3), LED Art. 30(3))."""

    number = models.CharField(max_length=20, unique=True)
    regime = models.CharField(max_length=4, choices=Regime.choices)
    known_at = models.DateTimeField()
    due_at = models.DateTimeField()
    persons = models.PositiveIntegerField()
    records = models.PositiveIntegerField()
    high_risk = models.BooleanField()
    # Data of another authority or controller was concerned (LED Art. 30(6)).
    of_senders = models.BooleanField()
    text = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "closed_at", "due_at"], name="breach_queue")]

    def __str__(self) -> str:
        return self.number


class BreachStep(TenantModel):
    """A notice of a breach: to whom, when, and why it was late."""

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=BreachStepKind.choices)
    late = models.BooleanField(default=False)
    reference = models.CharField(max_length=80, blank=True)
    text = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["breach", "kind"], name="one_breach_step_a_kind")]

    def __str__(self) -> str:
        return self.kind


class ProcessingRecord(TenantModel):
    """A record of processing activities (GDPR Art. 30, LED Art. 24). A change is a new row with the same code."""

    code = models.CharField(max_length=40)
    regime = models.CharField(max_length=4, choices=Regime.choices)
    purpose = models.CharField(max_length=300)
    persons = models.CharField(max_length=300)
    categories = models.CharField(max_length=300)
    recipients = models.CharField(max_length=300)
    transfers = models.CharField(max_length=300, blank=True)
    erasure = models.CharField(max_length=300)
    security = models.CharField(max_length=300)
    legal_basis = models.CharField(max_length=300, blank=True)
    profiling = models.BooleanField(default=False)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "code", "-created_at"], name="processing_record_newest")]

    def __str__(self) -> str:
        return self.code


class HandOver(TenantModel):
    """An organisation closes: who continues its open work, and when its data ends."""

    successor_id = models.UUIDField(null=True)
    successor_name = models.CharField(max_length=200, blank=True)
    closes_on = models.DateField()
    open_complaints = models.PositiveIntegerField()
    open_reversals = models.PositiveIntegerField()
    open_requests = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.successor_name
