"""Codes of invalid certifications, of holds, and of findings in alerts of the Centre's own node."""

from __future__ import annotations

from tutela.exchange.message.translatable_text import TextCode
from tutela.exchange.message.translatable_text import marked as _


class CertificationFault(TextCode):
    """Reason why a certification is invalid. `name` is the name of its organisation."""

    UNSIGNED = "certification.unsigned", _("The certification of {name} is not signed.")
    REVOKED = "certification.revoked", _("The certification of {name} is signed with a revoked key.")
    BROKEN = "certification.broken", _("The certification of {name} has an invalid signature.")
    SIGNED = (
        "certification.signed",
        _("The certification of {name} covers other hashes, or its organisation is no longer eligible."),
    )
    OTHERS = (
        "certification.others",
        _("Certifications cover other hashes, or their organisations are no longer eligible."),
    )


class AlertDetail(TextCode):
    """Finding of an alert of the Centre's own node. Details of an Edge's alert are technical texts of its errors."""

    BUDGET = "alert.budget", _("Digests looked up: {digests}. Blinded points looked up: {points}.")
    ENUMERATION = "alert.enumeration", _("Listed: {matched} of {asked} digests.")
    FEED_AHEAD = "alert.feed_ahead", _("Early entries of the feed: {count}.")
    FORGED_PRIVATE = (
        "alert.forged_private",
        _("Values of the private look-up that this node did not make: {count}."),
    )
    FORGED_SET = "alert.forged_set", _("Values of hashes that this node did not make: {count}.")
    OVERLOOKED_FEED = "alert.overlooked_feed", _("Entries missing in the queue of the feed: {count}.")
    OVERLOOKED_LIST = "alert.overlooked_list", _("Entries missing in the queue of the list: {count}.")
    OVERLOOKED_PRIVATE = (
        "alert.overlooked_private",
        _("Entries missing in the queue of the private look-up: {count}."),
    )
    RESEMBLING = "alert.resembling", _("Indicators: {count}. The first: {numbers}.")
    UNBACKED = "alert.unbacked", _("Event {event} of the kind {kind}.")
    UNREADABLE = "alert.unreadable", _("Unreadable event {event}.")


class HoldReason(TextCode):
    """Why the register holds material or an organisation: broken rules of `anomalies`, and exceeded limits."""

    CROWDED = "crowded", _("almost identical to {count} others")
    BITS = "bits", _("{count} bits away from the half that every PDQ hash has set")
    PARTS = "parts", _("{count} windows and {wholes} hashes of the whole; a picture has at most {most} windows")
    INCOHERENT = "incoherent", _("neighbouring frames differ in {count} of {bits} bits")
    BATCH_BITS = "batch_bits", _("{off} of {count} PDQ hashes have far too many or too few bits set")
    CLUSTERED = "clustered", _("{same} of {bits} bits are equal in nearly all of {count} hashes")
    FLAT = "flat", _("median quality {quality} of {count} hashes")
    LARGER = "larger", _("{count} entries; its largest import had {before}")
    FLATTER = "flatter", _("median quality {quality}; before {before}")
    BARE = "bare", _("{share} % of entries without a digest; before {before} %")
    SIZE = "size", _("{count} entries by this import and others within 24 hours; the Centre allows {most} per day")
    PROPOSALS = "proposals_per_hour", _("{count} proposals within 1 hour; the policy allows {most}")
    PROPOSALS_OF_ONE = (
        "proposals_of_one",
        _("{count} proposals of one person within 1 hour; one may make {most}, half of what the policy allows"),
    )
    DISPUTES = "disputes_per_hour", _("{count} disputes within 1 hour; the limit is {most}")
    FALSE_PER_HOUR = "false_per_hour", _("false positives of {count} entries within 1 hour; the limit is {most}")
    FALSE_PER_DAY = "false_per_day", _("false positives of {count} entries within a day; the limit is {most}")
    REFUSALS_OF_ONE = (
        "refusals_of_one",
        _("refusals of one person that show what is listed; the limit is {hour} per hour, {day} per day"),
    )
    REFUSALS = (
        "refusals",
        _(
            "refusals that show what is listed; the limit is {hour} per hour, {day} per day, "
            "{lines} lines of files per day"
        ),
    )
