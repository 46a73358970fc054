"""Orders of authorities, a copy for each recipient, the steps of both sides, and requests of hotlines for an order."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.takedown.models.cases import TakedownCase


class OrderKind(models.TextChoices):
    """Kind of order. Those of the DSA are in force; the others are simulations of COM(2022) 209."""

    CONTENT = "content", _("order to act against illegal content (DSA Art. 9)")
    INFORMATION = "information", _("order to provide information (DSA Art. 10)")
    REMOVAL = "removal", _("simulated removal order (COM(2022) 209, Annex IV)")
    BLOCKING = "blocking", _("simulated blocking order (COM(2022) 209, Annex VII)")
    DELISTING = "delisting", _("simulated delisting order (COM(2022) 209, general approach)")
    DETECTION = "detection", _("simulated detection order (COM(2022) 209, Annex I)")


SIMULATED = (OrderKind.REMOVAL, OrderKind.BLOCKING, OrderKind.DELISTING, OrderKind.DETECTION)
# No row of a simulated kind is without its mark, and no other has it.
MARKED = models.Q(simulation=True, kind__in=SIMULATED) | (models.Q(simulation=False) & ~models.Q(kind__in=SIMULATED))


class OrderState(models.TextChoices):
    """State of a copy. Derived from its steps."""

    OPEN = "open", _("to answer")
    STOPPED = "stopped", _("clock stopped")
    GIVEN = "given", _("effect given")
    PARTLY = "partly", _("effect given in part")
    NOT_GIVEN = "not_given", _("no effect given")
    WITHDRAWN = "withdrawn", _("withdrawn: to reverse")
    REVERSED = "reversed", _("withdrawn and reversed")


class OrderStepKind(models.TextChoices):
    """Step of a copy, by the issuer or by the recipient."""

    ISSUED = "issued", _("issued")
    IMPOSSIBLE = "impossible", _("cannot be executed yet")
    CLARIFIED = "clarified", _("clarified by the authority")
    RESUMED = "resumed", _("reason has ended")
    GIVEN = "given", _("effect given")
    PARTLY = "partly", _("effect given in part")
    NOT_GIVEN = "not_given", _("no effect given")
    CONTESTED = "contested", _("redress sought")
    WITHDRAWN = "withdrawn", _("withdrawn by the authority")
    CONFIRMED = "confirmed", _("reversal confirmed")


class Order(TenantModel):
    """An order as its authority gave it, to one recipient or to several."""

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=12, choices=OrderKind.choices)
    simulation = models.BooleanField()
    language = models.CharField(max_length=35)
    addresses = models.PositiveSmallIntegerField()
    issued_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    # Whether it should never have been given.
    wrong = models.BooleanField(default=False)
    # The request of a hotline that it answers.
    request_id = models.UUIDField(null=True)
    # Identifies the form: the same form sent twice is one order.
    token = models.UUIDField()
    # Of what was entered: the same form again is the same order.
    sha256 = models.CharField(max_length=64, default="")
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "token"], name="one_order_a_form"),
            models.CheckConstraint(condition=MARKED, name="csar_order_is_simulation"),
        ]
        indexes = [models.Index(fields=["organisation_id", "-issued_at"], name="order_newest")]

    def __str__(self) -> str:
        return self.number


class OrderCopy(TenantModel):
    """An order as one recipient has it. Issuer and recipient see the row; its contents are sealed by its own key."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="copies")
    grantee_id = models.UUIDField()
    recipient_name = models.CharField(max_length=200)
    issuer_name = models.CharField(max_length=200)
    issuer_country = models.CharField(max_length=2)
    number = models.CharField(max_length=20)
    kind = models.CharField(max_length=12, choices=OrderKind.choices)
    simulation = models.BooleanField()
    addresses = models.PositiveSmallIntegerField()
    received_at = models.DateTimeField()
    # End of the period if nothing interrupts it.
    due_at = models.DateTimeField()
    # The copy's own key, sealed by the node. Without it nothing of the contents and of the steps' texts can be read.
    wrapped_key = models.BinaryField()
    sealed = models.BinaryField()
    erased_at = models.DateTimeField(null=True)

    tenancy: ClassVar[str] = "given"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "grantee_id"], name="one_copy_a_recipient"),
            models.CheckConstraint(condition=MARKED, name="csar_copy_is_simulation"),
        ]
        indexes = [
            models.Index(fields=["grantee_id", "-received_at"], name="order_copy_received"),
            models.Index(fields=["grantee_id", "number"], name="order_copy_number"),
        ]

    def __str__(self) -> str:
        return f"{self.number} → {self.recipient_name}"


class OrderStep(TenantModel):
    """One step of a copy. Who takes it owns the row, and the other side sees it."""

    copy = models.ForeignKey(OrderCopy, on_delete=models.PROTECT, related_name="steps")
    grantee_id = models.UUIDField()
    sequence = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=OrderStepKind.choices)
    # State and deadline after this step; no deadline while the clock is stopped.
    state = models.CharField(max_length=10, choices=OrderState.choices)
    due_at = models.DateTimeField(null=True)
    # Time of the measure or of its reversal, as the recipient states it.
    effect_at = models.DateTimeField(null=True)
    # Places of the addresses with effect, from 0.
    places = models.JSONField(default=list)
    # Whether the effect, or the answer without one, came after the deadline.
    late = models.BooleanField(default=False)
    # JSON of the answer and the text, sealed by the copy's key.
    sealed = models.BinaryField()
    by = models.CharField(max_length=80)
    # Name of the organisation: the other side learns no name of a person.
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True
    tenancy: ClassVar[str] = "given"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["copy", "sequence"], name="one_order_step_a_turn")]

    def __str__(self) -> str:
        return self.kind

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What was sealed, once opened.
        self.text: str = ""
        self.answer: dict[str, Any] = {}


class OrderRequestState(models.TextChoices):
    """State of a request. Derived from its answer."""

    OPEN = "open", _("to decide")
    ORDERED = "ordered", _("order issued")
    DECLINED = "declined", _("declined")


class OrderRequest(TenantModel):
    """A hotline asks an authority for an order about a case. Both see the row; its contents are sealed by its key."""

    case = models.ForeignKey(TakedownCase, on_delete=models.PROTECT, related_name="order_requests")
    grantee_id = models.UUIDField()
    number = models.CharField(max_length=20, unique=True)
    hotline_name = models.CharField(max_length=200)
    hotline_country = models.CharField(max_length=2)
    authority_name = models.CharField(max_length=200)
    provider = models.CharField(max_length=200)
    wrapped_key = models.BinaryField()
    sealed = models.BinaryField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    # Counts the requests about a case to an authority, from 1: the next is possible once the last was declined.
    turn = models.PositiveSmallIntegerField()

    tenancy: ClassVar[str] = "given"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "grantee_id", "turn"], name="one_order_request_a_turn")]
        indexes = [models.Index(fields=["grantee_id", "-created_at"], name="order_request_received")]

    def __str__(self) -> str:
        return self.number


class OrderRequestAnswer(TenantModel):
    """The authority's answer to a request: declined with a reason, or the number of the order."""

    request = models.OneToOneField(OrderRequest, on_delete=models.PROTECT, related_name="answer")
    grantee_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=OrderRequestState.choices)
    order_number = models.CharField(max_length=20, blank=True)
    sealed = models.BinaryField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True
    tenancy: ClassVar[str] = "given"

    def __str__(self) -> str:
        return self.state
