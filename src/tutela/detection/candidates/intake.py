"""Intake of candidates: check the legal basis, then store the candidate for review or only count it.

1. The message names a service of the provider. The name may be absent if the provider has only one service.
2. The activation check decides whether this service, channel and technology have a legal basis today. Without one the
   message is refused with the article, and nothing of it is stored.
3. In shadow mode, set at the desk or declared by the Edge, the candidate is only counted: no item, no account, no
   digest.
4. Matches with hashes whose removal somebody requested are passed on if anybody can see the item, and are no part of a
   candidate (`requested_matches`).
5. Otherwise the candidate is pending until a person decides. A match on an indicator withdrawn in the meantime carries
   no weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tutela import clock
from tutela.casework.search import keys as search_keys
from tutela.casework.search.values import Value, ValueKind, personal, value
from tutela.detection.candidates import local_stops, requested_matches, withdrawn_indicators
from tutela.detection.models import Candidate, Match, ShadowSighting
from tutela.detection.models.settings import Mode, Service
from tutela.detection.settings import services
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.report import candidate as wire
from tutela.law import detection_gate
from tutela.law.errors import NoLegalBasis
from tutela.organisations.keys.envelope_encryption import unwrap, wrap

PURPOSE = "detection-candidate"


@dataclass(frozen=True)
class Taken:
    """Result of taking in a message: the candidate's id and `work_queue`, `requested`, or `counted` without an id."""

    id: UUID | None
    state: str


def receive(actor: Actor, message: wire.Candidate) -> Taken:
    """Take a candidate in. The same item, bytes and entries are one candidate.

    Raises `UnknownService`; `NoLegalBasis` with the article where detection may not run and is not merely tried out.
    """
    actor.require("detection.submit")
    with acting(actor):
        service = services.named(message.service)
        terms = services.terms_of(service)
        activity = services.activity(terms, message.channel)
        shadow = message.shadow or terms.mode == Mode.SHADOW
        visible = activity.channel == detection_gate.Channel.PUBLIC and not shadow
        rest, stored = requested_matches.split(actor, message, visible=visible)
        if rest is None:
            return Taken(stored, "requested" if stored else "counted")
        message = rest
        decision = detection_gate.decide(activity, clock.now().date(), actor.organisation_id)
        if shadow:
            return _count(actor, service, message, decision)
        if not decision.allowed:
            raise NoLegalBasis(
                "{reason} ({article})", field="service", reason=decision.reason, article=decision.article
            )
        return _keep(actor, service, message, decision)


def opened(row: Candidate) -> wire.Candidate:
    """The message as it came."""
    return wire.Candidate.from_bytes(unwrap(bytes(row.wrapped), PURPOSE))


def strongest_first(matches: tuple[wire.CandidateMatch, ...]) -> list[wire.CandidateMatch]:
    """The public register before other lists, exact before near, corroborated before single, parts and weak last."""
    return sorted(
        matches,
        key=lambda m: (
            m.weak,
            m.by_window,
            not m.in_public_register,
            m.rule != "exact-sha256",
            not m.corroborated,
            m.distance or 0,
        ),
    )


def _count(actor: Actor, service: Service, message: wire.Candidate, decision: detection_gate.GateDecision) -> Taken:
    best = strongest_first(message.matches)[0]
    row = ShadowSighting.objects.create(
        organisation_id=actor.organisation_id,
        service=service,
        rule=best.rule,
        list_id=best.list_id,
        weak=best.weak,
        lawful=decision.basis,
    )
    record(actor, "candidate.counted", "shadow", row.id, service=service.pk, rule=best.rule, list=best.list_id)
    return Taken(None, "counted")


def _keep(actor: Actor, service: Service, message: wire.Candidate, decision: detection_gate.GateDecision) -> Taken:
    row = Candidate(
        organisation_id=actor.organisation_id,
        service=service,
        fingerprint=message.key(),
        account=message.account or "",
        media_type=message.media_type or "",
        seen_at=message.at,
        legal_basis=decision.article[:120],
        wrapped=wrap(message.to_bytes(), PURPOSE),
        found_by=search_keys.keys_of(actor.organisation_id, _found_by(message)),
    )
    Candidate.objects.bulk_create([row], ignore_conflicts=True)
    kept = Candidate.objects.filter(fingerprint=row.fingerprint).first()
    if kept is None:
        raise NotFound
    if kept.pk != row.pk:
        return Taken(kept.pk, "waiting")
    Match.objects.bulk_create(_matches(row, message))
    record(
        actor,
        "candidate.received",
        "candidate",
        row.pk,
        legal_basis=row.legal_basis,
        service=service.pk,
        matches=len(message.matches),
    )
    withdrawn_indicators.apply_known(actor, row)
    local_stops.apply_known(actor, row)
    return Taken(row.pk, "waiting")


def _found_by(message: wire.Candidate) -> list[Value]:
    """The values by which people search for a candidate."""
    digests = (message.sha256, message.sha1, message.md5, *(look.hash for look in message.pdq))
    return [
        value(ValueKind.FILE_REFERENCE, message.item),
        *([personal(message.account)] if message.account else []),
        *(value(ValueKind.DIGEST, one) for one in digests),
    ]


def _matches(row: Candidate, message: wire.Candidate) -> list[Match]:
    return [
        Match(
            organisation_id=row.organisation_id,
            candidate=row,
            place=place,
            list_id=m.list_id,
            list_version=m.list_version,
            entry_id=m.entry_id,
            in_public_register=m.in_public_register,
            rule=m.rule,
            families=list(m.families),
            weak=m.weak,
            corroborated=m.corroborated,
            by_window=m.only_part,
            distance=m.distance,
        )
        for place, m in enumerate(strongest_first(message.matches))
    ]
