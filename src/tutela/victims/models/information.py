"""Information requests: somebody asks what happened with pictures of themselves, or of a child whom they represent."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.victims.models.requests import Channel


class Asker(models.TextChoices):
    """Who asks. Only the person in the pictures is answered without a representative's conditions."""

    SELF = "self", _("the person in the pictures")
    PARENT = "parent", _("a parent")
    REPRESENTATIVE = "represents", _("another representative")


class InformationStage(models.TextChoices):
    """Stage of an information request."""

    OPEN = "open", _("to answer")
    CLOSED = "closed", _("answered")


class Notify(models.TextChoices):
    """Whether the person wants to learn of sightings in future. Nobody is told without a choice."""

    UNDECIDED = "undecided", _("not chosen: nobody is told")
    NOTIFY = "notify", _("tell me here when my pictures are seen again")
    NEVER = "never", _("never tell me")


class InformationRequest(TenantModel):
    """A request for information about own pictures. Its texts are sealed by its key; no proof of identity is stored."""

    number = models.CharField(max_length=20, unique=True)
    channel = models.CharField(max_length=6, choices=Channel.choices)
    conversation_id = models.UUIDField(null=True, unique=True)
    asker = models.CharField(max_length=10, choices=Asker.choices)
    language = models.CharField(max_length=10)
    # What staff entered, sealed (`subject_keys.seal_words`); a person's own words stand in the conversation.
    text = models.TextField(blank=True)
    notify = models.CharField(max_length=9, choices=Notify.choices, default=Notify.UNDECIDED)
    stage = models.CharField(max_length=6, choices=InformationStage.choices, default=InformationStage.OPEN)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    # When its person withdrew it; a hold may keep its contents until it ends.
    withdrawn_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation_id", "stage", "due_at"], name="information_queue"),
            models.Index(fields=["organisation_id", "-received_at", "-id"], name="information_newest"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def over(self) -> bool:
        """Whether its person withdrew it, or its contents are erased: nothing more is recorded."""
        return self.withdrawn_at is not None or self.erased_at is not None


class InformationStepKind(models.TextChoices):
    """Step of an information request."""

    RECEIVED = "received", _("received")
    MESSAGE = "message", _("message of the person")
    IDENTIFIED = "identified", _("identity checked")
    NOT_IDENTIFIED = "unidentified", _("identity not proved")
    PROOF_DELETED = "proof_deleted", _("proof of identity deleted")
    ITEM = "item", _("item named")
    OWN = "own", _("item is of this person")
    NOT_OWN = "not_own", _("item is not of this person")
    FACT = "fact", _("fact recorded")
    WISH = "wish", _("wish of the child recorded")
    CONFLICT = "conflict", _("conflict of interest checked")
    ASKER = "asker", _("acts for another, although the request said otherwise")
    NOTIFY = "notify", _("choice about future sightings")
    ANSWERED = "answered", _("answered")
    SIGHTING = "sighting", _("item seen again")
    TOLD = "told", _("person told that an item was seen again")


class InformationStep(TenantModel):
    """What happened to a request, in order."""

    request = models.ForeignKey(InformationRequest, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=13, choices=InformationStepKind.choices)
    # Sealed by the request's key (`subject_keys.seal_words`).
    text = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.kind


class InformationItem(TenantModel):
    """A picture or video that a request names, by a hash or an address. Sealed with the request."""

    request = models.ForeignKey(InformationRequest, on_delete=models.PROTECT, related_name="items")
    place = models.PositiveSmallIntegerField()
    # Hash, address or description, sealed (`subject_keys.seal_words`).
    named = models.TextField()
    # Whether a person found that it shows who asks; None before. Derived from the steps.
    own = models.BooleanField(null=True)

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["request", "place"], name="one_information_place")]

    def __str__(self) -> str:
        return str(self.place)


class Removed(models.TextChoices):
    """Whether the provider reported that it removed an item."""

    YES = "yes", _("removed")
    NO = "no", _("not removed")
    UNKNOWN = "unknown", _("the provider has not said")


class ItemFact(TenantModel):
    """What is known of one own item: provider, day, to whom it was forwarded, and whether it was removed."""

    item = models.ForeignKey(InformationItem, on_delete=models.PROTECT, related_name="facts")
    # Each sealed by the request's key (`subject_keys.seal_words`).
    provider = models.TextField()
    forwarded_to = models.TextField(blank=True)
    reported_on = models.DateField()
    removed = models.CharField(max_length=7, choices=Removed.choices)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.removed


class ChildWishKind(models.TextChoices):
    """What the child wants, as the child said it to a person of the desk."""

    WANTS = "wants", _("wants that the representative gets the answer")
    DOES_NOT = "does_not", _("does not want it")
    CANNOT_TELL = "cannot_tell", _("cannot tell, by age or maturity")


class AgeBand(models.TextChoices):
    """Age of a child in bands."""

    UNDER_7 = "under_7", _("under 7")
    FROM_7 = "from_7", _("7 to 11")
    FROM_12 = "from_12", _("12 to 15")
    FROM_16 = "from_16", _("16 or 17")


class ChildWish(TenantModel):
    """The child's own wish, recorded by a person who heard the child without the one who asks."""

    request = models.ForeignKey(InformationRequest, on_delete=models.PROTECT, related_name="wishes")
    wish = models.CharField(max_length=11, choices=ChildWishKind.choices)
    age_band = models.CharField(max_length=8, choices=AgeBand.choices)
    # How maturity was considered, sealed by the request's key (`subject_keys.seal_words`).
    maturity = models.TextField()
    heard_alone = models.BooleanField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.wish


class ConflictCheck(TenantModel):
    """Whether a person excluded that the one who asks has an interest against the child."""

    request = models.ForeignKey(InformationRequest, on_delete=models.PROTECT, related_name="conflict_checks")
    excluded = models.BooleanField()
    # On what it rests, sealed by the request's key (`subject_keys.seal_words`).
    ground = models.TextField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return "excluded" if self.excluded else "not excluded"


class InformationAnswer(TenantModel):
    """The answer to a request: given, or the neutral one. One for each request."""

    request = models.OneToOneField(InformationRequest, on_delete=models.PROTECT, related_name="answer")
    given = models.BooleanField()
    # The text as the person reads it, sealed by the request's key (`subject_keys.seal_words`).
    text = models.TextField()
    # Why the answer is the neutral one, for the file alone; sealed likewise.
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return "given" if self.given else "neutral"
