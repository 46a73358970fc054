"""Log filters: remove tokens in addresses, and suppress answers that are no fault."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from http import HTTPStatus
from typing import Any

# The mark that `organisations.web.page_access.no_more` leaves on a request; this is read before Django's settings are.
NO_MORE = "_tutela_no_more"
# The mark of `NoTraceMiddleware` on a request for a public form.
NO_TRACE = "_tutela_no_trace"

# Anyone who reads one of these tokens can take over an account (an invitation, and the links that set a new
# password), or answer a notice in the host's name.
_TOKENS = re.compile(r"(/join/|/new-password/|/password/reset/key/|/notice-answer/)[^/\s\"'?#]+")


def without_tokens(text: str) -> str:
    """A text with every token of an address in it left out."""
    return _TOKENS.sub(r"\1…", text)


class WithoutTokens(logging.Filter):
    """Leaves tokens out of every line, whichever library writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the line, and let it pass."""
        said = record.getMessage()
        if (clean := without_tokens(said)) != said:
            record.msg, record.args = clean, None
        if record.exc_info and record.exc_info[0]:
            record.exc_text = without_tokens(record.exc_text or logging.Formatter().formatException(record.exc_info))
        return True


def tokens_left_out(_logger: Any, _method: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Remove tokens from our own log entries, as a processor of structlog."""
    return {name: without_tokens(value) if isinstance(value, str) else value for name, value in said.items()}


class AnsweredFilter(logging.Filter):
    """Suppress answers that are no fault and must not be logged.

    - The 404 of a request that paged past the end of a list (`page_access.no_more`); every other 404 is logged.
    - Every 4xx of a public form: its line would say when somebody was there.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        request, status = getattr(record, "request", None), getattr(record, "status_code", 0)
        if getattr(request, NO_TRACE, False):
            return bool(status >= HTTPStatus.INTERNAL_SERVER_ERROR)
        return not (getattr(request, NO_MORE, False) and status == HTTPStatus.NOT_FOUND)
