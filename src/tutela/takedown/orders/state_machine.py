"""States of a copy of an order, and who may take which step.

- The recipient answers an open order, or reports that it cannot be executed yet: the clock stops.
- The authority clarifies, or the recipient reports that the reason has ended: the clock runs again.
- Effect can be given later to an order that had none, or only in part.
- The authority can withdraw in every state. The recipient then reverses its measures and confirms; nothing else.
"""

from __future__ import annotations

from enum import StrEnum

from tutela.takedown.models import OrderState as State
from tutela.takedown.models import OrderStepKind as Step


class Side(StrEnum):
    """Who takes a step."""

    ISSUER = "issuer"
    RECIPIENT = "recipient"


TAKEN_BY = {
    Step.ISSUED: Side.ISSUER,
    Step.CLARIFIED: Side.ISSUER,
    Step.WITHDRAWN: Side.ISSUER,
    Step.IMPOSSIBLE: Side.RECIPIENT,
    Step.RESUMED: Side.RECIPIENT,
    Step.GIVEN: Side.RECIPIENT,
    Step.PARTLY: Side.RECIPIENT,
    Step.NOT_GIVEN: Side.RECIPIENT,
    Step.CONTESTED: Side.RECIPIENT,
    Step.CONFIRMED: Side.RECIPIENT,
}
BEFORE_THE_END = (State.OPEN, State.STOPPED, State.GIVEN, State.PARTLY, State.NOT_GIVEN)
# (state, step) → state after it. What is not written here cannot happen.
MOVES: dict[tuple[State, Step], State] = {
    (State.OPEN, Step.IMPOSSIBLE): State.STOPPED,
    (State.STOPPED, Step.CLARIFIED): State.OPEN,
    (State.STOPPED, Step.RESUMED): State.OPEN,
    (State.OPEN, Step.NOT_GIVEN): State.NOT_GIVEN,
    (State.STOPPED, Step.NOT_GIVEN): State.NOT_GIVEN,
    (State.WITHDRAWN, Step.CONFIRMED): State.REVERSED,
    **{(one, Step.GIVEN): State.GIVEN for one in (State.OPEN, State.STOPPED, State.PARTLY, State.NOT_GIVEN)},
    **{(one, Step.PARTLY): State.PARTLY for one in (State.OPEN, State.STOPPED, State.PARTLY, State.NOT_GIVEN)},
    **{(one, Step.CONTESTED): one for one in BEFORE_THE_END},
    **{(one, Step.WITHDRAWN): State.WITHDRAWN for one in BEFORE_THE_END},
}
# Somebody still has to do something: the recipient answers, or reverses.
UNANSWERED = (State.OPEN, State.STOPPED)
ANSWERED = (State.GIVEN, State.PARTLY, State.NOT_GIVEN)


def after(state: str, step: Step, side: Side) -> State | None:
    """The state after a step of this side; None if it cannot be taken."""
    return MOVES.get((State(state), step)) if TAKEN_BY[step] is side else None


def possible(state: str, side: Side) -> set[str]:
    """The steps that this side may take now."""
    return {step.value for (before, step) in MOVES if before == state and TAKEN_BY[step] is side}
