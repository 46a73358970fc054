"""Alert of an Edge: it refused a version of the register's list from a Centre or from a third party."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Text
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.register.release import Count, ListId

# Signed notes are some hundred bytes; with a hundred post-quantum signatures they would still not reach this.
MAX_EVIDENCE = 500_000


class EdgeAlert(Wire):
    """Refused content, and the Edge's position.

    The position is the version in use, the newest head seen, and the length of the log followed. `evidence` holds
    signed checkpoints that contradict each other: any holder can prove the contradiction to others.
    """

    schema_version: Literal["1"] = "1"
    alert_id: UUID
    list_id: ListId
    code: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    detail: Text
    version: Count = 0
    sequence: Count = 0
    log_size: Count = 0
    evidence: Annotated[tuple[Annotated[str, Field(max_length=MAX_EVIDENCE)], ...], Field(max_length=2)] = ()
    at: Moment
