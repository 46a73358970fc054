"""Advance a report at a CyberTipline interface by one call at a time, each recorded before it is made.

1. The order is: submit; upload and details for each file; finish once the grace period is over.
2. A call is claimed in one transaction, made outside any, and its answer is stored in another.
3. A call without an answer may or may not have arrived. To submit again is harmless, because an unfinished report
   lapses at the interface. After an upload or details without an answer the opened report is abandoned, retracted and
   started again, so that no file is filed twice. To finish again is safe, because the interface answers that the report
   is already finished.
4. A permanent refusal by the interface ends the sending and its text is stored. All other failures are retried at
   growing intervals.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from tutela import clock
from tutela.detection.candidates import intake
from tutela.detection.cybertipline import accounts, submissions
from tutela.detection.cybertipline.faults import Fault, TipFault, fault
from tutela.detection.cybertipline.upload_calls import Call, CallResult, TakenOver, made
from tutela.detection.drafts import send
from tutela.detection.models import Candidate, Draft, Tip, TipState
from tutela.detection.settings import media_links, services
from tutela.detection.settings.queries import UNDER_WAY, refresh
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.cybertip.client import CybertipAnswer
from tutela.exchange.cybertip.responses import Code
from tutela.exchange.feeds.http_client import Guarded
from tutela.exchange.report.fields import Item
from tutela.exchange.report.report import Report
from tutela.organisations.errors import Erased
from tutela.organisations.people import clock_monitor, directory
from tutela.organisations.vocabulary import allowed_networks
from tutela.organisations.vocabulary.backoff import pause_after

LEASE, RENEW = timedelta(minutes=30), timedelta(minutes=5)
# What a recipient did not take for so long is not sent any more.
LONGEST_UPLOAD = timedelta(days=30)
KIND = submissions.KIND
# The recipient's own troubles, and those of the account: tried again. All other codes are about what was sent.
_LATER = frozenset({1000, 1100, 1110, 1111, 1300, 2000, 3000, 3100, 3300})
_UNSURE = ("upload", "details")


def advance(organisation_id: UUID, tip_id: UUID, way: Guarded | None = None) -> datetime | None:
    """Go on as far as possible. Returns when to go on, None when it is over."""
    actor = directory.acting_for(directory.entry(organisation_id), "system:tips", "Reports to others")
    way = way or Guarded(allowed_networks.networks())
    while True:
        call = _claim(actor, tip_id, way)
        if not isinstance(call, Call):
            return call
        if (pause := _store(actor, call, made(call, way))) is not None:
            return pause


def _claim(actor: Actor, tip_id: UUID, way: Guarded) -> Call | datetime | None:
    """Claim the next call, recorded as being made. Return the call, the time to come back, or None if nothing is left.

    While the clock cannot be trusted, nothing is finished and nothing ends by its date: finishing cannot be undone.
    """
    now, by_date = clock.now(), clock_monitor.steady()
    with acting(actor):
        tip = _locked(tip_id)
        if tip is None:
            return None
        if tip.leased_until is not None and tip.leased_until > now:
            return tip.leased_until
        if tip.doing in _UNSURE:  # whoever made this call died, or took too long
            _give_up(tip, fault(TipFault.UNFINISHED, call=tip.doing))
        if tip.next_at > now:
            _free(tip)
            return tip.next_at
        report = _report(actor, tip, now if by_date else tip.created_at)
        if report is None:
            return None
        files = report.items if tip.passes_files else ()
        what, item, file = _next(tip, files, now if by_date else tip.created_at)
        if what == "wait":
            tip.next_at = max(tip.finish_at or now, now)
            _free(tip)
            return tip.next_at
        if what == "over":
            _taken_back(actor, tip)
            return None
        link = _link(actor, tip, item) if what == "upload" and item else ""
        tip.doing, tip.leased_until, tip.claim = what, now + LEASE, uuid4()
        tip.save()
        keep = _Keeper(actor, tip)
        return Call(what, accounts.client_of(tip.endpoint, way), tip, report, files, item, link, file, keep)


def _report(actor: Actor, tip: Tip, now: datetime) -> Report | None:
    """The report to send.

    If it may no longer be sent, a refusal is noted, to retract the opened report. None if it has ended.
    """
    try:
        report = submissions.report_of(tip)
    except Erased:
        tip.refusal = fault(TipFault.ERASED)
        _end(actor, tip, TipState.REFUSED)
        return None
    if not (tip.to_retract or tip.refusal):
        if tip.created_at + LONGEST_UPLOAD <= now:
            tip.refusal = fault(TipFault.TOO_LATE)
        elif not send.stands(tip.draft, report):
            tip.refusal = fault(TipFault.WITHDRAWN)
    return report


class _Keeper:
    """Holds a call while bytes pass, as long as nobody else took over."""

    def __init__(self, actor: Actor, tip: Tip) -> None:
        self._actor, self._mine, self._next = actor, {"pk": tip.pk, "claim": tip.claim}, clock.now() + RENEW

    def __call__(self) -> None:
        now = clock.now()
        if now < self._next:
            return
        self._next = now + RENEW
        with acting(self._actor):
            if not Tip.objects.filter(**self._mine).update(leased_until=now + LEASE):
                raise TakenOver


def _locked(tip_id: UUID) -> Tip | None:
    """Lock a sending in progress, after its draft, as everywhere; None if it has ended."""
    draft = Tip.objects.filter(pk=tip_id).values_list("draft_id", flat=True).first()
    if draft is None:
        return None
    Draft.objects.select_for_update().get(pk=draft)
    rows = Tip.objects.select_for_update(of=("self",)).select_related("endpoint", "draft__service")
    return rows.filter(pk=tip_id, state__in=UNDER_WAY).first()


def _next(tip: Tip, files: tuple[Item, ...], now: datetime) -> tuple[str, Item | None, str]:
    lapsed = tip.created_at + LONGEST_UPLOAD <= now  # what was open there has not been for weeks
    if tip.given_up is not None and not lapsed:
        return "abandon", None, ""
    if tip.to_retract or tip.refusal:
        return ("over" if tip.number is None or lapsed else "retract"), None, ""
    if tip.number is None:
        return "submit", None, ""
    done = {one["item"]: one for one in tip.files}
    for item in files:
        one = done.get(str(item.item_id))
        if one is None:
            return "upload", item, ""
        if not one["described"]:
            return "details", item, one["file"]
    if tip.finish_at is not None and tip.finish_at > now:
        return "wait", None, ""
    return "finish", None, ""


def _store(actor: Actor, call: Call, result: CallResult) -> datetime | None:
    """Store what came of a call. Returns when to go on; None means at once."""
    with acting(actor):
        tip = _locked(call.tip.pk)
        if tip is None or tip.claim != call.tip.claim:
            return None  # somebody else took over after the lease
        said = result.said
        if said is None:
            return _failed(tip, result)
        if call.what in ("abandon", "retract"):
            return _retracted(actor, tip, call.what, said)
        if call.what == "finish" and said.code == Code.ALREADY_FINISHED:
            said = CybertipAnswer(Code.SUCCESS)
        if said.code in (Code.NO_SUCH_REPORT, Code.ALREADY_RETRACTED, Code.NO_SUCH_FILE):
            _give_up(tip, [])
            tip.given_up = None
            return _again(tip, fault(TipFault.GONE, answer=said.code))
        if said.code in _LATER:
            return _again(tip, fault(TipFault.ANSWERED, detail=f"{said.code}: {said.words}"))
        if not said.good:
            _refused(tip, fault(TipFault.ANSWERED, detail=f"{said.code}: {said.words}"))
            return None
        return _went_well(actor, tip, call, said)


def _went_well(actor: Actor, tip: Tip, call: Call, said: CybertipAnswer) -> datetime | None:
    now = clock.now()
    if call.what == "submit":
        if said.report is None:
            return _again(tip, fault(TipFault.NO_NUMBER))
        tip.number, tip.state = said.report, TipState.OPEN
        tip.finish_at = tip.finish_at or now + timedelta(minutes=tip.endpoint.grace_minutes)
        record(actor, "tip.opened", KIND, tip.draft.pk, tip=tip.pk, number=tip.number)
    elif call.what == "upload" and call.item:
        tip.files = [*tip.files, {"item": str(call.item.item_id), "file": said.file, "described": False}]
    elif call.what == "details" and call.item:
        mine = str(call.item.item_id)
        tip.files = [{**one, "described": True} if one["item"] == mine else one for one in tip.files]
    elif call.what == "finish":
        _end(actor, tip, TipState.FINISHED)
        return now
    if call.what != "submit":  # opening it again does not undo the reason for it
        tip.attempts, tip.last_error = 0, ""
    tip.next_at = now
    _free(tip)
    return None


def _retracted(actor: Actor, tip: Tip, what: str, said: CybertipAnswer) -> datetime | None:
    """Store the answer to a retraction: unless it must be retried, no report is open any more."""
    if said.code in _LATER:
        return _again(tip, fault(TipFault.ANSWERED, detail=f"{said.code}: {said.words}"))
    if what == "abandon":
        tip.given_up = None
        _free(tip)
        return None
    if said.code == Code.ALREADY_FINISHED:
        _end(actor, tip, TipState.FINISHED)
    else:
        _taken_back(actor, tip)
    return clock.now()


def _taken_back(actor: Actor, tip: Tip) -> None:
    if tip.refusal:
        _end(actor, tip, TipState.REFUSED)
    else:
        _end(actor, tip, TipState.RETRACTED)


def _failed(tip: Tip, result: CallResult) -> datetime | None:
    if result.final:
        _refused(tip, result.error)
        return None
    if tip.doing in _UNSURE and not result.sure:
        _give_up(tip, result.error)
    return _again(tip, result.error)


def _give_up(tip: Tip, error: Fault) -> None:
    """Start the report again; the report already opened is to be retracted first."""
    tip.given_up, tip.number, tip.files, tip.state = tip.number, None, [], TipState.WAITING
    tip.last_error = error


def _again(tip: Tip, error: Fault) -> datetime:
    tip.attempts += 1
    tip.last_error, tip.next_at = error, clock.now() + pause_after(tip.attempts)
    _free(tip)
    return tip.next_at


def _free(tip: Tip) -> None:
    tip.doing, tip.leased_until = "", None
    tip.save()


def _refused(tip: Tip, error: Fault) -> None:
    """Refuse a sending for good: retract the opened report, then end."""
    tip.refusal, tip.next_at = error, clock.now()
    _free(tip)


def _end(actor: Actor, tip: Tip, state: str) -> None:
    tip.state, tip.ended_at, tip.doing, tip.leased_until = state, clock.now(), "", None
    tip.last_error = tip.refusal if state == TipState.REFUSED else []
    tip.save()
    if state == TipState.FINISHED and tip.endpoint.production:
        send.start_clocks(actor, tip.draft)
    refresh(tip.draft)
    record(actor, f"tip.{state}", KIND, tip.draft.pk, tip=tip.pk, number=tip.number)


def _link(actor: Actor, tip: Tip, item: Item) -> str:
    """A new link to the item in the provider's own storage; empty if there is none."""
    ref = tip.draft.candidate_ref
    candidate = Candidate.objects.filter(pk=ref).select_related("service").first() if ref else None
    if candidate is None:
        return ""
    message, terms = intake.opened(candidate), services.terms_of(candidate.service)
    origin = directory.entry(actor.organisation_id).media_origin
    found = media_links.signed(candidate.service, terms.media_link, origin, message.item)
    return found.url if found else ""
