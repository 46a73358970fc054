"""Tables of organisations, people, keys, messages and approvals."""

from __future__ import annotations

from tutela.organisations.models.approvals import ActChallenge, ActRule, Approval
from tutela.organisations.models.clock_checks import ClockMoved
from tutela.organisations.models.four_eyes import FourEyesDecision, FourEyesRequest
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
    "ActChallenge",
    "ActRule",
    "ApiKey",
    "Approval",
    "ClockMoved",
    "Contact",
    "FourEyesDecision",
    "FourEyesRequest",
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
    "RoleGrant",
    "SavedView",
    "SigningKey",
    "SubjectKey",
]
