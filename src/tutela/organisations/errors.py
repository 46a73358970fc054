"""What can go wrong with organisations, people and keys."""

from __future__ import annotations

from tutela.events.errors import Conflict, Forbidden, Invalid, NotFound, TutelaError
from tutela.exchange.register.approval import Act


class UnknownOrganisation(NotFound):
    """There is no such organisation."""


class UnknownPerson(NotFound):
    """There is no such person."""


class Erased(Conflict):
    """The contents were erased when their time was over; only their skeleton is kept."""


class BadCredentials(TutelaError):
    """The key is unknown, expired or revoked."""

    status = 401


class TooManyAttempts(TutelaError):
    """Too many attempts. Try again in 10 minutes, or ask your administrator to unlock your sign-in."""

    status = 429


class CodeUnusable(Invalid):
    """This is not the code that was sent, or it has expired."""


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
    """This API key names no recipient: it was made before keys had one, or before this node knew a Centre. Rotate it at
    the desk, under API keys, and use the new one."""


class AskedAlready(Conflict):
    """Somebody has asked for this already; it waits for a second person."""


class SamePerson(Conflict):
    """This takes two people, and you asked for it."""


class ApprovalError(TutelaError):
    """This act is not approved."""

    status = 409
    # What was to be done, for the page that asks again.
    act: Act | None = None

    def about(self, act: Act) -> ApprovalError:
        """The same, of an act."""
        self.act = act
        return self


class NeedsKey(ApprovalError):
    """Your organisation confirms acts on the register with a security key."""

    status = 403


class NeedsSecond(ApprovalError):
    """Your organisation has this done by two people: one asks, another one agrees."""

    status = 403


class PersonTooNew(ApprovalError):
    """Your organisation asks for keys or two people, and you joined, or were given the role for this, less than three
    days ago: until then you neither do such an act, nor ask for it or agree to it."""

    status = 403


class KeyTooNew(ApprovalError):
    """This key was added less than three days ago, while your organisation asks for keys: until then it confirms
    nothing. Use an older one."""

    status = 403


class MachineHasNoKey(Forbidden):
    """Your organisation confirms acts on the register with a security key, and a machine has none: a person does it at
    the desk."""


class ChallengeOver(ApprovalError):
    """What your key was asked has expired or was used; begin again."""


class OtherAct(ApprovalError):
    """What would be done now is not what your key was asked about; look again."""


class KeyUnknown(ApprovalError):
    """This security key is not one of yours, or was removed."""


class KeyUnreadable(ApprovalError):
    """The answer of the security key cannot be read."""


class KeyRefused(ApprovalError):
    """The answer of the security key does not hold; nothing was done."""


class CounterWentBack(ApprovalError):
    """This key's counter went back, as a copy's would. Nothing was done; remove it, and tell your administrator."""


class ChangedMeanwhile(Conflict):
    """What was asked for has changed meanwhile, so it is not done; look again and ask anew."""


class LastAdministrator(Conflict):
    """An organisation needs an administrator; appoint another first."""


class InvitationUnusable(Invalid):
    """This invitation has expired, was withdrawn or has been used."""


class KeyReused(Conflict):
    """This idempotency key came with another body before."""


class NoToken(TutelaError):
    """The PKCS#11 token of this node cannot be used."""

    status = 503


class NoSigningKey(TutelaError):
    """There is no current signing key for this use; create one with `tutela keys create`."""

    status = 503
