"""Reports at the Centre. Bodies with personal data are sealed; columns for the queue are in clear."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.tenant_model import TenantModel, unindexed
from tutela.reports.models.items import Bundle, Item


class State(models.TextChoices):
    """State of a report at the desk."""

    OPEN = "open", _("pending")
    ASKED = "asked", _("asked")
    FORWARD = "forward", _("to refer")
    REFERRED = "referred", _("referred")
    ANSWERED = "answered", _("answered")
    UNFOUNDED = "unfounded", _("unfounded")
    ERRONEOUS = "erroneous", _("erroneous")


# Nothing of it goes to anybody, or any longer.
CLOSED = frozenset({State.UNFOUNDED, State.ERRONEOUS})


class Undelivered(models.IntegerChoices):
    """Undelivered parts of a referred report, as bits."""

    UNARRIVED = 1, _("an urgent package is undelivered")
    UNASSIGNED = 2, _("a returned copy is unassigned")
    BOTH = 3, _("an urgent package is undelivered, and a returned copy is unassigned")


# What no line of a list shows of a report: most of what a row weighs.
UNSHOWN = ("sealed_body", "receipt", "traits", "found_by", "entries", "carried")
# This is the order of every queue: urgent first; then, within each, reports of a sender's separate queue last. Reports
# of one batch arrive at one time, so their keys decide, and none is on two pages or on no page.
ORDER = ("-urgent", "lane", "-urgency", "-relevance_order", "created_at", "id")


class Report(TenantModel):
    """A report as received. `report_id` is the provider's, for life."""

    organisation_id = unindexed()
    report_id = models.UUIDField()
    number = models.CharField(max_length=16, unique=True)
    provider_id = models.UUIDField()
    provider_name = models.CharField(max_length=160)
    sealed_body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    receipt = models.BinaryField()
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="reports", db_index=False)
    duplicate_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="duplicates")
    # Of the first Member State that the rule of jurisdiction finds in it; none is Europol's.
    country = models.CharField(max_length=2, blank=True)
    # The first field marks a report without account and address; the second one that is in its sender's separate queue,
    # behind all others of its urgency.
    empty = models.BooleanField(default=False)
    lane = models.SmallIntegerField(default=0)
    # Every item is an exact copy of one that counts in the register: nobody needs to look at it.
    certified = models.BooleanField(default=False)
    # For a duplicate: whether it has new information (`new_information`); empty if not checked yet.
    brings = models.BooleanField(null=True)
    # The time since which a duplicate waits to be sent after the referral of its original (`supplements`); empty if it
    # does not wait.
    to_send = models.DateTimeField(null=True)
    # The report must be reviewed by this time; a duplicate has none.
    look_by = models.DateTimeField(null=True)
    # A keyed hash of service, account, event and exact items: equal for duplicates alone.
    identity = models.BinaryField(max_length=32)
    kinds = ArrayField(models.CharField(max_length=20))
    service = models.CharField(max_length=40)
    items = models.IntegerField()
    urgent = models.BooleanField()
    urgency = models.SmallIntegerField()
    relevance = models.SmallIntegerField(null=True)
    # What orders: an unknown relevance counts as this much, never as low.
    relevance_order = models.SmallIntegerField()
    completeness = models.SmallIntegerField()
    reasons = models.JSONField()
    entries = ArrayField(models.UUIDField(), help_text=_("Indicators that the report rests on"))
    # Those of the register that carry one of its items, as found when it came: what an error of ours stops.
    carried = ArrayField(models.UUIDField(), null=True)
    # Keyed hashes of what it names (`link_keys`), by which others like it are found.
    traits = ArrayField(models.BinaryField(max_length=16), null=True)
    # Keyed hashes of its people, addresses, digests and references (`casework.search.keys`), by which it is searched.
    found_by = ArrayField(models.BinaryField(max_length=16), null=True)
    # Since when its pictures wait to be compared with those of others (`near_duplicates`); nothing waits without one.
    to_compare = models.DateTimeField(null=True)
    # Derived from the rows that decide, by `status.refresh`: what the queue is read by.
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decision = models.CharField(max_length=12, blank=True)
    decided_at = models.DateTimeField(null=True)
    # How far it came (`progress`), and what of that everybody may know; likewise.
    reached = models.SmallIntegerField(default=0)
    released = models.SmallIntegerField(default=0)
    # The kind of undelivered referral, derived in the same way (`undelivered`); 0 means none.
    undelivered = models.SmallIntegerField(choices=Undelivered.choices, default=0)
    # Its contents went when their time was over; number, receipt, steps and counts stay.
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "report_id"], name="one_report_an_id")]
        indexes = [
            models.Index(fields=["organisation_id", *ORDER], include=["duplicate_of"], name="report_queue"),
            models.Index(fields=["provider_id", "created_at"], condition=models.Q(empty=True), name="report_empty"),
            # The indexes count a sender's urgent reports within an hour, and the reports in each separate queue.
            models.Index(
                fields=["provider_id", "look_by"],
                condition=models.Q(urgent=True, duplicate_of=None),
                name="report_urgent_sent",
            ),
            models.Index(
                fields=["organisation_id", "lane", "state", "provider_id"],
                include=["look_by", "created_at"],
                condition=models.Q(urgent=True, duplicate_of=None),
                name="report_flood",
            ),
            models.Index(
                fields=["organisation_id", "created_at"],
                condition=models.Q(undelivered__gt=0),
                name="report_undelivered",
            ),
            GinIndex(fields=["traits"], name="report_traits"),
            GinIndex(fields=["found_by"], name="report_found_by"),
            models.Index(
                fields=["organisation_id", "created_at"],
                condition=models.Q(certified=True, urgent=False, state="open", decision="", duplicate_of=None),
                name="report_known",
            ),
            models.Index(fields=["organisation_id", "identity"], name="report_identity"),
            models.Index(
                fields=["organisation_id", "bundle", "created_at", "id"], include=["duplicate_of"], name="report_bundle"
            ),
            models.Index(
                fields=["organisation_id", "provider_id", "-decided_at"],
                include=["decision"],
                condition=models.Q(duplicate_of=None, decided_at__isnull=False),
                name="report_provider_decided",
            ),
            models.Index(
                fields=["organisation_id", "decided_at", "id"],
                include=["provider_id"],
                condition=models.Q(decision="unfounded", duplicate_of=None),
                name="report_unfounded",
            ),
            models.Index(fields=["organisation_id", "provider_id", "-created_at"], name="report_provider_newest"),
            models.Index(
                fields=["organisation_id", "created_at"],
                include=["country", "provider_id"],
                condition=models.Q(duplicate_of=None),
                name="report_funnel",
            ),
            models.Index(
                fields=["organisation_id", "created_at"],
                include=["country", "provider_id", "reached", "released"],
                condition=models.Q(duplicate_of=None, reached__gt=0),
                name="report_reached",
            ),
            models.Index(
                fields=["organisation_id", "created_at", "id"],
                include=["bundle", "urgent", "urgency"],
                condition=models.Q(duplicate_of=None, state="open"),
                name="report_open_received",
            ),
            models.Index(
                fields=["organisation_id", "created_at", "id"],
                include=["state", "duplicate_of"],
                name="report_received",
            ),
            # Urgent ones come first in every order.
            models.Index(
                fields=["organisation_id", "created_at", "id"],
                include=["bundle", "state", "duplicate_of"],
                condition=models.Q(urgent=True),
                name="report_urgent_received",
            ),
            models.Index(
                fields=["organisation_id", "bundle", "created_at", "id"],
                condition=models.Q(urgent=True),
                name="report_urgent_in_bundle",
            ),
            models.Index(
                fields=["organisation_id", "state", *ORDER],
                include=["bundle"],
                condition=models.Q(duplicate_of=None),
                name="report_state",
            ),
            # What is not known is rare, and a walk by the order of all would read every report for it.
            *(
                models.Index(
                    fields=["organisation_id", *ORDER],
                    include=["bundle", "state", "duplicate_of"],
                    condition=models.Q(kinds__contains=[kind]),
                    name=f"report_{kind}",
                )
                for kind in ("new", "solicitation")
            ),
            models.Index(
                fields=["organisation_id", "bundle", *ORDER],
                condition=models.Q(duplicate_of=None, state="open"),
                name="report_open_in_bundle",
            ),
            models.Index(
                fields=["organisation_id", "look_by", "id"],
                include=["bundle"],
                condition=models.Q(duplicate_of=None, state="open"),
                name="report_look_by",
            ),
            models.Index(
                fields=["organisation_id", "to_compare"],
                condition=models.Q(to_compare__isnull=False),
                name="report_to_compare",
            ),
            models.Index(
                fields=["organisation_id", "duplicate_of"],
                include=["to_send"],
                condition=models.Q(to_send__isnull=False),
                name="report_to_send",
            ),
            models.Index(
                fields=["bundle", "provider_id"],
                condition=models.Q(duplicate_of=None, state="asked"),
                name="report_asked",
            ),
            models.Index(
                fields=["organisation_id", "created_at"],
                condition=models.Q(duplicate_of=None, erased_at=None),
                name="report_to_erase",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_state_display(self) -> str:  # type: ignore[no-redef]
        """The state in words. What Django makes for this puts all of them into words for each row of a list."""
        return str(State(self.state).label) if self.state in State else self.state

    @property
    def overdue(self) -> bool:
        """Whether nobody has looked by the date by which somebody was to."""
        return self.state == State.OPEN and self.look_by is not None and self.look_by <= clock.now()


class Sighting(TenantModel):
    """An item in a report."""

    organisation_id = unindexed()
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="sightings", db_index=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="sightings")

    class Meta:
        # The newest of an item are read at every intake.
        indexes = [models.Index(fields=["item", "id"], name="sighting_newest")]

    def __str__(self) -> str:
        return str(self.item_id)
