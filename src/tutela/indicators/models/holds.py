"""Holds: what the register stops until the Centre has checked it, and the Centre's decisions."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.indicators.models.indicators import RegisterModel


class HoldKind(models.TextChoices):
    """Kind of a hold: an organisation's statements beyond a rate limit, or unusual material."""

    PROPOSALS = "proposals", _("proposals")
    PERSON = "person", _("one person's proposals")
    DISPUTES = "disputes", _("disputes")
    FEEDBACK = "feedback", _("false positives")
    INDICATOR = "indicator", _("an unusual proposal")
    IMPORT = "import", _("an unusual import")


# The subject of these kinds is material, that of the others an organisation.
OF_MATERIAL = (HoldKind.INDICATOR, HoldKind.IMPORT)
OF_PROPOSERS = (HoldKind.PROPOSALS, HoldKind.PERSON)


class Hold(RegisterModel):
    """Something that the Centre must check. The row of whoever went beyond the limit, or of the Centre for feedback.

    An import is held again if it continues after a release and is anomalous again.
    """

    kind = models.CharField(max_length=16, choices=HoldKind)
    # The organisation, the person (`rate_limits.person`), the indicator or the run of the import.
    subject_id = models.UUIDField()
    # Each with a code of `HoldReason` and its values.
    reasons = models.JSONField()

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=HoldKind.values), name="hold_of_a_known_kind"),
            models.UniqueConstraint(
                fields=["subject_id"], condition=models.Q(kind="indicator"), name="one_hold_a_proposal"
            ),
        ]
        indexes = [models.Index(fields=["subject_id", "kind"], name="holds_of_subject")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"

    @property
    def codes(self) -> str:
        """The codes of its reasons."""
        return " ".join(one["code"] for one in self.reasons)

    @property
    def indicator_id(self) -> UUID | None:
        """The proposal that is held."""
        return self.subject_id if self.kind == HoldKind.INDICATOR else None

    @property
    def run_id(self) -> UUID | None:
        """The import that is held."""
        return self.subject_id if self.kind == HoldKind.IMPORT else None

    @property
    def accepted(self) -> bool | None:
        """The Centre's decision; None before there is one."""
        decision = getattr(self, "decision", None)
        return decision.accepted if decision else None


class HoldDecision(RegisterModel):
    """The Centre's release of a hold: what was held is accepted, or refused.

    Accepted material continues, refused material is revoked. Accepted statements take their normal effect, refused ones
    stay readable. An organisation continues in both cases.
    """

    hold = models.OneToOneField(Hold, on_delete=models.PROTECT, related_name="decision")
    accepted = models.BooleanField()
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.hold_id)
