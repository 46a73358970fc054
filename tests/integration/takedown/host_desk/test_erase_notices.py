"""Retention at a host: addresses and texts go a year after the decision; number, decisions and shares stay."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.hosting_world import GIVEN, HostDesk
from tutela import clock
from tutela.events.transaction import acting
from tutela.organisations.errors import Erased
from tutela.takedown.errors import AlreadyDecided
from tutela.takedown.host_desk import decide, detail, erase_notices, statements
from tutela.takedown.models import IncomingNotice


def test_the_contents_of_decided_notices_are_erased(cast: Cast) -> None:
    assert cast.centre
    desk = HostDesk(cast)
    waiting, decided = desk.taken_in(), desk.decided("removed", "none", reason="It is lawful.")
    statements.state(desk.lead, decided, GIVEN)
    with acting(desk.lead):
        assert list(erase_notices.erase_decided(desk.lead, clock.now() - timedelta(days=1))) == []
        assert list(erase_notices.erase_decided(desk.lead, clock.now())) == [("hosting", str(decided))]
        row = IncomingNotice.objects.get(pk=decided)
        assert (bytes(row.sealed), row.acted) == (b"", True)
        assert IncomingNotice.objects.get(pk=waiting).erased_at is None
    full = detail.load_notice(desk.lead, decided)
    assert (full.notice, full.decisions[0].reason) == (None, "")
    shown = cast.client(desk.provider, "lead").get(f"/desk/hosting/{decided}/").content.decode()
    assert "deleted at the end of its retention period" in shown
    with pytest.raises(Erased):
        statements.download(desk.lead, decided)
    with pytest.raises(Erased):
        decide.answer_file(desk.lead, decided)
    with pytest.raises(AlreadyDecided):
        decide.decide(desk.lead, decided, decide.HostJudgement(("removed", "removed"), "x"))
