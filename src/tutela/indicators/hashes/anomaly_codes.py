"""Anomaly rules as codes with their texts; a quarantine names the rules that were broken."""

from __future__ import annotations

from tutela.exchange.message.translatable_text import TextCode
from tutela.exchange.message.translatable_text import marked as _


class AnomalyCode(TextCode):
    """The rules of `anomalies`, and of the limits on imports and proposals."""

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
    FLOOD = "flood", _("{count} proposals within 1 hour; the policy allows {most}")
