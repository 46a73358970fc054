"""Deconfliction tables of an authority: sealed identifiers, queries, contact requests and replies."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel


class IdentifierKind(models.TextChoices):
    ACCOUNT = "account", _("Account")
    EMAIL = "email", _("E-mail address")
    PHONE = "phone", _("Phone number")
    IP = "ip", _("IP address")
    DIGEST = "digest", _("File digest")


class TakingPart(TenantModel):
    """Whether the authority takes part. The newest row counts."""

    joined = models.BooleanField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.joined)


class HeldIdentifier(TenantModel):
    """An identifier of a case of one's own. Its value was computed with one's own secret: nobody else can."""

    kind = models.CharField(max_length=8, choices=IdentifierKind.choices)
    sealed = models.BinaryField()
    value = models.BinaryField(max_length=64)
    # Sealed by a key of this row's own (`subject_keys.seal_words`), which goes when it is taken back.
    file_reference = models.TextField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    # Emptied of the identifier itself when it is taken back.
    removed_at = models.DateTimeField(null=True)
    # When the newest question about it left that the Centre passed on.
    asked_at = models.DateTimeField(null=True)
    # The newest question about it that the Centre has not answered yet. One that it refuses takes no turn.
    under_way = models.ForeignKey("AskedQuestion", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "value"], condition=models.Q(removed_at=None), name="one_identifier_a_value"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class AskedQuestion(TenantModel):
    """A question that went to the Centre: which identifiers, each with its blinding, sealed."""

    question_id = models.UUIDField(unique=True)
    sealed = models.BinaryField()
    points = models.SmallIntegerField()
    # The reason that the Centre gave for its refusal.
    refused = models.CharField(max_length=300, blank=True)
    # When the Centre had passed it on: of that day's budget it took its points.
    passed_at = models.DateTimeField(null=True)
    answers = models.IntegerField(default=0)
    by = models.CharField(max_length=80)

    def __str__(self) -> str:
        return str(self.question_id)


class Hit(TenantModel):
    """Another authority has the same identifier. Who, nobody here knows: `relay_id` stands for it."""

    identifier = models.ForeignKey(HeldIdentifier, on_delete=models.PROTECT, related_name="hits")
    relay_id = models.UUIDField()
    # The other's value of it, whole: what proves that we have it.
    sealed = models.BinaryField()
    tag = models.CharField(max_length=32)

    insert_only: ClassVar[bool] = True

    class Meta:
        # The same answer again, or another question to the same holder, is the same finding.
        constraints = [models.UniqueConstraint(fields=["identifier", "tag"], name="one_hit_a_tag")]

    def __str__(self) -> str:
        return str(self.relay_id)


class ContactAsked(TenantModel):
    """We asked the other for its contact, under our own name."""

    request_id = models.UUIDField(unique=True)
    hit = models.OneToOneField(Hit, on_delete=models.PROTECT, related_name="asked")
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.request_id)


class ContactAnswer(TenantModel):
    """Decision of the other authority."""

    asked = models.OneToOneField(ContactAsked, on_delete=models.PROTECT, related_name="answer")
    accepted = models.BooleanField()
    authority = models.CharField(max_length=300, blank=True)
    contact = models.TextField(blank=True)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.accepted)


class ContactWanted(TenantModel):
    """Another authority has an identifier of ours, and asks who we are."""

    request_id = models.UUIDField(unique=True)
    identifier = models.ForeignKey(HeldIdentifier, on_delete=models.PROTECT, related_name="wanted")
    authority = models.CharField(max_length=300)
    message = models.TextField(blank=True)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.authority


class ContactDecision(TenantModel):
    """Our decision, and the contact that we gave."""

    wanted = models.OneToOneField(ContactWanted, on_delete=models.PROTECT, related_name="decision")
    accepted = models.BooleanField()
    contact = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.accepted)


class EvaluatedDay(TenantModel):
    """The number of others' points multiplied on a day: all that anybody could have learned from us by trying."""

    day = models.DateField()
    points = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "day"], name="one_evaluated_day")]

    def __str__(self) -> str:
        return str(self.day)
