"""Judge what answers at an address mean. A pure function.

1. An answer with content (2xx) from any vantage point: still there. If others are refused there (403, 451): blocked for
   some countries.
2. After a verified absence, an answer with content means that it reappeared. Anything else ends no absence.
3. A login or a missing condition (401, 407), or refusal everywhere (403): not checkable.
4. 451 everywhere: blocked for some countries.
5. "Gone" everywhere (404, 410): if the host said that it removed it, verified absent; otherwise not reachable as
   reported.
6. A dead name, no answer, a redirect or a server's error is never a removal: not reachable as reported, or still what
   the host says.
"""

from __future__ import annotations

from collections.abc import Sequence

from tutela.exchange.takedown.look import Answer
from tutela.takedown.models import Availability

GONE, REFUSED, LOGIN, LEGAL = (404, 410), (403, 451), (401, 407), 451


def judge(answers: Sequence[Answer], before: str, *, host_says: bool) -> Availability:
    """What the answers of all vantage points mean. `before`: the finding so far. `host_says`: removed, by its word."""
    content = any(one.content for one in answers)
    if before == Availability.ABSENT:
        return Availability.REAPPEARED if content else Availability.ABSENT
    if content:
        return Availability.GEO_BLOCKED if any(one.status in REFUSED for one in answers) else Availability.UP
    statuses = {one.status for one in answers}
    if statuses and statuses <= set(GONE):
        return Availability.ABSENT if host_says else Availability.NOT_REACHABLE
    if statuses == {LEGAL}:
        return Availability.GEO_BLOCKED
    if statuses & set(LOGIN) or (statuses and statuses <= set(REFUSED)):
        return Availability.NOT_CHECKABLE
    return Availability.HOST_SAYS if host_says else Availability.NOT_REACHABLE
