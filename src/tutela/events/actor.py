"""Actor of a change or access.

An `Actor` is made at the boundary (page, API, job) and passed down as a parameter, never looked up.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import UUID

from tutela.events.errors import Forbidden
from tutela.events.purposes import checked

# Kinds of organisation that work on the register together and see its entries.
REGISTER_KINDS = frozenset({"hotline", "authority", "coordinating_authority", "europol", "centre"})


@dataclass(frozen=True)
class Actor:
    """A person, an API key or the system itself, acting for one organisation with some permissions and one purpose.

    `reference` is what events store: `person:<uuid>`, `key:<uuid>` or `system:<name>`.
    """

    organisation_id: UUID
    organisation_kind: str
    organisation_name: str
    country: str
    verified: bool
    reference: str
    name: str
    permissions: frozenset[str] = field(default_factory=frozenset)
    purpose: str = "administration"
    language: str = "en"
    time_zone: str = ""

    def __post_init__(self) -> None:
        checked(self.organisation_kind, self.purpose)

    def can(self, permission: str) -> bool:
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """Raise `Forbidden` naming the permission that is missing."""
        if not self.can(permission):
            raise Forbidden("Your role does not include “{permission}”.", permission=permission)

    def require_verified(self) -> None:
        """An organisation that nobody has verified receives no personal data and changes no shared record."""
        if not self.verified:
            raise Forbidden("Your organisation has not been verified yet.")

    def with_purpose(self, purpose: str) -> Actor:
        return replace(self, purpose=checked(self.organisation_kind, purpose))

    @property
    def on_register(self) -> bool:
        """Whether the actor reads the register: a member, or an auditor, who changes nothing in it."""
        return self.verified and (self.organisation_kind in REGISTER_KINDS or self.audits)

    @property
    def audits(self) -> bool:
        return self.verified and self.organisation_kind == "auditor"

    @property
    def person_id(self) -> UUID | None:
        kind, _, value = self.reference.partition(":")
        return UUID(value) if kind == "person" else None
