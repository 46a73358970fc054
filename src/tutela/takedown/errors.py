"""Errors of the hotline's desk."""

from tutela.events.errors import Conflict, Forbidden, Invalid, NotFound


class BadAddress(Invalid):
    """This address cannot be used. Reason: {reason}"""


class AlreadyAssessed(Conflict):
    """You have already assessed this case. A second opinion needs another person."""


class NotAssessed(Conflict):
    """Assess the case first."""


class NotIllegal(Conflict):
    """Only a case that was assessed as illegal has a notice."""


class CaseClosed(Conflict):
    """This case is closed."""


class PoliceFirst(Conflict):
    """Report the case to the police first, and record the evidence or why there is none."""


class Held(Conflict):
    """The police ask to wait until {until}."""


class WaitForPolice(Conflict):
    """The police were told first. A notice about an address in this country may leave from {at}."""


class SameWait(Conflict):
    """This wait is recorded already."""


class NoSearchMandate(Invalid):
    """Choose a mandate that another person has confirmed and that counts today."""


class NotPublicHost(Invalid):
    """A proactive search names web addresses of public hosts only."""


class MandateEnded(Conflict):
    """This mandate has ended, or is confirmed already. Reload the page."""


class SamePerson(Conflict):
    """Another person must confirm this mandate."""


class OrderNotInForce(Conflict):
    """A request of a hotline is answered by an order that is in force, not by a simulated one."""


class FormUsed(Conflict):
    """This form was sent already, as order {number}, with other contents. Open a new form."""


class NotElsewhere(Conflict):
    """Only a case that is illegal elsewhere alone is handed over."""


class AlreadyPublished(Conflict):
    """These figures are published. A reply is possible before that."""


class SameVantagePoint(Conflict):
    """A vantage point with this name or key is registered already."""


class SameMachine(Conflict):
    """A machine with this key is registered already."""


class OwnMachine(Conflict):
    """Another person must confirm your machine."""


class MachineConfirmed(Conflict):
    """This machine is confirmed already."""


class MachineUnusable(Conflict):
    """Choose a machine of your own that another person has confirmed."""


class AtViewingLimit(Conflict):
    """You have reached your daily limit of viewing. Only urgent cases are examined today."""


class ExaminationTaken(Conflict):
    """This result was taken already."""


class ItemsOpen(Conflict):
    """Assess the files of this address first: {many} have no verdict."""


class NoHost(Conflict):
    """This address has no host that could be notified. Report it to the police."""


class NoRecipient(Invalid):
    """Enter the e-mail address: no trace has found a contact for this level."""


class AlreadyNotified(Conflict):
    """A notice about this case is waiting for an answer."""


class UnknownNotice(NotFound):
    """This notice is unknown."""


class NoXarf(Conflict):
    """XARF has no word for this case's label, or your organisation has no contact. Send the notice as text."""


class LinkUnusable(NotFound):
    """This link does not work. It has expired, is incomplete, or its notice was withdrawn. Answer the e-mail."""


class AlreadyLeft(Conflict):
    """This notice has already left. Record the answer of the host."""


class NotWaiting(Conflict):
    """This notice is not waiting for an answer."""


class UnknownProvider(Invalid):
    """Choose a provider of the directory to which your organisation holds an API key."""


class NotANotifier(Forbidden):
    """Only a verified hotline, authority or Centre may send notices."""


class NotifierKindDiffers(Invalid):
    """The kind of notifier does not fit the sender's entry in the directory."""


class AnotherNotice(Conflict):
    """A different notice with this reference was received before. Use a new reference."""


class PlainEmail(Invalid):
    """This e-mail has no part for machines. Check the addresses, enter what the notifier says and send the form."""

    field = "file"


class AlreadyDecided(Conflict):
    """{name} has already decided this notice. To restore access, reverse the decision."""


class NotDecided(NotFound):
    """This notice is not decided yet."""


class NotInEffect(Conflict):
    """Choose addresses that are removed or disabled now."""


class NothingRestricted(Conflict):
    """No address of this notice is removed or disabled. A statement of reasons needs a restriction."""


class AlreadyStated(Conflict):
    """This decision already has a statement of reasons."""


class UnknownStatement(NotFound):
    """This decision has no statement of reasons."""


class StatementRefused(Invalid):
    """The statement cannot be used. {reason}"""


class AddressInStatement(Invalid):
    """{text}: write no addresses. The texts of a statement are published."""


class NothingToSend(Conflict):
    """No statement waits for the transparency database."""


class UnknownBatch(NotFound):
    """This file of statements is unknown."""


class BatchAnswered(Conflict):
    """The answer to this file is already recorded."""


class AnswerOfAnother(Invalid):
    """The answer does not name the statements of this file."""


class NotStored(Conflict):
    """The database stored nothing. Check the token, then send the file again and enter the new answer."""


class AnswerDiffers(Invalid):
    """The answer names an address that is not part of the notice."""


class WithPartner(Conflict):
    """A partner hotline works on this case. To send a notice from here, first take the case back with a reason."""


class NotWithPartner(Conflict):
    """No partner hotline works on this case."""


class UnknownPartner(NotFound):
    """This partner hotline is unknown."""


class AlreadyPartner(Conflict):
    """This hotline is a partner already."""


class NotAHotline(Invalid):
    """Only a verified hotline can be a partner."""


class NoPartnerKey(Conflict):
    """Enter the API key that the partner issued to your organisation first."""


class NotHostedThere(Conflict):
    """The newest trace of the host does not name the country of this partner. Trace the host first."""


class NotAPartner(Forbidden):
    """The recipient has not entered your organisation as a partner hotline."""


class AnotherHotlineCase(Conflict):
    """A different case with this reference was received before. Use a new reference."""


class UnknownTransfer(NotFound):
    """Your organisation was sent no case with this reference."""


class StatusOutOfOrder(Conflict):
    """This status cannot follow the earlier ones, or its number has another content."""


class TooManyLocations(Invalid):
    """The batch has more than {most} addresses. Send it in parts."""


class NoIccam(Conflict):
    """ICCAM cannot express this case. {reason}"""


class CaseFileUnreadable(Invalid):
    """The file is no JSON in UTF-8. It may be cut off."""

    field = "file"


class TooManyReports(Invalid):
    """The file must have 1 to {most} reports."""

    field = "file"


class UnknownCaseFile(NotFound):
    """This file is unknown, or it was imported."""


class UnknownAuthority(Invalid):
    """Choose a law-enforcement authority of the directory."""


class BacklogTooLarge(Invalid):
    """The file is larger than {most} MB. Divide the file."""

    field = "file"


class TooManyAddresses(Invalid):
    """The file has more than {most} addresses. Divide the file."""

    field = "file"


class BacklogUnreadable(Invalid):
    """The file is a spreadsheet or another binary file. Save it as CSV in UTF-8, or as mbox."""

    field = "file"


class NoAddressFound(Invalid):
    """The file has no address that can be used."""

    field = "file"


class OrderIncomplete(Invalid):
    """The order is not complete. Reason: {reason}"""


class UnknownRecipient(Invalid):
    """Choose verified providers of the directory."""

    field = "recipients"


class OneRecipient(Invalid):
    """This kind of order goes to one provider. Choose one."""

    field = "recipients"


class UnknownOrder(NotFound):
    """This order is unknown."""


class StepNotPossible(Conflict):
    """This step is not possible now. State of the order: {state}."""


class AlreadyWithdrawn(Conflict):
    """This order is already withdrawn."""


class BadAnswer(Invalid):
    """The answer is not complete. Reason: {reason}"""


class NotEscalated(Conflict):
    """Ask for an order once the host has refused, or the notices have passed every level."""


class AlreadyRequested(Conflict):
    """This authority has not answered your last request about this case yet."""


class UnknownCoordinatingAuthority(Invalid):
    """Choose a verified authority of the directory."""

    field = "authority"


class UnknownRequest(NotFound):
    """This request for an order is unknown."""


class RequestAnswered(Conflict):
    """This request is already answered."""
