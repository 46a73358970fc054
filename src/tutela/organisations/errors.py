"""What can go wrong with organisations, people and keys."""

from tutela.events.errors import Conflict, Invalid, NotFound, TutelaError


class UnknownOrganisation(NotFound):
    """There is no such organisation."""


class UnknownPerson(NotFound):
    """There is no such person."""


class Erased(Conflict):
    """The contents were erased when their time was over; only their skeleton is kept."""


class BadCredentials(TutelaError):
    """The key is unknown, expired or revoked."""

    status = 401


class AskedAlready(Conflict):
    """Somebody has asked for this already; it waits for a second person."""


class SamePerson(Conflict):
    """This takes two people, and you asked for it."""


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
