"""Organisations, people, keys, messages, and what takes two people."""

from __future__ import annotations

from tutela.organisations.models.four_eyes import FourEyesDecision, FourEyesRequest
from tutela.organisations.models.keys import ApiKey, PeerCredential, RecipientKey, SigningKey, SubjectKey
from tutela.organisations.models.messages import OutboxMessage, ReceivedMessage
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

__all__ = [
    "ApiKey",
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
    "RecipientKey",
    "RoleGrant",
    "SigningKey",
    "SubjectKey",
]
