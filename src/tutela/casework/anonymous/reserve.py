"""Reserve of the anonymous channel: messages that an hour brings beyond the usual number, until somebody reads them.

1. A message of the reserve is stored and acknowledged as any other, and never erased to make room.
2. Its rank says how many tickets its block of addresses had in that hour, in doublings. The inbox orders by it: the
   first messages of every block come before the thousandth of one.
3. The reserve of a kind has room for `MOST` messages that wait: 2 GB of the longest ones. The last `FOR_FEW` places
   are for the lowest rank: to take them, a party needs some three hundred blocks of addresses within one hour.
"""

from __future__ import annotations

from tutela.casework.anonymous.errors import Later
from tutela.casework.anonymous.work import FEW
from tutela.casework.models import ConversationEntry, Direction

# Kind of subject of the one alert of an hour's messages of danger.
ALERT = "message_reserve"
MOST, FOR_FEW = 50_000, 20_000


def require_room(kind: str, rank: int | None) -> None:
    """Raise `Later` where the reserve of a kind has no room for a message. Call inside `acting(actor)`."""
    if rank is None:
        return
    room = MOST if rank <= FEW else max(0, MOST - FOR_FEW)
    waiting = ConversationEntry.objects.filter(rank__isnull=False, conversation__kind=kind)
    if waiting.filter(conversation__newest=Direction.PERSON)[:room].count() >= room:
        raise Later
