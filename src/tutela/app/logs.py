"""What the node's log leaves out: answers that are no fault of anybody's, at which nobody has to look."""

from __future__ import annotations

import logging
from http import HTTPStatus

# The mark that `organisations.web.no_more` leaves on a request; this is read before Django's settings are.
NO_MORE = "_tutela_no_more"


class Answered(logging.Filter):
    """Passes over the 404 to whoever counted on to the end of something (`web.no_more`); every other one is told."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        ended = getattr(getattr(record, "request", None), NO_MORE, False)
        return not (ended and getattr(record, "status_code", None) == HTTPStatus.NOT_FOUND)
