"""Errors of organisations, people and keys."""

from __future__ import annotations

from tutela.events.errors import Conflict, Forbidden, Invalid, NotFound, TutelaError
from tutela.exchange.register.approval import Act


class UnknownOrganisation(NotFound):
    """This organisation does not exist."""


class UnknownPerson(NotFound):
    """This person does not exist."""


class Erased(Conflict):
    """The contents were erased at the end of their retention period. Only a basic record is kept."""


class BadCredentials(TutelaError):
    """The key is unknown, expired or revoked."""

    status = 401


class TooManyAttempts(TutelaError):
    """Too many attempts. Try again in 10 minutes, or ask your administrator to unlock your sign-in."""

    status = 429


class FormNeeded(TutelaError):
    """This address only takes forms. Opening it has changed nothing. To see what is stored, open the page with
    the form."""

    status = 405


class CodeUnusable(Invalid):
    """The code is wrong or has expired."""


class PasswordLinkUnusable(NotFound):
    """This link does not work. It was used, has expired or was replaced. Ask your administrator for a new link."""


class MessageRefused(TutelaError):
    """This message is not accepted."""

    status = 403


class NotSigned(MessageRefused):
    """This message needs the header Tutela-Signature, made with the sender's key."""


class NotSignedBySender(MessageRefused):
    """The header Tutela-Signature was not made for this message with a current key of its sender."""


class OtherRecipient(MessageRefused):
    """This API key, or this message, was made for another recipient."""


class NoRecipient(OtherRecipient):
    """This API key names no recipient. The key was made before keys had recipients, or before this node knew a Centre.
    Rotate the key at the desk, under API keys, and use the new key."""


class AskedAlready(Conflict):
    """Somebody has already requested this. The request is pending approval by a second person."""


class SamePerson(Conflict):
    """This action needs two people, and you requested it. Another person must approve it."""


class ApprovalError(TutelaError):
    """This action is not approved."""

    status = 409
    # What was to be done, for the page that asks again.
    act: Act | None = None

    def about(self, act: Act) -> ApprovalError:
        """Return this error with the act that needs the approval."""
        self.act = act
        return self


class NeedsKey(ApprovalError):
    """Your organisation requires a security key for actions on the register."""

    status = 403


class NeedsSecond(ApprovalError):
    """Your organisation requires two people for this action: one requests it, another approves it."""

    status = 403


class DeskClosed(Forbidden):
    """This desk has no mandate, controller and data-protection assessment on record that count today. Two
    administrators record them under Mandates.
    """


class PersonTooNew(ApprovalError):
    """This action requires a security key or two people. You joined, received the role for this action, or received a
    link for a new password less than 3 days ago. Until 3 days have passed, you cannot do, request or approve such an
    action.
    """

    status = 403


class KeyTooNew(ApprovalError):
    """Your organisation requires security keys, and this key was added less than 3 days ago. Until 3 days have passed,
    this key cannot confirm anything. Use an older key.
    """

    status = 403


class MachineHasNoKey(Forbidden):
    """Your organisation requires a security key for actions on the register, and an API client has none. A person must
    do this at the desk.
    """


class ChallengeOver(ApprovalError):
    """The request to your security key has expired or was already used. Start again."""


class OtherAct(ApprovalError):
    """The action differs from the one your security key was asked about. Check it again."""


class KeyUnknown(ApprovalError):
    """This security key is not one of yours, or was removed."""


class KeyUnreadable(ApprovalError):
    """The security key's answer cannot be read."""


class KeyRefused(ApprovalError):
    """The security key's answer is invalid. Nothing was done."""


class CounterWentBack(ApprovalError):
    """This security key's counter went back, as the counter of a copy would. Nothing was done. Remove the key, and
    tell your administrator.
    """


class ChangedMeanwhile(Conflict):
    """The requested action has changed, so it was not carried out. Check it and request it again."""


class LastAdministrator(Conflict):
    """An organisation needs an administrator. Appoint another one first."""


class InvitationUnusable(Invalid):
    """This invitation has expired, was withdrawn or has been used."""


class KeyReused(Conflict):
    """This idempotency key was already used with another body. Use a new key."""


class NoToken(TutelaError):
    """The PKCS#11 token of this node cannot be used."""

    status = 503


class NoSigningKey(TutelaError):
    """No current signing key exists for this use. Create one with `tutela keys create`."""

    status = 503
