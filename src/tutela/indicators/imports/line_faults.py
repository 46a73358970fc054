"""Codes of the reasons for which a line of an import is refused. Errors of the register are named by their class."""

from __future__ import annotations

from tutela.exchange.message.translatable_text import TextCode
from tutela.exchange.message.translatable_text import marked as _


class LineFault(TextCode):
    """`detail` is a technical text of a parser or a schema, in English."""

    CHOICE = "line.choice", _("choose one of: {choices}")
    CONTROL = "line.control", _("contains a control character; remove it")
    CSV = "line.csv", _("not readable as CSV from here: {detail}")
    DETAIL = "line.detail", "{detail}"
    DETAIL_AT = "line.detail_at", _("{detail} (number {number} in the file)")
    EARLIER_DIGEST = "line.earlier_digest", _("an earlier line has this digest")
    EARLIER_FRAMES = "line.earlier_frames", _("an earlier line has these frames")
    FRAMES_OF_VIDEO = "line.frames_of_video", _("only a video can have frames")
    JUDGED_FRAMES = (
        "line.judged_frames",
        _(
            "{count} frames are visually similar to an item that was judged not to be CSAM; propose this item "
            "separately"
        ),
    )
    KNOWN_DIGEST = "line.known_digest", _("{number} already has this digest; certify it instead")
    KNOWN_FRAMES = "line.known_frames", _("{number} already has these frames; certify it instead")
    NO_JSON = "line.no_json", _("not JSON")
    NO_REASON = "line.no_reason", _("enter why the item belongs in the register")
    NUMBER = "line.number", _("must be a number")
    OTHER_COLUMNS = "line.other_columns", _("has a different number of columns than the first line")
    TOO_LONG = "line.too_long", _("must have at most {most:,} characters")
