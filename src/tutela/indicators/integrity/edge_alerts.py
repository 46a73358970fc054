"""Alerts of Edges: deliveries a recipient rejected, on the Centre's desk until someone answers.

An alert is a claim by the recipient. Two signed checkpoints that contradict each other are proof, independently of who
presents them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.list_access import FIRST_PAGE, ListPage
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.register.edge_alert import EdgeAlert as Message
from tutela.exchange.register.reason_codes import AlertDetail
from tutela.indicators.integrity.errors import TooManyAlerts
from tutela.indicators.models import AlertAnswer, EdgeAlert
from tutela.indicators.release_files.version_files import LIST_ID
from tutela.organisations.people import directory

PER_PAGE = 50
# Sort orders in addition to open ones first: by time of receipt, which has an index.
SORTS = {"received": ("created_at", "id"), "-received": ("-created_at", "-id")}
# A recipient reports each kind of alert once an hour, so this many open ones mean a fault or an attempt to fill a desk.
MOST_OPEN = 200

LABELS: dict[str, Promise] = {
    "budget_spent": _("A client of the match service has reached its daily limit"),
    "enumeration": _("A client of the match service may be testing which hashes are listed"),
    "equivocation": _("Two different releases have the same version number"),
    "expired": _("The recipient's data has expired: its updates are frozen, or it was offline for a long time"),
    "feed_ahead": _(
        "Entries in the feed have future times: the clock was ahead, or somebody wrote the "
        "times. Readers see these entries only at those times"
    ),
    "forged_value": _("Values for hashes in the certified set were written into the database by somebody else"),
    "forked_log": _("The public log contradicts the log that the recipient saw before"),
    "future": _("The date is in the future: a clock is wrong"),
    "lawful_listed": _("A lawful reference picture is in the list"),
    "log_damaged": _("The public log's files do not match its checkpoint"),
    "log_rolled_back": _("The public log became shorter"),
    "log_stale": _("The public log has not grown with its witnesses' signatures for too long"),
    "log_untrusted": _("The public log is not signed by its key"),
    "malformed": _("The data does not match its schema"),
    "manifest_mismatch": _("The manifest and the head do not match"),
    "no_grant": _("The recipient's grant for the list has ended, and the recipient stopped using the list"),
    "no_quorum": _("The public log lacks the required witnesses"),
    "not_bound": _("The list contains entries that the certified set of its release does not contain"),
    "not_logged": _("The release is not in the public log"),
    "overlooked": _(
        "A change was missing in the queue of a list because somebody emptied the queue. The change was restored"
    ),
    "policy_refused": _("The register's policy does not follow from the pinned first policy"),
    "resembling": _(
        "Active indicators look like a lawful picture, or like material judged not to be CSAM. Check these indicators"
    ),
    "rolled_back": _("The release is older than the one before"),
    "snapshot_mismatch": _("The snapshot and the manifest do not match"),
    "unbacked": _("An entry was written for the public log that nobody signed. The log has a bare commitment instead"),
    "unlogged_head": _("The head never reached the public log"),
    "untrusted": _("The data is not signed by a trusted key"),
    "withheld": _("A newer head is withheld from the recipient"),
    "wrong_list": _("The list is not the one that the recipient requested"),
}


@dataclass(frozen=True)
class EdgeAlertView:
    """Edge alert as the desk shows it, with its answer if there is one."""

    alert: EdgeAlert
    sender: directory.DirectoryEntry
    label: object
    answer: AlertAnswer | None


def receive(centre: Actor, sender: Actor, list_id: str, message: Message) -> None:
    """Store an alert of a recipient; duplicates are stored once.

    Raises `Invalid`, `TooManyAlerts`.
    """
    if message.list_id != list_id:
        raise Invalid("The alert is about another list.", field="list_id")
    with acting(centre):
        if EdgeAlert.objects.filter(alert_id=message.alert_id).exists():
            return
        if EdgeAlert.objects.filter(sender_id=sender.organisation_id, answer__isnull=True).count() >= MOST_OPEN:
            raise TooManyAlerts
        row = EdgeAlert.objects.create(
            organisation_id=centre.organisation_id,
            sender_id=sender.organisation_id,
            alert_id=message.alert_id,
            list_id=message.list_id,
            code=message.code,
            detail=message.detail[:1000],
            version=message.version,
            sequence=message.sequence,
            log_size=message.log_size,
            evidence="\n\n\n".join(message.evidence),
            at=message.at,
        )
        record(
            centre,
            "edge.alert",
            "alert",
            row.id,
            sender=sender.organisation_id,
            list=list_id,
            code=message.code,
            version=message.version,
            sequence=message.sequence,
        )


def sound(centre: Actor, code: str, detail: AlertDetail, **values: str | int) -> bool:
    """Raise an alert of the register unless one of its kind is open; return true if raised.

    Call inside `acting(centre)`.
    """
    if EdgeAlert.objects.filter(sender_id=centre.organisation_id, code=code, answer__isnull=True).exists():
        return False
    row = own(centre, code, detail, values)
    row.save(force_insert=True)
    record(centre, "register.alert", "alert", row.pk, code=code)
    return True


def own(
    centre: Actor,
    code: str,
    detail: AlertDetail,
    values: Mapping[str, str | int],
    *,
    about: str = LIST_ID,
    alert_id: UUID | None = None,
) -> EdgeAlert:
    """Build an alert raised by the Centre's own node instead of an Edge, to be stored."""
    return EdgeAlert(
        organisation_id=centre.organisation_id,
        sender_id=centre.organisation_id,
        alert_id=alert_id or uuid4(),
        list_id=about,
        code=code,
        detail=detail.value,
        values=dict(values),
        version=0,
        sequence=0,
        log_size=0,
        evidence="",
        at=clock.now(),
    )


def answer(actor: Actor, alert_id: UUID, note: str) -> None:
    """Record the findings on an alert and close it. Raises `Invalid`, `NotFound`."""
    actor.require("alerts.answer")
    if not note.strip():
        raise Invalid("Enter your findings.", field="note")
    with acting(actor):
        row = EdgeAlert.objects.filter(pk=alert_id, answer__isnull=True).first()
        if row is None:
            raise NotFound
        AlertAnswer.objects.create(
            organisation_id=actor.organisation_id, alert=row, note=note.strip()[:300], by=actor.name[:200]
        )
        record(actor, "edge.alert_answered", "alert", row.id, code=row.code)


def list_edge_alerts(
    actor: Actor, part: ListPage = FIRST_PAGE, *, state: str = "", code: str = ""
) -> tuple[list[EdgeAlertView], bool]:
    """Return a page of alerts (`open`, `answered` or all), and if more follow.

    Open ones come first, then the newest, or the order is one of `SORTS`. With a `code`, only alerts of that code are
    returned.
    """
    actor.require("alerts.read")
    with acting(actor):
        rows = EdgeAlert.objects.select_related("answer").order_by(
            F("answer__created_at").desc(nulls_first=True), "-created_at", "-id"
        )
        if state in ("open", "answered"):
            rows = rows.filter(answer__isnull=state == "open")
        rows = rows.filter(code=code) if code else rows
        found, more = part.of(rows, SORTS, PER_PAGE)
        senders = {one: directory.entry(one) for one in {row.sender_id for row in found}}
        return [_shown(row, senders[row.sender_id]) for row in found], more


def open_count(actor: Actor) -> int:
    """Count the open alerts."""
    with acting(actor):
        return EdgeAlert.objects.filter(answer__isnull=True).count()


def _shown(row: EdgeAlert, sender: directory.DirectoryEntry) -> EdgeAlertView:
    found: AlertAnswer | None = getattr(row, "answer", None)
    return EdgeAlertView(row, sender, LABELS.get(row.code, row.code), found)
