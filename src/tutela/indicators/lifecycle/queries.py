"""Register state as SQL: the rows decide, and the newest action wins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When

from tutela.events.actor import Actor
from tutela.events.sql import run_statements
from tutela.events.transaction import acting
from tutela.indicators.models import Activation, Indicator, Revocation, Suspension
from tutela.matching.files.drill_entries import FIRST, LAST

ROWS_AT_ONCE = 10_000
# Test entries of drills, for whatever is no list of an Edge.
TEST_ENTRY = Q(pk__range=(FIRST, LAST))


def active_at(moment: datetime) -> Iterator[UUID]:
    """Indicators that were active at a moment, as the rows up to then say; in no order. Call inside `acting(actor)`.

    Three tables are read once, one after another: joined under policies, whose share of rows the planner guesses too
    low, they would be looped through for each row.
    """
    until = {"created_at__lte": moment}
    ended = dict(Suspension.objects.filter(**until).order_by("round").values_list("indicator", "round").iterator())
    revoked = set(Revocation.objects.filter(**until).values_list("indicator", flat=True).iterator())
    begun = Activation.objects.filter(**until).values_list("indicator", "round")
    for indicator, number in begun.iterator(chunk_size=ROWS_AT_ONCE):
        # Only the activation of the present round counts.
        if number > ended.get(indicator, 0) and indicator not in revoked:
            yield indicator


def with_state() -> QuerySet[Any]:
    """Indicators annotated with `state`: revoked before suspended before active before proposed."""
    mine = Q(indicator=OuterRef("pk"))
    # A round ends with its suspension: an activation counts while none is of its round or a later one.
    ended = Suspension.objects.filter(indicator=OuterRef("indicator"), round__gte=OuterRef("round"))
    return Indicator.objects.annotate(
        state=Case(
            When(Exists(Revocation.objects.filter(mine)), then=Value("revoked")),
            When(Exists(Suspension.objects.filter(mine, end__isnull=True)), then=Value("suspended")),
            When(Exists(Activation.objects.filter(mine).exclude(Exists(ended))), then=Value("active")),
            default=Value("proposed"),
            output_field=CharField(),
        )
    )


# All that `lifecycle` wants to know of one indicator, in one round trip: every act on it begins with this. The state
# is that of `with_state`; a round ends with its suspension, and the next one begins with the Centre's decision. A
# certification counts that a verified organisation of a permitted kind signed by a key that nobody revoked; it came
# late where the indicator was active in its round already. The class is the one that counts (`opinions`).
_STANDING = """
SELECT indicators_class(i.id), s.revoked, s.suspended, s.last,
  EXISTS (SELECT 1 FROM indicators_activation a WHERE a.indicator_id = i.id AND a.round > s.last),
  ARRAY(SELECT c.organisation_id::text FROM indicators_certification c
    WHERE c.indicator_id = i.id AND c.round = s.present AND indicators_counts(c.organisation_id, c.country, c.envelope)
    ORDER BY c.id),
  ARRAY(SELECT c.country::text FROM indicators_certification c
    WHERE c.indicator_id = i.id AND c.round = s.present AND indicators_counts(c.organisation_id, c.country, c.envelope)
    ORDER BY c.id),
  ARRAY(SELECT d.organisation_id::text FROM indicators_dispute d WHERE d.indicator_id = i.id
    AND NOT EXISTS (SELECT 1 FROM indicators_disputedecision e WHERE e.dispute_id = d.id)),
  ARRAY(SELECT f.sender_id::text FROM indicators_feedback f
    LEFT JOIN indicators_feedbackagain g ON g.feedback_id = f.id
    WHERE f.indicator_id = i.id AND (s.decided IS NULL OR f.created_at > s.decided)
      AND (f.hold_id IS NULL OR EXISTS (
        SELECT 1 FROM indicators_holddecision o WHERE o.hold_id = f.hold_id AND o.accepted))
    GROUP BY f.sender_id
    HAVING (array_agg(f.verdict ORDER BY f.created_at DESC, f.id DESC))[1] = 'false'
      AND coalesce(sum(1 + coalesce(g.times, 0)) FILTER (WHERE f.verdict = 'false'), 0)
        >= coalesce(sum(1 + coalesce(g.times, 0)) FILTER (WHERE f.verdict = 'confirmed'), 0)),
  s.present,
  ARRAY(SELECT c.organisation_id::text FROM indicators_activation a JOIN indicators_certification c
      ON c.indicator_id = a.indicator_id AND c.round = a.round AND c.created_at > a.created_at
    WHERE a.indicator_id = i.id AND a.round = s.present
      AND indicators_counts(c.organisation_id, c.country, c.envelope))
FROM indicators_indicator i CROSS JOIN LATERAL (
  SELECT t.*, t.last + CASE WHEN t.suspended AND NOT t.revoked THEN 0 ELSE 1 END AS present FROM (
    SELECT EXISTS (SELECT 1 FROM indicators_revocation r WHERE r.indicator_id = i.id) AS revoked,
      coalesce(bool_or(e.id IS NULL), false) AS suspended, coalesce(max(x.round), 0) AS last,
      greatest(max(e.created_at), (SELECT max(d.created_at) FROM indicators_disputedecision d
        JOIN indicators_dispute q ON q.id = d.dispute_id WHERE q.indicator_id = i.id)) AS decided
    FROM indicators_suspension x LEFT JOIN indicators_suspensionend e ON e.suspension_id = x.id
    WHERE x.indicator_id = i.id
  ) t
) s
WHERE i.id = %s"""


@dataclass(frozen=True, slots=True)
class Stands:
    """Evidence on one indicator from its rows.

    `late` are organisations of `certified` that certified late. `reports` are providers whose newest feedback since the
    Centre's last decision is a false positive, and that confirmed no more matches than they rejected. Frequent matches
    also produce matches by chance. Feedback held by a rate limit counts only if the Centre accepted it.
    """

    category: str
    revoked: bool
    suspended: bool
    active: bool
    round: int
    certified: tuple[tuple[str, str], ...]
    doubts: tuple[str, ...]
    reports: tuple[str, ...]
    late: tuple[str, ...]


def stands(indicator_id: UUID) -> Stands | None:
    """Return the evidence on an indicator; None if it does not exist. Call inside `acting(actor)`."""
    # A prepared statement is used because planning the query each time took longer than running it.
    found = run_statements([(_STANDING, [indicator_id])])[0]
    if not found:
        return None
    category, revoked, suspended, _last, active, organisations, countries, doubts, reports, present, late = found[0]
    by = tuple(zip(organisations, countries, strict=True))
    return Stands(category, revoked, suspended, active, present, by, tuple(doubts), tuple(reports), tuple(late))


def with_now() -> QuerySet[Any]:
    """Indicators annotated with `state` as triggers keep it: for lists, where `with_state` would look at every row."""
    return Indicator.objects.annotate(state=F("now__state"))


# The query takes the newest proposals of each organisation, so millions from one organisation that the member proposed
# itself cannot hide the others. The indexes read here contain no held indicators. The function is also called, because
# rows follow a hold part by part (`hold_effects`).
_TO_CERTIFY = """
SELECT found.indicator_id FROM (
  SELECT organisation_id FROM indicators_statetally WHERE state = 'proposed' AND organisation_id <> %(me)s
  GROUP BY organisation_id HAVING sum(n) > 0
) who CROSS JOIN LATERAL (
  SELECT n.indicator_id, n.proposed_at
  FROM (
    SELECT newest.indicator_id, newest.proposed_at FROM indicators_indicatornow newest
    WHERE newest.organisation_id = who.organisation_id AND newest.state = 'proposed' AND NOT newest.held
    ORDER BY newest.proposed_at DESC LIMIT %(looked)s
  ) n JOIN indicators_indicator i ON i.id = n.indicator_id
  WHERE NOT EXISTS (SELECT 1 FROM indicators_certification c WHERE c.indicator_id = n.indicator_id
      AND c.organisation_id = %(me)s AND NOT EXISTS (SELECT 1 FROM indicators_suspension s
        WHERE s.indicator_id = c.indicator_id AND s.round >= c.round))
    AND NOT indicators_is_held(i.id, i.run_id)
  ORDER BY n.proposed_at DESC LIMIT %(most)s
) found ORDER BY found.proposed_at DESC LIMIT %(most)s"""


@contextmanager
def in_index_order() -> Iterator[None]:
    """Within, what an index gives in order is taken from it. Call inside `acting(actor)`.

    Under policies the planner takes nearly every row for hidden, thinks that sorting what is left costs nothing, and
    reads millions to show fifty.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
        try:
            yield
        finally:
            if not connection.needs_rollback:
                cursor.execute("SET LOCAL enable_sort = on; SET LOCAL enable_bitmapscan = on")


def to_certify(organisation_id: UUID, most: int, looked: int | None = None, media: str = "") -> list[UUID]:
    """The newest proposals of others that an organisation did not certify in their present round, and nothing holds.

    `looked`: so many of each other organisation's are looked at, instead of all until `most` are found. `media`: of
    this type alone.
    """
    with in_index_order(), connection.cursor() as cursor:
        # Only where it is asked for: of one type another index gives the newest first.
        of_type = "NOT newest.held AND newest.media_type = %(media)s"
        statement = _TO_CERTIFY.replace("NOT newest.held", of_type) if media else _TO_CERTIFY
        cursor.execute(statement, {"me": organisation_id, "most": most, "looked": looked, "media": media})
        return [row[0] for row in cursor.fetchall()]


def sum_tally(actor: Actor) -> None:
    """Replace the counts' many steps by their sums. For the job of every hour."""
    with acting(actor), connection.cursor() as cursor:
        cursor.execute("SELECT indicators_sum_tally()")
