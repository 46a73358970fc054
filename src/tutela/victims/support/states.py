"""States of a support case, of its services, and of treatment and follow-up: which follows which.

- A case is begun once somebody of the desk did anything for the person: a service, an interview, treatment, a
  hand-over.
- A case is assessed once somebody recorded an assessment, supported once a service was accepted, in follow-up once the
  follow-up is planned. It is closed by a person, when treatment and follow-up have an end.
- Nobody is stopped: services are offered and interviews recorded in every stage that is not closed.
"""

from __future__ import annotations

from tutela.victims.models import CareState, ServiceState, SupportCase, SupportStage

C, V, G = CareState, ServiceState, SupportStage
CARE: dict[str, frozenset[str]] = {
    C.OPEN: frozenset({C.PLANNED, C.RUNNING, C.NOT_NEEDED, C.DECLINED}),
    C.PLANNED: frozenset({C.RUNNING, C.NOT_NEEDED, C.DECLINED, C.ENDED}),
    C.RUNNING: frozenset({C.ENDED, C.DECLINED}),
    # People change their mind, and needs return.
    C.ENDED: frozenset({C.PLANNED, C.RUNNING}),
    C.NOT_NEEDED: frozenset({C.PLANNED, C.RUNNING}),
    C.DECLINED: frozenset({C.PLANNED, C.RUNNING}),
}
CARE_ENDED = (C.ENDED, C.NOT_NEEDED, C.DECLINED)
SERVICE: dict[str, frozenset[str]] = {
    V.OFFERED: frozenset({V.ACCEPTED, V.DECLINED}),
    V.ACCEPTED: frozenset({V.RUNNING, V.ENDED, V.DECLINED}),
    V.RUNNING: frozenset({V.ENDED, V.DECLINED}),
    V.DECLINED: frozenset({V.OFFERED, V.ACCEPTED}),
    V.ENDED: frozenset({V.OFFERED, V.RUNNING}),
}
_ORDER = (G.NEW, G.BEGUN, G.ASSESSED, G.SUPPORTED, G.FOLLOWED_UP)


def care_may_follow(before: str, after: str) -> bool:
    """Whether a state of the treatment or the follow-up may follow another."""
    return after in CARE[before]


def service_may_follow(before: str, after: str) -> bool:
    """Whether a state of a service may follow another."""
    return after in SERVICE[before]


def stage_of(row: SupportCase, reached: str) -> str:
    """The stage of an open case after something that leads to `reached`: a case never goes back by itself."""
    before = _ORDER.index(G(row.stage))
    return _ORDER[max(before, _ORDER.index(G(reached)))]


def closable(row: SupportCase) -> bool:
    """Whether treatment and follow-up have an end."""
    return row.treatment in CARE_ENDED and row.follow_up in CARE_ENDED
