"""Complaints, their decisions and steps, and the rule on misuse."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel


class Channel(models.TextChoices):
    """How a complaint came."""

    PUBLIC = "public", _("public page")
    DESK = "desk", _("entered at the desk")


class Complainant(models.TextChoices):
    """Who complains (DSA Art. 20(1))."""

    UNKNOWN = "unknown", _("not known yet")
    USER = "user", _("user of the service")
    NOTIFIER = "notifier", _("person who sent a notice")
    OTHER = "other", _("another person concerned")


class MeasureKind(models.TextChoices):
    """What is complained about."""

    UNKNOWN = "unknown", _("not recorded yet")
    REMOVAL = "removal", _("content removed or disabled")
    ACCOUNT = "account", _("account suspended or closed")
    VISIBILITY = "visibility", _("visibility restricted")
    REPORT = "report", _("report to the Centre")
    NO_ACTION = "no_action", _("no action on a notice")
    OTHER = "other", _("another measure")


class ComplaintStage(models.TextChoices):
    """Stage of a complaint. Derived from its steps, its decision and its reversal."""

    OPEN = "open", _("to decide")
    REVERSING = "reversing", _("being reversed")
    TELL = "tell", _("to answer")
    CLOSED = "closed", _("answered")


class DecisionOutcome(models.TextChoices):
    """Outcome of a decision on a complaint."""

    UPHOLD = "uphold", _("the measure stays")
    REVERSE = "reverse", _("the measure is reversed")
    PARTLY = "partly", _("the measure is reversed in part")


class ReasonCode(models.TextChoices):
    """Reasons, so that decisions can be counted; the text comes in addition."""

    CHANCE = "chance", _("the match was a coincidence")
    LISTED_IN_ERROR = "listed_in_error", _("the item should not have been listed")
    OTHER_ITEM = "other_item", _("it was another item, which is lawful")
    LAWFUL_CONTEXT = "lawful_context", _("the context is lawful")
    WRONG_ACCOUNT = "wrong_account", _("the wrong account was affected")
    WRONG_ADDRESS = "wrong_address", _("the wrong address was affected")
    OTHER = "other", _("another error")
    ILLEGAL = "illegal", _("the content is illegal")
    TERMS = "terms", _("the terms of the service forbid the content")
    REPEATED = "repeated", _("the same complaint was decided before, and nothing is new")
    MANIFEST = "manifest", _("manifestly unfounded")
    SUSPENDED = "suspended", _("the complainant's complaints are suspended")


class StandardReason(models.TextChoices):
    """Sentences of reasons that the person reads, translated into every public language."""

    READ = "read", _("We read everything that you wrote.")
    LOOKED = "looked", _("A person looked at the decision again.")
    LAW = "law", _("We checked it against the law.")
    TERMS = "terms", _("We checked it against the terms of the service.")
    CONTEXT = "context", _("We considered where and why it was shared.")
    NOTHING = "nothing", _("Your message does not change the result.")
    SHOWN = "shown", _("Your message shows that the decision was wrong.")


REVERSING = ("chance", "listed_in_error", "other_item", "lawful_context", "wrong_account", "wrong_address", "other")


# Errors by which the entry itself is wrong, or matched what it is not.
ENTRY_ERRORS = ("chance", "listed_in_error", "other_item")


class Complaint(TenantModel):
    """A complaint about one measure. Its texts are sealed by its own key."""

    number = models.CharField(max_length=20, unique=True)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    # The anonymous conversation in which the person is answered.
    conversation_id = models.UUIDField(null=True, unique=True)
    language = models.CharField(max_length=10)
    complainant = models.CharField(max_length=10, choices=Complainant.choices, default=Complainant.UNKNOWN)
    # As it came, sealed by the complaint's key.
    sealed = models.BinaryField()
    measure = models.CharField(max_length=12, choices=MeasureKind.choices, default=MeasureKind.UNKNOWN)
    measure_at = models.DateTimeField(null=True)
    # When the person was told of the measure: the period of six months begins.
    informed_at = models.DateTimeField(null=True)
    report_id = models.UUIDField(null=True)
    indicator_id = models.UUIDField(null=True)
    notice_number = models.CharField(max_length=40, blank=True)
    # The Centre or authority whose measure it is; of complaints at a Coordinating Authority.
    against_id = models.UUIDField(null=True)
    against_name = models.CharField(max_length=200, blank=True)
    technology = models.CharField(max_length=300, blank=True)
    list_id = models.CharField(max_length=300, blank=True)
    # Who decided on the measure: references of people, who cannot decide now.
    deciders = models.JSONField(default=list)
    # Keyed digest of the account at this provider: the rule on misuse counts by it.
    account_key = models.BinaryField(null=True, max_length=16)
    # The same of the account to which the newest code is delivered.
    claimed_key = models.BinaryField(null=True, max_length=16)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    # Wrong codes since the newest one was made, or since the beginning.
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    # Derived.
    stage = models.CharField(max_length=10, choices=ComplaintStage.choices, default=ComplaintStage.OPEN)
    repeats_id = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation_id", "stage", "due_at"], name="complaint_queue"),
            models.Index(fields=["organisation_id", "-received_at", "-id"], name="complaint_newest"),
            models.Index(fields=["organisation_id", "report_id"], name="complaint_report"),
            models.Index(fields=["organisation_id", "account_key"], name="complaint_account"),
        ]

    def __str__(self) -> str:
        return self.number


class ProofKind(models.TextChoices):
    """How a person proves that the account is theirs."""

    SENT = "sent", _("code sent to the registered address")
    SHOWN = "shown", _("code shown in the account")
    NUMBER = "number", _("number of the statement of reasons")


class AccountCode(TenantModel):
    """A code for a complaint, as a slow hash. The newest of a complaint counts, until it expires."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="codes")
    kind = models.CharField(max_length=8, choices=ProofKind.choices)
    verifier = models.CharField(max_length=200)
    expires_at = models.DateTimeField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.kind


class AccountProof(TenantModel):
    """The proof that the account of a complaint is the complainant's: one complaint, one proof."""

    complaint = models.OneToOneField(Complaint, on_delete=models.PROTECT, related_name="proof")
    kind = models.CharField(max_length=8, choices=ProofKind.choices)
    # The number that was compared, sealed; empty for a code.
    number = models.TextField(blank=True)
    # The notice whose statement has this number; empty if a person compared it outside Tutela.
    notice_number = models.CharField(max_length=40, blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.kind


class ComplaintDecision(TenantModel):
    """A person's decision on a complaint: one complaint, one decision."""

    complaint = models.OneToOneField(Complaint, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=8, choices=DecisionOutcome.choices)
    reason_code = models.CharField(max_length=16, choices=ReasonCode.choices)
    # What the person reads: standard sentences, and the decider's own in the person's language, sealed.
    standard = models.JSONField(default=list)
    reasons = models.TextField(blank=True)
    # Internal notes, sealed. They reach nobody outside the organisation.
    text = models.TextField(blank=True)
    late = models.BooleanField(default=False)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.outcome


class ComplaintStepKind(models.TextChoices):
    """Step of a complaint."""

    RECEIVED = "received", _("received")
    MESSAGE = "message", _("message of the person")
    CODE_MADE = "code_made", _("account code made")
    CODE_WRONG = "code_wrong", _("code or number did not fit")
    PROVED = "proved", _("account proved")
    UNPROVED = "unproved", _("closed without proof")
    MEASURE = "measure", _("measure recorded")
    DECIDED = "decided", _("decided")
    TOLD_UNPROVED = "told_unproved", _("person told that proof is missing")
    TOLD_DECISION = "told_decision", _("person told of the decision")
    TOLD_CORRECTION = "told_correction", _("person told of the correction")
    BODY_SEIZED = "body_seized", _("out-of-court body seized")
    BODY_DECIDED = "body_decided", _("out-of-court body decided")
    COURT_SEIZED = "court_seized", _("court seized")
    COURT_DECIDED = "court_decided", _("court decided")


class ComplaintStep(TenantModel):
    """What happened to a complaint, in order."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=16, choices=ComplaintStepKind.choices)
    # Name of an out-of-court body or court, and its reference.
    body = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    text = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.kind


class MisuseKind(models.TextChoices):
    """Step of the rule on misuse (DSA Art. 23(2) and (3))."""

    WARNED = "warned", _("warned")
    SUSPENDED = "suspended", _("suspended")
    ENDED = "ended", _("suspension ended")


class MisuseStep(TenantModel):
    """A warning or a suspension of an account's complaints, decided by a person on the figures of the rule."""

    account_key = models.BinaryField(max_length=16)
    kind = models.CharField(max_length=10, choices=MisuseKind.choices)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="misuse")
    unfounded = models.PositiveSmallIntegerField()
    until = models.DateTimeField(null=True)
    text = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["organisation_id", "account_key"], name="misuse_account")]

    def __str__(self) -> str:
        return self.kind
