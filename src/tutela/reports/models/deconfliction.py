"""Deconfliction data at the Centre: unreadable values, counts, and requests for contact."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel


class BlindSet(TenantModel):
    """A holder's set of values. Only the newest is valid and has values.

    A newest set without values says that the holder has left.
    """

    holder_id = models.UUIDField()
    set_id = models.UUIDField(unique=True)
    public = models.CharField(max_length=64)
    values = models.JSONField()
    # The holder's own moment: an older set that comes later changes nothing.
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["holder_id", "-at"], name="blind_set_newest")]

    def __str__(self) -> str:
        return str(self.set_id)


class BlindQuestion(TenantModel):
    """A question: how many points. The points themselves are passed on and not kept."""

    asker_id = models.UUIDField()
    question_id = models.UUIDField()
    points = models.SmallIntegerField()

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asker_id", "question_id"], name="one_blind_question")]

    def __str__(self) -> str:
        return str(self.question_id)


class BlindRelay(TenantModel):
    """A question on its way to one holder. Its id is the only name under which asker and holder know each other."""

    question = models.ForeignKey(BlindQuestion, on_delete=models.PROTECT, related_name="relays")
    holder_id = models.UUIDField()
    set = models.ForeignKey(BlindSet, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    refused = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.pk)


class BlindContact(TenantModel):
    """An asker wants to know a holder. `tag` is a keyed hash of the value that it names, to know it in a set again."""

    request_id = models.UUIDField(unique=True)
    tag = models.CharField(max_length=64)
    relay = models.ForeignKey(BlindRelay, on_delete=models.PROTECT, related_name="contacts")

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.request_id)


class BlindContactEnd(TenantModel):
    """End of a contact request: accepted, declined, or refused because the proof was invalid."""

    contact = models.OneToOneField(BlindContact, on_delete=models.PROTECT, related_name="end")
    how = models.CharField(max_length=10)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.how


class BlindUse(TenantModel):
    """Usage by an authority on a day: points asked, and questions refused. Auditors read it."""

    asker_id = models.UUIDField()
    day = models.DateField()
    points = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    contacts = models.IntegerField(default=0)

    tenancy: ClassVar[str] = "audit"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asker_id", "day"], name="one_blind_use_a_day")]

    def __str__(self) -> str:
        return f"{self.asker_id} {self.day}"


class BlindAlert(TenantModel):
    """Questions that look like somebody trying identifiers; once a day, authority and code. Auditors read it."""

    asker_id = models.UUIDField()
    day = models.DateField()
    code = models.CharField(max_length=20)
    detail = models.CharField(max_length=300)

    tenancy: ClassVar[str] = "audit"
    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asker_id", "day", "code"], name="one_blind_alert_a_day")]

    def __str__(self) -> str:
        return self.code
