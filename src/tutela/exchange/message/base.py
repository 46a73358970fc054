"""Base of every message: closed, frozen, strict, and with one canonical form."""

from __future__ import annotations

import hashlib
from typing import Self

from pydantic import BaseModel, ConfigDict

from tutela.exchange.message.canonical_json import canonical, checked


class Wire(BaseModel):
    """A message, or a part of one. Unknown fields are refused: a field that we drop unseen is a lost fact."""

    # What was sent may be personal data, and an error ends in a log.
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, hide_input_in_errors=True)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a message. Raises NotJsonError, or pydantic's ValidationError (see `problem.from_validation`)."""
        checked(data)
        return cls.model_validate_json(data, strict=True)

    def to_bytes(self) -> bytes:
        """The canonical bytes; absent fields are left out."""
        return canonical(self.model_dump(mode="json", exclude_none=True))

    def fingerprint(self) -> str:
        """SHA-256 of the canonical bytes, in hex."""
        return hashlib.sha256(self.to_bytes()).hexdigest()
