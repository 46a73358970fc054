"""The life of an indicator as a pure function: a state, an action and the rules in force give the next state.

1. An item of a permitted category is proposed; that is the first certification of its first round.
2. An indicator is active once enough organisations in enough jurisdictions have certified it in the same round.
3. An indicator is suspended by a dispute of a certifier that it depends on, by disputes of two organisations, or by
   false positives of two providers. One dispute of another organisation, or of one that certified the active
   indicator later, has no effect, so that no organisation can empty the list alone. What a rate limit holds has no
   such effect until the Centre accepts it.
4. A decision ends a suspension: upheld, the indicator is revoked; dismissed, it needs a new round of certifications.
5. Revoked is for good.

The database holds the same by triggers (`indicators/sql/activation.sql`); `register` asks this function before it
writes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class State(StrEnum):
    """Current state of an indicator."""

    NONE = "none"
    PROPOSED = "proposed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class ActionNotAllowed(ValueError):
    """The action does not fit the state; `reason` is one word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Rules:
    """Policy rules for the state machine. `categories` are codes, or a scheme with `:*`; None before a policy was
    signed.
    """

    organisations: int = 2
    jurisdictions: int = 2
    doubters: int = 2
    reporters: int = 2
    categories: frozenset[str] | None = None

    def permits(self, category: str) -> bool:
        """Whether an indicator of this category may be added."""
        scheme = f"{category.partition(':')[0]}:*"
        return self.categories is None or category in self.categories or scheme in self.categories


@dataclass(frozen=True, slots=True)
class IndicatorState:
    """State of an indicator. `certified` are organisation and country, of the current round alone.

    `late` are organisations among them that certified after the activation, which does not depend on them.
    """

    state: State = State.NONE
    category: str = ""
    round: int = 0
    certified: frozenset[tuple[str, str]] = frozenset()
    doubts: frozenset[str] = frozenset()
    reports: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()

    def rests_on(self, organisation: str) -> bool:
        """Whether the organisation certified it in this round, and before it was active."""
        return organisation not in self.late and any(organisation == known for known, _ in self.certified)


@dataclass(frozen=True, slots=True)
class Propose:
    organisation: str
    country: str
    category: str


@dataclass(frozen=True, slots=True)
class Certify:
    organisation: str
    country: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """Dispute by a member. With `waits` it exceeds the rate limit, awaits the Centre and suspends nothing by itself."""

    organisation: str
    waits: bool = False


@dataclass(frozen=True, slots=True)
class ReportFalse:
    """A provider's word that a match was a false positive. One that waits for the Centre counts for nothing yet."""

    provider: str
    waits: bool = False


@dataclass(frozen=True, slots=True)
class AcceptHeld:
    """Accept an organisation's stored dispute or false positive that was held by a rate limit."""

    organisation: str


@dataclass(frozen=True, slots=True)
class Suspend:
    """The Centre stops it at once, until it decides."""


@dataclass(frozen=True, slots=True)
class Decide:
    """The Centre's decision on what is in doubt."""

    upheld: bool


@dataclass(frozen=True, slots=True)
class Revoke:
    """The end."""


type Action = Propose | Certify | Dispute | ReportFalse | AcceptHeld | Suspend | Decide | Revoke


def next_state(now: IndicatorState, act: Action, rules: Rules) -> IndicatorState:
    """The next state. Raises `ActionNotAllowed`; then nothing has changed."""
    if isinstance(act, Propose):
        if now.state is not State.NONE:
            raise ActionNotAllowed("known")
        if not rules.permits(act.category):
            raise ActionNotAllowed("category")
        return _counted(
            IndicatorState(State.PROPOSED, act.category, 1, frozenset({(act.organisation, act.country)})), rules
        )
    if now.state in (State.NONE, State.REVOKED):
        raise ActionNotAllowed(now.state.value)
    match act:
        case Certify():
            return _certified(now, act, rules)
        case Dispute(organisation=organisation, waits=waits):
            if organisation in now.doubts:
                raise ActionNotAllowed("doubted")
            doubted = replace(now, doubts=now.doubts | {organisation})
            return doubted if waits else _doubted(doubted, organisation, rules)
        case ReportFalse(provider=provider, waits=waits):
            return now if waits else _reported(replace(now, reports=now.reports | {provider}), rules)
        case AcceptHeld(organisation=organisation):
            return _heard(now, organisation, rules)
        case Suspend():
            return _stopped(now)
        case Decide(upheld=upheld):
            return _decided(now, upheld)
    return replace(now, state=State.REVOKED)


def _certified(now: IndicatorState, act: Certify, rules: Rules) -> IndicatorState:
    if now.state is State.SUSPENDED:
        raise ActionNotAllowed("suspended")
    if any(organisation == act.organisation for organisation, _ in now.certified):
        raise ActionNotAllowed("certified")
    late = now.late | {act.organisation} if now.state is State.ACTIVE else now.late
    return _counted(replace(now, certified=now.certified | {(act.organisation, act.country)}, late=late), rules)


def _counted(now: IndicatorState, rules: Rules) -> IndicatorState:
    """Active with enough certifications; one that is active already stays so."""
    enough = len(now.certified) >= rules.organisations
    abroad = len({country for _, country in now.certified}) >= rules.jurisdictions
    if now.state is State.PROPOSED and enough and abroad and rules.permits(now.category):
        return replace(now, state=State.ACTIVE)
    return now


def _doubted(now: IndicatorState, organisation: str, rules: Rules) -> IndicatorState:
    return _stopped(now) if now.rests_on(organisation) or len(now.doubts) >= rules.doubters else now


def _reported(now: IndicatorState, rules: Rules) -> IndicatorState:
    return _stopped(now) if len(now.reports) >= rules.reporters else now


def _heard(now: IndicatorState, organisation: str, rules: Rules) -> IndicatorState:
    """Apply a held dispute or report to an active or proposed indicator. One already decided has no effect."""
    doubted = _doubted(now, organisation, rules) if organisation in now.doubts else now
    return _reported(doubted, rules) if organisation in now.reports else doubted


def _stopped(now: IndicatorState) -> IndicatorState:
    return replace(now, state=State.SUSPENDED)


def _decided(now: IndicatorState, upheld: bool) -> IndicatorState:
    if now.state is not State.SUSPENDED and not now.doubts:
        raise ActionNotAllowed("undisputed")
    if upheld:
        return replace(now, state=State.REVOKED)
    settled = replace(now, doubts=frozenset(), reports=frozenset())
    if now.state is not State.SUSPENDED:
        return settled
    return replace(settled, state=State.PROPOSED, round=now.round + 1, certified=frozenset(), late=frozenset())
