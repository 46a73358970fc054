"""Tables of the law: acts, bases, clocks, holds, tombstones, classification schemes."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.identifiers import uuid7
from tutela.events.tenant_model import TenantModel, unindexed


class Status(models.TextChoices):
    IN_FORCE = "in_force", _("in force")
    LAPSED = "lapsed", _("lapsed")
    PROPOSAL = "proposal", _("proposal")
    UNCHECKED = "unchecked", _("unchecked")


class Act(models.Model):
    """A legal act. Its readings hold what is known about it."""

    code = models.CharField(max_length=40, primary_key=True)
    title = models.CharField(max_length=300)
    citation = models.CharField(max_length=300)

    def __str__(self) -> str:
        return self.code


class Reading(models.Model):
    """Somebody read a source about an act on a day. The newest reading counts; earlier ones stay."""

    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="readings")
    status = models.CharField(max_length=12, choices=Status.choices)
    checked = models.BooleanField(help_text=_("I read the official text itself."))
    in_part = models.BooleanField(default=False, help_text=_("I read only the parts that the note names."))
    applies_from = models.DateField(null=True, blank=True)
    applies_to = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=600, blank=True)
    reader = models.CharField(max_length=160)
    read_on = models.DateField()
    at = models.DateTimeField(default=clock.now)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.act_id}: {self.status}"


class Basis(models.Model):
    """A dated legal basis for detection: which service, channel and technology it covers, and under which article."""

    code = models.CharField(max_length=40, primary_key=True)
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="bases")
    article = models.CharField(max_length=120)
    services = ArrayField(models.CharField(max_length=30))
    channels = ArrayField(models.CharField(max_length=30))
    technologies = ArrayField(models.CharField(max_length=30))
    applies_from = models.DateField()
    applies_to = models.DateField(null=True, blank=True)
    excludes = models.CharField(max_length=300, blank=True)
    # Whether the articles were read for this basis. An act that is in force carries only bases that were checked.
    checked = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.code


class Measure(models.Model):
    """A dated fact about interpersonal communications: a gap without an act, or a national measure of a country.

    The newest row of a code counts; earlier ones stay.
    """

    class Kind(models.TextChoices):
        GAP = "gap", _("no act applied")
        NATIONAL = "national", _("national measure")

    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # Of a national measure; empty for the whole Union.
    country = models.CharField(max_length=2, blank=True)
    citation = models.CharField(max_length=300)
    checked = models.BooleanField(help_text=_("I read the official text itself."))
    applies_from = models.DateField()
    applies_to = models.DateField()
    reader = models.CharField(max_length=160)
    read_on = models.DateField()
    at = models.DateTimeField(default=clock.now)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["code", "-at", "-id"], name="measure_newest")]

    def __str__(self) -> str:
        return self.code


class RecordedBasis(models.Model):
    """A legal basis on which one operator relies, recorded by a named lawyer. It is public."""

    number = models.CharField(max_length=20, primary_key=True)
    operator_id = models.UUIDField()
    operator_name = models.CharField(max_length=200)
    lawyer = models.CharField(max_length=160)
    text = models.TextField(max_length=2000)
    # Code of an act or of a national measure; always given for interpersonal communications.
    rests_on = models.CharField(max_length=40, blank=True)
    service = models.CharField(max_length=30)
    channels = ArrayField(models.CharField(max_length=30))
    technologies = ArrayField(models.CharField(max_length=30))
    dated = models.DateField()
    expires_on = models.DateField()
    demonstration = models.BooleanField(default=False)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["operator_id", "expires_on"], name="recorded_of_operator")]

    def __str__(self) -> str:
        return self.number


class BasisStep(models.Model):
    """What became of a recorded basis: a second person confirmed it, or somebody ended it with a reason."""

    class Kind(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        ENDED = "ended", _("ended")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    basis = models.ForeignKey(RecordedBasis, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["basis", "kind"], name="one_step_of_a_kind")]

    def __str__(self) -> str:
        return self.kind


class Clock(TenantModel):
    """A running clock about one subject of one organisation. Its steps are its history."""

    organisation_id = unindexed()
    kind = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    # Derived from the steps at every change, so that a list of what expires next is one index scan.
    deadline = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, default="running")

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "state", "deadline"], name="clock_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "kind", "subject_kind", "subject_id"], name="one_clock_of_a_kind"
            )
        ]

    def __str__(self) -> str:
        return self.kind


class ClockStep(TenantModel):
    """One step of a clock: start, pause, resume, extend, stop."""

    organisation_id = unindexed()
    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=10)
    at = models.DateTimeField()
    seconds = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.step


class Hold(TenantModel):
    """Legal hold until a date: the user is not notified and, if set, content is not removed. Lifting adds a date."""

    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    asked_by = models.UUIDField(help_text=_("The requesting authority"))
    # Sealed by the key of what is held (`subject_keys.seal_words`).
    reason = models.TextField()
    until = models.DateTimeField()
    # Until when the content is not removed either; none where only the user is not told.
    content_until = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "subject_kind", "subject_id"], name="hold_of_subject")]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id}"


class Tombstone(TenantModel):
    """Proof that something was deleted: what kind, which reference, under which rule, when."""

    rule = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.rule} {self.subject_id}"


class Scheme(models.Model):
    """A classification scheme: what may be depicted (layer `depicted`) or what is illegal where (layer `legality`)."""

    code = models.SlugField(max_length=30, primary_key=True)
    title = models.CharField(max_length=200)
    version = models.CharField(max_length=30)
    source = models.CharField(max_length=300)

    def __str__(self) -> str:
        return self.code


class SchemeValue(models.Model):
    """One value, written `scheme:value`."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="values")
    value = models.SlugField(max_length=40)
    label = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scheme", "value"], name="one_value_a_scheme")]

    def __str__(self) -> str:
        return f"{self.scheme_id}:{self.value}"


class Legality(models.Model):
    """Whether a value of the first layer is illegal in a country, from a day to a day, with the citation."""

    value = models.ForeignKey(SchemeValue, on_delete=models.PROTECT, related_name="legalities")
    country = models.CharField(max_length=2)
    illegal = models.BooleanField()
    citation = models.CharField(max_length=300)
    applies_from = models.DateField()
    applies_to = models.DateField(null=True)
    checked = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.value} {self.country}"
