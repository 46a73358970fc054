"""Approval rules of an organisation, requests for a second person, and approved actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.functional import Promise

from tutela import clock
from tutela.events.tenant_model import TenantModel
from tutela.exchange.register.approval import Act
from tutela.organisations.models.people import Organisation
from tutela.organisations.vocabulary.guarded_acts import KINDS

# So long a request waits for a second person.
LASTS = timedelta(days=7)


class ActChallenge(TenantModel):
    """Challenge put to a person's security key. It is deleted on use and expires after five minutes."""

    person_id = models.UUIDField()
    challenge = models.BinaryField(max_length=32, unique=True)
    statement = models.BinaryField(max_length=400_000)

    class Meta:
        indexes = [models.Index(fields=["person_id", "created_at"], name="challenges_of_person")]

    def __str__(self) -> str:
        return str(self.person_id)


class Approval(TenantModel):
    """An approved action: statement, actor, requester, and the answer of the security key.

    Every member of the register sees the approval, because the action concerns all of them.
    """

    act = models.CharField(max_length=40)
    subjects = ArrayField(models.UUIDField())
    statement = models.BinaryField(max_length=400_000)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    asked_by = models.CharField(max_length=80, blank=True, default="")
    asked_by_name = models.CharField(max_length=200, blank=True, default="")
    site = models.CharField(max_length=255, blank=True, default="")
    origin = models.CharField(max_length=300, blank=True, default="")
    credential = models.BinaryField(max_length=1023, null=True)
    public_key = models.BinaryField(max_length=2000, null=True)
    authenticator_data = models.BinaryField(max_length=5000, null=True)
    client_data = models.BinaryField(max_length=5000, null=True)
    signature = models.BinaryField(max_length=2000, null=True)
    counter = models.BigIntegerField(null=True)

    tenancy: ClassVar[str] = "register"
    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [
            models.Index(fields=["credential"], name="approvals_by_key", condition=~models.Q(credential=None)),
            GinIndex(fields=["subjects"], name="approvals_about"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.by}"

    @property
    def by_key(self) -> bool:
        """Whether a security key confirmed it."""
        return self.signature is not None


class ApprovalRule(models.Model):
    """Rule for actions of an organisation: a security key (`key`) or, for some, two people (`two`) are required.

    The newest row of a rule applies. Switching a rule off requires what the rule requires.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="approval_rules")
    rule = models.CharField(max_length=4, choices=[("key", "key"), ("two", "two")])
    state = models.CharField(max_length=4, choices=[("on", "on"), ("off", "off")])
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, null=True, related_name="+")

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["organisation", "rule", "-at", "-id"], name="approval_rule_newest")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.rule} {self.state}"


class ApprovalRequest(TenantModel):
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
        indexes = [models.Index(fields=["act", "subject_id", "-created_at"], name="approval_request_newest")]

    def __str__(self) -> str:
        return f"{self.act} {self.subject_kind}:{self.subject_id}"

    @property
    def until(self) -> datetime:
        """When the request ends by itself."""
        return self.created_at + LASTS

    @property
    def label(self) -> Promise:
        """The act on the register in words."""
        return KINDS[self.act].label

    @property
    def stated(self) -> Act:
        """The exact act on the register."""
        return Act.from_bytes(self.statement.encode())


class RequestDecision(TenantModel):
    """Result of a request: performed by another person, refused, or withdrawn by its requester."""

    request = models.OneToOneField(ApprovalRequest, on_delete=models.PROTECT, related_name="decision")
    done = models.BooleanField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.request_id)
