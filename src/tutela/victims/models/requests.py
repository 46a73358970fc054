"""Removal requests at victim support: the person's access to them, mandates, steps, and flags of the rules."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.tenant_model import TenantModel


class Channel(models.TextChoices):
    """How a request came."""

    PUBLIC = "public", _("public page")
    DESK = "desk", _("entered at the desk")


class ActsFor(models.TextChoices):
    """Who makes a request: the person in the pictures, or somebody with a mandate."""

    SELF = "self", _("the person in the pictures")
    TRUSTED_ADULT = "trusted_adult", _("a trusted adult")
    LAWYER = "lawyer", _("a lawyer")
    HOTLINE = "hotline", _("a hotline")
    NGO = "ngo", _("an organisation that helps")


class RequestStage(models.TextChoices):
    """Stage of a request. Derived from its steps."""

    NEW = "new", _("to begin")
    WORKING = "working", _("under way")
    PAUSED = "paused", _("paused")
    CLOSED = "closed", _("closed")
    WITHDRAWN = "withdrawn", _("withdrawn")


ENDED = (RequestStage.CLOSED, RequestStage.WITHDRAWN)


class ContactChoice(models.TextChoices):
    """Whether the person wants to be contacted, and how. Nothing is sent to anybody else."""

    NONE = "none", _("do not contact me; I read the answers here")
    PHONE = "phone", _("call me")
    MESSAGE = "message", _("send me a message")
    TRUSTED = "trusted", _("contact a person whom I trust")


class RemovalRequest(TenantModel):
    """A request to have pictures removed. Its texts and hashes are sealed by its own key."""

    number = models.CharField(max_length=20, unique=True)
    channel = models.CharField(max_length=6, choices=Channel.choices)
    acts_for = models.CharField(max_length=13, choices=ActsFor.choices, default=ActsFor.SELF)
    language = models.CharField(max_length=10)
    # What staff entered, sealed; a person's own words stand in the conversation.
    sealed = models.BinaryField(default=bytes)
    contact = models.CharField(max_length=8, choices=ContactChoice.choices, default=ContactChoice.NONE)
    # Safe channel and safe times, sealed.
    sealed_contact = models.BinaryField(default=bytes)
    stage = models.CharField(max_length=10, choices=RequestStage.choices, default=RequestStage.NEW)
    # Whether a rule holds something back. Derived from the flags.
    flagged = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation_id", "stage", "due_at"], name="removal_queue"),
            models.Index(fields=["organisation_id", "-received_at", "-id"], name="removal_newest"),
            models.Index(
                fields=["organisation_id", "closed_at"], condition=models.Q(erased_at=None), name="removal_to_erase"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class AccessRole(models.TextChoices):
    """Whose conversation it is."""

    PERSON = "person", _("the person in the pictures")
    REPRESENTATIVE = "represents", _("the representative")


class RequestAccess(TenantModel):
    """A conversation by which somebody reads and continues a request. Its key was derived from a form."""

    request = models.ForeignKey(RemovalRequest, on_delete=models.PROTECT, related_name="accesses")
    conversation_id = models.UUIDField(unique=True)
    role = models.CharField(max_length=10, choices=AccessRole.choices)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.role


class RemovalMandate(TenantModel):
    """What a representative may do, and until when. It ends by its last day, or by a row of its own."""

    request = models.ForeignKey(RemovalRequest, on_delete=models.PROTECT, related_name="mandates")
    kind = models.CharField(max_length=13, choices=ActsFor.choices)
    # Whether the representative may add pictures and addresses, and pause. Reading the progress is always part of it.
    may_add = models.BooleanField(default=True)
    may_pause = models.BooleanField(default=True)
    last_day = models.DateField()
    # The document that staff saw, sealed by the request's key (`subject_keys.seal_words`).
    document = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.kind


class MandateEndReason(models.TextChoices):
    """Why a mandate ended."""

    PERSON = "person", _("the person withdrew it")
    REPRESENTATIVE = "represents", _("the representative gave it back")
    DESK = "desk", _("victim support ended it")
    REPLACED = "replaced", _("a newer mandate replaced it")
    EXPIRED = "expired", _("its last day is over")


class MandateEnd(TenantModel):
    """The end of a mandate: one for each."""

    mandate = models.OneToOneField(RemovalMandate, on_delete=models.PROTECT, related_name="end")
    reason = models.CharField(max_length=10, choices=MandateEndReason.choices)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.reason


class StepKind(models.TextChoices):
    """Step of a request."""

    RECEIVED = "received", _("received")
    MESSAGE = "message", _("message of the person")
    CHILD_ACCESS = "child_access", _("access given to the person in the pictures")
    CONTACT = "contact", _("contact chosen")
    CONTACTED = "contacted", _("person contacted")
    NOT_CONTACTED = "not_contacted", _("contact tried, nobody reached")
    LOOKED_UP = "looked_up", _("looked up in the register")
    SENT = "sent", _("fingerprints sent to hosts")
    ADDRESSES = "addresses", _("addresses sent to a hotline")
    SEARCH = "search", _("search of public hosts requested")
    PAUSED = "paused", _("paused")
    RESUMED = "resumed", _("resumed")
    MANDATE = "mandate", _("mandate recorded")
    MANDATE_ENDED = "mandate_ended", _("mandate ended")
    FLAGGED = "flagged", _("held by a rule")
    RELEASED = "released", _("released by a person")
    REOPENED = "reopened", _("opened again")
    LETTER = "letter", _("closing letter written")
    CLOSED = "closed", _("closed")
    WITHDRAWN = "withdrawn", _("withdrawn")


class RequestStep(TenantModel):
    """What happened to a request, in order. `created_at` is the hour for a step of the person."""

    request = models.ForeignKey(RemovalRequest, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=13, choices=StepKind.choices)
    # Sealed by the request's key (`subject_keys.seal_words`).
    text = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.kind


class FlagKind(models.TextChoices):
    """Rule that holds a fingerprint back until a person decides."""

    MANY_FILES = "many_files", _("more files than one request usually has")
    MANY_REQUESTS = "many_requests", _("several requests name the same picture")
    LAWFUL = "lawful", _("a host found that the picture is lawful")


class RequestFlag(TenantModel):
    """A rule that applies to a request or to one of its fingerprints. Released by a person, with a reason."""

    request = models.ForeignKey(RemovalRequest, on_delete=models.PROTECT, related_name="flags")
    kind = models.CharField(max_length=13, choices=FlagKind.choices)
    # Place of the fingerprint in the request; 0 for all of them.
    place = models.PositiveSmallIntegerField(default=0)
    released_at = models.DateTimeField(null=True)
    # Whether the fingerprint may go to hosts all the same.
    allowed = models.BooleanField(default=False)
    released_by = models.CharField(max_length=80, blank=True)
    released_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "kind", "place"], name="one_flag_a_rule")]

    def __str__(self) -> str:
        return self.kind


def _random_id() -> UUID:
    """An ID without a time in it."""
    return uuid4()


class ReadRequestMessage(TenantModel):
    """A message whose fingerprints and addresses were read. Neither its ID nor its time tells when it came."""

    id = models.UUIDField(primary_key=True, default=_random_id, editable=False)
    created_at = models.DateTimeField(default=clock.this_hour, editable=False)
    entry_id = models.UUIDField()

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "entry_id"], name="one_removal_reading")]

    def __str__(self) -> str:
        return str(self.entry_id)
