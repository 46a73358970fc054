"""Tables of actions that need two people."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel


class FourEyesRequest(TenantModel):
    """Request of one person for an action that another person decides. `reason` is sealed as text about the subject.

    `statement` is the exact action (`exchange.register.approval.Act`) if it is one on the register.
    """

    act = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    reason = models.TextField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    statement = models.TextField(blank=True, default="")

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["act", "subject_id", "-created_at"], name="four_eyes_newest")]

    def __str__(self) -> str:
        return f"{self.act} {self.subject_kind}:{self.subject_id}"


class FourEyesDecision(TenantModel):
    """Result of a request: performed by another person, refused, or withdrawn by its requester."""

    request = models.OneToOneField(FourEyesRequest, on_delete=models.PROTECT, related_name="decision")
    done = models.BooleanField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.request_id)
