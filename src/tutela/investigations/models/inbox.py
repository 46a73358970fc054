"""Tables of the authority's inbox. Packages are stored sealed."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.tenant_model import TenantModel


class Level(models.TextChoices):
    NATIONAL = "national", _("national")
    REGIONAL = "regional", _("regional")
    LOCAL = "local", _("local")


class Team(TenantModel):
    """Some people of the authority who take referrals; below another team or on its own, until it is ended."""

    name = models.CharField(max_length=120)
    level = models.CharField(max_length=10, choices=Level.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="below")
    by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "name"], condition=models.Q(ended_at=None), name="one_open_team_a_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Referral(TenantModel):
    """A package as received. The same referral is stored once, whatever key it came under."""

    referral_id = models.UUIDField()
    number = models.CharField(max_length=300)
    centre_id = models.UUIDField()
    centre_name = models.CharField(max_length=300)
    sealed_body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    # Keyed hashes of what its reports name and of its own references (`casework.search.keys`), by which it is searched.
    found_by = ArrayField(models.BinaryField(max_length=16), null=True)
    urgent = models.BooleanField()
    # Codes with values (`CodedText`), and a person's own words among them.
    urgency_codes = models.JSONField(default=list)
    kinds = models.CharField(max_length=80)
    reports = models.IntegerField()
    # The `referral_id` of the referral that this one supplements; a supplement is only acknowledged.
    supplement_to = models.UUIDField(null=True)
    # Derived: of the newest assignment, and what of it is the next to be gone (`expiring_evidence`).
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="referrals")
    expires_at = models.DateTimeField(null=True)
    # By which edition of the periods that was reckoned.
    expires_by = models.CharField(max_length=16, blank=True)
    # Derived from the rows that say so, by triggers on their tables: what the inbox is read by.
    acknowledged = models.BooleanField(default=False)
    closed = models.BooleanField(default=False)
    withdrawn = models.BooleanField(default=False)
    given_back = models.BooleanField(default=False)
    newest_outcome = models.CharField(max_length=30, blank=True)
    # The package went when its time was over; number, steps and counts stay.
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "referral_id"], name="one_referral_an_id")]
        indexes = [
            GinIndex(fields=["found_by"], name="referral_found_by"),
            models.Index(fields=["organisation_id", "number"], name="referral_number"),
            models.Index(
                fields=["organisation_id", "-urgent", "created_at"],
                include=["id", "number", "closed", "withdrawn"],
                name="referral_inbox",
            ),
            models.Index(
                fields=["organisation_id", "-urgent", "created_at"],
                condition=models.Q(acknowledged=False, given_back=False),
                name="referral_new",
            ),
            models.Index(
                fields=["organisation_id", "-urgent", "created_at"],
                condition=models.Q(acknowledged=True, closed=False),
                name="referral_open",
            ),
            models.Index(
                fields=["organisation_id", "created_at"],
                name="referral_counted",
                include=["id", "team", "urgent", "expires_at", "acknowledged", "closed", "withdrawn", "given_back"],
            ),
            models.Index(
                fields=["organisation_id", "created_at"],
                condition=models.Q(erased_at=None),
                name="referral_to_erase",
            ),
            models.Index(fields=["organisation_id", "team", "-urgent", "created_at"], name="referral_team"),
            models.Index(fields=["organisation_id", "expires_at"], name="referral_expires"),
            models.Index(fields=["organisation_id", "expires_by"], name="referral_expires_by"),
            models.Index(
                fields=["organisation_id", "supplement_to"],
                condition=models.Q(supplement_to__isnull=False),
                name="referral_supplements",
            ),
            models.Index(
                fields=["organisation_id", "-urgent", "created_at"],
                condition=models.Q(withdrawn=True),
                name="referral_withdrawn",
            ),
            models.Index(
                fields=["organisation_id", "-urgent", "created_at"],
                condition=models.Q(given_back=True),
                name="referral_returned",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def days_left(self) -> int | None:
        """Whole days until the next evidence expires; None if none will expire."""
        now = clock.now()
        return (self.expires_at - now).days if self.expires_at and self.expires_at > now else None


class Assignment(TenantModel):
    """Assignment of a referral to a team; unassigned without a team. The newest row applies."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="assignments")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+")
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.team_id)


class Acknowledgement(TenantModel):
    """Arrival of a referral, with its file reference here."""

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="acknowledgement")
    # Sealed by the referral's key (`subject_keys.seal_words`).
    file_reference = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.referral_id)


class Returned(TenantModel):
    """Return of a referral that is not ours; the Centre sends it on."""

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="returned")
    reason = models.TextField()
    country = models.CharField(max_length=2, blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.referral_id)


class Outcome(TenantModel):
    """One step of what became of it."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="outcomes")
    kind = models.CharField(max_length=30)
    # Sealed by the referral's key (`subject_keys.seal_words`), so that it goes with the package; so is a hold's.
    reason = models.TextField(blank=True)
    release = models.CharField(max_length=20)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    # Number of children in the outcome; the Centre keeps their pseudonyms, and only the authority's file holds the
    # references.
    children = models.SmallIntegerField(default=0)
    # The form's own: the same form sent twice is one outcome.
    token = models.UUIDField(null=True)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["referral", "token"], name="one_outcome_a_form")]
        # Keys are in the order of time: the newest, and what is counted by kind.
        indexes = [
            models.Index(
                fields=["organisation_id", "id"], include=["kind", "referral", "created_at"], name="outcome_newest"
            )
        ]

    def __str__(self) -> str:
        return self.kind


class HoldRequest(TenantModel):
    """Request not to notify the user until a moment.

    If `keep_content` is set, the content must not be removed either. A request without a moment ends the hold. The
    newest row applies.
    """

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="hold_requests")
    reason = models.TextField(blank=True)
    until = models.DateTimeField(null=True)
    keep_content = models.BooleanField(default=False)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    token = models.UUIDField()

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["referral", "token"], name="one_hold_a_form")]

    def __str__(self) -> str:
        return str(self.until)


class Withdrawn(TenantModel):
    """Withdrawal by the Centre of a statement on which this referral is based."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="withdrawals")
    indicator = models.UUIDField(null=True)
    reason = models.TextField()

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.referral_id)


class EarlyWithdrawal(TenantModel):
    """The Centre withdrew a report: a package of it that was made before and comes later is withdrawn as it comes."""

    report_id = models.UUIDField()
    indicator = models.UUIDField(null=True)
    # Sealed by the report's key.
    reason = models.TextField()
    # Time of the withdrawal: referrals that the Centre made after this time stay valid.
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "report_id"], name="withdrawn_early")]

    def __str__(self) -> str:
        return str(self.report_id)


class ReportIndex(TenantModel):
    """Link from a report to a referral that depends on it, found when a withdrawal names the report."""

    report_id = models.UUIDField()
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="report_index")

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "report_id"], name="referral_report")]

    def __str__(self) -> str:
        return str(self.report_id)
