"""Tables of organisations, people, keys, messages and approvals."""

from __future__ import annotations

from tutela.organisations.models.approvals import (
    LASTS,
    ActChallenge,
    Approval,
    ApprovalRequest,
    ApprovalRule,
    RequestDecision,
)
from tutela.organisations.models.clock_checks import ClockMoved
from tutela.organisations.models.keys import ApiKey, PeerCredential, RecipientKey, SigningKey, SubjectKey
from tutela.organisations.models.messages import OutboxMessage, ReceivedMessage, RecipientAway
from tutela.organisations.models.people import (
    Contact,
    Invitation,
    Organisation,
    OrganisationStatus,
    Person,
    PersonManager,
    PersonStatus,
    RoleGrant,
)
from tutela.organisations.models.saved_views import SavedView

__all__ = [
    "LASTS",
    "ActChallenge",
    "ApiKey",
    "Approval",
    "ApprovalRequest",
    "ApprovalRule",
    "ClockMoved",
    "Contact",
    "Invitation",
    "Organisation",
    "OrganisationStatus",
    "OutboxMessage",
    "PeerCredential",
    "Person",
    "PersonManager",
    "PersonStatus",
    "ReceivedMessage",
    "RecipientAway",
    "RecipientKey",
    "RequestDecision",
    "RoleGrant",
    "SavedView",
    "SigningKey",
    "SubjectKey",
]
