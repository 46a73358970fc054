"""Log of an Edge: one line of JSON per event, with fields and never with a hash, a name or bytes.

A request is a line with its id, its caller's number, its address, status and time. Look-ups are counted in the metrics
instead, because there can be thousands per second.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

import structlog

_FORMAT = f"{__name__}.LogLine"


class LogLine(logging.Formatter):
    """Log record of another library as one of our lines: its logger and its severity."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat()
        said = {"event": record.getMessage(), "level": record.levelname.lower(), "timestamp": at}
        return json.dumps(said | {"logger": record.name}, ensure_ascii=False)


def configure() -> None:
    """Set this process up to write lines of JSON to its standard output."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )


def server_logs() -> dict[str, Any]:
    """Log settings of the server for lines of JSON, in the form of `logging.config`."""
    handler = {"formatter": "line", "class": "logging.StreamHandler", "stream": "ext://sys.stdout"}
    return {
        "formatters": {"line": {"()": _FORMAT}},
        "handlers": {"console": handler},
        "loggers": {"_granian": {"handlers": ["console"], "propagate": False}},
        "root": {"level": "WARNING", "handlers": ["console"]},
    }
