"""Statements about indicators.

State is never a column: it is read from rows with an author and a time.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.indicators.models.indicators import Indicator, RegisterModel


class Certification(RegisterModel):
    """Statement that an organisation holds the item and that it belongs in the register.

    Made once in each round.
    """

    # Found by the constraint's index, which begins with it.
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="certifications", db_index=False)
    round = models.PositiveSmallIntegerField(default=1)
    country = models.CharField(max_length=2)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    # The signed act (`signing`); none before acts were signed.
    envelope = models.BinaryField(max_length=60_000, null=True)
    # What stands for it where its organisation asks for a security key or two people. A trigger refuses it without the
    # key while the organisation asks for keys.
    approval_id = models.UUIDField(null=True)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indicator", "organisation_id", "round"], name="one_certification_a_round")
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.country}"


class Activation(RegisterModel):
    """The indicator counts from now on, in this round. A trigger refuses it without two verified organisations of two
    countries that signed by keys which nobody revoked; outside the policy, while it is suspended, in a round that is
    not the present one, and after its end."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="activations")
    round = models.PositiveSmallIntegerField(default=1)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["indicator", "round"], name="one_activation_a_round")]

    def __str__(self) -> str:
        return str(self.indicator_id)


class Ground(models.TextChoices):
    """Ground of a member's dispute."""

    DOUBT = "doubt", _("wrongly listed")
    NOT_CSAM = "not_csam", _("not CSAM")


class Dispute(RegisterModel):
    """A member doubts the indicator. Whether that suspends it is another row's matter (`Suspension`)."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="disputes")
    ground = models.CharField(max_length=16, choices=Ground.choices, default=Ground.DOUBT)
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    # The field is set if a rate limit held the statement.
    hold = models.ForeignKey("indicators.Hold", on_delete=models.PROTECT, related_name="disputes", null=True)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.indicator_id)


class DisputeDecision(RegisterModel):
    """The Centre's decision on a dispute: dismissed, or upheld (a revocation follows)."""

    dispute = models.OneToOneField(Dispute, on_delete=models.PROTECT, related_name="decision")
    upheld = models.BooleanField()
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.dispute_id)


class Cause(models.TextChoices):
    """Cause of an indicator's suspension."""

    CERTIFIER = "certifier", _("disputed by a certifier")
    DOUBTS = "doubts", _("disputed by two organisations")
    FEEDBACK = "feedback", _("false positives reported by providers")
    CENTRE = "centre", _("suspended by the Centre")
    QUARANTINE = "quarantine", _("quarantined")
    BEHIND = "behind", _("too few valid certifications")


class Suspension(RegisterModel):
    """The indicator does not count any more, everywhere, until it is decided (`SuspensionEnd`). Ends its round."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="suspensions")
    round = models.PositiveSmallIntegerField()
    cause = models.CharField(max_length=16, choices=Cause.choices)
    # A person's words or a `ReasonCode`, and the certifications that are invalid, as coded texts.
    reason = models.CharField(max_length=300)
    faults = models.JSONField(default=list)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["indicator", "round"], name="one_suspension_a_round")]
        indexes = [models.Index(fields=["created_at"], name="suspended_since")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.cause}"


class SuspensionEnd(RegisterModel):
    """The Centre has decided: upheld (a revocation follows), or dismissed (a new round of certifications begins)."""

    suspension = models.OneToOneField(Suspension, on_delete=models.PROTECT, related_name="end")
    upheld = models.BooleanField()
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.suspension_id)


class Vote(RegisterModel):
    """A member confirms the indicator, or would classify it otherwise. An organisation's newest vote counts."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="votes")
    kind = models.CharField(max_length=16, choices=[("confirm", _("confirmed")), ("reclassify", _("other class"))])
    classification = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2)
    reason = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.kind}"


class Feedback(RegisterModel):
    """Recipient's feedback on a match with an indicator.

    The Centre's row; `sender_id` is the recipient.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="feedback")
    sender_id = models.UUIDField()
    verdict = models.CharField(max_length=16, choices=[("confirmed", _("confirmed")), ("false", _("false positive"))])
    note = models.CharField(max_length=300, blank=True)
    # The field is set if a rate limit held the feedback, which counts only after the Centre accepts it.
    hold = models.ForeignKey("indicators.Hold", on_delete=models.PROTECT, related_name="feedback", null=True)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [
            models.Index(fields=["indicator", "sender_id", "-created_at"], name="feedback_newest"),
            models.Index(fields=["sender_id", "-created_at"], name="feedback_of_sender"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.verdict}"


class FeedbackAgain(RegisterModel):
    """Count and last time of a recipient's duplicate feedback, not stored as a new statement."""

    feedback = models.OneToOneField(Feedback, on_delete=models.PROTECT, related_name="again")
    times = models.BigIntegerField(default=0)
    last = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.feedback_id} {self.times}"


class Clearing(RegisterModel):
    """The Centre judged wrongly that an entry is not CSAM: the like may be proposed again. The entry stays revoked."""

    indicator = models.OneToOneField(Indicator, on_delete=models.PROTECT, related_name="clearing")
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.indicator_id)


class Revocation(RegisterModel):
    """The indicator ends, for good: nothing returns without a new proposal."""

    indicator = models.OneToOneField(Indicator, on_delete=models.PROTECT, related_name="revocation")
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="revoked_since")]

    def __str__(self) -> str:
        return str(self.indicator_id)
