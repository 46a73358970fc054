"""Register list: newest first, by state, type, series, number or whole digest, with counts."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Sum, prefetch_related_objects

from tutela.casework.assignment.list_filter import EVERY, MINE, NO_WORK, Work, WorkFilter, work_on
from tutela.events.actor import Actor
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.rate_limits import RateLimit
from tutela.events.transaction import acting
from tutela.indicators.cases import KIND
from tutela.indicators.hashes import blind_index, validation
from tutela.indicators.lifecycle.queries import TEST_ENTRY, in_index_order, to_certify, with_now
from tutela.indicators.models import (
    Certification,
    Indicator,
    IndicatorFilm,
    IndicatorHash,
    MediaType,
    StateTally,
    Suspension,
)
from tutela.indicators.register.errors import SearchedTooOften
from tutela.indicators.safeguards import holds as holding
from tutela.organisations.people import directory

# Kind of case in shared work.
PER_PAGE = 50
# An organisation with more digests to search should propose them or certify an import.
DIGESTS_PER_HOUR = RateLimit("register.searched", timedelta(hours=1), 100)
RECOGNISED_PER_HOUR = RateLimit("register.recognised", timedelta(hours=1), 1000)
# Older indicators are found by search.
MOST_PAGES = 200
# A digest may belong to several indicators, because a revoked one may be proposed again.
MOST_NAMED = 200
COUNTED = 1000
# Of each other organisation so many of the newest are looked at for the start page.
LOOKED = 5000


@dataclass(frozen=True)
class Frames:
    """The frames of a video: how many were given and are in it, how long it runs, and what was left out."""

    seconds: float
    told: int
    usable: int
    flat: int
    lawful: int
    judged: int

    @property
    def lasts(self) -> str:
        """Duration as hours, minutes and seconds."""
        minutes, seconds = divmod(round(self.seconds), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


@dataclass(frozen=True)
class IndicatorLine:
    """An indicator in a list."""

    id: UUID
    number: str
    media_type: str
    classification: str
    state: str
    proposer: str
    countries: list[str]
    created_at: datetime
    series: str
    mine: bool
    frames: Frames | None = None
    work: Work = NO_WORK


@dataclass(frozen=True)
class RegisterFilter:
    """Filters of the register. `text` is a number or a whole digest, `series` a code; both as somebody types them.
    `media` is a type; what is none is left out.
    """

    state: str = ""
    text: str = ""
    series: str = ""
    media: str = ""
    work: WorkFilter = EVERY


def list_indicators(
    actor: Actor, wanted: RegisterFilter, part: ListPage = FIRST_PAGE
) -> tuple[list[IndicatorLine], bool]:
    """A part of the register, newest first, and whether there is more. It has no other order: by no other an index.

    Raises `SearchedTooOften` for a digest.
    """
    actor.require("indicators.read")
    state, text, series, work = wanted.state, wanted.text.strip(), wanted.series.strip(), wanted.work
    media = wanted.media if wanted.media in MediaType.values else ""
    if _by_digest(text):
        count_lookup(actor)
    with acting(actor):
        start, size = part.span(PER_PAGE)
        many, codes = size + 1, spellings(series) if series else None
        if state == "mine_to_certify" and not (text or series or work):
            chosen = to_certify(actor.organisation_id, start + many, media=media)[start:]
            rows = with_now().filter(pk__in=chosen).order_by("-created_at")
        else:
            rows = work.of(actor, KIND, _found(actor, state, text, codes, media))
            rows = rows[start : start + many]
        # One series has an index that gives its newest; of what else is searched for there is little.
        few = text or work.label or work.claimed == MINE
        searched = bool(few or state == "mine_to_certify" or (codes and len(codes) > 1))
        with nullcontext() if searched else in_index_order():
            shown = list(rows)
        prefetch_related_objects(shown, "certifications")
        names, frames = directory.names(row.organisation_id for row in shown), frames_of([row.pk for row in shown])
        by = work_on(KIND, (row.pk for row in shown))
        lines = [replace(line_of(row, names, frames=frames.get(row.pk)), work=by(row.pk)) for row in shown]
        given = "given" if text or series else ""
        noted(actor, KIND, (row.id for row in shown[:size]), part, state=state, media=media, words=given)
    return lines[:size], len(lines) > size and part.page < MOST_PAGES


def count_lookup(actor: Actor) -> None:
    """Count a look-up of a digest. Raises `SearchedTooOften`."""
    if not DIGESTS_PER_HOUR.take(str(actor.organisation_id)).allowed:
        raise SearchedTooOften


def spellings(series: str) -> list[str]:
    """A series as it is written in the register: as somebody typed it, or in other letters.

    Of several at once no index gives the newest.
    """
    said = dict.fromkeys((series, series.upper(), series.lower()))
    return [code for code in said if Indicator.objects.filter(series=code).exclude(series="")[:1]]


def _found(actor: Actor, state: str, text: str, series: list[str] | None, media: str) -> Any:
    """Return indicators that match the filters, newest first, by an index for each. `series`: its spellings, None for
    any.
    """
    rows = with_now()
    if state == "mine_to_certify":
        rows = _uncertified(actor, rows)
    elif state:
        rows = rows.filter(now__state=state)
    # For a state and a type the index of current states contains the time; searches return few rows.
    alone = state and state != "mine_to_certify" and series is None and not text
    rows = rows.order_by("-now__proposed_at" if alone else "-created_at")
    if series is not None:
        # The query repeats the condition of the partial index, so that the index is used.
        rows = rows.filter(series=series[0]).exclude(series="") if len(series) == 1 else rows.filter(series__in=series)
    if media:
        rows = rows.filter(now__media_type=media) if alone else rows.filter(media_type=media)
    if text:
        rows = rows.filter(pk__in=_named(text))
    return rows


def _named(text: str) -> list[UUID]:
    """The indicators of a number or a whole digest."""
    by_number = Indicator.objects.filter(number=text.upper()).values_list("pk", flat=True)
    return [*by_number, *with_digest(text)]


def with_digest(text: str) -> list[UUID]:
    """The indicators that have a whole digest. Call inside `acting(actor)`, after `count_lookup`."""
    found = Q()
    for kind in _by_digest(text):
        found |= Q(kind=kind, blind=blind_index.blind(kind, text.lower()))
    return list(IndicatorHash.objects.filter(found).values_list("indicator", flat=True)[:MOST_NAMED]) if found else []


def is_active(actor: Actor, sha256: str) -> bool:
    """Whether an active entry has this SHA-256. Counts as a look-up of a digest. Raises `SearchedTooOften`."""
    count_lookup(actor)
    with acting(actor):
        return with_now().filter(pk__in=with_digest(sha256), state="active").exclude(TEST_ENTRY).exists()


def active_among(actor: Actor, sha256: Collection[str]) -> set[str]:
    """Those SHA-256 of files which the actor's organisation found that an active entry has. Raises `SearchedTooOften`.

    They count under a limit of their own for each person: an address may show hundreds of files. The caller records how
    many were looked up.
    """
    if not sha256:
        return set()
    if not RECOGNISED_PER_HOUR.take(f"{actor.organisation_id} {actor.reference}", len(sha256)).allowed:
        raise SearchedTooOften
    blinds = {blind_index.blind("sha256", one): one for one in sha256}
    with acting(actor):
        rows = IndicatorHash.objects.filter(kind="sha256", blind__in=list(blinds))
        found = with_now().filter(pk__in=rows.values("indicator"), state="active").exclude(TEST_ENTRY)
        active = set(found.values_list("pk", flat=True))
        return {blinds[bytes(row.blind)] for row in rows if row.indicator_id in active}


def _by_digest(text: str) -> list[str]:
    """The kinds of digest that a text may be, by its length."""
    return [kind for kind, digits in (*validation.HEX.items(), (validation.FRAMES, 64)) if len(text) == digits]


def counts(actor: Actor) -> dict[str, int]:
    """The number of indicators in each state."""
    with acting(actor):
        found = dict(StateTally.objects.values_list("state").annotate(Sum("n")).order_by())
        return {state: int(found.get(state, 0)) for state in ("proposed", "active", "suspended", "revoked")}


def waiting_for(actor: Actor) -> int:
    """The number of proposals that the actor's organisation could still certify.

    No more than `COUNTED` are counted, among the newest `LOOKED` of each other organisation.
    """
    with acting(actor):
        return len(to_certify(actor.organisation_id, COUNTED, LOOKED))


def waiting_is_all(actor: Actor, waiting: int) -> bool:
    """Whether what `waiting_for` counted is all there is."""
    with acting(actor):
        others = StateTally.objects.filter(state="proposed").exclude(organisation_id=actor.organisation_id)
        most = others.values("organisation_id").annotate(many=Sum("n")).order_by("-many").values_list("many")[:1]
        return waiting < COUNTED and all(many <= LOOKED for (many,) in most)


def _uncertified(actor: Actor, rows: Any) -> Any:
    """Return proposals that the actor's organisation has not certified in the current round and that are not held."""
    later = Suspension.objects.filter(indicator=OuterRef("indicator"), round__gte=OuterRef("round"))
    mine = Certification.objects.filter(indicator=OuterRef("pk"), organisation_id=actor.organisation_id)
    return holding.not_held(rows.filter(state="proposed").exclude(Exists(mine.exclude(Exists(later)))))


def frames_of(indicators: list[UUID]) -> dict[UUID, Frames]:
    """Return the frame counts of indicators that have frames; never the frames themselves."""
    columns = ("seconds", "told", "usable", "flat", "lawful", "judged")
    rows = IndicatorFilm.objects.filter(indicator__in=indicators).values_list("indicator", *columns)
    return {indicator: Frames(*values) for indicator, *values in rows}


def line_of(row: Any, names: dict[UUID, str], mine: bool = False, frames: Frames | None = None) -> IndicatorLine:
    """An indicator with its `state` and its certifications, by the names of organisations."""
    return IndicatorLine(
        row.id,
        row.number,
        row.media_type,
        row.classification,
        row.state,
        names[row.organisation_id],
        sorted({c.country for c in row.certifications.all()}),
        row.created_at,
        row.series,
        mine,
        frames,
    )
