"""Public form of removal requests: what a page sends for one file, and the message that it becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tutela.casework.anonymous import conversations, ticket
from tutela.casework.anonymous.errors import FormExpired
from tutela.casework.anonymous.kinds import ConversationKind, anonymous_actor
from tutela.casework.public_languages.page_language import speaking
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.identifiers import redrawn
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.victims.case_work import pause, progress, withdraw
from tutela.victims.errors import AccessGiven, LargeBody
from tutela.victims.models import AccessRole, MandateEndReason, RemovalRequest, StepKind
from tutela.victims.removal import contact, intake, mandates, message_lines, rows
from tutela.victims.removal.codes import BY_PERSON, BY_REPRESENTATIVE, FINGERPRINTS_FORM, OWN_ACCESS
from tutela.victims.removal.contact import SafeContact
from tutela.victims.removal.person_text import without_fingerprints

# Larger than a part with the most hashes, and smaller than any picture that is worth a request.
MOST_BYTES = 16_000
# 100 hashes with their types have about 10,000 bytes.
MOST_HASHES = 100
FORM = FINGERPRINTS_FORM
# Who may act for the person in the pictures, for the page that asks.
REPRESENTATIVES = (
    ("trusted_adult", _("I am an adult whom the person trusts")),
    ("lawyer", _("I am a lawyer")),
    ("hotline", _("I work for a hotline")),
    ("ngo", _("I work for an organisation that helps")),
)
DIGITS = {"md5": 32, "sha256": 64, "pdq": 64}


type Change = Callable[[Actor, RemovalRequest, str], None]


class FingerprintValue(BaseModel):
    """A hash: its type and its value in lower-case hexadecimal digits."""

    model_config = ConfigDict(extra="forbid", strict=True)

    type: Literal["sha256", "md5", "pdq"]
    hash: str = Field(pattern="^[0-9a-f]+$", max_length=64)

    @model_validator(mode="after")
    def _fits_type(self) -> FingerprintValue:
        if len(self.hash) != DIGITS[self.type]:
            raise ValueError(f"hash must be {DIGITS[self.type]} lower-case hexadecimal digits")
        return self


class SentFingerprints(BaseModel):
    """What the page sends for one file, or for a part of a long video.

    With the `reader` of an earlier answer it belongs to the same case. `file` is drawn by the page and joins parts.
    `number` and `passphrase`, without fingerprints, ask for the reader of a case that the person has already.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    ticket: str = Field(max_length=500)
    proof: str = Field(max_length=15)
    reader: str = Field(default="", max_length=500)
    acts_for: Literal["self", "trusted_adult", "lawyer", "hotline", "ngo"] = "self"
    file: str = Field(pattern="^[0-9a-f]{16}$")
    video: bool = False
    number: str = Field(default="", max_length=40)
    passphrase: str = Field(default="", max_length=200)
    fingerprints: list[FingerprintValue] = Field(default=[], max_length=MOST_HASHES)


@dataclass(frozen=True)
class StoredRequest:
    """What the person is told: the case, its passphrase if it is new, and what a further message carries."""

    number: str
    passphrase: str = field(repr=False)
    reader: str = field(repr=False)


def victim_support() -> DirectoryEntry | None:
    """The victim support of this node: in the country of the organisation with which the node began, else the first."""
    founder = directory.founder()
    here = [one for one in directory.list_organisations(kind="victim_support") if one.verified]
    # The oldest: a new one takes no requests from another.
    return min(here, key=lambda one: (not founder or one.country != founder.country, one.id), default=None)


def read_body(body: bytes) -> SentFingerprints:
    """What a page sent. Raises `LargeBody`, and `Invalid` naming the field."""
    if len(body) > MOST_BYTES:
        raise LargeBody(most=MOST_BYTES)
    try:
        sent = SentFingerprints.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = ".".join(str(one) for one in first["loc"]) or "body"
        raise Invalid("{name}: {reason}", field=name, name=name, reason=first["msg"]) from None
    if bool(sent.fingerprints) == bool(sent.number):
        raise Invalid("Send fingerprints, or a case number with its passphrase.", field="fingerprints")
    single = [one.type for one in sent.fingerprints if one.type != "pdq"]
    if len(set(single)) < len(single):
        raise Invalid("Send one digest of each type.", field="fingerprints")
    return sent


def take(sent: SentFingerprints) -> StoredRequest:
    """Store the fingerprints of one file as a message to victim support. Nothing is read from it now (`intake`).

    With a case number and its passphrase, open that case and store nothing. Raises `TutelaError`; nothing is stored
    then.
    """
    given, kind = ticket.read(sent.ticket, FORM), REMOVAL if sent.acts_for == "self" else REPRESENTED
    if sent.number:
        entered = conversations.enter(kind, given, sent.proof, sent.number, sent.passphrase)
        return StoredRequest(entered.number, "", entered.token)
    opens = "" if sent.reader or sent.acts_for == "self" else sent.acts_for
    hashes = [(one.type, one.hash) for one in sent.fingerprints]
    text = message_lines.written(sent.file, video=sent.video, hashes=hashes, acts_for=opens)
    if sent.reader:
        reading = conversations.follow_up(kind, given, sent.proof, sent.reader, text)
        return StoredRequest(reading.number, "", reading.token)
    language = translation.get_language() or settings.LANGUAGE_CODE
    opened = conversations.open_conversation(kind, given, sent.proof, text, language)
    return StoredRequest(opened.number, opened.passphrase, opened.token)


def pause_or_resume(kind: ConversationKind, given: ticket.Ticket, proof: str, reader: str, *, resumes: bool) -> None:
    """Pause the request of an open conversation, or resume it. Raises `TutelaError`; nothing changes then."""

    def work(actor: Actor, request: RemovalRequest, role: str) -> None:
        mandates.require(request, role, "may_pause")
        (pause.resume if resumes else pause.pause)(actor, request, hourly=True)

    _change(kind, given, proof, reader, work)


def choose_contact(kind: ConversationKind, given: ticket.Ticket, proof: str, reader: str, *, wish: SafeContact) -> None:
    """Store whether the person wants to be contacted. A representative cannot choose. Raises `TutelaError`."""

    def work(actor: Actor, request: RemovalRequest, role: str) -> None:
        mandates.require(request, role, "may_contact")
        contact.choose(actor, request, wish)

    _change(kind, given, proof, reader, work)


def end_mandates(kind: ConversationKind, given: ticket.Ticket, proof: str, reader: str) -> None:
    """End every mandate, as the person in the pictures wishes. Raises `TutelaError`."""

    def work(actor: Actor, request: RemovalRequest, role: str) -> None:
        mandates.require(request, role, "may_end_mandates")
        for one in mandates.counting(request):
            mandates.end_one(actor, request, one, MandateEndReason.PERSON)

    _change(kind, given, proof, reader, work)


def open_own_access(given: ticket.Ticket, proof: str, reader: str, language: str) -> conversations.Opened:
    """Give the person in the pictures a case number and a passphrase of their own, from a representative's case.

    Raises `AccessGiven`, `NoMandate`, or another `TutelaError`. The same form again shows the same access.
    """
    reading = conversations.read(REPRESENTED, reader)
    actor = anonymous_actor(REPRESENTED)
    with acting(actor):
        request, role = intake.request_of(actor, reading.id)
        if not ticket.is_spent(given):
            mandates.require(request, role)
            if mandates.has_own_access(request):
                raise AccessGiven
    with speaking(language):
        text = _t("Access of the person in the pictures.")
    opened = conversations.open_conversation(OWN, given, proof, text, language)
    own = conversations.read(OWN, opened.token)
    with acting(actor):
        locked = rows.locked(request.pk)
        if not locked.accesses.filter(conversation_id=own.id).exists():
            # Again under the lock: another form may have been faster, or this one may be of another case.
            mandates.require(locked, role)
            if mandates.has_own_access(locked) or not intake.give_access(actor, locked, own.id, AccessRole.PERSON):
                raise AccessGiven
            rows.step(actor, locked, StepKind.CHILD_ACCESS, hourly=True)
    return opened


def _change(kind: ConversationKind, given: ticket.Ticket, proof: str, reader: str, work: Change) -> None:
    """Admit a form of an open conversation and change its request, once."""
    conversation, actor = conversations.admitted(kind, given, proof, reader), anonymous_actor(kind)

    def once() -> None:
        with acting(actor):
            if not ticket.spend(given):
                raise FormExpired
            request, role = intake.request_of(actor, conversation)
            work(actor, request, role)

    redrawn(once)


REMOVAL = ConversationKind(
    BY_PERSON,
    _("Ask for the removal of pictures"),
    _("Write where the pictures are: the address (link), or the service and the account."),
    victim_support,
    help=_("Do not send pictures. Write your name only if you want to."),
    notice="victims/notice.html",
    also=(BY_REPRESENTATIVE, OWN_ACCESS),
    withdrawable=True,
    on_withdraw=withdraw.by_conversation,
    kept=progress.kept_conversations,
    progress="victims/progress.html",
    progress_context=progress.page_context,
    for_person=without_fingerprints,
)
REPRESENTED = ConversationKind(
    BY_REPRESENTATIVE,
    _("Ask for the removal of pictures of somebody else"),
    _("Write where the pictures are. Write for whom you act: as a trusted adult, lawyer, hotline or organisation."),
    victim_support,
    help=_("Do not send pictures. Write no name of a child."),
    notice="victims/notice.html",
    also=(BY_PERSON, OWN_ACCESS),
    withdrawable=True,
    on_withdraw=withdraw.by_conversation,
    kept=progress.kept_conversations,
    progress="victims/progress.html",
    progress_context=progress.page_context,
    for_person=without_fingerprints,
)
# Never linked: a representative's case gives this access, and its answers are read on the pages of the others.
OWN = replace(REMOVAL, code=OWN_ACCESS, also=(BY_PERSON, BY_REPRESENTATIVE))
